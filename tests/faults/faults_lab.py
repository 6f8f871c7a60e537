"""The binding under faults: emitted with a short drain, and its scenarios run in batches."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import reference_lab
from gen_bindings.render.emit import emit
from gen_bindings.render.folder import templates_from
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Outcome, Scenario, run_scenario

HERE = Path(__file__).parent
# Long enough for what comes, on a busy machine too; short enough to wait for where nothing does.
DRAIN_MS = 700


def emit_files(templates: Path | None = None) -> dict[str, str]:
    """The text of every file; from another folder of templates when one is given."""
    _, binding = reference_lab.model()
    short = replace(binding, sessions=tuple(replace(s, drain_ms=DRAIN_MS) for s in binding.sessions))
    with templates_from(templates) if templates else nullcontext():
        return emit(short)


@cache
def sources() -> tuple[Path, ...]:
    """The binding as it is."""
    return reference_lab.place(emit_files())


def compile_binding(lane: Lane, binding: Sequence[Path] | None = None) -> Path:
    """Binding and scenarios as one assembly."""
    files = [
        *(binding or sources()),
        reference_lab.SCENARIO_FOLDER / "Lab.cs",
        *sorted((HERE / "scenarios").glob("*.cs")),
        HARNESS_SOURCE,
    ]
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]
    return compile_library(files, reference_lab.BUILD / "faults" / digest / lane / "Faults.dll", lane)


def run(
    lane: Lane,
    entries: Mapping[str, Any],
    *,
    binding: Sequence[Path] | None = None,
    repeat: int = 1,
    patience: float = 20.0,
    deadline: float = 120.0,
) -> Outcome:
    """Runs scenarios one after the other in one process; the result says of each how it failed, or nothing.

    Args:
        lane: the runtime.
        entries: ``Class.Method`` of the namespace ``Scenarios``, each with its argument.
        binding: emitted files, when it is not the binding as it is.
        repeat: how often all of them run; after the last time, sockets and threads are back.
        patience: seconds for which a scenario waits for anything that must happen.
        deadline: seconds for all of it.
    """
    return run_scenario(
        Scenario(
            name=", ".join(entries),
            lane=lane,
            entry="faults_batch:run",
            assemblies=(compile_binding(lane, binding),),
            args={"entries": dict(entries), "repeat": repeat},
            libraries={"reference_ffi": reference_lab.LIBRARY},
            python_path=(HERE, reference_lab.WATCH),
            environment={"SCENARIO_DEADLINE": str(round(patience * 1000))},
            deadline=deadline,
        )
    )
