"""GB126: library name does not fit the platform."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, P, W


def run(context: Context) -> Iterator[Finding]:
    wanted = context.binding.entry_points.library
    static = context.configuration.name in ("ios", "web")
    for each in context.native.imports:
        if not each.library:
            continue
        if each.library == "__Internal":
            if not static:
                yield CHECK.at(
                    context.place(each.method),
                    f"{each.entry} is imported from __Internal, which exists only where libraries are linked "
                    "statically.",
                    subject=each.entry,
                )
        elif each.library != wanted and not static:
            yield CHECK.at(
                context.place(each.method),
                f'{each.entry} is imported from "{each.library}"; the library is called "{wanted}".',
                subject=each.entry,
            )


CHECK = Check(
    "GB126",
    "Library name does not fit the platform",
    W,
    P,
    why="The library is not found on this platform.",
    fix="Use the plain name everywhere and __Internal where the library is linked statically (iOS, WebGL).",
)
