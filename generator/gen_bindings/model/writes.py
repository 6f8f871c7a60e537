"""How a request is encoded: which codec writes which value under which number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen_bindings.model.expressions import Expression
from gen_bindings.model.messages import CsField


@dataclass(frozen=True, slots=True)
class FieldWrite:
    """A field from a parameter or a property of its own type."""

    shape: ClassVar[str] = "field"
    number: int
    field: CsField
    value: str


@dataclass(frozen=True, slots=True)
class HandleWrite:
    """The id of a handle that is held; ``source`` is its object where that may be null.

    Attributes:
        cast: type that the id is narrowed to, or empty.
    """

    shape: ClassVar[str] = "handle"
    number: int
    codec: str
    handle: str
    cast: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class KeyWrite:
    """The key of an object; ``optional``: only where there is one."""

    shape: ClassVar[str] = "key"
    number: int
    source: str
    optional: bool


@dataclass(frozen=True, slots=True)
class AsyncIdWrite:
    """The id that the client chose for the operation."""

    shape: ClassVar[str] = "async_id"
    number: int
    codec: str
    cast: str


@dataclass(frozen=True, slots=True)
class AddressWrite:
    """The address of memory: a pinned span's pointer, or the pinned handle of an input's memory."""

    shape: ClassVar[str] = "address"
    number: int
    pointer: Expression


@dataclass(frozen=True, slots=True)
class LengthWrite:
    """The length of memory; ``element``: in bytes of such elements, empty: as counted."""

    shape: ClassVar[str] = "length"
    number: int
    codec: str
    type: str
    memory: str
    element: str


@dataclass(frozen=True, slots=True)
class ValueWrite:
    """A value that the caller does not give."""

    shape: ClassVar[str] = "value"
    number: int
    codec: str
    type: str
    value: Expression


@dataclass(frozen=True, slots=True)
class InputWrite:
    """An input object writes itself."""

    shape: ClassVar[str] = "input"
    number: int
    source: str


@dataclass(frozen=True, slots=True)
class InputListWrite:
    """A list of input objects, each in a message of its own; ``is_delimited``: as in a group."""

    shape: ClassVar[str] = "input_list"
    number: int
    source: str
    is_delimited: bool = False


@dataclass(frozen=True, slots=True)
class GroupWrite:
    """Fields inside a message; ``is_delimited``: it ends with a tag instead of standing behind its length."""

    shape: ClassVar[str] = "group"
    number: int
    is_delimited: bool = False
    children: tuple[Write, ...] = ()


Write = (
    FieldWrite
    | HandleWrite
    | KeyWrite
    | AsyncIdWrite
    | AddressWrite
    | LengthWrite
    | ValueWrite
    | InputWrite
    | InputListWrite
    | GroupWrite
)
