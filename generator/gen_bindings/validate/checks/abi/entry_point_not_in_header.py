"""GB102: entry point is not declared in the header."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P, W


def run(context: Context) -> Iterator[Finding]:
    native = context.native
    for each in native.imports:
        if each.entry not in native.functions:
            severe = bool(context.libraries) and each.entry not in native.exported
            yield CHECK.at(
                context.place(each.method),
                f"{each.entry} is not declared in the header" + (" nor exported." if severe else "."),
                severity=E if severe else W,
                subject=each.entry,
            )


CHECK = Check(
    "GB102",
    "Entry point is not declared in the header",
    W,
    P,
    why="Nobody promised this function or its signature; the next release may change it.",
    fix="Add it to the header, or to [entry_points.declarations] of the configuration.",
)
