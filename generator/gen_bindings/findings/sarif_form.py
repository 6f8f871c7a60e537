"""Findings as SARIF 2.1.0, the form that code hosts show on a pull request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

import gen_bindings
from gen_bindings.findings.finding import Finding, Severity

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_sarif(findings: Sequence[Finding]) -> str:
    """One run with the rules that were broken; suppressed findings stay in it, as SARIF wants."""
    rules: dict[str, dict[str, Any]] = {}
    for finding in findings:
        rules.setdefault(
            finding.id,
            {
                "id": finding.id,
                "name": finding.id,
                "shortDescription": {"text": finding.title},
                "fullDescription": {"text": finding.why},
                "help": {"text": finding.fix},
                "defaultConfiguration": {"level": _LEVELS[finding.severity]},
                "properties": {"precision": "high" if finding.certainty.value == "provable" else "medium"},
            },
        )
    order = sorted(rules)
    driver = {
        "name": "gen-bindings",
        "version": gen_bindings.__version__,
        "rules": [rules[check] for check in order],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(f, order.index(f.id)) for f in findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(finding: Finding, index: int) -> dict[str, Any]:
    text = finding.message
    if finding.path:
        text += f" Way of the handle: {' → '.join(finding.path)}."
    result: dict[str, Any] = {
        "ruleId": finding.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{text} {finding.fix}"},
        "locations": [_location(finding)],
        "partialFingerprints": {"genBindings/v1": finding.fingerprint},
    }
    if finding.suppressed is not None:
        # SARIF knows two kinds; another one makes consumers refuse the whole file.
        kind = "inSource" if finding.suppressed.kind == "inSource" else "external"
        result["suppressions"] = [{"kind": kind, "justification": finding.suppressed.reason}]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    file = finding.place.file or "bindings.toml"
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if finding.place.line:
        region = {"startLine": finding.place.line}
        if finding.place.column:
            region["startColumn"] = finding.place.column
        physical["region"] = region
    return {"physicalLocation": physical}


def _uri(file: str) -> str:
    path = PurePath(file)
    if path.is_absolute():
        try:
            path = path.relative_to(Path.cwd())
        except ValueError:
            return path.as_uri()
    return path.as_posix().replace(" ", "%20")
