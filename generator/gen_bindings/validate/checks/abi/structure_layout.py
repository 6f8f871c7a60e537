"""GB121: structure where the header has none, or of another layout."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, E, P


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB121",
    "Structure where the header has none, or of another layout",
    E,
    P,
    why="Fields are read from the wrong place.",
    fix="Pass what the header declares.",
    explanation="Reported are structures passed by value, structures of another size (with Pack, Size and "
    "FieldOffset, on each target) than the number to which the header points, and fields of a struct that "
    "the header keeps incomplete. Offsets are not compared one by one: a header with the fields of a "
    "struct is refused, because bindings must not depend on them.",
)
