"""What several commands do with a configuration: read it, decide, and tell what is worth knowing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gen_bindings.config import LoadedConfig
    from gen_bindings.model.binding import Binding
    from gen_bindings.project.inputs import Inputs

ConfigOption = Annotated[
    Path, typer.Option("--config", help="The configuration, bindings.toml.", metavar="FILE")
]
VersionOption = Annotated[
    str | None,
    typer.Option("--version", help="A version that the configuration declares, not [input].", metavar="NAME"),
]


def load(config: Path, version: str | None) -> LoadedConfig:
    """The configuration, for one of its versions when one is named."""
    from gen_bindings.config import load_config
    from gen_bindings.project.versions import select_version

    return select_version(load_config(config), version)


def read(loaded: LoadedConfig) -> Inputs:
    """Protocol, headers and library."""
    from gen_bindings.project.inputs import read_inputs

    return read_inputs(loaded)


def build(loaded: LoadedConfig, inputs: Inputs) -> Binding:
    """The model."""
    from gen_bindings.passes.pipeline import build_binding

    return build_binding(loaded, inputs.schema, inputs.header, inputs.exports)


def messages(loaded: LoadedConfig, binding: Binding) -> list[str]:
    """What a user should know of a model that is good: notes, and a library that this machine cannot load."""
    from gen_bindings.project.versions import check_versions

    found = [f"note {note.code}: {note.text}" for note in binding.notes]
    if binding.schema is not None:
        found += check_versions(loaded, binding.schema)
    if binding.exports is not None:
        from gen_bindings.sources.processors import host_mismatch

        mismatch = host_mismatch(binding.exports)
        if mismatch is not None:
            found.append(f"warning: {mismatch}")
    return found


def say(*texts: str) -> None:
    """Tells a person; results go to standard output."""
    for text in texts:
        print(text, file=sys.stderr, flush=True)
