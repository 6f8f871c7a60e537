"""Findings as JSON in a stable order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gen_bindings.findings.finding import Finding


def to_json(findings: Sequence[Finding]) -> str:
    """All findings; suppressed ones carry their reason."""
    return json.dumps({"version": 1, "findings": [finding_json(f) for f in findings]}, indent=2) + "\n"


def finding_json(finding: Finding) -> dict[str, Any]:
    """One finding, wherever it stands; what only a running program shows is there where it was seen."""
    entry: dict[str, Any] = {
        "id": finding.id,
        "title": finding.check.title,
        "severity": finding.severity.value,
        "certainty": finding.certainty.value,
        "message": finding.message,
        "file": finding.place.file,
        "line": finding.place.line,
        "column": finding.place.column,
        "path": list(finding.path),
        "why": finding.check.why,
        "fix": finding.check.fix,
        "configurations": list(finding.configurations),
        "subject": finding.subject,
        "fingerprint": finding.fingerprint,
    }
    if finding.details:
        entry["details"] = list(finding.details)
    if finding.side is not None:
        entry |= {"side": finding.side.value, "time": finding.time, "handles": list(finding.handles)}
    if finding.suppressed is not None:
        held = finding.suppressed
        entry["suppressed"] = {"kind": held.kind, "reason": held.reason, "expires": held.expires}
    return entry
