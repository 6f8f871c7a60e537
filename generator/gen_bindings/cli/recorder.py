"""The command ``recorder``: the forwarding library of a project, in C."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gen_bindings.cli import common
from gen_bindings.cli.recording import LibraryOption, recorder_of


def recorder(
    config: common.ConfigOption,
    out: Annotated[Path, typer.Option(help="Folder for the C file and its build file.", metavar="DIR")],
    library: LibraryOption = None,
    version: common.VersionOption = None,
) -> None:
    """Write a library in C that forwards every call to the real one and records it."""
    from gen_bindings.project.project import open_project
    from gen_bindings.render.writer import write_tree

    report = write_tree(recorder_of(open_project(config, version), library), out)
    print(f"{out}: {len(report.written)} written, {len(report.unchanged)} unchanged")
