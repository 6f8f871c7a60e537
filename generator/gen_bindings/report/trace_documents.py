"""A recording as JSON, JUnit and SARIF: names, ids, sizes and times, and no payload unless asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import gen_bindings
from gen_bindings.findings.catalogue import RECORDED
from gen_bindings.findings.finding import Check
from gen_bindings.findings.json_form import finding_json
from gen_bindings.findings.junit_form import Case, Suite, Verdict, to_junit
from gen_bindings.findings.sarif_form import to_sarif
from gen_bindings.report.trace_text import history
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
        "findings": [finding_json(finding) for finding in trace.findings],
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
        text = [str(finding)]
        for key in finding.handles:
            life = trace.life(key)
            text += [f"  {life.label}", *(f"    {line}" for line in history(life))]
        found.setdefault(finding.id, []).append("\n".join(text))
    cases = [_case(check, found.get(check.id, [])) for check in RECORDED]
    cases += [Case("trace", "log", Verdict.ERROR, problem) for problem in trace.problems]
    return to_junit([Suite("gen-bindings trace", tuple(cases))])


def report_sarif(trace: Trace) -> str:
    """SARIF 2.1.0; a finding of a recording has no place in a source file, so it names handles instead."""
    return to_sarif(
        trace.findings,
        checks=RECORDED,
        label=lambda key: trace.life(key).label,
        problems=trace.problems,
    )


def _case(check: Check, texts: Sequence[str]) -> Case:
    name = f"{check.id} {check.title}"
    if not texts:
        return Case("trace", name)
    return Case("trace", name, Verdict.FAILURE, f"{len(texts)} findings", "\n".join(texts), check.id)
