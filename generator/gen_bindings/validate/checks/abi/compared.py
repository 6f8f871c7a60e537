"""Turns the differences between imports and the header into findings."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, I


def compared(check: Check, context: Context) -> Iterator[Finding]:
    """The findings of one check among the differences."""
    for difference in context.native.differences:
        if difference.check == check.id:
            yield check.at(
                difference.place,
                difference.message,
                severity=None if difference.severe else I,
                subject=difference.subject,
            )
