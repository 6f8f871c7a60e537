"""The decisions of the message layer, asserted on the model and not on text."""

from __future__ import annotations

import pytest

from gen_bindings.errors import ConfigError
from gen_bindings.model.messages import Cardinality, CsField, MessageLayer, TypeKind
from gen_bindings.model.schema import EnumType, EnumValue, Field, Label, Message, ProtoFile, Scalar, Schema
from gen_bindings.passes.name_messages import name_messages

pytestmark = pytest.mark.quick


def schema(*types: Message | EnumType, package: str = "acme") -> Schema:
    """A schema of these types; a file's package is its folder."""
    names = dict.fromkeys(t.file for t in types)
    return Schema(
        files=tuple(ProtoFile(name, name.rpartition("/")[0].replace("/", ".") or package) for name in names),
        messages=tuple(t for t in types if isinstance(t, Message)),
        enums=tuple(t for t in types if isinstance(t, EnumType)),
    )


def message(
    name: str,
    *fields: Field,
    file: str = "room.proto",
    parent: str | None = None,
    oneofs: tuple[str, ...] = (),
) -> Message:
    return Message(name, file, fields, parent, oneofs)


def required(name: str, number: int = 1, scalar: Scalar = Scalar.UINT64, default: str | None = None) -> Field:
    return Field(name, number, Label.REQUIRED, scalar=scalar, has_presence=True, default=default)


def optional(name: str, number: int = 1, scalar: Scalar = Scalar.UINT64, default: str | None = None) -> Field:
    return Field(name, number, Label.OPTIONAL, scalar=scalar, has_presence=True, default=default)


def of_message(name: str, type_: str, number: int = 1, label: Label = Label.OPTIONAL) -> Field:
    return Field(name, number, label, message=type_, has_presence=label is not Label.REPEATED)


def of_enum(name: str, type_: str, number: int = 1, label: Label = Label.OPTIONAL) -> Field:
    return Field(name, number, label, enum=type_, has_presence=label is not Label.REPEATED)


def member(name: str, oneof: str, number: int = 1) -> Field:
    return Field(name, number, Label.OPTIONAL, scalar=Scalar.STRING, has_presence=True, oneof=oneof)


def enum(name: str, *values: tuple[str, int], closed: bool = True, parent: str | None = None) -> EnumType:
    return EnumType(name, "room.proto", tuple(EnumValue(*value) for value in values), parent, closed)


def named(*types: Message | EnumType, **options: object) -> MessageLayer:
    return name_messages(schema(*types), "Acme", **options)  # type: ignore[arg-type]


def only_field(field: Field, *types: Message | EnumType, **options: object) -> CsField:
    return named(message("acme.M", field), *types, **options).message("acme.M").fields[0]


def test_a_layer_names_everything() -> None:
    layer = named(message("acme.RoomInfo", required("sid", 1, Scalar.STRING), optional("num_tracks", 2)))
    assert (layer.root, layer.namespace, layer.wire_namespace) == ("Acme", "Acme.Messages", "Acme.Wire")
    assert [file.name for file in layer.files] == ["Room"]
    info = layer.message("acme.RoomInfo")
    assert info.type.global_name == "global::Acme.Messages.RoomInfo"
    sid, tracks = info.fields
    assert (sid.property_name, sid.parameter, sid.type_name, sid.initial) == ("Sid", "sid", "string", '""')
    assert (tracks.property_name, tracks.type_name, tracks.is_nullable) == ("NumTracks", "ulong?", True)
    assert info.field("num_tracks") is tracks
    assert (sid.tag, tracks.tag) == (10, 16)


@pytest.mark.parametrize(
    ("field", "cardinality", "type_name", "initial"),
    [
        (required("f"), Cardinality.REQUIRED, "ulong", ""),
        (required("f", scalar=Scalar.BYTES), Cardinality.REQUIRED, "byte[]", "NoBytes"),
        (optional("f", scalar=Scalar.BOOL), Cardinality.OPTIONAL, "bool?", ""),
        (optional("f", scalar=Scalar.STRING), Cardinality.OPTIONAL, "string", ""),
        (Field("f", 1, Label.OPTIONAL, scalar=Scalar.STRING), Cardinality.IMPLICIT, "string", '""'),
        (Field("f", 1, Label.OPTIONAL, scalar=Scalar.FLOAT), Cardinality.IMPLICIT, "float", ""),
        (Field("f", 1, Label.REPEATED, scalar=Scalar.SINT32), Cardinality.REPEATED, "IList<int>", ""),
        (of_message("f", "acme.M"), Cardinality.OPTIONAL, "M", ""),
        (of_message("f", "acme.M", label=Label.REQUIRED), Cardinality.REQUIRED, "M", ""),
        (of_message("f", "acme.M", label=Label.REPEATED), Cardinality.REPEATED, "IList<M>", ""),
        (of_enum("f", "acme.E"), Cardinality.OPTIONAL, "E?", ""),
        # The first value is what an absent one stands for.
        (of_enum("f", "acme.E", label=Label.REQUIRED), Cardinality.REQUIRED, "E", "(E)3"),
        (of_enum("f", "acme.E", label=Label.REPEATED), Cardinality.REPEATED, "IList<E>", ""),
    ],
)
def test_cardinality_decides_the_type(
    field: Field, cardinality: Cardinality, type_name: str, initial: str
) -> None:
    found = only_field(field, enum("acme.E", ("E_A", 3), ("E_B", 1)))
    assert (found.cardinality, found.type_name, found.initial) == (cardinality, type_name, initial)


def test_a_map_is_a_dictionary_and_its_entry_no_class() -> None:
    entry = Message(
        "acme.M.LeafsEntry",
        "room.proto",
        (optional("key", 1, Scalar.STRING), of_message("value", "acme.M", 2)),
        "acme.M",
        is_map_entry=True,
    )
    field = Field("leafs", 3, Label.REPEATED, message="acme.M.LeafsEntry", is_map=True)
    layer = named(message("acme.M", field), entry)
    assert [m.full_name for m in layer.all_messages] == ["acme.M"]
    leafs = layer.message("acme.M").fields[0]
    assert leafs.type_name == "IDictionary<string, M>"
    assert leafs.global_type_name == "IDictionary<string, global::Acme.Messages.M>"
    assert (leafs.cardinality, leafs.tag, leafs.packed_tag) == (Cardinality.MAP, 26, 0)


def test_packing_is_read_both_ways_and_written_as_declared() -> None:
    packed = only_field(Field("f", 2, Label.REPEATED, scalar=Scalar.FIXED32, packed=True))
    assert (packed.tag, packed.packed_tag, packed.is_packed) == (21, 18, True)
    unpacked = only_field(Field("f", 2, Label.REPEATED, scalar=Scalar.BOOL))
    assert (unpacked.tag, unpacked.packed_tag, unpacked.is_packed) == (16, 18, False)
    text = only_field(Field("f", 2, Label.REPEATED, scalar=Scalar.STRING))
    assert (text.tag, text.packed_tag, text.is_packed) == (18, 0, False)


def test_fields_are_written_by_number() -> None:
    found = named(message("acme.M", optional("z", 9), optional("a", 2))).message("acme.M")
    assert [field.name for field in found.fields] == ["z", "a"]
    assert [field.name for field in found.write_order] == ["a", "z"]


def test_names_that_are_taken_get_a_suffix() -> None:
    names = ("m", "parse", "write", "get_hash_code", "foo_bar", "fooBar", "FooBar", "event")
    found = named(message("acme.M", *(optional(name, number) for number, name in enumerate(names, 1))))
    properties = [field.property_name for field in found.message("acme.M").fields]
    assert properties == [
        *("MValue", "ParseValue", "WriteValue", "GetHashCodeValue"),
        *("FooBar", "FooBarValue", "FooBarValue2", "Event"),
    ]
    assert found.message("acme.M").fields[-1].parameter == "@event"
    assert len({field.backing for field in found.message("acme.M").fields}) == len(names)


def test_a_oneof_has_a_property_a_case_enum_and_no_clash() -> None:
    fields = (
        *(member("none", "kind", 1), member("text", "kind", 2), optional("kind_case", 3)),
        optional("kind_oneof_case", 4),
    )
    found = named(message("acme.M", *fields, oneofs=("kind",))).message("acme.M")
    oneof = found.oneof("kind")
    assert oneof is not None
    assert (oneof.property_name, oneof.type_name) == ("KindCaseValue", "KindOneofCaseType")
    assert [(f.property_name, f.case, f.type_name) for f in oneof.members] == [
        ("None", "NoneValue", "string"),
        ("Text", "Text", "string"),
    ]
    assert all(f.cardinality is Cardinality.OPTIONAL for f in oneof.members)


def test_nested_types_nest_and_give_way_to_properties() -> None:
    layer = named(
        message("acme.Stream", of_message("header", "acme.Stream.Header")),
        message("acme.Stream.Header", of_message("kind", "acme.Stream"), parent="acme.Stream"),
        message("acme.Stream.Chunk", parent="acme.Stream"),
        enum("acme.Stream.State", ("STATE_OPEN", 0), parent="acme.Stream"),
    )
    stream = layer.message("acme.Stream")
    assert [nested.name for nested in stream.messages] == ["HeaderType", "Chunk"]
    assert stream.fields[0].type_name == "Stream.HeaderType"
    assert layer.message("acme.Stream.Chunk").type.global_name == "global::Acme.Messages.Stream.Chunk"
    assert layer.enum("acme.Stream.State").type.name == "Stream.State"


def test_a_type_that_a_nested_one_hides_is_written_in_full() -> None:
    layer = named(
        message("acme.Header"),
        message("acme.Stream", of_message("a", "acme.Header"), of_message("b", "acme.Stream.Header", 2)),
        message("acme.Stream.Header", parent="acme.Stream"),
    )
    a, b = layer.message("acme.Stream").fields
    assert (a.type_name, b.type_name) == ("global::Acme.Messages.Header", "Stream.Header")


def test_types_of_one_name_are_told_apart_by_their_packages() -> None:
    layer = named(
        message("acme.audio.Config", file="acme/audio/config.proto"),
        message("acme.video.Config", file="acme/video/config.proto"),
        message("acme.Other", file="acme/other.proto"),
    )
    assert [m.name for m in layer.all_messages] == ["AudioConfig", "VideoConfig", "Other"]
    assert [file.name for file in layer.files] == ["Config", "AcmeVideoConfig", "Other"]


@pytest.mark.parametrize("name", ["IList", "WireReader", "System", "HandleKind", "WireMessage"])
def test_types_that_the_templates_use_are_not_hidden(name: str) -> None:
    assert named(message(f"acme.{name}")).message(f"acme.{name}").name == name + "Message"
    assert named(enum(f"acme.{name}", ("A", 0))).enum(f"acme.{name}").name == name + "Enum"


def test_a_file_is_not_called_like_one_of_the_layer() -> None:
    layer = named(
        message("acme.M", file="wire_message.proto"), message("acme.N", file="x/wire_message.proto")
    )
    assert [file.name for file in layer.files] == ["WireMessage2", "XWireMessage"]


def test_closed_enums_know_their_numbers() -> None:
    closed = named(enum("acme.E", ("A", -5), ("B", 1), ("C", 2), ("D", 3), ("X", 9))).enum("acme.E")
    assert closed.type.is_known == "{0} == -5 || {0} >= 1 && {0} <= 3 || {0} == 9"
    assert named(enum("acme.E", ("A", 0), closed=False)).enum("acme.E").type.is_known == ""
    found = closed.member("X")
    assert found is not None
    assert (found.name, found.number) == ("X", 9)


@pytest.mark.parametrize(
    ("scalar", "default", "literal"),
    [
        (Scalar.INT32, "-7", "-7"),
        (Scalar.UINT32, "7", "7U"),
        (Scalar.INT64, "-9223372036854775808", "-9223372036854775808L"),
        (Scalar.FIXED64, "7", "7UL"),
        (Scalar.BOOL, "true", "true"),
        (Scalar.FLOAT, "inf", "float.PositiveInfinity"),
        (Scalar.DOUBLE, "-inf", "double.NegativeInfinity"),
        (Scalar.DOUBLE, "nan", "double.NaN"),
        (Scalar.FLOAT, "1.5", "1.5F"),
        (Scalar.STRING, 'a"\\\n\u00e9\U0001f600', r'"a\"\\\u000a\u00e9\U0001f600"'),
        (Scalar.BYTES, r"\000\377a\n\\", "new byte[] { 0, 255, 97, 10, 92 }"),
        (Scalar.BYTES, "", "NoBytes"),
    ],
)
def test_explicit_defaults_are_literals(scalar: Scalar, default: str, literal: str) -> None:
    assert only_field(required("f", scalar=scalar, default=default)).initial == literal
    found = only_field(optional("f", scalar=scalar, default=default))
    assert (found.initial, found.explicit_default) == ("", literal)
    assert found.doc.endswith(f"Null when absent, which stands for {default}.")


def test_everything_has_a_doc() -> None:
    documented = Field("url", 1, Label.REQUIRED, scalar=Scalar.STRING, doc=" Where to.\n")
    layer = named(message("acme.M", documented, optional("sid", 2)), enum("acme.E", ("E_A", 0)))
    found = layer.message("acme.M")
    assert found.doc == "The message acme.M."
    assert [field.doc for field in found.fields] == ["Where to.", "The field sid. Null when absent."]
    assert layer.enum("acme.E").doc == "The enum acme.E."
    assert layer.enum("acme.E").values[0].doc == "The value E_A."


def test_native_pointers_are_internal() -> None:
    layer = named(
        message("acme.M", required("data_ptr", 1), required("size", 2)),
        internal_fields=frozenset({("acme.M", "data_ptr")}),
    )
    assert [field.is_internal for field in layer.message("acme.M").fields] == [True, False]


def test_owned_handles_know_their_id() -> None:
    layer = named(
        message("acme.Handle", required("id")),
        message("acme.Loose", optional("handle_id", scalar=Scalar.UINT32)),
        message("acme.Owned", of_message("handle", "acme.Handle"), required("raw", 2), required("plain", 3)),
        owned_fields={("acme.Owned", "handle"): "Track", ("acme.Owned", "raw"): "Room"},
    )
    handle, raw, plain = layer.message("acme.Owned").fields
    assert (handle.owned_kind, handle.owned_id) == ("Track", ".Id")
    assert (raw.owned_kind, raw.owned_id) == ("Room", "")
    assert plain.owned_kind == ""
    loose = only_field(
        of_message("handle", "acme.Loose"),
        message("acme.Loose", optional("handle_id", scalar=Scalar.UINT32)),
        owned_fields={("acme.M", "handle"): "Track"},
        owned_id_field="handle_id",
    )
    assert loose.owned_id == ".HandleId.GetValueOrDefault()"


def test_scoped_readers_are_named() -> None:
    layer = named(
        message("acme.Stream"),
        message("acme.Stream.Header", parent="acme.Stream"),
        message("acme.Wire"),
        scoped=frozenset({"acme.Stream.Header", "acme.Wire"}),
    )
    assert [m.reader for m in layer.all_messages] == ["", "StreamHeaderReader", "WireReaderOfMessage"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"internal_fields": frozenset({("acme.M", "x")})}, r"no field acme\.M\.x"),
        ({"internal_fields": frozenset({("acme.N", "a")})}, r"no field acme\.N\.a"),
        ({"owned_fields": {("acme.M", "x"): "Room"}}, r"no field acme\.M\.x"),
        ({"scoped": frozenset({"acme.N"})}, r"no message acme\.N"),
        ({"owned_fields": {("acme.M", "text"): "Room"}}, r"acme\.M\.text .* not one integer"),
        (
            {"owned_fields": {("acme.M", "self"): "Room"}},
            r"acme\.M\.self .* its type acme\.M has no field 'id'",
        ),
    ],
)
def test_what_the_schema_lacks_is_named(options: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        named(
            message("acme.M", required("text", 1, Scalar.STRING), of_message("self", "acme.M", 2)), **options
        )


def test_unknown_names_are_key_errors() -> None:
    layer = named(message("acme.M"))
    with pytest.raises(KeyError):
        layer.message("acme.N")
    with pytest.raises(KeyError):
        layer.enum("acme.M")


def test_type_kinds() -> None:
    assert only_field(required("f")).type.kind is TypeKind.SCALAR
    assert only_field(of_message("f", "acme.M")).type.kind is TypeKind.MESSAGE
    assert only_field(of_enum("f", "acme.E"), enum("acme.E", ("A", 0))).type.kind is TypeKind.ENUM
