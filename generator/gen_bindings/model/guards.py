"""What a method refuses before it sends anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen_bindings.model.expressions import Expression


@dataclass(frozen=True, slots=True)
class Compared:
    """A value against another: refused where the comparison holds."""

    shape: ClassVar[str] = "compared"
    value: Expression
    operator: str
    other: Expression


@dataclass(frozen=True, slots=True)
class StartsOtherwise:
    """A text that does not start with ``prefix``."""

    shape: ClassVar[str] = "starts_otherwise"
    value: Expression
    prefix: str


Test = Compared | StartsOtherwise


@dataclass(frozen=True, slots=True)
class Loop:
    """Each element of a repeated field."""

    variable: str
    source: Expression


@dataclass(frozen=True, slots=True)
class NotNull:
    """An argument that must be there."""

    shape: ClassVar[str] = "not_null"
    parameter: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A value on which the library would abort.

    Attributes:
        tests: refused where of each group one holds.
        loops: the repeated fields around the value; ``guarded``: the argument that the outermost goes over.
        text: what must hold, for the exception; ``is_text`` the value is a string.
    """

    shape: ClassVar[str] = "refused"
    tests: tuple[tuple[Test, ...], ...]
    argument: str
    text: str
    is_text: bool
    loops: tuple[Loop, ...] = ()
    guarded: str = ""


Guard = NotNull | Refused
