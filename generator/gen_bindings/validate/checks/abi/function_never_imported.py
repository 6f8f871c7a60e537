"""GB105: header function is never imported."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding, Place
from gen_bindings.validate.checks.base import Check, Context, I, P


def run(context: Context) -> Iterator[Finding]:
    imported = {each.entry for each in context.native.imports}
    if not imported:
        return
    for name in context.native.functions:
        if name not in imported:
            yield CHECK.at(Place(), f"{name} is never imported.", subject=name)


CHECK = Check(
    "GB105",
    "Header function is never imported",
    I,
    P,
    why="A part of the library is out of reach, often the part that shuts it down.",
    fix="Import it, or leave it on purpose.",
)
