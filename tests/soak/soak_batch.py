"""Plays cycles in one process, and looks after each for what is over the baseline."""

from __future__ import annotations

import ctypes
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from reference_watch import find_method

from gen_bindings.runtime import watch
from gen_bindings.runtime.child import stage
from gen_bindings.runtime.lanes import Lane

# Scripts of their own, the same in every run: what is made only once is there before the baseline.
_WARM_UP = range(2**63, 2**63 + 12)


def run(lane: Lane, args: dict[str, Any]) -> dict[str, Any]:
    """Plays the cycles of `args["cycles"]` in order, until one of them leaves something.

    Returns:
        How many were played, what was left after the last, in how many something was seen, samples of memory.
    """
    play, managed = find_method("Scenarios.Soak.Cycle"), find_method("Scenarios.Soak.Managed")
    started = time.monotonic()
    progress = Path(args["progress"])
    seen: Counter[str] = Counter()
    samples: list[dict[str, int]] = []
    left: dict[str, Any] | None = None

    def sample(number: int) -> None:
        held = int(str(managed.Invoke(None, ["null"])))
        samples.append(
            {"cycle": number, "managed": held, "native": _allocated(), "process": watch.snapshot().uss}
        )

    for seed in _WARM_UP:
        stage(f"warm-up {seed}")
        warm = {"seed": seed, "faults": [], "repair": False, "patience": 20000, "leak": None}
        told = json.loads(str(play.Invoke(None, [json.dumps(warm)])))
        if told["kind"] is not None:
            first = args["cycles"][0]["number"]
            text = f"in the warm-up with seed {seed}: {told['text']}"
            left = {"cycle": first, "kind": told["kind"], "text": text, "script": told["script"]}
            return {"played": 0, "left": left, "seen": {}, "samples": []}
    before = watch.snapshot()
    played = 0
    for cycle in args["cycles"]:
        number = cycle["number"]
        stage(f"cycle {number}")
        told = json.loads(str(play.Invoke(None, [json.dumps(cycle["arguments"])])))
        played += 1
        seen.update(told["seen"].keys())
        if told["kind"] is None:
            told["kind"], told["text"] = _over(before, lane, args["settle"])
        if told["kind"] is not None:
            left = {"cycle": number, "kind": told["kind"], "text": told["text"], "script": told["script"]}
            break
        if played % args["sample"] == 0:
            sample(number)
        progress.write_text(str(played))
        if args["seconds"] is not None and time.monotonic() - started > args["seconds"]:
            break
    return {"played": played, "left": left, "seen": dict(seen), "samples": samples}


class _Mallinfo2(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


def _allocated() -> int:
    """Bytes that native code has allocated and not freed; the managed heap is not among them."""
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = _Mallinfo2
    told = mallinfo2()
    return int(told.uordblks + told.hblkhd)


def _over(before: watch.Snapshot, lane: Lane, settle: float) -> tuple[str | None, str]:
    """Sockets, other descriptors and threads that the process has and had not before the first cycle."""
    left = watch.remaining(before, lane, deadline=settle)
    if not left:
        return None, ""
    kind = "sockets" if "socket" in left[0].message else "threads" if "thread" in left[0].message else "files"
    return kind, "\n".join(map(str, left))
