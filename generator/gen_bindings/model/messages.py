"""The C# message layer with every name decided: what the message templates render, nothing left to choose.

All C# type names come twice: ``name`` as it is written inside the namespace of the messages, and
``global_name`` for every other place (``global::Acme.Messages.RoomInfo``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property


class TypeKind(Enum):
    """What a value is."""

    SCALAR = "scalar"
    ENUM = "enum"
    MESSAGE = "message"


class Cardinality(Enum):
    """How often a field stands in a message, and how its absence shows in C#.

    REQUIRED: a plain value, always written. OPTIONAL: null means absent (members of a oneof as well).
    IMPLICIT: a plain value, written unless it is the default. REPEATED: a list. MAP: a dictionary.
    """

    REQUIRED = "required"
    OPTIONAL = "optional"
    IMPLICIT = "implicit"
    REPEATED = "repeated"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class CsType:
    """The type of one value: of a singular field, an element of a list, a key or value of a map.

    Attributes:
        name: as written inside the messages' namespace: ``ulong``, ``RoomInfo``, ``DataStream.Header``.
        global_name: as written anywhere.
        full_name: name in the schema; empty for scalars.
        is_value: a C# value type, so that null needs ``?``.
        wire_type: protobuf's wire type of one value, unpacked.
        codec: ``reader.Read<codec>()`` and ``writer.Write<codec>(number, …)``; empty for messages.
        default: the C# expression of the value that protobuf takes for an absent one.
        is_set: a C# condition on ``{0}`` that tells that an implicit value is written: it is not the default.
        is_known: for closed enums, a C# condition on an ``int`` called ``{0}``; otherwise empty.
    """

    kind: TypeKind
    name: str
    global_name: str
    full_name: str
    is_value: bool
    wire_type: int
    codec: str
    default: str
    is_set: str
    is_known: str = ""


@dataclass(frozen=True, slots=True)
class CsField:
    """One field, as a property of its message.

    Attributes:
        name: in the schema.
        property_name: of the C# property.
        parameter: the same as a method's parameter, keywords escaped.
        type: of a single value; for a map the values.
        key: of a map's keys.
        type_name: the property's whole type: ``uint?``, ``IList<RoomInfo>``, ``IDictionary<string, int>``.
        global_type_name: the same for use outside the messages' namespace.
        initial: C# expression that the property starts with, or empty when the language's default is right.
        explicit_default: C# expression of a proto2 default of an optional field, or empty.
        backing: name of the private field behind the property; members of a oneof share the oneof's.
        tag: the field's tag when its values stand one by one.
        packed_tag: the tag when they stand packed, or 0 when they cannot.
        is_packed: they are written packed.
        is_delimited: a message between a start and an end tag, without its length.
        is_internal: the value is a native pointer; the property is not public.
        owned_kind: member of ``HandleKind`` when the value is an owned handle; else empty.
        owned_id: C# suffix from the value to its id: ``.Id`` or empty.
        oneof: name in the schema of the oneof it is a member of, or empty.
        case: member of the oneof's case enum.
        has: name of the scoped reader's flag that the field was there.
        doc: never empty.
    """

    name: str
    number: int
    property_name: str
    parameter: str
    cardinality: Cardinality
    type: CsType
    type_name: str
    global_type_name: str
    doc: str
    tag: int
    key: CsType | None = None
    initial: str = ""
    explicit_default: str = ""
    backing: str = ""
    packed_tag: int = 0
    is_packed: bool = False
    is_delimited: bool = False
    is_internal: bool = False
    is_deprecated: bool = False
    owned_kind: str = ""
    owned_id: str = ""
    oneof: str = ""
    case: str = ""
    has: str = ""

    @property
    def backing_type(self) -> str:
        """Type of the private field: lists and dictionaries are concrete there."""
        if self.cardinality in (Cardinality.REPEATED, Cardinality.MAP):
            return self.type_name.removeprefix("I")
        return self.type_name

    @property
    def codec(self) -> str:
        """What the writer's methods for one value are called after."""
        return "Group" if self.is_delimited else self.type.codec or "Message"

    @property
    def is_slice(self) -> bool:
        """One value is a stretch of bytes: a message, a text or bytes."""
        return self.is_delimited or self.type.wire_type == 2

    @property
    def is_nullable(self) -> bool:
        """Null stands for absent."""
        return self.cardinality is Cardinality.OPTIONAL


@dataclass(frozen=True, slots=True)
class CsOneof:
    """A oneof: which member is set, and the one value behind them.

    Attributes:
        property_name: ``MessageCase``.
        type_name: the nested case enum, ``MessageOneofCase``; its members are ``None`` and each member's
            ``case`` with the field's number.
        backing: the private field that holds the value.
        setter: the private method that sets the value and the case together.
    """

    name: str
    property_name: str
    type_name: str
    backing: str
    setter: str
    members: tuple[CsField, ...]


@dataclass(frozen=True, slots=True)
class CsEnumValue:
    """One member of an enum; ``schema_name`` is what the schema calls it."""

    name: str
    schema_name: str
    number: int
    doc: str


@dataclass(frozen=True, slots=True)
class CsEnum:
    """An enum, nested in a message or in the namespace."""

    full_name: str
    name: str
    type: CsType
    values: tuple[CsEnumValue, ...]
    doc: str

    def member(self, schema_name: str) -> CsEnumValue | None:
        """The member for a value's name in the schema, or ``None``."""
        return next((value for value in self.values if value.schema_name == schema_name), None)


@dataclass(frozen=True, slots=True)
class CsMessage:
    """A message as a class; ``messages`` and ``enums`` are nested in it.

    Attributes:
        name: the class's own name; ``type.name`` has the enclosing classes before it.
        fields: in declaration order.
        write_order: the same by number.
        reader: name of the scoped reader, or empty when none is emitted.
    """

    full_name: str
    name: str
    type: CsType
    fields: tuple[CsField, ...]
    write_order: tuple[CsField, ...]
    oneofs: tuple[CsOneof, ...]
    messages: tuple[CsMessage, ...]
    enums: tuple[CsEnum, ...]
    doc: str
    reader: str = ""

    def field(self, name: str) -> CsField | None:
        """The field with this name in the schema, or ``None``."""
        return next((field for field in self.fields if field.name == name), None)

    def oneof(self, name: str) -> CsOneof | None:
        """The oneof with this name in the schema, or ``None``."""
        return next((oneof for oneof in self.oneofs if oneof.name == name), None)


@dataclass(frozen=True, slots=True)
class MessageFile:
    """What one ``.proto`` file declares; emitted as ``Messages/<name>.g.cs``."""

    name: str
    source: str
    messages: tuple[CsMessage, ...]
    enums: tuple[CsEnum, ...]


@dataclass(frozen=True)
class MessageLayer:
    """All messages and enums of a schema.

    Attributes:
        root: the root namespace of the output.
        namespace: of the messages, ``<root>.Messages``.
        wire_namespace: of readers and writers, ``<root>.Wire``.
    """

    root: str
    files: tuple[MessageFile, ...]

    @property
    def namespace(self) -> str:
        """Namespace of the messages."""
        return self.root + ".Messages"

    @property
    def wire_namespace(self) -> str:
        """Namespace of the wire code."""
        return self.root + ".Wire"

    @cached_property
    def all_messages(self) -> tuple[CsMessage, ...]:
        """Every message, nested ones right behind their parents."""
        return tuple(m for file in self.files for top in file.messages for m in _with_nested(top))

    @cached_property
    def all_enums(self) -> tuple[CsEnum, ...]:
        """Every enum, those of the files first."""
        top = tuple(enum for file in self.files for enum in file.enums)
        return top + tuple(enum for message in self.all_messages for enum in message.enums)

    @cached_property
    def _messages_by_name(self) -> dict[str, CsMessage]:
        return {message.full_name: message for message in self.all_messages}

    @cached_property
    def _enums_by_name(self) -> dict[str, CsEnum]:
        return {enum.full_name: enum for enum in self.all_enums}

    def message(self, full_name: str) -> CsMessage:
        """The message with this full name in the schema.

        Raises:
            KeyError: there is none.
        """
        return self._messages_by_name[full_name]

    def enum(self, full_name: str) -> CsEnum:
        """The enum with this full name in the schema.

        Raises:
            KeyError: there is none.
        """
        return self._enums_by_name[full_name]


def _with_nested(message: CsMessage) -> Iterator[CsMessage]:
    yield message
    for nested in message.messages:
        yield from _with_nested(nested)
