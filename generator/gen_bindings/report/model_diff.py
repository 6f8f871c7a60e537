"""The differences between two models as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from gen_bindings.diff.change import Change, Detail, Impact, Section
from gen_bindings.diff.compare import impacts

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_WORDS = {
    Impact.BREAKS: "break the old binding",
    Impact.LEAKS: "lose handles in the old binding",
    Impact.SOURCE: "change the C# that uses the binding",
    Impact.RULE: "change how the new binding behaves",
    Impact.NEW: "are new",
}
# Of these the new ones are told in one line.
_IN_BULK = (Section.MESSAGES, Section.ENUMS)


def to_text(before: str, after: str, changes: Sequence[Change]) -> str:
    """A report for people: a verdict, then each change by part.

    Args:
        before: what the older model is called; ``after`` the newer one.
    """
    return "\n".join(_lines(before, after, changes)) + "\n"


def to_json(before: str, after: str, changes: Sequence[Change]) -> str:
    """The same for programs."""
    document = {
        "before": before,
        "after": after,
        "same": not changes,
        "verdict": _verdict(changes),
        "impacts": {impact.value: count for impact, count in impacts(tuple(changes)).items()},
        "changes": [_plain(change) for change in changes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _lines(before: str, after: str, changes: Sequence[Change]) -> Iterator[str]:
    yield f"{before} -> {after}"
    yield _verdict(changes)
    for impact, count in impacts(tuple(changes)).items():
        if count:
            yield f"  {count:>4} {impact.value:<7} {_WORDS[impact]}"
    for section in Section:
        found = [change for change in changes if change.section is section]
        if found:
            yield ""
            yield f"{section.value} ({len(found)})"
            yield from _section(section, found)


def _section(section: Section, changes: Sequence[Change]) -> Iterator[str]:
    in_bulk = [c.name for c in changes if section in _IN_BULK and c.how == "added"]
    for change in changes:
        if change.name in in_bulk:
            continue
        yield f"  {_SIGNS[change.how]} {change.name}"
        for meaning in change.meanings:
            yield f"      {meaning.impact.value}: {meaning.text}"
        yield from (f"      {_detail(detail)}" for detail in change.details)
    if in_bulk:
        package = _package(in_bulk)
        yield f"  + {', '.join(name.removeprefix(package) for name in in_bulk)}"


def _package(names: Sequence[str]) -> str:
    """What full names have in common, up to a dot."""
    package = names[0]
    while package and not all(name.startswith(package) for name in names):
        head, dot, _ = package.removesuffix(".").rpartition(".")
        package = head + dot
    return package if package.endswith(".") else ""


def _detail(detail: Detail) -> str:
    if detail.before is None:
        return f"+ {detail.what}" + ("" if detail.what.endswith("]") else f" = {detail.after}")
    if detail.after is None:
        return f"- {detail.what}" + ("" if detail.what.endswith("]") else f" = {detail.before}")
    return f"~ {detail.what}: {detail.before} -> {detail.after}"


def _verdict(changes: Sequence[Change]) -> str:
    worst = {change.impact for change in changes}
    if not changes:
        return "The models are the same: nothing has to be done."
    if Impact.BREAKS in worst:
        return "Generate again before the new library is used: the old binding does not work with it."
    if Impact.LEAKS in worst:
        return "Generate again before the new library is used: the old binding loses handles with it."
    return "The old binding goes on working with the new library. Generate again for what is new."


def _plain(change: Change) -> dict[str, Any]:
    return {
        "section": change.section.value,
        "name": change.name,
        "how": change.how,
        "impact": change.impact.value,
        "means": [{"impact": m.impact.value, "text": m.text} for m in change.meanings],
        "details": [{"what": d.what, "before": d.before, "after": d.after} for d in change.details],
    }
