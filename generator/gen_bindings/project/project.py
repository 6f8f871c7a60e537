"""Opens a configuration for one of its versions; reads what it names, and decides, when first asked to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gen_bindings.config import Config, LoadedConfig, load_config
from gen_bindings.project.places import places

# Reading and deciding take long to import, and a run with nothing changed does neither.
if TYPE_CHECKING:
    from gen_bindings.model.binding import Binding
    from gen_bindings.project.inputs import Inputs


@dataclass(frozen=True)
class Project:
    """A configuration and what follows from it."""

    loaded: LoadedConfig

    @property
    def file(self) -> Path:
        """The configuration's file."""
        return self.loaded.file

    @property
    def config(self) -> Config:
        """Its tables."""
        return self.loaded.config

    @cached_property
    def inputs(self) -> Inputs:
        """Protocol, headers and library.

        Raises:
            ConfigError: ``[input]`` names no protocol, or several.
            SourceError: an input cannot be read.
        """
        from gen_bindings.project.inputs import read_inputs

        return read_inputs(self.loaded)

    @cached_property
    def binding(self) -> Binding:
        """The model.

        Raises:
            ConfigError: the configuration names something that does not exist or does not fit.
            AuditError: the model is incomplete.
            SourceError: an input cannot be read.
        """
        from gen_bindings.passes.pipeline import build_binding

        inputs = self.inputs
        return build_binding(self.loaded, inputs.schema, inputs.header, inputs.exports)

    @cached_property
    def library(self) -> Path | None:
        """The compiled library, where the configuration names one.

        Raises:
            SourceError: it is not there.
        """
        spec = self.config.input.library
        return places(self.loaded).of(spec) if spec else None

    def remarks(self) -> list[str]:
        """What a user should know of a good model: notes, and a library that this machine cannot load."""
        from gen_bindings.project.versions import check_versions

        binding = self.binding
        found = [f"note {note.code}: {note.text}" for note in binding.notes]
        if binding.schema is not None:
            found += check_versions(self.loaded, binding.schema)
        if binding.exports is not None:
            from gen_bindings.sources.processors import host_mismatch

            mismatch = host_mismatch(binding.exports)
            if mismatch is not None:
                found.append(f"warning: {mismatch}")
        return found


def open_project(file: Path, version: str | None = None) -> Project:
    """The configuration in ``file``, with the inputs of the version ``version`` when one is named.

    Raises:
        ConfigError: it cannot be read, or declares no such version.
    """
    loaded = load_config(file)
    if version is not None:
        from gen_bindings.project.versions import select_version

        loaded = select_version(loaded, version)
    return Project(loaded)
