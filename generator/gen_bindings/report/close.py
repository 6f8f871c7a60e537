"""What check-close found, as text, JSON and JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from gen_bindings.findings import catalogue, junit_form
from gen_bindings.findings.finding import Check, Finding
from gen_bindings.findings.json_form import finding_json
from gen_bindings.findings.junit_form import Case, Suite, Verdict
from gen_bindings.runtime.check_close import CloseReport

# What each check is about, in the order of the reports.
CHECKS = {
    catalogue.NEVER_RELEASED: "handles",
    catalogue.SOCKETS_REMAIN: "UDP sockets",
    catalogue.FDS_REMAIN: "other descriptors",
    catalogue.THREADS_REMAIN: "threads",
    catalogue.TASKS_REMAIN: "tasks of the library",
    catalogue.MEMORY_GROWS: "memory",
}


def to_text(reports: Sequence[CloseReport]) -> str:
    """For a person: one paragraph per run."""
    return "".join(_paragraph(report) for report in reports)


def to_json(reports: Sequence[CloseReport]) -> str:
    """Everything that was counted, cycle by cycle."""
    return json.dumps({"version": 1, "runs": [_run(report) for report in reports]}, indent=2) + "\n"


def to_junit(reports: Sequence[CloseReport]) -> str:
    """One suite per run, one case per check, and one for the scenario itself."""
    return junit_form.to_junit([_suite(report) for report in reports])


def _suite(report: CloseReport) -> Suite:
    cases = [_case(report, check) for check in CHECKS]
    return Suite(
        f"check-close {report.name} on {report.lane}", (*cases, _ended(report)), report.outcome.seconds
    )


def _case(report: CloseReport, check: Check) -> Case:
    name = f"{check.id} {CHECKS[check]}"
    for finding in report.findings:
        if finding.check is check:
            return _failed(report, name, finding)
    if not report.cycles:
        return Case(report.name, name, Verdict.SKIPPED, "the scenario did not get that far")
    if check is catalogue.MEMORY_GROWS and report.growth is None:
        return Case(report.name, name, Verdict.SKIPPED, "too few cycles to judge")
    return Case(report.name, name)


def _ended(report: CloseReport) -> Case:
    name = "the scenario itself"
    for finding in report.findings:
        if finding.check not in CHECKS:
            return _failed(report, name, finding)
    if report.failure:
        first = report.failure.splitlines()[0]
        return Case(report.name, name, Verdict.FAILURE, first, report.failure)
    return Case(report.name, name)


def _failed(report: CloseReport, name: str, finding: Finding) -> Case:
    return Case(report.name, name, Verdict.FAILURE, finding.message, str(finding), finding.id)


def _paragraph(report: CloseReport) -> str:
    head = f"{report.name} on {report.lane}: "
    if report.clean:
        memory = "not judged" if report.growth is None else f"{report.growth / 1024:+.1f} KiB per cycle"
        return f"{head}nothing is left after {len(report.cycles)} cycles; memory {memory}.\n"
    problems = [*([report.failure] if report.failure else []), *map(str, report.findings)]
    return "\n  ".join([f"{head}not clean.", *"\n".join(problems).splitlines()]) + "\n"


def _run(report: CloseReport) -> dict[str, Any]:
    return {
        "name": report.name,
        "lane": report.lane.value,
        "status": report.outcome.status.value,
        "seconds": round(report.outcome.seconds, 3),
        "clean": report.clean,
        "failure": report.failure,
        "findings": [finding_json(finding) for finding in report.findings],
        "growth_bytes_per_cycle": report.growth,
        "cycles": [asdict(cycle) for cycle in report.cycles],
    }
