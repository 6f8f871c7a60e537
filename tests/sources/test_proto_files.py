"""Reading .proto files: presence, oneofs, maps, packing, comments, order; and what protoc refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gen_bindings.errors import SourceError
from gen_bindings.model.schema import Field, Label, Message, Scalar, Schema
from gen_bindings.sources.proto_files import read_proto_files

pytestmark = pytest.mark.quick

Write = Callable[[str, str], Path]


def message(schema: Schema, name: str) -> Message:
    found = schema.message(name)
    assert found is not None, [m.full_name for m in schema.messages]
    return found


def field(schema: Schema, name: str) -> Field:
    owner, _, last = name.rpartition(".")
    found = message(schema, owner).field(last)
    assert found is not None
    return found


PROTO2 = """
syntax = "proto2";
package old.style;
message Thing {
  required uint32 id = 1;
  optional string label = 2 [default = "none"];
  optional Mode mode = 3 [default = SLOW];
  repeated int32 loose = 4;
  repeated int32 tight = 5 [packed = true];
  oneof choice { string left = 6; bytes right = 7; }
  optional double old = 8 [deprecated = true];
  map<string, Thing> children = 9;
  message Inner { enum Deep { ZERO = 0; } optional Deep deep = 1; }
  optional Inner inner = 10;
  extensions 100 to 200;
}
enum Mode { FAST = 1; SLOW = 2; }
service Ignored { rpc Call(Thing) returns (Thing); }
"""


def test_proto2(write: Write) -> None:
    schema = read_proto_files([write("old.proto", PROTO2)])

    assert field(schema, "old.style.Thing.id") == Field(
        "id", 1, Label.REQUIRED, scalar=Scalar.UINT32, has_presence=True
    )
    assert field(schema, "old.style.Thing.label").default == "none"
    assert field(schema, "old.style.Thing.label").has_presence
    assert field(schema, "old.style.Thing.mode").enum == "old.style.Mode"
    assert field(schema, "old.style.Thing.mode").default == "SLOW"
    assert not field(schema, "old.style.Thing.loose").packed
    assert field(schema, "old.style.Thing.tight").packed
    assert not field(schema, "old.style.Thing.tight").has_presence
    assert field(schema, "old.style.Thing.left").oneof == "choice"
    assert field(schema, "old.style.Thing.old").deprecated
    assert message(schema, "old.style.Thing").oneofs == ("choice",)
    mode = schema.enum("old.style.Mode")
    assert mode is not None
    assert mode.closed
    assert [(v.name, v.number) for v in mode.values] == [("FAST", 1), ("SLOW", 2)]
    deep = schema.enum("old.style.Thing.Inner.Deep")
    assert deep is not None
    assert deep.parent == "old.style.Thing.Inner"


def test_maps_have_an_entry_message(write: Write) -> None:
    schema = read_proto_files([write("old.proto", PROTO2)])

    children = field(schema, "old.style.Thing.children")
    assert (children.is_map, children.label) == (True, Label.REPEATED)
    assert children.message == "old.style.Thing.ChildrenEntry"
    entry = message(schema, "old.style.Thing.ChildrenEntry")
    assert entry.is_map_entry
    assert entry.parent == "old.style.Thing"
    assert [(f.name, f.scalar, f.message) for f in entry.fields] == [
        ("key", Scalar.STRING, None),
        ("value", None, "old.style.Thing"),
    ]
    assert not message(schema, "old.style.Thing").is_map_entry


def test_proto3(write: Write) -> None:
    schema = read_proto_files(
        [
            write(
                "new.proto",
                """
                syntax = "proto3";
                package p;
                message M {
                  int32 plain = 1;
                  optional int32 maybe = 2;
                  M other = 3;
                  oneof real { int32 a = 4; M b = 5; }
                  repeated int32 numbers = 6;
                  repeated int32 spread = 7 [packed = false];
                  repeated string names = 8;
                  repeated M many = 9;
                  repeated E kinds = 10;
                }
                enum E { NONE = 0; }
                """,
            )
        ]
    )
    presence = {f.name: f.has_presence for f in message(schema, "p.M").fields}
    assert presence == {
        "plain": False,
        "maybe": True,
        "other": True,
        "a": True,
        "b": True,
        "numbers": False,
        "spread": False,
        "names": False,
        "many": False,
        "kinds": False,
    }
    packed = {f.name for f in message(schema, "p.M").fields if f.packed}
    assert packed == {"numbers", "kinds"}
    # The oneof behind an optional field is protoc's own, not the author's.
    assert message(schema, "p.M").oneofs == ("real",)
    assert field(schema, "p.M.maybe").oneof is None
    assert field(schema, "p.M.a").oneof == "real"
    assert schema.enums[0].closed is False


def test_editions(write: Write) -> None:
    schema = read_proto_files(
        [
            write(
                "next.proto",
                """
                edition = "2023";
                package p;
                message M {
                  int32 tracked = 1;
                  int32 bare = 2 [features.field_presence = IMPLICIT];
                  int32 must = 3 [features.field_presence = LEGACY_REQUIRED];
                  repeated int32 tight = 4;
                  repeated int32 loose = 5 [features.repeated_field_encoding = EXPANDED];
                }
                enum Open { A = 0; }
                enum Closed { option features.enum_type = CLOSED; B = 1; }
                """,
            ),
            write(
                "implicit.proto",
                """
                edition = "2023";
                package q;
                option features.field_presence = IMPLICIT;
                option features.repeated_field_encoding = EXPANDED;
                option features.message_encoding = LENGTH_PREFIXED;
                message M {
                  int32 bare = 1;
                  int32 tracked = 2 [features.field_presence = EXPLICIT];
                  repeated int32 loose = 3;
                  M other = 4;
                }
                """,
            ),
        ]
    )
    assert {f.name: (f.has_presence, f.label.value) for f in message(schema, "p.M").fields} == {
        "tracked": (True, "optional"),
        "bare": (False, "optional"),
        "must": (True, "required"),
        "tight": (False, "repeated"),
        "loose": (False, "repeated"),
    }
    assert [f.name for f in message(schema, "p.M").fields if f.packed] == ["tight"]
    assert {e.name: e.closed for e in schema.enums} == {"Open": False, "Closed": True}
    assert {f.name: f.has_presence for f in message(schema, "q.M").fields} == {
        "bare": False,
        "tracked": True,
        "loose": False,
        "other": True,
    }
    assert not field(schema, "q.M.loose").packed


def test_comments_before_and_behind(write: Write) -> None:
    schema = read_proto_files(
        [
            write(
                "doc.proto",
                """
// Copyright someone.

syntax = "proto3";
// What the file is for.
package p;

// Not attached to anything.

// A room.
//   indented
// last
message Room {
  /* Its name. */
  string name = 1;  // never empty
  int32 size = 2;
  // Inside.
  message Part {}
  oneof x { // of x
    int32 y = 3; }
}
// How fast.
enum Speed {
  SLOW = 0;  // walks
}
""",
            )
        ]
    )
    assert schema.files[0].doc == "What the file is for."
    assert message(schema, "p.Room").doc == "A room.\n  indented\nlast"
    assert field(schema, "p.Room.name").doc == "Its name.\nnever empty"
    assert field(schema, "p.Room.size").doc == ""
    assert message(schema, "p.Room.Part").doc == "Inside."
    assert schema.enums[0].doc == "How fast."
    assert schema.enums[0].values[0].doc == "walks"


def test_order_is_imports_first_then_declaration(write: Write) -> None:
    base = write("z/base.proto", 'syntax = "proto3"; package z; message B { message C {} } message A {}')
    root = write(
        "a/root.proto",
        'syntax = "proto3"; package a; import "z/base.proto"; message R { z.A a = 1; }',
    )
    other = write("b/other.proto", 'syntax = "proto3"; package b; message O {}')
    schema = read_proto_files([other, root, base], [base.parent.parent])

    assert [f.name for f in schema.files] == ["z/base.proto", "a/root.proto", "b/other.proto"]
    assert [m.full_name for m in schema.messages] == ["z.B", "z.B.C", "z.A", "a.R", "b.O"]
    assert schema == read_proto_files([base, root, other], [base.parent.parent])


def test_digest_knows_the_wire_but_not_the_comments(write: Write) -> None:
    text = 'syntax = "proto3"; message M { int32 a = 1; }'
    plain = read_proto_files([write("m.proto", text)])
    commented = read_proto_files([write("m.proto", f"// Well.\n{text}")])
    changed = read_proto_files([write("m.proto", text.replace("a = 1", "a = 2"))])

    assert len(plain.digest) == 64
    assert plain.digest == commented.digest
    assert plain.digest != changed.digest


def test_well_known_types_resolve_without_being_installed(write: Write) -> None:
    schema = read_proto_files(
        [
            write(
                "t.proto",
                'syntax = "proto3"; import "google/protobuf/timestamp.proto";'
                " message T { google.protobuf.Timestamp at = 1; }",
            )
        ]
    )
    assert field(schema, "T.at").message == "google.protobuf.Timestamp"
    assert field(schema, "google.protobuf.Timestamp.seconds").scalar is Scalar.INT64


def test_custom_options_leave_no_trace(write: Write) -> None:
    schema = read_proto_files(
        [
            write(
                "o.proto",
                """
                syntax = "proto3";
                import "google/protobuf/descriptor.proto";
                extend google.protobuf.FieldOptions { string hint = 50001; }
                message M { int32 a = 1 [(hint) = "x"]; }
                """,
            )
        ]
    )
    assert [f.name for f in schema.files] == ["o.proto"]
    assert [m.full_name for m in schema.messages] == ["M"]
    assert schema.enums == ()


def test_descriptors_as_data_are_kept(write: Write) -> None:
    schema = read_proto_files(
        [
            write(
                "d.proto",
                'syntax = "proto3"; import "google/protobuf/descriptor.proto";'
                " message M { google.protobuf.FileDescriptorSet set = 1; }",
            )
        ]
    )
    assert schema.message("google.protobuf.FileDescriptorSet") is not None


def test_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "absent.proto"
    with pytest.raises(SourceError) as caught:
        read_proto_files([path])
    assert str(caught.value) == (
        f"The protocol file {path} cannot be read: No such file or directory. "
        "Correct its path in the configuration."
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read: Is a directory"):
        read_proto_files([tmp_path])


def test_missing_include_folder(write: Write, tmp_path: Path) -> None:
    path = write("m.proto", 'syntax = "proto3"; message M {}')
    with pytest.raises(SourceError, match=r"The include folder .*/nowhere does not exist"):
        read_proto_files([path], [tmp_path / "nowhere"])


def test_syntax_error(write: Write) -> None:
    path = write("bad.proto", 'syntax = "proto3";\nmessage M {\n  int32 x = 1\n}\n')
    with pytest.raises(SourceError) as caught:
        read_proto_files([path])
    assert str(caught.value).startswith(
        f'{path}:4:1: protoc refuses the protocol: Expected ";". Correct the file.'
    )


def test_every_error_is_shown(write: Write) -> None:
    path = write("bad.proto", 'syntax = "proto3";\nmessage M { Foo x = 1; }\nmessage N { Bar x = 1; }\n')
    with pytest.raises(SourceError) as caught:
        read_proto_files([path])
    first, second = str(caught.value).splitlines()
    assert first.startswith(f'{path}:2:13: protoc refuses the protocol: "Foo" is not defined.')
    assert second == f'{path}:3:13: "Bar" is not defined.'


def test_syntax_error_in_an_import_is_blamed_on_the_import(write: Write) -> None:
    bad = write("lib/bad.proto", 'syntax = "proto3";\nmessage {}\n')
    root = write("root.proto", 'syntax = "proto3";\nimport "bad.proto";\nmessage M {}\n')
    with pytest.raises(SourceError) as caught:
        read_proto_files([root], [bad.parent])
    assert str(caught.value).startswith(f"{bad}:2:9: protoc refuses the protocol: Expected message name")


def test_missing_import(write: Write, tmp_path: Path) -> None:
    path = write("m.proto", 'syntax = "proto3";\nimport "lost/x.proto";\nmessage M { lost.X x = 1; }\n')
    with pytest.raises(SourceError) as caught:
        read_proto_files([path])
    assert str(caught.value) == (
        f"{path}:2:1: imports 'lost/x.proto', which is not in {tmp_path}. Add the folder from which that "
        "name is written to the include folders of the configuration."
    )


def test_an_include_folder_gives_files_their_only_name(write: Write, tmp_path: Path) -> None:
    write("lib/base.proto", 'syntax = "proto3"; message B {}')
    path = write("lib/root.proto", 'syntax = "proto3"; import "base.proto"; message R { B b = 1; }')
    with pytest.raises(SourceError, match=r"root\.proto:1:20: imports 'base\.proto', which is not in"):
        read_proto_files([path], [tmp_path])


def test_warnings_are_not_errors(write: Write) -> None:
    write("base.proto", 'syntax = "proto3"; message B {}')
    path = write("m.proto", 'syntax = "proto3";\nimport "base.proto";\nmessage M {}\n')
    assert read_proto_files([path]).message("M") is not None
    write("m.proto", f"{path.read_text()}message N {{ Lost x = 1; }}\n")
    write("n.proto", 'syntax = "proto3";\nimport "base.proto";\n')
    with pytest.raises(SourceError) as caught:
        read_proto_files([path.with_name("n.proto"), path])
    assert (
        str(caught.value)
        == f'{path}:4:13: protoc refuses the protocol: "Lost" is not defined. Correct the file.'
    )


def test_a_shadowed_file_says_so(write: Write, tmp_path: Path) -> None:
    write("first/m.proto", 'syntax = "proto3";')
    path = write("second/m.proto", 'syntax = "proto3";')
    with pytest.raises(SourceError, match=r"protoc cannot compile the protocol: .*shadowed"):
        read_proto_files([path], [tmp_path / "first", tmp_path / "second"])


def test_a_group_is_a_message_between_two_tags(write: Write) -> None:
    schema = read_proto_files(
        [
            write(
                "m.proto",
                'syntax = "proto2";\nmessage M { repeated group Part = 1 { optional M whole = 2; } }\n',
            )
        ]
    )
    group = field(schema, "M.part")
    assert (group.message, group.label, group.delimited) == ("M.Part", Label.REPEATED, True)
    assert not field(schema, "M.Part.whole").delimited


def test_an_extension_is_a_field_of_the_message_that_it_extends(write: Write) -> None:
    write(
        "far.proto",
        'syntax = "proto2";\npackage far;\nmessage M { optional int32 own = 1; extensions 5 to 9; }\n',
    )
    path = write(
        "m.proto",
        'syntax = "proto2";\npackage near;\nimport "far.proto";\n'
        "extend far.M {\n // From here.\n repeated sint32 other = 5 [packed = true];\n"
        " optional string own = 6; }\n"
        "message N { extend far.M { optional group Part = 7 { } optional int32 other = 8; } }\n",
    )
    message = read_proto_files([path]).message("far.M")
    assert message is not None
    assert {f.name: f.number for f in message.fields} == {
        "own": 1,
        "other": 5,
        "near_own": 6,
        "part": 7,
        "near_N_other": 8,
    }
    assert message.fields[1] == Field(
        "other", 5, Label.REPEATED, scalar=Scalar.SINT32, packed=True, doc="From here."
    )
    assert message.fields[3].message == "near.N.Part"
    assert message.fields[3].delimited
    assert message.fields[4].has_presence


def test_an_extension_has_presence_where_other_fields_have_none(write: Write) -> None:
    write("far.proto", 'edition = "2023";\npackage far;\nmessage M { extensions 5 to 9; }\n')
    path = write(
        "m.proto",
        'edition = "2023";\nimport "far.proto";\noption features.field_presence = IMPLICIT;\n'
        "extend far.M { int32 here = 5; }\nmessage N { int32 there = 1; }\n",
    )
    schema = read_proto_files([path])
    assert field(schema, "far.M.here").has_presence
    assert not field(schema, "N.there").has_presence


def test_a_message_set_is_read_without_what_it_holds(write: Write) -> None:
    path = write(
        "m.proto",
        'syntax = "proto2";\nmessage S { option message_set_wire_format = true; extensions 4 to max; }\n'
        "message M { extend S { optional M in_set = 4; } }\n",
    )
    message = read_proto_files([path]).message("S")
    assert message is not None
    assert message.is_message_set
    assert message.fields == ()


def test_maps_keep_their_encoding_in_a_delimited_file(write: Write) -> None:
    path = write(
        "m.proto",
        'edition = "2023"; option features.message_encoding = DELIMITED;'
        " message M { map<int32, M> fine = 1; }",
    )
    assert field(read_proto_files([path]), "M.FineEntry.value").message == "M"


def test_a_delimited_message_field_is_a_group(write: Write) -> None:
    path = write(
        "m.proto",
        'edition = "2023";\noption features.message_encoding = DELIMITED;\n'
        "message M { map<int32, M> fine = 1;\n M other = 2; }\n",
    )
    schema = read_proto_files([path])
    assert field(schema, "M.other").delimited
    assert not field(schema, "M.fine").delimited
    assert not field(schema, "M.FineEntry.value").delimited
