"""Findings for people: grouped by file, the worst first in the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from gen_bindings.findings.finding import Finding, Severity

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def print_text(findings: Sequence[Finding], console: Console) -> None:
    """Prints the findings that count, then how many there are of each severity."""
    counted = [f for f in findings if f.suppressed is None]
    for file, group in groupby(counted, key=lambda f: f.place.file):
        console.print(Text(file or "(project)", style="bold underline"))
        for finding in group:
            _print_one(finding, console)
        console.print()
    console.print(summary(findings))


def _print_one(finding: Finding, console: Console) -> None:
    head = Text("  ")
    place = f"{finding.place.line}:{finding.place.column}" if finding.place.line else "-"
    head.append(f"{place:<9}")
    head.append(finding.severity.value, style=_STYLES[finding.severity])
    head.append(f" {finding.id} ", style="bold")
    head.append(finding.message)
    if finding.certainty.value == "heuristic":
        head.append(" (rule of thumb)", style="dim")
    if finding.configurations:
        head.append(f" [{', '.join(finding.configurations)}]", style="dim")
    console.print(head, soft_wrap=True)
    for label, text in (
        ("way", " → ".join(finding.path)),
        ("why", finding.check.why),
        ("fix", finding.check.fix),
    ):
        if text:
            console.print(Text(f"           {label}: {text}", style="dim"), soft_wrap=True)


def summary(findings: Sequence[Finding]) -> str:
    """``2 errors, 1 warning, 0 notes; 3 suppressed``."""
    counts = Counter(f.severity for f in findings if f.suppressed is None)
    words = ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "note"))
    parts = [f"{counts[level]} {word}{'s' * (counts[level] != 1)}" for level, word in words]
    hidden = sum(f.suppressed is not None for f in findings)
    return ", ".join(parts) + (f"; {hidden} suppressed" if hidden else "") + "."
