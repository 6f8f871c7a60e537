"""Findings as SARIF 2.1.0, the form that code hosts show on a pull request."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import Any

import gen_bindings
from gen_bindings.findings.finding import Certainty, Check, Finding, Severity

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_sarif(
    findings: Sequence[Finding],
    *,
    checks: Sequence[Check] = (),
    label: Callable[[int], str] = str,
    problems: Sequence[str] | None = None,
) -> str:
    """One run with its rules; suppressed findings stay in it, as SARIF wants.

    Args:
        checks: what was looked for; without it the rules are those that were broken.
        label: what a handle is called, by its key.
        problems: what kept the run from looking at everything, where that can be.
    """
    rules = {check.id: _rule(check, check.severity) for check in checks}
    for finding in findings:
        rules.setdefault(finding.id, _rule(finding.check, finding.severity))
    order = sorted(rules)
    driver = {
        "name": "gen-bindings",
        "version": gen_bindings.__version__,
        "rules": [rules[check] for check in order],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(f, order.index(f.id), label) for f in findings],
    }
    if problems is not None:
        notices = [{"message": {"text": problem}, "level": "warning"} for problem in problems]
        run["invocations"] = [{"executionSuccessful": not problems, "toolExecutionNotifications": notices}]
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(check: Check, severity: Severity) -> dict[str, Any]:
    return {
        "id": check.id,
        "name": check.id,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.why or check.title},
        "help": {"text": check.fix},
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {"precision": "high" if check.certainty is Certainty.PROVABLE else "medium"},
    }


def _result(finding: Finding, index: int, label: Callable[[int], str]) -> dict[str, Any]:
    text = finding.message
    if finding.path:
        text += f" Way of the handle: {' → '.join(finding.path)}."
    result: dict[str, Any] = {
        "ruleId": finding.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{text} {finding.check.fix}"},
        "locations": _locations(finding, label),
        "partialFingerprints": {"genBindings/v1": finding.fingerprint},
    }
    if finding.side is not None:
        result["properties"] = {"side": finding.side.value, "time": finding.time}
    if finding.suppressed is not None:
        # SARIF knows two kinds; another one makes consumers refuse the whole file.
        kind = "inSource" if finding.suppressed.kind == "inSource" else "external"
        result["suppressions"] = [{"kind": kind, "justification": finding.suppressed.reason}]
    return result


def _locations(finding: Finding, label: Callable[[int], str]) -> list[dict[str, Any]]:
    """Handles for what was seen in a running program, which has no place in a source file."""
    if finding.side is not None:
        handles = [{"name": label(key), "kind": "resource"} for key in finding.handles]
        return [{"logicalLocations": handles}] if handles else []
    file = finding.place.file or "bindings.toml"
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if finding.place.line:
        region = {"startLine": finding.place.line}
        if finding.place.column:
            region["startColumn"] = finding.place.column
        physical["region"] = region
    return [{"physicalLocation": physical}]


def _uri(file: str) -> str:
    path = PurePath(file)
    if path.is_absolute():
        try:
            path = path.relative_to(Path.cwd())
        except ValueError:
            return path.as_uri()
    return path.as_posix().replace(" ", "%20")
