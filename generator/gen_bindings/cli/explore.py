"""The command explore: the schedules of a compiled binding, searched."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gen_bindings.cli import common
from gen_bindings.errors import ConfigError, OutputError

if TYPE_CHECKING:
    from gen_bindings.explore.run import Exploration
    from gen_bindings.model.binding import Binding

_INTERRUPTED = 130


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


class Derived(StrEnum):
    """Which scenarios are derived from the model."""

    PAIRS = "pairs"
    RANDOM = "random"
    TRIPLES = "triples"
    NONE = "none"


def explore(
    config: common.ConfigOption,
    assembly: Annotated[
        Path | None,
        typer.Option(help="A compiled binding; else it is generated and compiled.", metavar="FILE"),
    ] = None,
    scenario: Annotated[
        list[Path] | None, typer.Option(help="C# of scenarios of your own; can be repeated.", metavar="FILE")
    ] = None,
    entry: Annotated[
        list[str] | None,
        typer.Option(help="One of them: public static void Run(). Can be repeated.", metavar="CLASS.METHOD"),
    ] = None,
    derived: Annotated[
        Derived | None,
        typer.Option(help="Scenarios of the model; pairs unless --entry names others."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only scenarios with this in their name.", metavar="TEXT")
    ] = None,
    bound: Annotated[int, typer.Option(help="Preemptions of a schedule; all within are tried.", min=0)] = 1,
    deviations: Annotated[
        int, typer.Option(help="Unusual things that the library does in a schedule.", min=0)
    ] = 0,
    pct: Annotated[int, typer.Option(help="Random schedules by priorities after that.", min=0)] = 0,
    depth: Annotated[int, typer.Option(help="How many orders they hit at once.", min=1)] = 3,
    seed: Annotated[int, typer.Option(help="Of what is random.", min=0)] = 1,
    count: Annotated[int, typer.Option(help="How many random pairs or triples.", min=1)] = 50,
    seconds: Annotated[float, typer.Option(help="For one scenario.", min=0.1)] = 60.0,
    time: Annotated[float | None, typer.Option(help="Seconds for all scenarios.", min=1)] = None,
    go_on: Annotated[
        bool, typer.Option("--go-on", help="Search on after a scenario's first finding.")
    ] = False,
    replay: Annotated[
        str | None, typer.Option(help="Run the schedule that was reported, once.", metavar="CHOICES")
    ] = None,
    list_only: Annotated[bool, typer.Option("--list", help="List the scenarios; run none.")] = False,
    coverage: Annotated[bool, typer.Option("--coverage", help="Say what the library did.")] = False,
    form: Annotated[Format, typer.Option("--format", help="How to write the findings.")] = Format.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", help="Where to write them instead.", metavar="FILE")
    ] = None,
    version: common.VersionOption = None,
) -> None:
    """Search the schedules of a binding's threads for leaks, wrong orders, races and hangs.

    The compiled binding is rewritten so that its threads run one at a time, against a library that does what
    the model allows. Exit codes: 0 nothing, 1 something was found, 2 bad input, 130 interrupted.
    """
    from gen_bindings.explore import build, run
    from gen_bindings.explore.contract import contract_of
    from gen_bindings.explore.scenarios import world_of
    from gen_bindings.project.project import open_project

    if output is not None and not output.parent.is_dir():
        raise OutputError(f"{output}: there is no folder {output.parent}. Make it first.")
    if scenario and not entry:
        raise ConfigError("--scenario needs --entry CLASS.METHOD, which says what of it is run.")
    if replay is not None:
        _check_choices(replay)
    binding = open_project(config, version).binding
    documents = _scenarios(binding, derived, entry or [], count, seed)
    if only:
        exact = [one for one in documents if one["name"] in only]
        documents = exact or [one for one in documents if all(text in one["name"] for text in only)]
    if not documents:
        raise ConfigError("No scenario is left to run. `--list` without --only names them.")
    if list_only:
        print("\n".join(one["name"] for one in documents))
        return
    if replay is not None and len(documents) > 1:
        raise ConfigError(
            f"--replay runs one scenario, and {len(documents)} fit. Name it with --only, as the report did."
        )
    assemblies = [assembly] if assembly is not None else [build.compile_binding(binding)]
    if scenario:
        assemblies.append(build.compile_scenarios(scenario, assemblies))
    result = run.explore(
        build.rewrite(assemblies),
        contract_of(binding),
        world_of(binding),
        documents,
        run.Limits(bound, deviations, pct, depth, seed, seconds, time, go_on=go_on),
        None if not sys.stderr.isatty() else _Progress(len(documents)),
        replay,
    )
    _write(result, form, output, coverage)
    if result.found:
        raise typer.Exit(common.FOUND)
    if result.interrupted and time is None:
        raise typer.Exit(_INTERRUPTED)


def _scenarios(
    binding: Binding, derived: Derived | None, entries: list[str], count: int, seed: int
) -> list[dict[str, Any]]:
    from gen_bindings.explore import scenarios

    documents: list[dict[str, Any]] = [{"name": name, "entry": name} for name in entries]
    actions = scenarios.actions_of(binding)
    made: list[scenarios.Scenario] = []
    if derived is Derived.PAIRS or (derived is None and not entries):
        made = scenarios.pairs_of_classes(actions)
    elif derived is Derived.RANDOM:
        made = scenarios.random_pairs(actions, count, seed)
    elif derived is Derived.TRIPLES:
        made = scenarios.triples_of_classes(actions, count, seed)
    return documents + [one.document() for one in made]


def _check_choices(text: str) -> None:
    for one in text.split(","):
        decision, colon, pick = one.partition(":")
        if text and not (colon and decision.isdecimal() and pick.isdecimal()):
            raise ConfigError(
                f"--replay: {one!r} is no choice. Expected NUMBER:NUMBER, as a report gives them."
            )


def _write(result: Exploration, form: Format, output: Path | None, coverage: bool) -> None:
    from gen_bindings.explore import report
    from gen_bindings.findings.json_form import to_json
    from gen_bindings.findings.sarif_form import to_sarif

    if form is Format.TEXT:
        lines = [*report.to_text(result), *(report.coverage_table(result) if coverage else ())]
        text = "\n".join(lines) + "\n"
    else:
        found = report.findings_of(result)
        text = to_json(found) if form is Format.JSON else to_sarif(found)
    if output is None:
        print(text, end="")
    else:
        output.write_text(text, "utf-8")


class _Progress:
    """One line on the terminal, written over again and again."""

    def __init__(self, scenarios: int) -> None:
        self._scenarios = scenarios

    def __call__(self, result: Exploration, scenario: str, _schedules: int) -> None:
        seconds = sum(one.seconds for one in result.searched)
        rate = f"{result.schedules / seconds:.0f} schedules a second" if seconds else ""
        left = ""
        if result.searched:
            todo = self._scenarios - len(result.searched) - len(result.left_out)
            left = f", about {seconds / len(result.searched) * todo:.0f} s left"
        done = len(result.searched) + len(result.left_out)
        text = (
            f"{done} of {self._scenarios} scenarios, {len(result.found)} findings, {rate}{left}: {scenario}"
        )
        print(f"\r\x1b[K{text[:150]}", end="", file=sys.stderr, flush=True)
