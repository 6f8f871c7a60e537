"""The command ``validate``: findings in C# that people wrote.

Exit codes: 0 nothing of error severity; 1 at least one error; 2 wrong usage or bad input.
"""

from __future__ import annotations

import datetime
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gen_bindings.cli import common
from gen_bindings.errors import GenBindingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gen_bindings.findings.finding import Finding
    from gen_bindings.project.project import Project
    from gen_bindings.report.progress import Progress


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


def validate(
    config: common.ConfigOption,
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
    version: common.VersionOption = None,
) -> None:
    """Find lost handles and wrong signatures in C# that people wrote.

    Neither Unity nor a C# compiler is needed. Exit codes: 0 no errors, 1 errors, 2 bad input.
    """
    from gen_bindings.project.project import open_project
    from gen_bindings.report.progress import Progress
    from gen_bindings.validate import suppress

    with Progress() as progress:
        findings = _findings(
            open_project(config, version), csharp, part, library or [], target or [], strict, progress
        )
    if write_baseline is not None:
        count = suppress.write_baseline(write_baseline, findings)
        print(f"{write_baseline}: {count} findings are known from now on.")
        return
    if baseline is not None:
        findings = suppress.baselined(findings, suppress.read_baseline(baseline), baseline)
    _write(findings, form, output)
    if any(f.severity.value == "error" and f.suppressed is None for f in findings):
        raise typer.Exit(common.FOUND)


def _findings(
    project: Project,
    csharp: Sequence[Path],
    part: Part,
    library: Sequence[Path],
    target: Sequence[str],
    strict: bool,
    progress: Progress,
) -> list[Finding]:
    from dataclasses import replace

    from gen_bindings.findings.finding import Severity
    from gen_bindings.sources.exports import read_exports
    from gen_bindings.validate import suppress
    from gen_bindings.validate.checks.base import Hints
    from gen_bindings.validate.collect import collect
    from gen_bindings.validate.registry import rules_of
    from gen_bindings.validate.run import Request
    from gen_bindings.validate.run import validate as run
    from gen_bindings.validate.targets import DEFAULT_TARGETS
    from gen_bindings.validate.targets import target as parse_target

    targets = tuple(parse_target(triple) for triple in (target or DEFAULT_TARGETS))
    sources, losses = collect(csharp)
    progress.step("reading protocol, headers and library")
    exports, binding = project.inputs.exports, project.binding
    libraries = tuple(read_exports(path) for path in library) or ((exports,) if exports else ())
    hints = project.config.validate
    _check_hints(project.file, hints.requested, {o.name for o in binding.operations})
    request = Request(
        sources=sources,
        binding=binding,
        libraries=libraries,
        targets=targets,
        rules=rules_of(part.value),
        prefix=project.config.entry_points.prefix or "",
        ios=any("-ios" in triple for triple in target),
        hints=Hints(hints.wrappers, hints.releases, hints.requested),
    )
    findings = run(request, losses, progress.step)
    today = datetime.date.today()
    findings = suppress.configured(findings, hints.suppress, project.file, today)
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
    text = _document(findings, form)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")


def _document(findings: Sequence[Finding], form: Format) -> str:
    if form is Format.JSON:
        from gen_bindings.findings.json_form import to_json

        return to_json(findings)
    if form is Format.SARIF:
        from gen_bindings.findings.sarif_form import to_sarif

        return to_sarif(findings)
    from gen_bindings.findings.junit_form import suite_of, to_junit

    return to_junit([suite_of(findings)])
