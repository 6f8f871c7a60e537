"""What a run found, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from soak_campaign import MOST_FAILURES, Report

from gen_bindings.errors import GenBindingsError


def text(reports: Sequence[Report]) -> str:
    """For people."""
    return "\n\n".join(map(_lane, reports)) + "\n"


def write(reports: Sequence[Report], folder: Path) -> tuple[Path, Path]:
    """Puts both into a folder."""
    as_json, as_text = folder / "summary.json", folder / "summary.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        as_json.write_text(json.dumps([report.as_json() for report in reports], indent=2) + "\n", "utf-8")
        as_text.write_text(text(reports), "utf-8")
    except OSError as error:
        raise GenBindingsError(f"The summary cannot be written to {folder}: {error.strerror}.") from error
    return as_json, as_text


def _lane(report: Report) -> str:
    plan = report.plan
    lines = [
        f"{plan.lane}: {report.played} cycles in {report.seconds:.0f} s, seed {plan.seed}, "
        f"{len(report.failures)} failures" + (", given up" if len(report.failures) >= MOST_FAILURES else ""),
        "",
        "  cycles under each fault",
        *_columns(report.faults),
        "",
        "  cycles in which this was seen",
        *_columns(report.seen),
        "",
        "  growth in bytes per cycle",
    ]
    for measure, found in report.growth.items():
        if found.slope is None:
            lines.append(f"    {measure:<10} too few cycles to say")
        else:
            verdict = "more than noise" if found.leaks else "within noise"
            lines.append(f"    {measure:<10} {found.slope:10.1f} ± {found.error:.1f} ({verdict})")
    for failure in report.failures:
        lines += [
            "",
            f"  {failure.kind} in cycle {failure.cycle} with seed {failure.seed} on {failure.lane}"
            + (f", under {' and '.join(failure.faults)}" if failure.faults else ""),
            *(f"    {line}" for line in failure.text.splitlines()),
            f"    again: {failure.replay}",
        ]
    return "\n".join(lines)


def _columns(counts: dict[str, int]) -> list[str]:
    width = max(map(len, counts), default=0)
    return [f"    {name:<{width}} {count:7}" for name, count in counts.items()]
