"""The commands ``validate`` and ``explain``: arguments in, findings out.

Exit codes of ``validate``: 0 nothing of error severity; 1 at least one error; 2 wrong usage or bad input.
"""

from __future__ import annotations

import datetime
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gen_bindings.errors import GenBindingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gen_bindings.findings.finding import Finding


class Part(StrEnum):
    """Which checks run."""

    ALL = "all"
    ABI = "abi"
    OWNERSHIP = "ownership"


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.command("validate")(validate)
    app.command("explain")(explain)


def validate(
    config: Annotated[
        Path, typer.Option("--config", help="The configuration, bindings.toml.", metavar="FILE")
    ],
    csharp: Annotated[list[Path], typer.Option(help="A folder (or file) of C# sources.", metavar="DIR")],
    part: Annotated[Part, typer.Argument(help="abi or ownership, to run one part.")] = Part.ALL,
    library: Annotated[
        list[Path] | None,
        typer.Option(
            help="A compiled library, for its exports; the configuration's if none.", metavar="FILE"
        ),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(help="A target triple, for example armv7-linux-androideabi.", metavar="TRIPLE"),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to write the findings.")] = Format.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", help="Where to write them instead.", metavar="FILE")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="What could not be checked is an error.")] = False,
    baseline: Annotated[
        Path | None, typer.Option(help="Findings that are known and do not count.", metavar="FILE")
    ] = None,
    write_baseline: Annotated[
        Path | None, typer.Option(help="Write the findings as a baseline and succeed.", metavar="FILE")
    ] = None,
) -> None:
    """Find lost handles and wrong signatures in C# that people wrote.

    Neither Unity nor a C# compiler is needed. Exit codes: 0 no errors, 1 errors, 2 bad input.
    """
    from gen_bindings.report.progress import Progress
    from gen_bindings.validate import suppress

    with Progress() as progress:
        findings = _findings(config, csharp, part, library or [], target or [], strict, progress)
    if write_baseline is not None:
        count = suppress.write_baseline(write_baseline, findings)
        print(f"{write_baseline}: {count} findings are known from now on.")
        return
    if baseline is not None:
        findings = suppress.baselined(findings, suppress.read_baseline(baseline), baseline)
    _write(findings, form, output)
    if any(f.severity.value == "error" and f.suppressed is None for f in findings):
        raise typer.Exit(1)


def explain(
    check: Annotated[str, typer.Argument(help="A check's id, for example GB201; all when left out.")] = "",
) -> None:
    """Explain a check: what it finds, why it matters, what to do."""
    from gen_bindings.validate.explain import explanation, overview

    print(explanation(check) if check else overview(), end="")


def _findings(
    config: Path,
    csharp: Sequence[Path],
    part: Part,
    library: Sequence[Path],
    target: Sequence[str],
    strict: bool,
    progress: object,
) -> list[Finding]:
    from dataclasses import replace

    from gen_bindings.config import load_config
    from gen_bindings.findings.finding import Severity
    from gen_bindings.passes.pipeline import build_binding
    from gen_bindings.project.inputs import read_inputs
    from gen_bindings.report.progress import Progress
    from gen_bindings.sources.exports import read_exports
    from gen_bindings.validate import suppress
    from gen_bindings.validate.checks.base import Hints
    from gen_bindings.validate.collect import collect
    from gen_bindings.validate.registry import checks_of
    from gen_bindings.validate.run import Request
    from gen_bindings.validate.run import validate as run
    from gen_bindings.validate.targets import DEFAULT_TARGETS
    from gen_bindings.validate.targets import target as parse_target

    assert isinstance(progress, Progress)
    targets = tuple(parse_target(triple) for triple in (target or DEFAULT_TARGETS))
    sources, losses = collect(csharp)
    loaded = load_config(config)
    progress.step("reading protocol, headers and library")
    inputs = read_inputs(loaded)
    binding = build_binding(loaded, inputs.schema, inputs.header, inputs.exports)
    libraries = tuple(read_exports(path) for path in library) or ((inputs.exports,) if inputs.exports else ())
    hints = loaded.config.validate
    _check_hints(config, hints.requested, {o.name for o in binding.operations})
    request = Request(
        sources=sources,
        binding=binding,
        libraries=libraries,
        targets=targets,
        checks=checks_of(part.value),
        prefix=loaded.config.entry_points.prefix or "",
        ios=any("-ios" in triple for triple in target),
        hints=Hints(hints.wrappers, hints.releases, hints.requested),
    )
    findings = run(request, losses, progress.step)
    today = datetime.date.today()
    findings = suppress.configured(findings, hints.suppress, config, today)
    findings, complaints = suppress.inline(findings, sources, today)
    findings += complaints
    if strict:
        findings = [replace(f, severity=Severity.ERROR) if f.id == "GB130" else f for f in findings]
    return findings


def _check_hints(config: Path, requested: Sequence[str], known: set[str]) -> None:
    for name in requested:
        if name not in known:
            raise GenBindingsError(f'{config}: validate.requested: there is no operation "{name}".')


def _write(findings: Sequence[Finding], form: Format, output: Path | None) -> None:
    if form is Format.TEXT:
        from rich.console import Console

        from gen_bindings.findings.text_form import print_text

        if output is None:
            print_text(findings, Console(highlight=False))
            return
        with output.open("w", encoding="utf-8") as stream:
            print_text(findings, Console(file=stream, highlight=False, width=110))
        return
    if form is Format.JSON:
        from gen_bindings.findings.json_form import to_json as render
    elif form is Format.SARIF:
        from gen_bindings.findings.sarif_form import to_sarif as render
    else:
        from gen_bindings.findings.junit_form import to_junit as render
    text = render(findings)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")
