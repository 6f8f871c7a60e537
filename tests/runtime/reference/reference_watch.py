"""Runs C# scenarios, each twice, in one process and looks at what the second run of each left in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gen_bindings.runtime import watch
from gen_bindings.runtime.child import describe
from gen_bindings.runtime.lanes import Lane


def run(lane: Lane, args: dict[str, Any]) -> None:
    """Runs each of `args["entries"]` twice, and the next one only when nothing is left of it.

    The second run finds what is made only once already made. When one begins, its name is written to the file
    `args["told"]`, and once more with how it failed (or nothing) when it ends. One that failed is the last.
    """
    with Path(args["told"]).open("w", encoding="utf-8", buffering=1) as told:
        for entry in args["entries"]:
            told.write(json.dumps([entry, None]) + "\n")
            error = ""
            try:
                _twice(lane, entry)
            except Exception as thrown:
                error = describe(thrown)
            told.write(json.dumps([entry, error]) + "\n")
            if error:
                break


def _twice(lane: Lane, entry: str) -> None:
    method = find_method(entry)
    method.Invoke(None, ["null"])
    before = watch.snapshot()
    method.Invoke(None, ["null"])
    left = watch.remaining(before, lane)
    assert not left, "\n".join(map(str, left))


def grow(lane: Lane, args: dict[str, Any]) -> list[int]:
    """Runs a scenario that repeats itself; how many bytes more the process holds after each round.

    A heap that settles grows in the first rounds, a leak in all of them: a round within the limit ends it.
    """
    method = find_method(args["entry"])
    method.Invoke(None, [json.dumps(args["warm"])])
    _collect()
    grown: list[int] = []
    while len(grown) < args["rounds"] and (not grown or grown[-1] > args["limit"]):
        before = watch.snapshot()
        method.Invoke(None, [json.dumps(args["arguments"])])
        left = watch.remaining(before, lane)
        assert not left, "\n".join(map(str, left))
        _collect()
        grown.append(watch.snapshot().uss - before.uss)
    return grown


def _collect() -> None:
    from System import GC

    for _ in range(3):
        GC.Collect()
        GC.WaitForPendingFinalizers()


def find_method(entry: str) -> Any:
    from System import AppDomain

    type_name, _, method_name = entry.rpartition(".")
    for assembly in AppDomain.CurrentDomain.GetAssemblies():
        found = assembly.GetType(type_name)
        if found is not None:
            return found.GetMethod(method_name)
    raise LookupError(f"No assembly has a type {type_name}.")
