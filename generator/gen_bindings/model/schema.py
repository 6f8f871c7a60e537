"""The message vocabulary: what a protobuf schema says, without protobuf's own types.

Sources build these; passes read them. Nothing here knows about handles or ownership.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Scalar(Enum):
    """A protobuf scalar type, by its name in a ``.proto`` file."""

    DOUBLE = "double"
    FLOAT = "float"
    INT32 = "int32"
    INT64 = "int64"
    UINT32 = "uint32"
    UINT64 = "uint64"
    SINT32 = "sint32"
    SINT64 = "sint64"
    FIXED32 = "fixed32"
    FIXED64 = "fixed64"
    SFIXED32 = "sfixed32"
    SFIXED64 = "sfixed64"
    BOOL = "bool"
    STRING = "string"
    BYTES = "bytes"


class Label(Enum):
    """How often a field may stand in a message."""

    OPTIONAL = "optional"
    REQUIRED = "required"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message.

    Exactly one of ``scalar``, ``message`` and ``enum`` is set; ``message`` and ``enum`` hold the full
    name of the type (``acme.v1.RoomInfo``, no leading dot). A map field has ``is_map`` set, the
    label ``REPEATED`` and the full name of its synthetic entry message (fields ``key`` and ``value``).

    Attributes:
        has_presence: unset and default value can be told apart (proto2 singular, proto3 ``optional``,
            any message field, any member of a oneof).
        oneof: name of the (real, not synthetic) oneof that the field belongs to.
        default: explicit proto2 default as written in the descriptor, for enums the value's name.
        packed: a repeated scalar or enum that is written packed.
        delimited: a message that stands between two tags, like a group of proto2, not behind its length.
    """

    name: str
    number: int
    label: Label
    scalar: Scalar | None = None
    message: str | None = None
    enum: str | None = None
    has_presence: bool = False
    oneof: str | None = None
    is_map: bool = False
    packed: bool = False
    delimited: bool = False
    default: str | None = None
    deprecated: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message type; nested types stand beside their parents in ``Schema``, with ``parent`` set.

    An extension is a field of the message that it extends.

    Attributes:
        full_name: with package and enclosing messages, dots between, no leading dot.
        file: name of the ``.proto`` file as the descriptor gives it.
        parent: full name of the enclosing message, or ``None`` at top level.
        oneofs: names of the real oneofs in declaration order.
        is_map_entry: synthetic entry type of a map field.
        is_message_set: encoded as a message set; what it holds is not described.
    """

    full_name: str
    file: str
    fields: tuple[Field, ...]
    parent: str | None = None
    oneofs: tuple[str, ...] = ()
    is_map_entry: bool = False
    is_message_set: bool = False
    doc: str = ""

    @property
    def name(self) -> str:
        """The last component of the full name."""
        return self.full_name.rpartition(".")[2]

    def field(self, name: str) -> Field | None:
        """The field called ``name``, or ``None``."""
        return next((field for field in self.fields if field.name == name), None)


@dataclass(frozen=True, slots=True)
class EnumValue:
    """One value of an enum."""

    name: str
    number: int
    doc: str = ""


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enum type; ``closed`` enums (proto2) treat unknown numbers as unknown fields."""

    full_name: str
    file: str
    values: tuple[EnumValue, ...]
    parent: str | None = None
    closed: bool = False
    doc: str = ""

    @property
    def name(self) -> str:
        """The last component of the full name."""
        return self.full_name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class ProtoFile:
    """One file of the schema."""

    name: str
    package: str
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """A whole schema, files in dependency order, types in declaration order.

    Attributes:
        digest: hex SHA-256 of the serialized descriptors; comments do not count.
    """

    files: tuple[ProtoFile, ...]
    messages: tuple[Message, ...]
    enums: tuple[EnumType, ...]
    digest: str = ""

    def message(self, full_name: str) -> Message | None:
        """The message with this full name, or ``None``."""
        return next((m for m in self.messages if m.full_name == full_name), None)

    def enum(self, full_name: str) -> EnumType | None:
        """The enum with this full name, or ``None``."""
        return next((e for e in self.enums if e.full_name == full_name), None)
