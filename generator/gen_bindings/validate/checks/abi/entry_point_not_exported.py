"""GB101: entry point is not exported by the library."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P


def run(context: Context) -> Iterator[Finding]:
    if not context.libraries:
        return
    for each in context.native.imports:
        missing = [
            library.file.rpartition("/")[2]
            for library in context.libraries
            if each.entry not in library.names
        ]
        if missing:
            yield CHECK.at(
                context.place(each.method),
                f"{each.entry} is not exported by {', '.join(missing)}.",
                subject=each.entry,
            )


CHECK = Check(
    "GB101",
    "Entry point is not exported by the library",
    E,
    P,
    why="The first call fails at run time with EntryPointNotFoundException.",
    fix="Correct the name, or ship the library that exports it.",
)
