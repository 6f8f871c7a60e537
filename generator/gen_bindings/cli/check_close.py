"""The command check-close: a binding's scenario, repeated, and what its end leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gen_bindings.cli import common
from gen_bindings.errors import ConfigError, OutputError

if TYPE_CHECKING:
    from gen_bindings.runtime.check_close import CloseReport
    from gen_bindings.runtime.lanes import Lane

_LANES = ("mono", "coreclr")
_SUFFIXES = (".txt", ".json", ".xml")


def check_close(
    config: common.ConfigOption,
    scenario: Annotated[
        list[Path], typer.Option(help="C# of the scenario; can be repeated.", metavar="FILE")
    ],
    entry: Annotated[
        str,
        typer.Option(
            help="The scenario: public static string Run(string json), which opens, uses and closes.",
            metavar="NAMESPACE.CLASS.METHOD",
        ),
    ],
    library: Annotated[
        Path | None, typer.Option(help="The native library; else the configuration's.", metavar="FILE")
    ] = None,
    lane: Annotated[
        list[str] | None, typer.Option(help="mono or coreclr; both by default.", metavar="LANE")
    ] = None,
    args: Annotated[str, typer.Option("--args", help="Arguments for the scenario.", metavar="JSON")] = "null",
    cycles: Annotated[
        int, typer.Option(help="How often it is repeated; memory is judged from 50 on.", min=1)
    ] = 10,
    warm_up: Annotated[int, typer.Option(help="How often it runs before that.", min=0)] = 2,
    private_network: Annotated[
        bool, typer.Option("--private-network", help="Run it in a network of its own that nothing leaves.")
    ] = False,
    memory_limit: Annotated[int, typer.Option(help="KiB by which a cycle may grow the process.", min=0)] = 64,
    settle: Annotated[float, typer.Option(help="Seconds for what ends a little after a cycle.", min=0)] = 2.0,
    deadline: Annotated[float, typer.Option(help="Seconds for one run with all its cycles.", min=1)] = 300.0,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            help="Also write a report; its suffix says which: .json, .xml (JUnit) or .txt. Can be repeated.",
            metavar="FILE",
        ),
    ] = None,
    version: common.VersionOption = None,
) -> None:
    """Open, use and close again and again, and say what is left: handles, sockets, threads, memory.

    The binding is generated and compiled with the scenario, and run in a process of its own on each lane. The
    exit code is 1 when something is left, or when the scenario fails, crashes or hangs.
    """
    from gen_bindings.project.project import open_project
    from gen_bindings.render.emit import emit
    from gen_bindings.report import close
    from gen_bindings.runtime.check_close import Plan
    from gen_bindings.runtime.check_close import check_close as check
    from gen_bindings.runtime.scenario_sources import check_sources, compile_scenario

    for path in report or ():
        if path.suffix not in _SUFFIXES:
            raise OutputError(f"{path}: a report ends in {', '.join(_SUFFIXES)}, which says its form.")
        if not path.parent.is_dir():
            raise OutputError(f"{path}: there is no folder {path.parent}. Make it first.")
        if path.is_dir():
            raise OutputError(f"{path}: there is a folder of that name. Name a file.")
    arguments = _arguments(args)
    lanes = _lanes(lane or list(_LANES))
    project = open_project(config, version)
    real = common.native_library(project, library)
    if private_network:
        _check_network()
    check_sources(scenario)
    files = emit(project.binding)
    reports: list[CloseReport] = []
    for one in lanes:
        found = check(
            Plan(
                name=entry,
                lane=one,
                entry=entry,
                assemblies=(compile_scenario(files, scenario, one),),
                libraries={project.config.input.import_name: real},
                arguments=arguments,
                cycles=cycles,
                warm_up=warm_up,
                private_network=private_network,
                deadline=deadline,
                settle=settle,
                memory_limit=memory_limit * 1024,
            )
        )
        reports.append(found)
        print(close.to_text([found]), end="", flush=True)
    for path in report or ():
        write = {".txt": close.to_text, ".json": close.to_json, ".xml": close.to_junit}[path.suffix]
        path.write_text(write(reports), "utf-8")
    if not all(found.clean for found in reports):
        raise typer.Exit(common.FOUND)


def _arguments(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConfigError(f"--args is not JSON: {error}. Give the scenario's arguments as JSON.") from None


def _lanes(names: list[str]) -> list[Lane]:
    from gen_bindings.runtime.lanes import Lane

    for name in names:
        if name not in _LANES:
            raise ConfigError(f"--lane {name}: there is no such lane. The lanes are {' and '.join(_LANES)}.")
    return [Lane(name) for name in dict.fromkeys(names)]


def _check_network() -> None:
    from gen_bindings.errors import ToolchainError
    from gen_bindings.runtime.network import why_not

    reason = why_not()
    if reason:
        raise ToolchainError(f"--private-network cannot be had here: {reason}.")
