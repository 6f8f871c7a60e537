"""GB121: structure where the header has none, or of another layout."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.report.findings import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, E, P


def _run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB121",
    "Structure where the header has none, or of another layout",
    E,
    P,
    why="Fields are read from the wrong place.",
    fix="Pass what the header declares.",
    run=_run,
)
