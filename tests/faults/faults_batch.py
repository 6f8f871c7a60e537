"""Runs C# scenarios one after the other in one process."""

from __future__ import annotations

import json
from typing import Any

from reference_watch import find_method

from gen_bindings.runtime import watch
from gen_bindings.runtime.child import stage
from gen_bindings.runtime.lanes import Lane


def run(lane: Lane, args: dict[str, Any]) -> dict[str, Any]:
    """Each scenario's result.

    Raises:
        AssertionError: sockets, descriptors or threads remain after the last time.
    """
    results: dict[str, Any] = {}
    before = None
    for round_ in range(args["repeat"]):
        if round_ == args["repeat"] - 1:
            before = watch.snapshot() if round_ else None
        for entry, argument in args["entries"].items():
            stage(entry)
            results[entry] = json.loads(
                str(find_method(f"Scenarios.{entry}").Invoke(None, [json.dumps(argument)]))
            )
    if before is not None:
        left = watch.remaining(before, lane)
        assert not left, "\n".join(map(str, left))
    return results
