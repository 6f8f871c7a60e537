"""GB604: iOS import is not __Internal."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P


def run(context: Context) -> Iterator[Finding]:
    if not context.ios or context.configuration.name != "ios":
        return
    for each in context.native.imports:
        if each.library and each.library != "__Internal":
            yield CHECK.at(
                context.place(each.method),
                f'{each.entry} is imported from "{each.library}" on iOS.',
                subject=each.entry,
            )


CHECK = Check(
    "GB604",
    "iOS import is not __Internal",
    E,
    P,
    why="Unity links iOS plug-ins statically; another name is not found on the device.",
    fix="Use __Internal under #if UNITY_IOS && !UNITY_EDITOR.",
)
