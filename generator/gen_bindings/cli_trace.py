"""The commands about recordings: recorder, trace, report."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gen_bindings.model.binding import Binding
    from gen_bindings.trace.contract import Contract
    from gen_bindings.trace.trace import Trace

_FOUND = 1
_SIZE = 256

_Config = Annotated[Path, typer.Option("--config", help="The configuration, bindings.toml.", metavar="FILE")]
_Library = Annotated[
    Path | None, typer.Option("--library", help="The real library; else the configuration's.", metavar="FILE")
]
_Reports = Annotated[
    list[Path] | None,
    typer.Option(
        "--report",
        help="Also write a report; its suffix says which: .html, .json, .xml (JUnit), .sarif or .txt. "
        "Can be given several times.",
        metavar="FILE",
    ),
]
_Payloads = Annotated[
    bool, typer.Option("--payloads", help="Put the requests' bytes into reports; they hold user data.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.command()(recorder)
    # What follows the command's name is the command's own.
    app.command(context_settings={"allow_interspersed_args": False})(trace)
    app.command()(report)


def recorder(
    config: _Config,
    out: Annotated[Path, typer.Option(help="Folder for the C file and its build file.", metavar="DIR")],
    library: _Library = None,
) -> None:
    """Write a library in C that forwards every call to the real one and records it."""
    from gen_bindings.output.manifest import Owner
    from gen_bindings.output.plan import Wanted
    from gen_bindings.output.write import write_output

    made = _read(config, library)
    owner = Owner(made.binding.entry_points.library, recorder=True)
    report = write_output(out, Wanted(owner, made.files, made.digest))
    for path in report.removed:
        print(f"removed   {path}")
    print(
        f"{out}: {len(report.written)} written, {len(report.unchanged)} unchanged,"
        f" {len(report.removed)} removed"
    )


def trace(
    command: Annotated[list[str], typer.Argument(help="The command to run, after --.", metavar="COMMAND…")],
    config: _Config = Path("bindings.toml"),
    library: _Library = None,
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
    reports: _Reports = None,
    payloads: _Payloads = False,
) -> None:
    """Run COMMAND with a recorder between it and the library, and report what every handle did.

    The exit code is the command's own (128 + the signal that ended it). The report goes to standard error.
    """
    from gen_bindings.trace import run as running
    from gen_bindings.trace.build import build_recorder
    from gen_bindings.trace.contract import TraceError, contract_of

    _check_outputs(reports or (), keep)
    running.check_variables(variable or ())
    if plugin is not None and not plugin.is_file():
        raise TraceError(f"{plugin}: the plugin is not there. Name the library file that the program loads.")
    made = _read(config, library)
    real = plugin if plugin is not None and library is None else made.real
    _check_real(real)
    built = build_recorder(made.files, (plugin or real).name)
    contract = contract_of(made.binding)
    folder = Path(tempfile.mkdtemp(prefix="gen-bindings-trace-"))
    try:
        placement = running.Placement(
            built,
            running.beside(plugin) if plugin is not None and library is None else real,
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


def report(
    logs: Annotated[
        list[Path], typer.Argument(help="Logs of recorders, or folders of them.", metavar="LOG…")
    ],
    config: _Config = Path("bindings.toml"),
    reports: _Reports = None,
    payloads: _Payloads = False,
) -> None:
    """Report what every handle of a recording did; exit with 1 when something was found."""
    from gen_bindings.trace.contract import TraceError, contract_of
    from gen_bindings.trace.text import report_text
    from gen_bindings.trace.trace import read_trace

    _check_outputs(reports or (), None)
    paths: list[Path] = []
    for path in logs:
        inside = sorted(path.glob("*.gblog")) if path.is_dir() else [path]
        if not inside:
            raise TraceError(f"{path}: holds no log (*.gblog).")
        paths += inside
    read = read_trace(contract_of(_read(config, None, recorder=False).binding), paths)
    print(report_text(read, payloads=payloads), end="")
    _write(read, reports or (), payloads)
    if read.findings or read.problems:
        raise typer.Exit(_FOUND)


@dataclass(frozen=True, slots=True)
class _Made:
    binding: Binding
    files: dict[str, str]
    real: Path
    digest: str


def _read(config: Path, library: Path | None, *, recorder: bool = True) -> _Made:
    from gen_bindings.config import load_config
    from gen_bindings.inputs import read_inputs
    from gen_bindings.passes.pipeline import build_binding
    from gen_bindings.render.views.recorder import MARKER, emit_recorder
    from gen_bindings.sources.exports_beside import read_exports_beside
    from gen_bindings.sources.locate import locate
    from gen_bindings.trace.contract import TraceError

    loaded = load_config(config)
    inputs = read_inputs(loaded)
    binding = build_binding(loaded, inputs.schema, inputs.header, inputs.exports)
    table = loaded.config.input
    base = loaded.file.resolve().parent
    real = library
    if real is None and table.library:
        real = locate(table.library, base, tuple(locate(folder, base) for folder in table.module_path))
    exports = read_exports_beside(library) if library is not None else inputs.exports
    if exports is not None and MARKER in exports.names:
        raise TraceError(f"{real}: is a recorder itself. Give the library that it stands for with --library.")
    files = emit_recorder(binding, exports.names if exports is not None else ()) if recorder else {}
    return _Made(binding, files, real or Path(), inputs.digest)


_FORMATS = (".html", ".json", ".xml", ".sarif", ".txt")


def _check_outputs(reports: Sequence[Path], keep: Path | None) -> None:
    """Before anything runs: what is to be written can be."""
    from gen_bindings.trace.contract import TraceError

    for path in reports:
        if path.suffix not in _FORMATS:
            raise TraceError(f"{path}: expected a name in {', '.join(_FORMATS[:-1])} or {_FORMATS[-1]}.")
        if not path.absolute().parent.is_dir():
            raise TraceError(f"{path}: its folder is not there. Make it, or name another with --report.")
        if path.is_dir():
            raise TraceError(f"{path}: is a folder. Name a file with --report.")
        if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
            raise TraceError(f"{path}: cannot be written here. Name another with --report.")
    if keep is not None:
        if keep.exists() and not keep.is_dir():
            raise TraceError(f"{keep}: is no folder. Name one for the logs with --keep.")
        keep.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(keep, os.W_OK):
            raise TraceError(f"{keep}: cannot be written to. Name another folder with --keep.")


def _check_real(real: Path) -> None:
    from gen_bindings.trace.contract import TraceError

    if real == Path():
        raise TraceError("The configuration names no library. Give the real one with --library FILE.")
    if not real.is_file():
        raise TraceError(f"{real}: the real library is not there. Give it with --library FILE.")


def _report_run(
    contract: Contract, folder: Path, keep: Path | None, reports: Sequence[Path], payloads: bool
) -> bool:
    """Whether there is anything that is not as it should be."""
    from gen_bindings.trace.contract import TraceError
    from gen_bindings.trace.text import report_text
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
    _write(read, reports, payloads)
    return bool(read.findings or read.problems)


def _write(read: Trace, reports: Sequence[Path], payloads: bool) -> None:
    from gen_bindings.trace import documents
    from gen_bindings.trace.page import report_html
    from gen_bindings.trace.text import report_text

    for path in reports:
        match path.suffix:
            case ".json":
                text = documents.report_json(read, payloads=payloads)
            case ".xml":
                text = documents.report_junit(read)
            case ".sarif":
                text = documents.report_sarif(read)
            case ".html":
                text = report_html(read, payloads=payloads)
            case _:
                text = report_text(read, payloads=payloads)
        if payloads:
            path.touch(0o600)
            path.chmod(0o600)
        path.write_text(text, "utf-8")
