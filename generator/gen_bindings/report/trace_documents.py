"""A recording as JSON, JUnit and SARIF: names, ids, sizes and times, and no payload unless asked."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import gen_bindings
from gen_bindings.report.trace_text import history
from gen_bindings.trace.findings import CHECKS
from gen_bindings.trace.life import Life
from gen_bindings.trace.trace import Trace, diagnostics_line


def report_json(trace: Trace, *, payloads: bool = False) -> str:
    """Everything that was found out, times in nanoseconds since the recording began."""
    document = {
        "tool": {"name": "gen-bindings", "version": gen_bindings.__version__},
        "problems": list(trace.problems),
        "folded": dict(sorted(trace.folded.items())),
        "processes": [
            {
                "process": process.process,
                "parent": process.log.head.parent,
                "status": process.log.head.status,
                "records": len(process.marks),
                "lost": process.log.head.lost,
                "alive": diagnostics_line(trace.contract, process.at_end()),
                "handles": [_life(life, payloads) for life in process.lives],
            }
            for process in trace.processes
        ],
        "findings": [
            {
                "id": finding.check.id,
                "severity": finding.check.severity.value,
                "side": finding.side.value,
                "message": finding.message,
                "time": finding.time,
                "handles": list(finding.handles),
            }
            for finding in trace.findings
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def _life(life: Life, payloads: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "key": life.key,
        "id": life.id,
        "kind": life.kind,
        "role": life.role,
        "path": life.path,
        "born": life.born,
        "thread": str(life.thread),
        "parent": life.parent.key if life.parent is not None else None,
        "gone": life.gone,
        "ended": life.ended,
        "uses": [
            {
                "operation": call.name,
                "time": call.time,
                "ended": call.ended,
                "callback": call.callback,
                "refused": call.refused,
                "bytes": call.size,
                **({"request": call.data.hex()} if payloads else {}),
            }
            for call in life.uses
        ],
    }
    if life.released_on is not None:
        found["released_on"] = str(life.released_on)
    if life.by:
        found["by"] = life.by
    return found


def report_junit(trace: Trace) -> str:
    """One test case per check; a finding is a failure of its check, what could not be read an error."""
    found: dict[str, list[str]] = {}
    for finding in trace.findings:
        text = [f"{finding.side.value}: {finding.message}"]
        for key in finding.handles:
            life = trace.life(key)
            text += [f"  {life.label}", *(f"    {line}" for line in history(life))]
        found.setdefault(finding.check.id, []).append("\n".join(text))
    suite = ElementTree.Element(
        "testsuite",
        name="gen-bindings trace",
        tests=str(len(CHECKS) + len(trace.problems)),
        failures=str(len(found)),
        errors=str(len(trace.problems)),
    )
    for check in CHECKS:
        case = ElementTree.SubElement(suite, "testcase", classname="trace", name=f"{check.id} {check.title}")
        if messages := found.get(check.id):
            failure = ElementTree.SubElement(case, "failure", message=f"{len(messages)} findings")
            failure.text = "\n".join(messages)
    for problem in trace.problems:
        case = ElementTree.SubElement(suite, "testcase", classname="trace", name="log")
        ElementTree.SubElement(case, "error", message=problem)
    ElementTree.indent(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"


def report_sarif(trace: Trace) -> str:
    """SARIF 2.1.0; a finding of a recording has no place in a source file, so it names handles instead."""
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "gen-bindings",
                        "version": gen_bindings.__version__,
                        "rules": [
                            {
                                "id": check.id,
                                "shortDescription": {"text": check.title},
                                "help": {"text": check.fix},
                                "defaultConfiguration": {"level": check.severity.value},
                            }
                            for check in CHECKS
                        ],
                    }
                },
                "results": [
                    {
                        "ruleId": finding.check.id,
                        "level": finding.check.severity.value,
                        "message": {"text": finding.message},
                        "locations": [
                            {
                                "logicalLocations": [
                                    {"name": trace.life(key).label, "kind": "resource"}
                                    for key in finding.handles
                                ]
                            }
                        ]
                        if finding.handles
                        else [],
                        "properties": {"side": finding.side.value, "time": finding.time},
                    }
                    for finding in trace.findings
                ],
                "invocations": [
                    {
                        "executionSuccessful": not trace.problems,
                        "toolExecutionNotifications": [
                            {"message": {"text": problem}, "level": "warning"} for problem in trace.problems
                        ],
                    }
                ],
            }
        ],
    }
    return json.dumps(document, indent=1) + "\n"
