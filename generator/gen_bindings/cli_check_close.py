"""The command check-close: a binding's scenario, repeated, and what its end leaves."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gen_bindings.errors import ConfigError, OutputError

if TYPE_CHECKING:
    from gen_bindings.config import LoadedConfig
    from gen_bindings.runtime.check_close import CloseReport
    from gen_bindings.runtime.lanes import Lane

_FOUND = 1
_LANES = ("mono", "coreclr")
_SUFFIXES = (".txt", ".json", ".xml")


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""
    app.command()(check_close)


def check_close(
    config: Annotated[
        Path, typer.Option("--config", help="The configuration, bindings.toml.", metavar="FILE")
    ],
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
) -> None:
    """Open, use and close again and again, and say what is left: handles, sockets, threads, memory.

    The binding is generated and compiled with the scenario, and run in a process of its own on each lane. The
    exit code is 1 when something is left, or when the scenario fails, crashes or hangs.
    """
    from gen_bindings.config import load_config
    from gen_bindings.report import close
    from gen_bindings.runtime.check_close import Plan
    from gen_bindings.runtime.check_close import check_close as check

    for path in report or ():
        if path.suffix not in _SUFFIXES:
            raise OutputError(f"{path}: a report ends in {', '.join(_SUFFIXES)}, which says its form.")
        if not path.parent.is_dir():
            raise OutputError(f"{path}: there is no folder {path.parent}. Make it first.")
        if path.is_dir():
            raise OutputError(f"{path}: there is a folder of that name. Name a file.")
    arguments = _arguments(args)
    lanes = _lanes(lane or list(_LANES))
    loaded = load_config(config)
    real = _library(loaded, library)
    if private_network:
        _check_network()
    reports: list[CloseReport] = []
    for one in lanes:
        found = check(
            Plan(
                name=entry,
                lane=one,
                entry=entry,
                assemblies=(_compile(loaded, scenario, one),),
                libraries={loaded.config.input.import_name: real},
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
        raise typer.Exit(_FOUND)


def _compile(loaded: LoadedConfig, scenario: list[Path], lane: Lane) -> Path:
    """The binding and the scenario as one assembly, so that a scenario may look at what is internal."""
    from gen_bindings.cache import cache_folder
    from gen_bindings.inputs import read_inputs
    from gen_bindings.output.write import put_files
    from gen_bindings.passes.pipeline import build_binding
    from gen_bindings.render.emit import emit
    from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library, made_once

    for path in scenario:
        if not path.is_file():
            raise ConfigError(f"--scenario {path}: there is no such file. Name the scenario's C# files.")
    inputs = read_inputs(loaded)
    files = emit(build_binding(loaded, inputs.schema, inputs.header, inputs.exports))
    digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:32]
    folder = cache_folder("check-close") / digest
    with made_once(folder) as filling:
        if filling is not None:
            put_files(files, filling / "csharp")
    binding = [folder / "csharp" / name for name in sorted(files)]
    content = b"\0".join(path.read_bytes() for path in scenario)
    out = folder / f"{lane}-{hashlib.sha256(content).hexdigest()[:16]}" / "CheckClose.dll"
    return compile_library([*binding, *scenario, HARNESS_SOURCE], out, lane)


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


def _library(loaded: LoadedConfig, given: Path | None) -> Path:
    from gen_bindings.sources.locate import locate

    table = loaded.config.input
    base = loaded.file.resolve().parent
    if given is None and table.library is None:
        raise ConfigError(
            f"{loaded.file}: input.library names no library to run. "
            "Name it there, or give it with --library FILE."
        )
    real = given or locate(
        table.library or "", base, tuple(locate(folder, base) for folder in table.module_path)
    )
    if not real.is_file():
        raise ConfigError(
            f"{real}: the native library is not there. Build it, or give it with --library FILE."
        )
    return real


def _check_network() -> None:
    from gen_bindings.errors import ToolchainError
    from gen_bindings.runtime.network import why_not

    reason = why_not()
    if reason:
        raise ToolchainError(f"--private-network cannot be had here: {reason}.")
