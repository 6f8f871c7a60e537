"""Protobuf descriptors turned into the schema; shared by the readers of every kind of protocol input."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from google.protobuf import descriptor_pb2 as pb

from gen_bindings.errors import SourceError
from gen_bindings.model.schema import (
    EnumType,
    EnumValue,
    Field,
    Label,
    Message,
    ProtoFile,
    Scalar,
    Schema,
)

_Type = pb.FieldDescriptorProto
_SCALARS = {
    _Type.TYPE_DOUBLE: Scalar.DOUBLE,
    _Type.TYPE_FLOAT: Scalar.FLOAT,
    _Type.TYPE_INT32: Scalar.INT32,
    _Type.TYPE_INT64: Scalar.INT64,
    _Type.TYPE_UINT32: Scalar.UINT32,
    _Type.TYPE_UINT64: Scalar.UINT64,
    _Type.TYPE_SINT32: Scalar.SINT32,
    _Type.TYPE_SINT64: Scalar.SINT64,
    _Type.TYPE_FIXED32: Scalar.FIXED32,
    _Type.TYPE_FIXED64: Scalar.FIXED64,
    _Type.TYPE_SFIXED32: Scalar.SFIXED32,
    _Type.TYPE_SFIXED64: Scalar.SFIXED64,
    _Type.TYPE_BOOL: Scalar.BOOL,
    _Type.TYPE_STRING: Scalar.STRING,
    _Type.TYPE_BYTES: Scalar.BYTES,
}
_LABELS = {
    _Type.LABEL_OPTIONAL: Label.OPTIONAL,
    _Type.LABEL_REQUIRED: Label.REQUIRED,
    _Type.LABEL_REPEATED: Label.REPEATED,
}
_OPTIONS_FILE = "google/protobuf/descriptor.proto"

# Field numbers in descriptor.proto, of which the paths of source_code_info are made.
_FILE_PACKAGE, _FILE_MESSAGE, _FILE_ENUM, _FILE_EXTENSION, _FILE_SYNTAX, _FILE_EDITION = 2, 4, 5, 7, 12, 14
_MESSAGE_FIELD, _MESSAGE_NESTED, _MESSAGE_ENUM, _MESSAGE_EXTENSION = 2, 3, 4, 6
_ENUM_VALUE = 2

_Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Features:
    """The settings that editions made explicit; proto2 and proto3 are two fixed combinations of them."""

    implicit_presence: bool = False
    required: bool = False
    closed_enums: bool = False
    packed: bool = True
    delimited: bool = False

    def merged(self, override: pb.FeatureSet) -> _Features:
        """These features with what ``override`` sets on top."""
        changed = self
        if override.field_presence:
            changed = replace(
                changed,
                implicit_presence=override.field_presence == pb.FeatureSet.IMPLICIT,
                required=override.field_presence == pb.FeatureSet.LEGACY_REQUIRED,
            )
        if override.enum_type:
            changed = replace(changed, closed_enums=override.enum_type == pb.FeatureSet.CLOSED)
        if override.repeated_field_encoding:
            changed = replace(changed, packed=override.repeated_field_encoding == pb.FeatureSet.PACKED)
        if override.message_encoding:
            changed = replace(changed, delimited=override.message_encoding == pb.FeatureSet.DELIMITED)
        return changed


_PROTO2 = _Features(closed_enums=True, packed=False)
_PROTO3 = _Features(implicit_presence=True)
_EDITION_2023 = _Features()


def build_schema(
    files: Iterable[pb.FileDescriptorProto], where: Callable[[str], str] = lambda name: name
) -> Schema:
    """The schema that a complete set of file descriptors describes.

    The order of ``files`` does not matter: the result is ordered by file name, imports first.

    Args:
        files: descriptors that link, every import included; comments come from their source info, if any.
        where: how a message calls the file with this name (a path, or the set that holds it).

    Raises:
        SourceError: an import that the set lacks, or a type without its full name.
    """
    readers = [_FileReader(file, where(file.name)) for file in in_dependency_order(files, where)]
    messages = _extended(
        [message for reader in readers for message in reader.messages()],
        [extension for reader in readers for extension in reader.extensions()],
    )
    enums = [enum for reader in readers for enum in reader.enums()]
    if not _carries_descriptors(messages, enums):
        # Imported for the sake of custom options alone, which say nothing about messages on the wire.
        readers = [reader for reader in readers if reader.file.name != _OPTIONS_FILE]
        messages = [message for message in messages if message.file != _OPTIONS_FILE]
        enums = [enum for enum in enums if enum.file != _OPTIONS_FILE]
    return Schema(
        files=tuple(reader.proto_file() for reader in readers),
        messages=tuple(messages),
        enums=tuple(enums),
        digest=_digest(reader.file for reader in readers),
    )


def with_docs(schema: Schema, docs: Mapping[tuple[str, str], str]) -> Schema:
    """The schema with comments that came from beside the descriptors.

    Args:
        schema: a schema without comments.
        docs: by file name and by name relative to the file's package (``Room.info`` for a field,
            ``Room.Kind.FAST`` for an enum's value, the empty name for the file itself).
    """
    packages = {file.name: file.package for file in schema.files}

    def doc(file: str, full_name: str) -> str:
        package = packages[file]
        return docs.get((file, full_name.removeprefix(f"{package}.") if package else full_name), "")

    return replace(
        schema,
        files=tuple(replace(f, doc=docs.get((f.name, ""), "")) for f in schema.files),
        messages=tuple(
            replace(
                m,
                doc=doc(m.file, m.full_name),
                fields=tuple(replace(f, doc=doc(m.file, f"{m.full_name}.{f.name}")) for f in m.fields),
            )
            for m in schema.messages
        ),
        enums=tuple(
            replace(
                e,
                doc=doc(e.file, e.full_name),
                values=tuple(replace(v, doc=doc(e.file, f"{e.full_name}.{v.name}")) for v in e.values),
            )
            for e in schema.enums
        ),
    )


class _FileReader:
    """One file descriptor with its comments and positions looked up by path."""

    def __init__(self, file: pb.FileDescriptorProto, where: str) -> None:
        self.file = file
        self._where = where
        self._locations = {tuple(location.path): location for location in file.source_code_info.location}
        self._features = _file_features(file)

    def proto_file(self) -> ProtoFile:
        paths: Sequence[_Path] = ((_FILE_PACKAGE,), (_FILE_SYNTAX,), (_FILE_EDITION,))
        doc = next((doc for doc in map(self._doc, paths) if doc), "")
        return ProtoFile(name=self.file.name, package=self.file.package, doc=doc)

    def messages(self) -> Iterator[Message]:
        for index, message in enumerate(self.file.message_type):
            yield from self._messages(message, (_FILE_MESSAGE, index), self.file.package, None)

    def extensions(self) -> Iterator[_Extension]:
        yield from self._extensions(self.file.extension, (_FILE_EXTENSION,), self.file.package)
        for index, message in enumerate(self.file.message_type):
            yield from self._nested_extensions(message, (_FILE_MESSAGE, index), self.file.package)

    def enums(self) -> Iterator[EnumType]:
        for index, enum in enumerate(self.file.enum_type):
            yield self._enum(enum, (_FILE_ENUM, index), self.file.package, None)
        for index, message in enumerate(self.file.message_type):
            yield from self._nested_enums(message, (_FILE_MESSAGE, index), self.file.package)

    def _messages(
        self,
        message: pb.DescriptorProto,
        path: _Path,
        scope: str,
        parent: str | None,
    ) -> Iterator[Message]:
        full_name = _join(scope, message.name)
        maps = {f".{full_name}.{nested.name}" for nested in message.nested_type if nested.options.map_entry}
        synthetic = {field.oneof_index for field in message.field if field.proto3_optional}
        oneofs = [oneof.name for oneof in message.oneof_decl]
        is_entry = message.options.map_entry
        yield Message(
            full_name=full_name,
            file=self.file.name,
            fields=tuple(
                self._field(
                    field,
                    (*path, _MESSAGE_FIELD, index),
                    oneof=oneofs[field.oneof_index] if field.HasField("oneof_index") else None,
                    is_map=field.type_name in maps,
                    in_entry=is_entry,
                )
                for index, field in enumerate(message.field)
            ),
            parent=parent,
            oneofs=tuple(oneof for index, oneof in enumerate(oneofs) if index not in synthetic),
            is_map_entry=is_entry,
            is_message_set=message.options.message_set_wire_format,
            doc=self._doc(path),
        )
        for index, nested in enumerate(message.nested_type):
            yield from self._messages(nested, (*path, _MESSAGE_NESTED, index), full_name, full_name)

    def _field(
        self,
        field: pb.FieldDescriptorProto,
        path: _Path,
        *,
        oneof: str | None = None,
        is_map: bool = False,
        in_entry: bool = False,
    ) -> Field:
        features = self._features.merged(field.options.features)
        is_message = field.type in (_Type.TYPE_MESSAGE, _Type.TYPE_GROUP)
        # Maps and their entries keep their own encoding whatever the file chose.
        delimited = is_message and features.delimited and not is_map and not in_entry
        label = _LABELS[field.label]
        if label is Label.OPTIONAL and features.required and oneof is None:
            label = Label.REQUIRED
        repeated = label is Label.REPEATED
        scalar = _SCALARS.get(field.type)
        packable = repeated and not is_message and scalar not in (Scalar.STRING, Scalar.BYTES)
        packed = field.options.packed if field.options.HasField("packed") else features.packed
        return Field(
            name=field.name,
            number=field.number,
            label=label,
            scalar=scalar,
            message=self._reference(field, path) if is_message else None,
            enum=self._reference(field, path) if field.type == _Type.TYPE_ENUM else None,
            has_presence=not repeated and (is_message or oneof is not None or not features.implicit_presence),
            oneof=None if field.proto3_optional else oneof,
            is_map=is_map,
            packed=packable and packed,
            delimited=field.type == _Type.TYPE_GROUP or delimited,
            default=field.default_value if field.HasField("default_value") else None,
            deprecated=field.options.deprecated,
            doc=self._doc(path),
        )

    def _nested_enums(self, message: pb.DescriptorProto, path: _Path, scope: str) -> Iterator[EnumType]:
        full_name = _join(scope, message.name)
        for index, enum in enumerate(message.enum_type):
            yield self._enum(enum, (*path, _MESSAGE_ENUM, index), full_name, full_name)
        for index, nested in enumerate(message.nested_type):
            yield from self._nested_enums(nested, (*path, _MESSAGE_NESTED, index), full_name)

    def _enum(self, enum: pb.EnumDescriptorProto, path: _Path, scope: str, parent: str | None) -> EnumType:
        return EnumType(
            full_name=_join(scope, enum.name),
            file=self.file.name,
            values=tuple(
                EnumValue(name=value.name, number=value.number, doc=self._doc((*path, _ENUM_VALUE, index)))
                for index, value in enumerate(enum.value)
            ),
            parent=parent,
            closed=self._features.merged(enum.options.features).closed_enums,
            doc=self._doc(path),
        )

    def _reference(self, field: pb.FieldDescriptorProto, path: _Path) -> str:
        if not field.type_name.startswith("."):
            raise SourceError(
                f"{self._position(path)}: the field {field.name} refers to the type {field.type_name!r} "
                "without its full name, so the descriptor was not written by protoc. Write it with "
                "protoc --include_imports --descriptor_set_out."
            )
        return field.type_name[1:]

    def _nested_extensions(
        self, message: pb.DescriptorProto, path: _Path, scope: str
    ) -> Iterator[_Extension]:
        full_name = _join(scope, message.name)
        yield from self._extensions(message.extension, (*path, _MESSAGE_EXTENSION), full_name)
        for index, nested in enumerate(message.nested_type):
            yield from self._nested_extensions(nested, (*path, _MESSAGE_NESTED, index), full_name)

    def _extensions(
        self, extensions: Sequence[pb.FieldDescriptorProto], path: _Path, scope: str
    ) -> Iterator[_Extension]:
        for index, extension in enumerate(extensions):
            field = self._field(extension, (*path, index))
            yield _Extension(
                extends=extension.extendee.lstrip("."),
                full_name=_join(scope, extension.name),
                # Whatever the file chose, whether an extension is there can always be told.
                field=replace(field, has_presence=field.label is not Label.REPEATED),
            )

    def _position(self, path: _Path) -> str:
        location = self._locations.get(path)
        return self._where if location is None else f"{self._where}:{location.span[0] + 1}"

    def _doc(self, path: _Path) -> str:
        location = self._locations.get(path)
        if location is None:
            return ""
        parts = (_clean(location.leading_comments), _clean(location.trailing_comments))
        return "\n".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class _Extension:
    """A field that was declared outside the message that it belongs to."""

    extends: str
    full_name: str
    field: Field


def _extended(messages: Sequence[Message], extensions: Sequence[_Extension]) -> list[Message]:
    """The messages with extensions as fields; one whose name is taken gets its full name, with ``_``."""
    added: dict[str, list[Field]] = {}
    taken = {message.full_name: {field.name for field in message.fields} for message in messages}
    for extension in extensions:
        # A descriptor set may declare extensions of what it does not hold.
        names = taken.get(extension.extends, set())
        field = extension.field
        if field.name in names:
            field = replace(field, name=extension.full_name.replace(".", "_"))
        names.add(field.name)
        added.setdefault(extension.extends, []).append(field)
    return [
        message
        if message.is_message_set or message.full_name not in added
        else replace(message, fields=(*message.fields, *added[message.full_name]))
        for message in messages
    ]


def _file_features(file: pb.FileDescriptorProto) -> _Features:
    if file.syntax == "editions":
        return _EDITION_2023.merged(file.options.features)
    return _PROTO3 if file.syntax == "proto3" else _PROTO2


def in_dependency_order(
    files: Iterable[pb.FileDescriptorProto], where: Callable[[str], str]
) -> list[pb.FileDescriptorProto]:
    """The files with every import before what imports it, else by name.

    Raises:
        SourceError: an import is missing, or imports go in a circle.
    """
    by_name = {file.name: file for file in files}
    ordered: dict[str, pb.FileDescriptorProto] = {}
    open_names: list[str] = []

    def visit(name: str) -> None:
        if name in ordered:
            return
        if name in open_names:
            raise SourceError(
                f"{where(name)} imports itself, by way of {', '.join(open_names)}. Break the circle."
            )
        open_names.append(name)
        for dependency in by_name[name].dependency:
            if dependency not in by_name:
                raise SourceError(
                    f"{where(name)} imports {dependency!r}, which is missing from the descriptors. "
                    "Write them with protoc --include_imports --descriptor_set_out."
                )
            visit(dependency)
        open_names.pop()
        ordered[name] = by_name[name]

    for name in sorted(by_name):
        visit(name)
    return list(ordered.values())


def _carries_descriptors(messages: Sequence[Message], enums: Sequence[EnumType]) -> bool:
    own = {message.full_name for message in messages if message.file == _OPTIONS_FILE}
    own |= {enum.full_name for enum in enums if enum.file == _OPTIONS_FILE}
    return any(
        field.message in own or field.enum in own
        for message in messages
        if message.file != _OPTIONS_FILE
        for field in message.fields
    )


def _digest(files: Iterable[pb.FileDescriptorProto]) -> str:
    digest = hashlib.sha256()
    for file in files:
        bare = pb.FileDescriptorProto()
        bare.CopyFrom(file)
        bare.ClearField("source_code_info")
        _clear_json_names(bare.message_type)
        for extension in bare.extension:
            extension.ClearField("json_name")
        digest.update(bare.SerializeToString(deterministic=True))
    return digest.hexdigest()


def _clear_json_names(messages: Iterable[pb.DescriptorProto]) -> None:
    # protoc fills them into descriptor sets but not into Python modules; they say nothing about the wire.
    for message in messages:
        for field in (*message.field, *message.extension):
            field.ClearField("json_name")
        _clear_json_names(message.nested_type)


def _join(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name


def _clean(comment: str) -> str:
    return "\n".join(line.rstrip() for line in textwrap.dedent(comment).strip().splitlines())
