"""GB103: header declares a function that the library does not export."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding, Place
from gen_bindings.validate.checks.base import Check, Context, P, W


def run(context: Context) -> Iterator[Finding]:
    for library in context.libraries:
        for function in context.binding.header.functions:
            if function.name not in library.names:
                file, _, line = function.origin.rpartition(":")
                yield CHECK.at(
                    Place(file, int(line) if line.isdigit() else 0),
                    f"{function.name} is declared but not exported by {library.file.rpartition('/')[2]}.",
                    subject=function.name,
                )


CHECK = Check(
    "GB103",
    "Header declares a function that the library does not export",
    W,
    P,
    why="Whoever trusts the header gets a failure at run time.",
    fix="Rebuild the library, or correct the header.",
)
