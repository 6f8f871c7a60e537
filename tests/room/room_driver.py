"""Runs in the child of a room scenario: a warm-up, the scenario, what it left, the end of the library."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from gen_bindings.runtime import findings, watch
from gen_bindings.runtime.child import stage
from gen_bindings.runtime.lanes import Lane

# The library keeps it when a session does not end by the client (docs/livekit-findings.md).
_MICROPHONE = "AudioSourceCapt"
# An idle thread of the library's pool for blocking calls ends after ten seconds.
_PATIENCE = 15.0


def run(lane: Lane, args: dict[str, Any]) -> dict[str, Any]:
    """Runs a scenario as often as asked; what the last round left is counted from the round before.

    Args:
        lane: where it runs.
        args: `scenario` and its `args`; `rounds`, at least 2 to count what is left.
    """
    from LiveKitLab import Lab

    bare = watch.snapshot()
    answer: dict[str, Any] = {}
    left: list[str] = []
    kept: dict[str, Any] = {}
    memory: list[int] = []
    microphones = 0
    for round_ in range(args["rounds"]):
        before = watch.snapshot()
        stage(f"{args['scenario']}, round {round_ + 1}")
        given = json.dumps({**args["args"], "round": round_})
        answer = json.loads(str(Lab.Run(args["scenario"], given)))
        if round_ == 0:
            kept = _kept(bare, watch.settle(watch.snapshot, lambda now: not _udp(now)), lane)
        else:
            left = _remaining(before, lane)
            microphones = _microphones(watch.snapshot()) - _microphones(before)
        memory.append(watch.snapshot().uss)
    stage("shutting down")
    Lab.Finish()
    return {**answer, "left": left, "kept": kept, "memory": memory, "microphones": microphones}


def _remaining(before: watch.Snapshot, lane: Lane) -> list[str]:
    """What is there beside threads of microphones, which are counted on their own."""

    def measured() -> tuple[findings.Finding, ...]:
        return watch.differences(_without_microphones(before), _without_microphones(watch.snapshot()), lane)

    found = watch.settle(measured, lambda found: not found, deadline=_PATIENCE)
    return [str(finding) for finding in found]


def _without_microphones(taken: watch.Snapshot) -> watch.Snapshot:
    return replace(taken, threads=tuple(found for found in taken.threads if found.name != _MICROPHONE))


def _microphones(taken: watch.Snapshot) -> int:
    return sum(found.name == _MICROPHONE for found in taken.threads)


def _udp(taken: watch.Snapshot) -> list[str]:
    return [str(found) for found in taken.sockets if found.kind.startswith("udp")]


def _kept(bare: watch.Snapshot, after: watch.Snapshot, lane: Lane) -> dict[str, Any]:
    """What the library and the runtime have made once and for all by their first session."""
    left = watch.leftovers(bare, after, lane)
    return {
        "threads": dict(left.threads),
        "udp": [str(found) for found in left.udp],
        "others": list(left.others),
        "unshared bytes": after.uss - bare.uss,
    }
