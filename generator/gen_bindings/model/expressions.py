"""C# expressions as data: the closed set that passes may use, and one macro file renders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Name:
    """A local, a parameter, a type, a literal: whatever stands by itself."""

    node: ClassVar[str] = "name"
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Member:
    """A property of a value; ``null_safe``: null where the value is null."""

    node: ClassVar[str] = "member"
    of: Expression
    name: str
    null_safe: bool = False

    def __str__(self) -> str:
        return ("?." if self.null_safe else ".").join((str(self.of), self.name))


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a list."""

    node: ClassVar[str] = "element"
    of: Expression
    index: int

    def __str__(self) -> str:
        return " at ".join((str(self.of), str(self.index)))


@dataclass(frozen=True, slots=True)
class Cast:
    """A value as another type."""

    node: ClassVar[str] = "cast"
    type: str
    of: Expression

    def __str__(self) -> str:
        return " as ".join((str(self.of), self.type))


@dataclass(frozen=True, slots=True)
class OfClass:
    """An object where it is of a class, else null."""

    node: ClassVar[str] = "of_class"
    of: Expression
    type: str

    def __str__(self) -> str:
        return " if it is a ".join((str(self.of), self.type))


@dataclass(frozen=True, slots=True)
class ByteLength:
    """Bytes of a span or of memory: its length times the size of an element."""

    node: ClassVar[str] = "byte_length"
    of: Expression
    element: str

    def __str__(self) -> str:
        return " in bytes of ".join((str(self.of), self.element))


@dataclass(frozen=True, slots=True)
class Elements:
    """How many elements so many bytes are."""

    node: ClassVar[str] = "elements"
    of: Expression
    element: str

    def __str__(self) -> str:
        return " in elements of ".join((str(self.of), self.element))


@dataclass(frozen=True, slots=True)
class OrDefault:
    """A nullable value, or its type's default; ``grouped``: the value is an expression of several parts."""

    node: ClassVar[str] = "or_default"
    of: Expression
    grouped: bool = False

    def __str__(self) -> str:
        return str(self.of) + " or default"


@dataclass(frozen=True, slots=True)
class OrZero:
    """A number inside a message, or 0 where the message, or the number, is not there.

    Attributes:
        cast: the type to convert the number to, or empty.
        is_nullable: whether the number has presence.
    """

    node: ClassVar[str] = "or_zero"
    of: Expression
    name: str
    cast: str = ""
    is_nullable: bool = False

    def __str__(self) -> str:
        return ".".join((str(self.of), self.name)) + " or 0"


@dataclass(frozen=True, slots=True)
class IfFlag:
    """A value of a scoped reader where its flag is set, else null of the type."""

    node: ClassVar[str] = "if_flag"
    flag: Expression
    value: Expression
    type: str

    def __str__(self) -> str:
        return " if ".join((str(self.value), str(self.flag)))


@dataclass(frozen=True, slots=True)
class ReadText:
    """A string out of a slice of the library's memory."""

    node: ClassVar[str] = "read_text"
    of: Expression

    def __str__(self) -> str:
        return "text at " + str(self.of)


@dataclass(frozen=True, slots=True)
class NotZero:
    """A number as a truth value."""

    node: ClassVar[str] = "not_zero"
    of: Expression

    def __str__(self) -> str:
        return str(self.of) + " != 0"


@dataclass(frozen=True, slots=True)
class FindById:
    """An object of the tree by the integer that the event brought."""

    node: ClassVar[str] = "find_by_id"
    type: str
    kind: str

    def __str__(self) -> str:
        return self.type + " by id"


@dataclass(frozen=True, slots=True)
class FindByKey:
    """An object of the tree by its key, below an ancestor."""

    node: ClassVar[str] = "find_by_key"
    type: str
    kind: str
    key: Expression
    ancestor: Expression

    def __str__(self) -> str:
        return " ".join((self.type, "by", str(self.key), "below", str(self.ancestor)))


@dataclass(frozen=True, slots=True)
class Remainder:
    """What is left of a division; ``grouped``: the divisor is an expression of several parts."""

    node: ClassVar[str] = "remainder"
    of: Expression
    divisor: Expression
    grouped: bool = False

    def __str__(self) -> str:
        return " modulo ".join((str(self.of), str(self.divisor)))


@dataclass(frozen=True, slots=True)
class Formula:
    """Arithmetic of the configuration: pieces of its text, and the values that stand between them."""

    node: ClassVar[str] = "formula"
    pieces: tuple[str | Expression, ...]

    def __str__(self) -> str:
        return "".join(str(piece) for piece in self.pieces)


Expression = (
    Name
    | Member
    | Element
    | Cast
    | OfClass
    | ByteLength
    | Elements
    | OrDefault
    | OrZero
    | IfFlag
    | ReadText
    | NotZero
    | FindById
    | FindByKey
    | Remainder
    | Formula
)

NULL = Name("null")
THIS = Name("this")
TARGET = Name("target")
MESSAGE = Name("message")
