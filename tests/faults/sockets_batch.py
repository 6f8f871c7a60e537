"""Measures in one process what sessions leave under each fault, and what the library says of it."""

from __future__ import annotations

import json
from typing import Any

from reference_watch import find_method

from gen_bindings.runtime import check_close, watch
from gen_bindings.runtime.lanes import Lane


def run(lane: Lane, args: dict[str, Any]) -> dict[str, Any]:
    """Of each fault: what `check_close` measured, the library's health and its last check list.

    Raises:
        AssertionError: sockets, descriptors or threads remain after what was kept has been ended.
    """

    def ask(entry: str) -> Any:
        return json.loads(str(find_method(f"Scenarios.Sockets.{entry}").Invoke(None, [])))

    found: dict[str, Any] = {}
    before = None
    for fault in args["faults"]:
        # Sockets of a fault are there at once, and stay; without one, what ends late is waited for.
        settle = 0.1 if before else 5.0
        plan = {"entry": args["entry"], "arguments": fault, "cycles": args["cycles"], "settle": settle}
        measured = check_close.run(lane, {**plan, "warm_up": 0 if before else 2})
        found[fault] = {"measured": measured, "health": ask("Health"), "not_done": ask("NotDone")}
        ask("Repair")
        before = before or watch.snapshot()
        left = watch.remaining(before, lane)
        assert not left, "\n".join([fault, *map(str, left)])
    return found
