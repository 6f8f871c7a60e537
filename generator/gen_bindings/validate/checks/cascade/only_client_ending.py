"""GB302: cascade does not run when the other side ends the session."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.report.findings import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.endings import missing_endings


def _run(context: Context) -> Iterator[Finding]:
    yield from missing_endings(context, CHECK)


CHECK = Check(
    "GB302",
    "Cascade does not run when the other side ends the session",
    E,
    P,
    why="When the server ends the session, or the connection is lost, every handle of the session stays.",
    fix="Run the same cleanup from the event that ends the session.",
    run=_run,
)
