"""Runs in the child process: a protocol whose messages all stand between two tags, against a C library."""

from __future__ import annotations

import ctypes
import threading
from typing import Any

from gen_bindings.runtime.lanes import Lane


def run(_lane: Lane, args: dict[str, Any]) -> dict[str, Any]:
    """The requests as the library got them, in hex, and what user code saw."""
    from Delimited import LampClient
    from Delimited.Messages import LampInfo, Level, Paint

    library = ctypes.CDLL(args["library"])
    replies = {name: bytes.fromhex(data) for name, data in args["replies"].items()}

    def prepare(name: str) -> None:
        library.test_prepare(replies[name], ctypes.c_size_t(len(replies[name])))

    def last() -> str:
        data = ctypes.create_string_buffer(4096)
        library.test_last.restype = ctypes.c_size_t
        length = library.test_last(data)
        return data.raw[:length].hex()

    requests = {}
    client = LampClient.Initialize()
    prepare("new_lamp")
    info = LampInfo()
    info.Place = "hall"
    lamp = client.NewLamp(info)
    requests["new_lamp"] = last()
    prepare("dim")
    level = Level()
    level.Percent = 30
    level.Slowly = True
    before = lamp.Dim(level)
    requests["dim"] = last()
    prepare("paint")
    coats = [Paint(), Paint()]
    coats[0].Color = "c" * 200
    coats[0].Mixed.Add(Paint())
    from System.Collections.Generic import List

    listed = List[Paint]()
    for coat in coats:
        listed.Add(coat)
    lamp.Paint(listed)
    requests["paint"] = last()

    burnt, reasons = threading.Event(), []

    def on_burnt_out(_sender: Any, event: Any) -> None:
        reasons.append(str(event.Reason.Text))
        burnt.set()

    lamp.BurntOut += on_burnt_out
    event = replies["burnt_out"]
    library.test_deliver(event, ctypes.c_size_t(len(event)))
    assert burnt.wait(20), "the event did not come"
    prepare("close_lamp")
    lamp.Dispose()
    client.Dispose()
    requests["close_lamp"] = last()
    dropped = (ctypes.c_uint64 * 64)()
    count = library.test_dropped(dropped)
    return {
        "requests": requests,
        "place": str(lamp.Info.Place),
        "before": int(before.Percent),
        "reasons": reasons,
        "dropped": list(dropped[:count]),
    }
