"""Findings that do not count: comments in the source, entries of the configuration, a baseline."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from gen_bindings.config import SuppressTable
from gen_bindings.errors import ConfigError, SourceError
from gen_bindings.findings.finding import Finding, Place, Severity, Suppression
from gen_bindings.validate.checks.abi.not_checked import CHECK as NOT_CHECKED
from gen_bindings.validate.collect import Source

_COMMENT = re.compile(
    r"//\s*gb-disable(?P<file>-file)?\s+(?P<ids>GB\d{3}(?:\s*,\s*GB\d{3})*)\s*(?P<rest>[^\r\n]*)"
)
_UNTIL = re.compile(r"\[until\s+([^\]]*)\]\s*$")


def inline(
    findings: Iterable[Finding], sources: Sequence[Source], today: datetime.date
) -> tuple[list[Finding], list[Finding]]:
    """(the findings, suppressed where a comment says so; complaints about comments without reason).

    ``// gb-disable GB201: reason [until 2027-01-01]`` counts for its own line and the next one that holds
    code; ``gb-disable-file`` for the whole file.
    """
    by_place: dict[tuple[str, int, str], Suppression] = {}
    complaints: list[Finding] = []
    for source in sources:
        if b"gb-disable" not in source.text:
            continue
        lines = source.text.decode("utf-8", "replace").splitlines()
        for number, line in enumerate(lines, 1):
            match = _COMMENT.search(line)
            if match is None:
                continue
            rest = match["rest"].strip()
            until = _UNTIL.search(rest)
            reason = (rest[: until.start()] if until else rest).strip().lstrip(":").strip()
            expires = until.group(1).strip() if until else ""
            problem = "" if reason else "it gives no reason"
            if expires and _date(expires) is None:
                problem = f'"{expires}" is no date like 2027-01-31'
            if problem:
                complaints.append(_complaint(Place(source.path, number), problem))
                continue
            if _expired(expires, today):
                continue
            suppression = Suppression("inSource", reason, expires)
            for check in re.findall(r"GB\d{3}", match["ids"]):
                if match["file"]:
                    by_place[(source.path, 0, check)] = suppression
                    continue
                by_place[(source.path, number, check)] = suppression
                for following in range(number, min(number + 8, len(lines))):
                    text = lines[following].strip()
                    if text and not text.startswith(("//", "[")):
                        by_place[(source.path, following + 1, check)] = suppression
                        break
                    by_place[(source.path, following + 1, check)] = suppression
    result = []
    for finding in findings:
        file = finding.place.file
        found = by_place.get((file, finding.place.line, finding.id)) or by_place.get((file, 0, finding.id))
        result.append(replace(finding, suppressed=found) if found else finding)
    return result, complaints


def configured(
    findings: Iterable[Finding], entries: Sequence[SuppressTable], config: Path, today: datetime.date
) -> list[Finding]:
    """The findings, suppressed where ``[[validate.suppress]]`` says so.

    Raises:
        ConfigError: an entry has no reason, or a date that is none.
    """
    for position, entry in enumerate(entries):
        key = f"{config}: validate.suppress[{position}]"
        if not entry.reason.strip():
            raise ConfigError(f"{key}.reason is empty. Say why {entry.id} does not count here.")
        if entry.until and _date(entry.until) is None:
            raise ConfigError(f'{key}.until: expected a date like 2027-01-31, found "{entry.until}".')
    result = []
    for finding in findings:
        for entry in entries:
            if finding.suppressed or entry.id != finding.id or _expired(entry.until, today):
                continue
            path = finding.place.file
            if entry.files and not (fnmatch(path, entry.files) or fnmatch(path, f"*/{entry.files}")):
                continue
            if entry.subject and not fnmatch(finding.subject, entry.subject):
                continue
            finding = replace(finding, suppressed=Suppression("configuration", entry.reason, entry.until))
        result.append(finding)
    return result


def read_baseline(path: Path) -> frozenset[str]:
    """The fingerprints of a baseline.

    Raises:
        SourceError: the file cannot be read or is no baseline.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return frozenset(entry["fingerprint"] for entry in data["findings"])
    except OSError as error:
        raise SourceError(f"The baseline {path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{path} is no baseline. Write one with --write-baseline {path}.") from error


def write_baseline(path: Path, findings: Iterable[Finding]) -> int:
    """Writes the findings that count now as the baseline; returns how many."""
    entries = [
        {"id": f.id, "file": f.place.file, "message": f.message, "fingerprint": f.fingerprint}
        for f in findings
        if f.suppressed is None
    ]
    path.write_text(json.dumps({"version": 1, "findings": entries}, indent=2) + "\n", encoding="utf-8")
    return len(entries)


def baselined(findings: Iterable[Finding], known: frozenset[str], path: Path) -> list[Finding]:
    """The findings, suppressed where the baseline knows them."""
    return [
        replace(f, suppressed=Suppression("baseline", f"known in {path.name}"))
        if f.suppressed is None and f.fingerprint in known
        else f
        for f in findings
    ]


def _complaint(place: Place, problem: str) -> Finding:
    check = replace(
        NOT_CHECKED,
        why="A finding that nobody justified looks like one that nobody saw.",
        fix="Write // gb-disable GB201: reason, with [until 2027-01-31] if it is for a time.",
    )
    return check.at(
        place,
        f"This suppression does not count: {problem}.",
        severity=Severity.WARNING,
        subject=f"suppression {place.line}",
    )


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _expired(until: str, today: datetime.date) -> bool:
    date = _date(until) if until else None
    return date is not None and date < today
