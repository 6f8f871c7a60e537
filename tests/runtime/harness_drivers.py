"""Python entries that the tests of the harness run in a child."""

from __future__ import annotations

import socket
from typing import Any

from gen_bindings.runtime import watch
from gen_bindings.runtime.child import stage
from gen_bindings.runtime.lanes import Lane

_kept: list[Any] = []


def call_into_csharp(lane: Lane, args: dict[str, Any]) -> dict[str, Any]:
    from Probe import Scenarios

    stage("calling C#")
    return {"lane": lane, "echo": str(Scenarios.Upper(args["text"]))}


def catch_nothing(_lane: Lane, _args: Any) -> None:
    from Probe import Scenarios

    stage("calling C#")
    Scenarios.Throw("")


def leave_things(lane: Lane, args: dict[str, bool]) -> dict[str, list[str]]:
    """A cycle that leaves a socket and a named native thread, when it is asked to."""
    from Probe import Watched

    Watched.Cycle()
    before = watch.snapshot()
    Watched.Cycle()
    if args["leak"]:
        left = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        left.bind(("127.0.0.1", 0))
        _kept.append(left)
        Watched.LeaveThread()
    found = watch.remaining(before, lane, deadline=5.0 if not args["leak"] else 0.5)
    return {finding.id: list(finding.details) for finding in found}
