"""Runs in the child: a scenario, the census of the library's handle table, the end of the library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from livekit_record import Record

from gen_bindings.runtime import census, watch
from gen_bindings.runtime.child import stage
from gen_bindings.runtime.lanes import Lane

_DROP = "livekit_ffi_drop_handle"


def run(lane: Lane, args: dict[str, Any]) -> dict[str, Any]:
    """Runs a scenario, once or, to watch sockets and threads, twice.

    Args:
        lane: where it runs.
        args: `scenario` and its `args`; `record`, `descriptors` and `library` as paths; `twice`; `patience`,
            how many seconds the last handles have; `census`, which is destructive; `generations`, how often
            the library is started and shut down.
    """
    from LiveKitLab import Lab

    def once() -> Any:
        stage(args["scenario"])
        return json.loads(str(Lab.Run(args["scenario"], json.dumps(args["args"]))))

    for _ in range(args["generations"] - 1):
        once()
        Lab.Finish()
    answer = once()
    left: list[str] = []
    if args["twice"]:
        before = watch.snapshot()
        answer = once()
        left = [str(finding) for finding in watch.remaining(before, lane)]

    in_table: list[int] = []
    if args["census"]:
        stage("waiting for the last handles")
        file, descriptors = Path(args["record"]), Path(args["descriptors"])
        record = watch.settle(
            lambda: Record(file, descriptors), lambda now: not now.held, deadline=args["patience"]
        )
        stage("census")
        highest = max(record.handed_out, default=0)
        in_table += census.take(Path(args["library"]), _DROP, [], margin=highest + 64).unknown
    stage("shutting down")
    Lab.Finish()
    return {**answer, "left": left, "in_table": in_table}
