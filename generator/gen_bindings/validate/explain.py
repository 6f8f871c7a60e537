"""What a check means, for people: the command ``explain`` and ``docs/checks.md``."""

from __future__ import annotations

from gen_bindings.errors import GenBindingsError
from gen_bindings.findings import catalogue
from gen_bindings.findings.finding import Check
from gen_bindings.validate.registry import all_checks

BLOCKS = {
    "1": "ABI",
    "2": "Ownership",
    "3": "Cascade and order",
    "4": "Events and callbacks",
    "5": "Threads",
    "6": "Unity",
}


def explanation(check_id: str) -> str:
    """One check in full.

    Raises:
        GenBindingsError: there is no such check.
    """
    id_ = check_id.upper()
    texts = [_text(check) for check in all_checks() if check.id == id_]
    texts += [_seen_text(check) for check in catalogue.CHECKS if check.id == id_]
    if not texts:
        raise GenBindingsError(
            f"There is no check {check_id}. Run gen-bindings explain for the list of all checks."
        )
    return "\n".join(texts)


def overview() -> str:
    """All ids with their titles."""
    known = {c.id: (c.severity.value, c.title) for c in catalogue.CHECKS}
    known |= {c.id: (c.severity.value, c.title) for c in all_checks()}
    return "".join(f"{id_}  {severity:<8} {title}\n" for id_, (severity, title) in sorted(known.items()))


def markdown() -> str:
    """``docs/checks.md``."""
    lines = [
        "# Checks",
        "",
        "What `gen-bindings validate` finds in C# that people wrote. This page is made from the checks",
        "themselves; `gen-bindings explain GB201` prints one of them. A heuristic check is a rule of thumb",
        "and never an error.",
        "",
    ]
    block = ""
    for check in all_checks():
        if check.id[2] != block:
            block = check.id[2]
            lines += [f"## {BLOCKS[block]}", ""]
        lines += [f"### {check.id}: {check.title}", ""]
        lines += [f"*{check.severity.value}, {check.certainty.value}*", ""]
        lines += [f"{check.why}", "", f"**Fix:** {check.fix}", ""]
        if check.explanation:
            lines += [check.explanation, ""]
    return "\n".join(lines).rstrip() + "\n"


def _seen_text(check: Check) -> str:
    sources = "".join(f"  {source.value}\n" for source in check.sources)
    return (
        f"{check.id}: {check.title} ({check.severity.value}, seen at run time)\n\n"
        f"What to do\n  {check.fix}\n\nWhere it comes from\n{sources}"
    )


def _text(check: Check) -> str:
    parts = [f"{check.id}: {check.title} ({check.severity.value}, {check.certainty.value})", ""]
    parts += ["Why it matters", f"  {check.why}", "", "What to do", f"  {check.fix}", ""]
    if check.explanation:
        parts += ["How it is found", f"  {check.explanation}", ""]
    parts += [
        "When it is right and meant",
        f"  // gb-disable {check.id}: reason [until 2027-01-31]",
    ]
    return "\n".join(parts) + "\n"
