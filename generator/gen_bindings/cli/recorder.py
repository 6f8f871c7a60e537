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
    from gen_bindings.output.manifest import Owner
    from gen_bindings.output.plan import Wanted
    from gen_bindings.output.write import write_output
    from gen_bindings.project.project import open_project

    project = open_project(config, version)
    files = recorder_of(project, library)
    owner = Owner(project.binding.entry_points.library, recorder=True)
    report = write_output(out, Wanted(owner, files, project.inputs.digest))
    for path in report.removed:
        print(f"removed   {path}")
    print(
        f"{out}: {len(report.written)} written, {len(report.unchanged)} unchanged,"
        f" {len(report.removed)} removed"
    )
