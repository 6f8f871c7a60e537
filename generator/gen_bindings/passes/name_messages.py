"""Decides the C# name, type and default of every message, field, oneof and enum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from gen_bindings.errors import ConfigError
from gen_bindings.model.messages import (
    Cardinality,
    CsEnum,
    CsEnumValue,
    CsField,
    CsMessage,
    CsOneof,
    CsType,
    MessageFile,
    MessageLayer,
    TypeKind,
)
from gen_bindings.model.schema import EnumType, Field, Label, Message, Schema
from gen_bindings.naming import camel, enum_members, pascal, unique
from gen_bindings.passes.scalar_types import SCALARS, enum_literal, scalar_literal

# Simple names that the templates of the messages use; a type of the schema with such a name would hide them.
_TAKEN_TYPES = frozenset(
    {"WireMessage", "WireReader", "WireWriter", "WireFormatException", "HandleKind", "HandleSink", "System"}
    | {"IList", "List", "IDictionary", "Dictionary", "KeyValuePair", "ReadOnlySpan"}
    | {"Obsolete", "ObsoleteAttribute", "MemoryMarshal"}
)
_TAKEN_WIRE_TYPES = frozenset({"WireReader", "WireWriter", "WireSlice", "WireSlices", "WireScan"})
# Members that every message has, its own or inherited.
_TAKEN_MEMBERS = frozenset(
    {"Parse", "ToByteArray", "Read", "MergeFrom", "MergedFrom", "ReadField", "Write", "NoBytes"}
    | {"Equals", "GetHashCode", "ToString", "GetType", "MemberwiseClone", "Finalize", "ReferenceEquals"}
)
_LENGTH_DELIMITED = 2
_START_OF_GROUP = 3


def name_messages(
    schema: Schema,
    namespace: str,
    *,
    internal_fields: frozenset[tuple[str, str]] = frozenset(),
    owned_fields: Mapping[tuple[str, str], str] | None = None,
    scoped: frozenset[str] = frozenset(),
    owned_id_field: str = "id",
) -> MessageLayer:
    """The message layer of ``schema``.

    Args:
        namespace: root namespace of the output; messages go to ``<namespace>.Messages``.
        internal_fields: (message, field) whose property must not be public: native pointers.
        owned_fields: (message, field) to the member of ``HandleKind`` whose handle the field brings: the
            field is an integer, or a message whose ``owned_id_field`` is the handle.
        scoped: full names of the messages that also get a scoped reader.

    Raises:
        ConfigError: an argument names a message or a field that the schema lacks, or an owned field that
            holds no integer.
    """
    owned_fields = owned_fields or {}
    for message, field in sorted({*internal_fields, *owned_fields}):
        found = schema.message(message)
        if found is None or found.field(field) is None:
            raise ConfigError(f"The schema has no field {message}.{field}; correct the entry that names it.")
    for message in sorted(scoped):
        if schema.message(message) is None:
            raise ConfigError(f"The schema has no message {message}; correct the entry that names it.")
    return _Namer(schema, namespace, internal_fields, owned_fields, scoped, owned_id_field).layer()


class _Namer:
    """Holds the names given so far."""

    def __init__(
        self,
        schema: Schema,
        root: str,
        internal_fields: frozenset[tuple[str, str]],
        owned_fields: Mapping[tuple[str, str], str],
        scoped: frozenset[str],
        owned_id_field: str,
    ) -> None:
        self.schema = schema
        self.root = root
        self.internal_fields = internal_fields
        self.owned_fields = owned_fields
        self.scoped = scoped
        self.owned_id_field = owned_id_field
        self.messages = {message.full_name: message for message in schema.messages}
        self.enums = {enum.full_name: enum for enum in schema.enums}
        self.nested_messages: dict[str, list[Message]] = defaultdict(list)
        self.nested_enums: dict[str, list[EnumType]] = defaultdict(list)
        for message in schema.messages:
            if message.parent is not None and not message.is_map_entry:
                self.nested_messages[message.parent].append(message)
        for enum in schema.enums:
            if enum.parent is not None:
                self.nested_enums[enum.parent].append(enum)
        self.members: dict[str, _Members] = {}
        self.paths: dict[str, str] = {}
        self._name_types()
        self.hidden = {path.rpartition(".")[2] for path in self.paths.values() if "." in path} | {
            names.cases[oneof] for names in self.members.values() for oneof in names.cases
        }
        self.types = {
            **{name: self._message_type(name) for name in self.members},
            **{enum.full_name: self._enum_type(enum) for enum in schema.enums},
        }
        self.scalars = {
            scalar: CsType(
                TypeKind.SCALAR, t.name, t.name, "", t.is_value, t.wire_type, t.codec, t.default, t.is_set
            )
            for scalar, t in SCALARS.items()
        }
        self.readers = self._name_readers()

    def layer(self) -> MessageLayer:
        by_file: dict[str, tuple[list[CsMessage], list[CsEnum]]] = defaultdict(lambda: ([], []))
        for message in self.schema.messages:
            if message.parent is None:
                by_file[message.file][0].append(self._message(message))
        for enum in self.schema.enums:
            if enum.parent is None:
                by_file[enum.file][1].append(self._enum(enum))
        order = [file.name for file in self.schema.files if file.name in by_file]
        names = _name_files(order)
        return MessageLayer(
            self.root,
            tuple(MessageFile(names[f], f, tuple(by_file[f][0]), tuple(by_file[f][1])) for f in order),
        )

    def _name_types(self) -> None:
        top: dict[str, str] = {}
        packages = {file.name: file.package for file in self.schema.files}
        types: list[Message | EnumType] = [*self.schema.messages, *self.schema.enums]
        for declared in types:
            if declared.parent is None:
                top[declared.full_name] = packages.get(declared.file, declared.full_name.rpartition(".")[0])
        wanted: dict[str, list[str]] = defaultdict(list)
        for full_name in top:
            wanted[pascal(full_name.rpartition(".")[2])].append(full_name)
        taken = set(_TAKEN_TYPES)
        for name, owners in wanted.items():
            if len(owners) == 1:
                self.paths[owners[0]] = unique(name, taken, self._suffix(owners[0]))
                taken.add(self.paths[owners[0]])
        for name, owners in wanted.items():
            if len(owners) > 1:
                prefixes = _distinct_packages([top[owner] for owner in owners])
                for owner, prefix in zip(owners, prefixes, strict=True):
                    self.paths[owner] = unique(prefix + name, taken, self._suffix(owner))
                    taken.add(self.paths[owner])
        for full_name in list(self.paths):
            self._name_nested(full_name)

    def _suffix(self, full_name: str) -> str:
        return "Message" if full_name in self.messages else "Enum"

    def _name_nested(self, parent: str) -> None:
        if parent not in self.messages:
            return
        members = _name_members(self.messages[parent], self.paths[parent].rpartition(".")[2])
        self.members[parent] = members
        taken = {*_TAKEN_TYPES, *members.all_names}
        nested: list[Message | EnumType] = [*self.nested_messages[parent], *self.nested_enums[parent]]
        for declared in nested:
            name = unique(pascal(declared.name), taken, "Type")
            taken.add(name)
            self.paths[declared.full_name] = f"{self.paths[parent]}.{name}"
        for message in self.nested_messages[parent]:
            self._name_nested(message.full_name)

    def _type_names(self, full_name: str) -> tuple[str, str]:
        path = self.paths[full_name]
        global_name = f"global::{self.root}.Messages.{path}"
        return (global_name if path.partition(".")[0] in self.hidden else path), global_name

    def _message_type(self, full_name: str) -> CsType:
        name, global_name = self._type_names(full_name)
        return CsType(
            TypeKind.MESSAGE,
            name,
            global_name,
            full_name,
            False,
            _LENGTH_DELIMITED,
            "",
            "null",
            "{0} != null",
        )

    def _enum_type(self, enum: EnumType) -> CsType:
        name, global_name = self._type_names(enum.full_name)
        first = enum.values[0].number if enum.values else 0
        return CsType(
            kind=TypeKind.ENUM,
            name=name,
            global_name=global_name,
            full_name=enum.full_name,
            is_value=True,
            wire_type=0,
            codec="Int32",
            default=enum_literal(name, first),
            is_set="{0} != 0",
            is_known=_is_known(value.number for value in enum.values) if enum.closed else "",
        )

    def _name_readers(self) -> dict[str, str]:
        readers: dict[str, str] = {}
        for message in self.schema.messages:
            if message.full_name in self.scoped:
                name = self.paths[message.full_name].replace(".", "") + "Reader"
                readers[message.full_name] = unique(
                    name, {*_TAKEN_WIRE_TYPES, *readers.values()}, "OfMessage"
                )
        return readers

    def _message(self, message: Message) -> CsMessage:
        full_name = message.full_name
        fields = tuple(self._field(message, field) for field in message.fields)
        names = self.members[full_name]
        return CsMessage(
            full_name=full_name,
            name=self.paths[full_name].rpartition(".")[2],
            type=self.types[full_name],
            fields=fields,
            write_order=tuple(sorted(fields, key=lambda field: field.number)),
            oneofs=tuple(
                CsOneof(
                    name=oneof,
                    property_name=names.oneofs[oneof],
                    type_name=names.cases[oneof],
                    backing=_backing(names.values[oneof]),
                    setter=names.setters[oneof],
                    members=tuple(field for field in fields if field.oneof == oneof),
                )
                for oneof in message.oneofs
            ),
            messages=tuple(self._message(nested) for nested in self.nested_messages[full_name]),
            enums=tuple(self._enum(nested) for nested in self.nested_enums[full_name]),
            doc=message.doc.strip() or f"The message {full_name}.",
            reader=self.readers.get(full_name, ""),
        )

    def _field(self, message: Message, field: Field) -> CsField:
        key: CsType | None = None
        value = field
        if field.is_map:
            assert field.message is not None
            entry = self.messages[field.message]
            key_field, value_field = entry.field("key"), entry.field("value")
            assert key_field is not None
            assert value_field is not None
            key, value = self._value_type(key_field), value_field
        type_ = self._value_type(value)
        cardinality = _cardinality(field)
        names = self.members[message.full_name]
        packable = cardinality is Cardinality.REPEATED and type_.wire_type != _LENGTH_DELIMITED
        wire_type = _LENGTH_DELIMITED if field.is_map else type_.wire_type
        if field.delimited:
            wire_type = _START_OF_GROUP
        property_name = names.properties[field.name]
        owned_kind = self.owned_fields.get((message.full_name, field.name), "")
        initial = ""
        if cardinality in (Cardinality.REQUIRED, Cardinality.IMPLICIT) and type_.kind is not TypeKind.MESSAGE:
            if field.default is not None:
                initial = self._literal(field, type_)
            elif not type_.is_value or not type_.default.startswith(("0", "false", f"({type_.name})0")):
                initial = type_.default
        explicit = ""
        if cardinality is Cardinality.OPTIONAL and field.default is not None:
            explicit = self._literal(field, type_)
        return CsField(
            name=field.name,
            number=field.number,
            property_name=property_name,
            parameter=camel(field.name),
            cardinality=cardinality,
            type=type_,
            type_name=_property_type(cardinality, type_, type_.name, key),
            global_type_name=_property_type(cardinality, type_, type_.global_name, key),
            doc=_field_doc(field, cardinality),
            tag=field.number << 3 | wire_type,
            key=key,
            initial=initial,
            explicit_default=explicit,
            backing=_backing(property_name),
            packed_tag=field.number << 3 | _LENGTH_DELIMITED if packable else 0,
            is_packed=packable and field.packed,
            is_delimited=field.delimited,
            is_internal=(message.full_name, field.name) in self.internal_fields,
            is_deprecated=field.deprecated,
            owned_kind=owned_kind,
            owned_id=self._owned_id(message, field, value) if owned_kind else "",
            oneof=field.oneof or "",
            case=names.case_members.get(field.name, ""),
            has=names.flags[field.name],
        )

    def _value_type(self, field: Field) -> CsType:
        if field.scalar is not None:
            return self.scalars[field.scalar]
        name = field.message or field.enum
        assert name is not None
        return self.types[name]

    def _owned_id(self, message: Message, field: Field, value: Field) -> str:
        path = f"{message.full_name}.{field.name}"
        holder = value
        suffix = ""
        if value.message is not None:
            owned = self.messages[value.message]
            id_field = owned.field(self.owned_id_field)
            if id_field is None:
                raise ConfigError(
                    f"{path} is an owned handle, but its type {value.message} has no field"
                    f" '{self.owned_id_field}'; name the id field of the owned-handle type."
                )
            holder = id_field
            suffix = "." + self.members[owned.full_name].properties[id_field.name]
            if _cardinality(id_field) is Cardinality.OPTIONAL:
                suffix += ".GetValueOrDefault()"
        many = holder is not value and _cardinality(holder) in (Cardinality.REPEATED, Cardinality.MAP)
        if (
            many
            or holder.scalar is None
            or SCALARS[holder.scalar].name not in ("int", "uint", "long", "ulong")
        ):
            raise ConfigError(
                f"{path} is given as an owned handle, but its id is not one integer. Name another"
                " owned_handle or id_field in [protocol]."
            )
        return suffix

    def _literal(self, field: Field, type_: CsType) -> str:
        default = field.default
        assert default is not None
        if field.enum is not None:
            enum = self.enums[field.enum]
            number = next(value.number for value in enum.values if value.name == default)
            return enum_literal(type_.name, number)
        assert field.scalar is not None
        return scalar_literal(field.scalar, default)

    def _enum(self, enum: EnumType) -> CsEnum:
        names = enum_members(enum.name, [value.name for value in enum.values])
        return CsEnum(
            full_name=enum.full_name,
            name=self.paths[enum.full_name].rpartition(".")[2],
            type=self.types[enum.full_name],
            values=tuple(
                CsEnumValue(names[v.name], v.name, v.number, v.doc.strip() or f"The value {v.name}.")
                for v in enum.values
            ),
            doc=enum.doc.strip() or f"The enum {enum.full_name}.",
        )


@dataclass(frozen=True, slots=True)
class _Members:
    """Names given inside one message, by the name in the schema."""

    properties: Mapping[str, str]
    oneofs: Mapping[str, str]
    cases: Mapping[str, str]
    setters: Mapping[str, str]
    values: Mapping[str, str]
    case_members: Mapping[str, str]
    flags: Mapping[str, str]
    all_names: frozenset[str]


def _name_members(message: Message, class_name: str) -> _Members:
    taken = {class_name, *_TAKEN_MEMBERS}

    def give(name: str, suffix: str) -> str:
        given = unique(name, taken, suffix)
        taken.add(given)
        return given

    properties = {field.name: give(pascal(field.name), "Value") for field in message.fields}
    oneofs = {name: give(pascal(name) + "Case", "Value") for name in message.oneofs}
    cases = {name: give(pascal(name) + "OneofCase", "Type") for name in message.oneofs}
    setters = {name: give("Set" + pascal(name), "Value") for name in message.oneofs}
    values = {name: give(pascal(name) + "Value", "Value") for name in message.oneofs}
    case_members: dict[str, str] = {}
    for oneof in message.oneofs:
        used = {"None"}
        for field in message.fields:
            if field.oneof == oneof:
                case_members[field.name] = unique(pascal(field.name), used, "Value")
                used.add(case_members[field.name])
    flags: dict[str, str] = {}
    for name, property_name in properties.items():
        flags[name] = unique("Has" + property_name, {*taken, *flags.values()}, "Value")
    return _Members(properties, oneofs, cases, setters, values, case_members, flags, frozenset(taken))


def _backing(property_name: str) -> str:
    return "_" + property_name[0].lower() + property_name[1:]


def _cardinality(field: Field) -> Cardinality:
    if field.is_map:
        return Cardinality.MAP
    if field.label is Label.REPEATED:
        return Cardinality.REPEATED
    if field.label is Label.REQUIRED:
        return Cardinality.REQUIRED
    if field.has_presence or field.oneof or field.message is not None:
        return Cardinality.OPTIONAL
    return Cardinality.IMPLICIT


def _property_type(cardinality: Cardinality, type_: CsType, name: str, key: CsType | None) -> str:
    if key is not None:
        return f"IDictionary<{key.name}, {name}>"
    if cardinality is Cardinality.REPEATED:
        return f"IList<{name}>"
    return name + "?" if cardinality is Cardinality.OPTIONAL and type_.is_value else name


def _field_doc(field: Field, cardinality: Cardinality) -> str:
    doc = field.doc.strip() or f"The field {field.name}."
    note = ""
    if field.oneof:
        note = f"Null unless it is the member of {field.oneof} that is set."
    elif cardinality is Cardinality.OPTIONAL:
        note = "Null when absent"
        note += f", which stands for {field.default}." if field.default is not None else "."
    if not note:
        return doc
    if "\n\n" in doc:
        return f"{doc}\n\n{note}"
    return f"{doc} {note}" if doc.endswith((".", "!", "?", ":")) else f"{doc}. {note}"


def _is_known(numbers: Iterable[int]) -> str:
    ranges: list[list[int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return " || ".join(
        f"{{0}} == {low}" if low == high else f"{{0}} >= {low} && {{0}} <= {high}" for low, high in ranges
    )


def _distinct_packages(packages: list[str]) -> list[str]:
    """For each package the part that tells it from the others, as the start of a C# name."""
    split = [package.split(".") if package else [] for package in packages]
    shared = 0
    while all(len(parts) > shared for parts in split) and len({parts[shared] for parts in split}) == 1:
        shared += 1
    return ["".join(pascal(part) for part in parts[shared:]) for parts in split]


def _name_files(files: list[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    taken = {"wiremessage", "wireformatexception"}
    for file in files:
        path = PurePosixPath(file)
        name = pascal(path.stem)
        if name.lower() in taken:
            name = "".join(pascal(part) for part in path.with_suffix("").parts)
        number = 2
        base = name
        while name.lower() in taken:
            name = f"{base}{number}"
            number += 1
        taken.add(name.lower())
        names[file] = name
    return names
