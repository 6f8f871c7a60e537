"""Findings as JSON in a stable order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gen_bindings.findings.finding import Finding


def to_json(findings: Sequence[Finding]) -> str:
    """All findings; suppressed ones carry their reason."""
    return json.dumps({"version": 1, "findings": [_one(f) for f in findings]}, indent=2) + "\n"


def _one(finding: Finding) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": finding.id,
        "title": finding.title,
        "severity": finding.severity.value,
        "certainty": finding.certainty.value,
        "message": finding.message,
        "file": finding.place.file,
        "line": finding.place.line,
        "column": finding.place.column,
        "path": list(finding.path),
        "why": finding.why,
        "fix": finding.fix,
        "configurations": list(finding.configurations),
        "subject": finding.subject,
        "fingerprint": finding.fingerprint,
    }
    if finding.suppressed is not None:
        held = finding.suppressed
        entry["suppressed"] = {"kind": held.kind, "reason": held.reason, "expires": held.expires}
    return entry
