"""Runs a C# scenario twice in one process and looks at what the second run left in it."""

from __future__ import annotations

import json
from typing import Any

from gen_bindings.runtime import watch
from gen_bindings.runtime.lanes import Lane


def run(lane: Lane, args: dict[str, Any]) -> Any:
    """The result of the second run, which finds what is made only once already made.

    Raises:
        AssertionError: sockets, descriptors or threads remain.
    """
    method = find_method(args["entry"])
    method.Invoke(None, ["null"])
    before = watch.snapshot()
    result = json.loads(str(method.Invoke(None, ["null"])))
    left = watch.remaining(before, lane)
    assert not left, "\n".join(map(str, left))
    return result


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
