"""Findings as JUnit XML: one test case per finding, so that any CI system shows them."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from gen_bindings.findings.finding import Finding, Severity


def to_junit(findings: Sequence[Finding]) -> str:
    """Errors are failures; suppressed findings and those that do not fail a run are skipped cases."""
    suite = ElementTree.Element("testsuite", name="gen-bindings validate")
    failures = skipped = 0
    for finding in findings:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=finding.id,
            name=f"{finding.place} {finding.subject or finding.title}",
        )
        body = "\n".join(
            [
                f"{finding.place}: {finding.severity.value} {finding.id}: {finding.message}",
                finding.why,
                finding.fix,
            ]
        )
        if finding.suppressed is None and finding.severity is Severity.ERROR:
            failures += 1
            failure = ElementTree.SubElement(case, "failure", message=finding.message, type=finding.id)
            failure.text = body
        else:
            skipped += 1
            reason = finding.suppressed.reason if finding.suppressed else finding.message
            ElementTree.SubElement(case, "skipped", message=reason)
    if not findings:
        ElementTree.SubElement(suite, "testcase", classname="validate", name="nothing was found")
    suite.set("tests", str(max(len(findings), 1)))
    suite.set("failures", str(failures))
    suite.set("errors", "0")
    suite.set("skipped", str(skipped))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
