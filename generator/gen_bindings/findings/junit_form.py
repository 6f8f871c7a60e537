"""JUnit XML, so that any CI system shows what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from xml.etree import ElementTree

from gen_bindings.findings.finding import Finding, Severity


class Verdict(Enum):
    """How a test case that did not pass ended; the value is its element."""

    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Case:
    """A test case.

    Attributes:
        verdict: None when it passed; else ``message`` is the reason, ``text`` all of it, ``id`` the check.
    """

    group: str
    name: str
    verdict: Verdict | None = None
    message: str = ""
    text: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one run, and the seconds that it took, where that counts."""

    name: str
    cases: tuple[Case, ...]
    seconds: float | None = None


def to_junit(suites: Sequence[Suite]) -> str:
    """The document."""
    root = ElementTree.Element("testsuites")
    for suite in suites:
        counts = {verdict: sum(case.verdict is verdict for case in suite.cases) for verdict in Verdict}
        element = ElementTree.SubElement(
            root,
            "testsuite",
            name=suite.name,
            tests=str(len(suite.cases)),
            failures=str(counts[Verdict.FAILURE]),
            errors=str(counts[Verdict.ERROR]),
            skipped=str(counts[Verdict.SKIPPED]),
        )
        if suite.seconds is not None:
            element.set("time", f"{suite.seconds:.3f}")
        for case in suite.cases:
            _write(element, case)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def suite_of(findings: Sequence[Finding]) -> Suite:
    """A case for each finding in source files.

    Errors are failures; suppressed findings and those that do not fail a run are skipped cases.
    """
    cases = tuple(_case(finding) for finding in findings)
    return Suite("gen-bindings validate", cases or (Case("validate", "nothing was found"),))


def _case(finding: Finding) -> Case:
    name = f"{finding.place} {finding.subject or finding.check.title}"
    if finding.suppressed is not None:
        return Case(finding.id, name, Verdict.SKIPPED, finding.suppressed.reason)
    if finding.severity is not Severity.ERROR:
        return Case(finding.id, name, Verdict.SKIPPED, finding.message)
    text = "\n".join([f"{finding.place}: {finding}", finding.check.why, finding.check.fix])
    return Case(finding.id, name, Verdict.FAILURE, finding.message, text, finding.id)


def _write(suite: ElementTree.Element, case: Case) -> None:
    element = ElementTree.SubElement(suite, "testcase", classname=case.group, name=case.name)
    if case.verdict is None:
        return
    ended = ElementTree.SubElement(element, case.verdict.value, message=case.message)
    if case.id:
        ended.set("type", case.id)
    if case.text:
        ended.text = case.text
