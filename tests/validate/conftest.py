"""The model that the C# of these tests is checked against, and a short way to run the checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gen_bindings.config import load_config
from gen_bindings.findings.finding import Finding
from gen_bindings.model.binding import Binding
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.project.inputs import Inputs, read_inputs
from gen_bindings.validate.collect import Source
from gen_bindings.validate.registry import rules_of
from gen_bindings.validate.run import Request, validate
from gen_bindings.validate.targets import DEFAULT_TARGETS, target

# Whether the shipped header of the example is complete says nothing about the C#.
HEADER_DRIFT = {"GB103", "GB104", "GB105"}

Run = Callable[..., list[Finding]]


@pytest.fixture(scope="session")
def inputs(repo_root: Path) -> Inputs:
    return read_inputs(load_config(repo_root / "examples" / "livekit" / "bindings.toml"))


@pytest.fixture(scope="session")
def binding(repo_root: Path, inputs: Inputs) -> Binding:
    loaded = load_config(repo_root / "examples" / "livekit" / "bindings.toml")
    return build_binding(loaded, inputs.schema, inputs.header, inputs.exports)


@pytest.fixture(scope="session")
def run(binding: Binding) -> Run:
    """Runs the checks over sources; what concerns only header and library is left out."""

    def go(
        sources: Sequence[Source], part: str = "all", targets: Sequence[str] = DEFAULT_TARGETS
    ) -> list[Finding]:
        assert binding.exports is not None
        request = Request(
            sources=tuple(sources),
            binding=binding,
            libraries=(binding.exports,),
            targets=tuple(target(t) for t in targets),
            rules=rules_of(part),
            prefix="livekit_ffi_",
        )
        return [f for f in validate(request) if f.id not in HEADER_DRIFT]

    return go
