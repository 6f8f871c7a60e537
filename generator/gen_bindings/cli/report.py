"""The command ``report``: what a recording tells."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gen_bindings.cli import common
from gen_bindings.cli.recording import PayloadsOption, ReportsOption, check_outputs


def report(
    logs: Annotated[
        list[Path], typer.Argument(help="Logs of recorders, or folders of them.", metavar="LOG…")
    ],
    config: common.ConfigOption = Path("bindings.toml"),
    reports: ReportsOption = None,
    payloads: PayloadsOption = False,
    version: common.VersionOption = None,
) -> None:
    """Report what every handle of a recording did; exit with 1 when something was found."""
    from gen_bindings.project.project import open_project
    from gen_bindings.report.trace_files import write_reports
    from gen_bindings.report.trace_text import report_text
    from gen_bindings.trace.contract import TraceError, contract_of
    from gen_bindings.trace.trace import read_trace

    check_outputs(reports or ())
    paths: list[Path] = []
    for path in logs:
        inside = sorted(path.glob("*.gblog")) if path.is_dir() else [path]
        if not inside:
            raise TraceError(f"{path}: holds no log (*.gblog).")
        paths += inside
    read = read_trace(contract_of(open_project(config, version).binding), paths)
    print(report_text(read, payloads=payloads), end="")
    write_reports(read, reports or (), payloads=payloads)
    if read.findings or read.problems:
        raise typer.Exit(common.FOUND)
