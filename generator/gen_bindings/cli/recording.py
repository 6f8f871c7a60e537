"""What the commands about recordings share: options, the recorder of a project, and where its outputs go."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gen_bindings.project.project import Project

LibraryOption = Annotated[
    Path | None, typer.Option("--library", help="The real library; else the configuration's.", metavar="FILE")
]
ReportsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--report",
        help="Also write a report; its suffix says which: .html, .json, .xml (JUnit), .sarif or .txt. "
        "Can be given several times.",
        metavar="FILE",
    ),
]
PayloadsOption = Annotated[
    bool, typer.Option("--payloads", help="Put the requests' bytes into reports; they hold user data.")
]


def recorder_of(project: Project, library: Path | None) -> dict[str, str]:
    """The files of a recorder; ``library`` stands in place of the configuration's.

    Raises:
        TraceError: the library is a recorder itself.
    """
    from gen_bindings.render.views.recorder import MARKER, emit_recorder
    from gen_bindings.sources.exports_beside import read_exports_beside
    from gen_bindings.trace.contract import TraceError

    exports = read_exports_beside(library) if library is not None else project.inputs.exports
    names = exports.names if exports is not None else ()
    if MARKER in names:
        raise TraceError(
            f"{library or project.library}: is a recorder itself. "
            "Give the library that it stands for with --library."
        )
    return emit_recorder(project.binding, names)


def check_outputs(reports: Sequence[Path], keep: Path | None = None) -> None:
    """Before anything runs: what is to be written can be.

    Raises:
        TraceError: it cannot.
    """
    from gen_bindings.report.trace_files import check_report
    from gen_bindings.trace.contract import TraceError

    for path in reports:
        check_report(path)
    if keep is not None:
        if keep.exists() and not keep.is_dir():
            raise TraceError(f"{keep}: is no folder. Name one for the logs with --keep.")
        keep.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(keep, os.W_OK):
            raise TraceError(f"{keep}: cannot be written to. Name another folder with --keep.")
