"""GB104: library exports a function that the header does not declare."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding, Place
from gen_bindings.validate.checks.base import Check, Context, I, P


def run(context: Context) -> Iterator[Finding]:
    declared = {function.name for function in context.binding.header.functions}
    if not context.prefix:
        return
    for library in context.libraries:
        for name in library.names:
            if name.startswith(context.prefix) and name not in declared:
                yield CHECK.at(
                    Place(library.file),
                    f"{name} is exported but not declared in the header.",
                    subject=name,
                )


CHECK = Check(
    "GB104",
    "Library exports a function that the header does not declare",
    I,
    P,
    why="The header is behind the library.",
    fix="Regenerate the header, or give the signature under [entry_points.declarations].",
)
