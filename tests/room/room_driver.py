"""Runs in the child of a room scenario: a warm-up, the scenario, what it left, the end of the library."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from gen_bindings.findings.finding import Finding
from gen_bindings.runtime import watch
from gen_bindings.runtime.child import stage
from gen_bindings.runtime.lanes import Lane

# The library keeps it when a session does not end by the client (docs/livekit-findings.md).
_MICROPHONE = "AudioSourceCapt"
# A busy machine has the library's pools start a spare thread, which they keep for later.
_POOLS = ("tokio-rt-worker", "livekit-audio")
_PATIENCE = 15.0


def run(lane: Lane, args: dict[str, Any]) -> dict[str, Any]:
    """Runs a scenario as often as asked; what the last round left is counted from the round before.

    Args:
        lane: where it runs.
        args: `scenario` and its `args`; `rounds`, at least 2 to count what is left; `microphones`, how many
            of their threads may stay.
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
            microphones = _microphones(before, args["microphones"])
        memory.append(watch.snapshot().uss - _log_in_memory())
    stage("shutting down")
    Lab.Finish()
    return {**answer, "left": left, "kept": kept, "memory": memory, "microphones": microphones}


def _remaining(before: watch.Snapshot, lane: Lane) -> list[str]:
    """What is there beside microphones, which are counted on their own, and a spare thread of a pool."""

    def measured() -> tuple[Finding, ...]:
        after = watch.snapshot()
        spare = {name for name in _POOLS if _named(after, name) == _named(before, name) + 1}
        ignored = {_MICROPHONE, *spare}
        return watch.differences(_without(before, ignored), _without(after, ignored), lane)

    found = watch.settle(measured, lambda found: not found, deadline=_PATIENCE)
    return [str(finding) for finding in found]


def _microphones(before: watch.Snapshot, allowed: int) -> int:
    """Threads of microphones that are there more than before, when no more of them end."""

    def more() -> int:
        return _named(watch.snapshot(), _MICROPHONE) - _named(before, _MICROPHONE)

    return watch.settle(more, lambda found: found <= allowed, deadline=_PATIENCE)


def _without(taken: watch.Snapshot, names: set[str]) -> watch.Snapshot:
    return replace(taken, threads=tuple(found for found in taken.threads if found.name not in names))


def _named(taken: watch.Snapshot, name: str) -> int:
    return sum(found.name == name for found in taken.threads)


def _log_in_memory() -> int:
    """Bytes of the recorder's log, which is written through memory."""
    found, inside = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        first = line.split()[0]
        if not first.endswith(":"):
            inside = line.endswith(".gblog")
        elif inside and first.startswith("Private_"):
            found += int(line.split()[1]) * 1024
    return found


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
