"""What several commands share: options, exit codes, and how a person is told something."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gen_bindings.project.project import Project

FOUND = 1
BAD_INPUT = 2
INTERRUPTED = 130

ConfigOption = Annotated[
    Path, typer.Option("--config", help="The configuration, bindings.toml.", metavar="FILE")
]
VersionOption = Annotated[
    str | None,
    typer.Option("--version", help="A version that the configuration declares, not [input].", metavar="NAME"),
]


def native_library(project: Project, given: Path | None) -> Path:
    """The library to run: the one that is given, else the configuration's.

    Raises:
        ConfigError: there is none.
        SourceError: the configuration's is not there.
    """
    from gen_bindings.errors import ConfigError

    real = given or project.library
    if real is None:
        raise ConfigError(
            f"{project.file}: input.library names no library to run. "
            "Name it there, or give it with --library FILE."
        )
    if not real.is_file():
        raise ConfigError(
            f"{real}: the native library is not there. Build it, or give it with --library FILE."
        )
    return real


def say(*texts: str) -> None:
    """Tells a person; results go to standard output."""
    for text in texts:
        print(text, file=sys.stderr, flush=True)
