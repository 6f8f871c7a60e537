"""Runs in the child: a scenario of an older release, and the end of the library."""

from __future__ import annotations

import json
from typing import Any

from gen_bindings.runtime.child import stage
from gen_bindings.runtime.lanes import Lane


def run(lane: Lane, args: dict[str, Any]) -> dict[str, Any]:
    """Runs a scenario once.

    Args:
        lane: where it runs.
        args: `scenario` and its `args`.
    """
    from LiveKitLab import Lab

    stage(args["scenario"])
    answer: dict[str, Any] = json.loads(str(Lab.Run(args["scenario"], json.dumps(args["args"]))))
    stage("shutting down")
    Lab.Finish()
    return answer
