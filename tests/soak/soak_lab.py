"""The binding and the scripts as one assembly, and a batch of cycles as a child process."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import reference_lab
from gen_bindings.render.emit import emit
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Outcome, Scenario, run_scenario

HERE = Path(__file__).parent
RAW = HERE.parent / "faults" / "scenarios" / "Raw.cs"
# Many cycles wait for it where nothing comes; what does come has to come within it on a busy machine.
DRAIN_MS = 400


@cache
def assembly(lane: Lane) -> Path:
    """Compiled once per content."""
    _, binding = reference_lab.model()
    short = replace(binding, sessions=tuple(replace(s, drain_ms=DRAIN_MS) for s in binding.sessions))
    files = [
        *reference_lab.place(emit(short)),
        RAW,
        *sorted((HERE / "scenarios").glob("*.cs")),
        HARNESS_SOURCE,
    ]
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]
    return compile_library(files, reference_lab.BUILD / "soak" / digest / lane / "Soak.dll", lane)


def run_batch(
    lane: Lane,
    cycles: Sequence[dict[str, Any]],
    progress: Path,
    sample: int,
    seconds: float | None,
    settle: float,
) -> Outcome:
    """Plays cycles in a process of their own.

    Args:
        lane: the runtime.
        cycles: number and arguments of each.
        progress: the file that says how many were played.
        sample: after how many cycles memory is looked at.
        seconds: no cycle begins later; None plays all.
        settle: seconds after each cycle for sockets and threads that end late.
    """
    return run_scenario(
        Scenario(
            name="soak",
            lane=lane,
            entry="soak_batch:run",
            assemblies=(assembly(lane),),
            args={
                "cycles": list(cycles),
                "progress": str(progress),
                "sample": sample,
                "seconds": seconds,
                "settle": settle,
            },
            libraries={"reference_ffi": reference_lab.LIBRARY},
            python_path=(HERE, reference_lab.WATCH),
            deadline=120.0 + len(cycles),
        )
    )
