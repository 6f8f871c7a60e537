"""What check-close found, as text, JSON and JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

from gen_bindings.runtime import findings
from gen_bindings.runtime.check_close import CloseReport

# What each check is about, in the order of the reports.
CHECKS = {
    findings.HANDLES_REMAIN: "handles",
    findings.SOCKETS_REMAIN: "UDP sockets",
    findings.FDS_REMAIN: "other descriptors",
    findings.THREADS_REMAIN: "threads",
    findings.TASKS_REMAIN: "tasks of the library",
    findings.MEMORY_GROWS: "memory",
}
_ENDED = "the scenario itself"


def to_text(reports: Sequence[CloseReport]) -> str:
    """For a person: one paragraph per run."""
    return "".join(_paragraph(report) for report in reports)


def to_json(reports: Sequence[CloseReport]) -> str:
    """Everything that was counted, cycle by cycle."""
    return json.dumps({"version": 1, "runs": [_run(report) for report in reports]}, indent=2) + "\n"


def to_junit(reports: Sequence[CloseReport]) -> str:
    """One suite per run, one case per check."""
    root = ElementTree.Element("testsuites")
    for report in reports:
        suite = ElementTree.SubElement(root, "testsuite", name=f"check-close {report.name} on {report.lane}")
        found = {finding.id: finding for finding in report.findings}
        failures = 0
        for code, what in {**CHECKS, "": _ENDED}.items():
            case = ElementTree.SubElement(
                suite, "testcase", classname=report.name, name=f"{code} {what}".strip()
            )
            ended = code == ""
            problem = (
                next((f for f in found.values() if f.id not in CHECKS), None) if ended else found.get(code)
            )
            if problem is not None:
                failures += 1
                failure = ElementTree.SubElement(case, "failure", message=problem.message, type=problem.id)
                failure.text = str(problem)
            elif ended and report.failure:
                failures += 1
                failure = ElementTree.SubElement(case, "failure", message=report.failure.splitlines()[0])
                failure.text = report.failure
            elif not ended and not report.cycles:
                ElementTree.SubElement(case, "skipped", message="the scenario did not get that far")
            elif code == findings.MEMORY_GROWS and report.growth is None:
                ElementTree.SubElement(case, "skipped", message="too few cycles to judge")
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(failures))
        suite.set("errors", "0")
        suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
        suite.set("time", f"{report.outcome.seconds:.3f}")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


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
        "findings": [asdict(finding) for finding in report.findings],
        "growth_bytes_per_cycle": report.growth,
        "cycles": [asdict(cycle) for cycle in report.cycles],
    }
