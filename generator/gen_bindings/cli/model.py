"""The command ``model``: every decision, as JSON or counted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gen_bindings.cli import common

if TYPE_CHECKING:
    from gen_bindings.model.binding import Binding


def model(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", help="The configuration, bindings.toml.", metavar="FILE")
    ] = None,
    version: common.VersionOption = None,
    summary: Annotated[bool, typer.Option("--summary", help="Print a table of counts instead.")] = False,
) -> None:
    """Print every decision about ownership, as JSON in a stable order."""
    if context.invoked_subcommand is not None:
        if config is not None:
            raise typer.BadParameter("diff takes its configurations as arguments.", param_hint="--config")
        return
    if config is None:
        raise typer.BadParameter("expected a configuration, bindings.toml.", param_hint="--config")
    binding, messages = decide(config, version)
    from gen_bindings.report import model as report

    if not summary:
        print(report.model_json(binding), end="")
        return
    from gen_bindings.report.table import print_table

    common.say(*messages)
    rows = [(what, str(count)) for what, count in report.summary(binding)]
    print_table(("what", "count"), rows, numbers=(1,))


def decide(config: Path, version: str | None) -> tuple[Binding, list[str]]:
    """A model, and what a user should know of it."""
    from gen_bindings.project.project import open_project
    from gen_bindings.report.progress import Progress

    project = open_project(config, version)
    with Progress() as progress:
        progress.step("reading protocol, headers and library")
        _ = project.inputs
        progress.step("deciding who owns what")
        return project.binding, project.remarks()
