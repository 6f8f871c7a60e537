"""The command ``trace``: a program run with a recorder between it and the library."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gen_bindings.cli import common
from gen_bindings.cli.recording import (
    LibraryOption,
    PayloadsOption,
    ReportsOption,
    check_outputs,
    recorder_of,
)

if TYPE_CHECKING:
    from gen_bindings.trace.contract import Contract

_SIZE = 256


def trace(
    command: Annotated[list[str], typer.Argument(help="The command to run, after --.", metavar="COMMAND…")],
    config: common.ConfigOption = Path("bindings.toml"),
    library: LibraryOption = None,
    variable: Annotated[
        list[str] | None,
        typer.Option(help="An environment variable that names the library to load.", metavar="NAME"),
    ] = None,
    plugin: Annotated[
        Path | None,
        typer.Option(
            help="A library file whose place the recorder takes while COMMAND runs.", metavar="FILE"
        ),
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Show the live handles by kind while it runs.")
    ] = False,
    census: Annotated[
        bool,
        typer.Option("--census", help="At the end release every id once, to find what no message named."),
    ] = False,
    keep: Annotated[
        Path | None,
        typer.Option(help="Keep the logs in this folder; they hold tokens and user data.", metavar="DIR"),
    ] = None,
    limit: Annotated[
        int, typer.Option(help="Megabytes of a log; beyond half of it short lives are folded.", min=1)
    ] = _SIZE,
    error_exitcode: Annotated[
        int,
        typer.Option(help="Exit code when COMMAND ends with 0, and something was found or nothing recorded."),
    ] = 0,
    reports: ReportsOption = None,
    payloads: PayloadsOption = False,
    version: common.VersionOption = None,
) -> None:
    """Run COMMAND with a recorder between it and the library, and report what every handle did.

    The exit code is the command's own (128 + the signal that ended it). The report goes to standard error.
    """
    from gen_bindings.project.project import open_project
    from gen_bindings.trace import run as running
    from gen_bindings.trace.build import build_recorder
    from gen_bindings.trace.contract import TraceError, contract_of

    check_outputs(reports or (), keep)
    running.check_variables(variable or ())
    if plugin is not None and not plugin.is_file():
        raise TraceError(f"{plugin}: the plugin is not there. Name the library file that the program loads.")
    project = open_project(config, version)
    files = recorder_of(project, library)
    # Without another library the plugin is the real one.
    replaced = plugin if library is None else None
    real = replaced or common.native_library(project, library)
    built = build_recorder(files, (plugin or real).name)
    contract = contract_of(project.binding)
    folder = Path(tempfile.mkdtemp(prefix="gen-bindings-trace-"))
    try:
        placement = running.Placement(
            built,
            running.beside(replaced) if replaced is not None else real,
            tuple(variable or ()),
            plugin,
        )
        variables = running.environment(placement, folder / real.stem, limit << 20, census)
        watch = None
        with contextlib.ExitStack() as stack:
            if live:
                from gen_bindings.trace.live import LiveTable

                watch = stack.enter_context(LiveTable(contract, folder)).refresh
            stack.enter_context(running.plugged(placement))
            process, status = running.run(command, variables, watch)
        running.note_status(contract, folder, process, status)
        found = _report_run(contract, folder, keep, reports or (), payloads)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    code = running.exit_code(status)
    raise typer.Exit(error_exitcode if code == 0 and found else code)


def _report_run(
    contract: Contract, folder: Path, keep: Path | None, reports: Sequence[Path], payloads: bool
) -> bool:
    """Whether there is anything that is not as it should be."""
    from gen_bindings.report.trace_files import write_reports
    from gen_bindings.report.trace_text import report_text
    from gen_bindings.trace.contract import TraceError
    from gen_bindings.trace.trace import read_trace

    logs = sorted(folder.glob("*.gblog"))
    if not logs:
        print(
            "gen-bindings: the command never loaded the recorder. Name the variable (--variable) or the "
            "file (--plugin) by which it finds the library.",
            file=sys.stderr,
        )
        return True
    if keep is not None:
        logs = [Path(shutil.move(log, keep / log.name)) for log in logs]
    try:
        read = read_trace(contract, logs)
    except TraceError as error:
        print(f"gen-bindings: {error}", file=sys.stderr)
        return True
    print(report_text(read, payloads=payloads), end="", file=sys.stderr)
    write_reports(read, reports, payloads=payloads)
    return bool(read.findings or read.problems)
