"""The ten largest messages of a schema, filled, and the C# that encodes and decodes each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gen_bindings.model.messages import MessageLayer

_ELEMENTS = 2
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Case:
    """A message type with bytes of a message in which every field is set.

    Attributes:
        strings: what the message's strings alone take as objects of a 64-bit runtime, in bytes.
    """

    name: str
    generated: str
    peer: str
    data: bytes
    strings: int


def largest(files: descriptor_pb2.FileDescriptorSet, layer: MessageLayer, count: int = 10) -> list[Case]:
    """The top-level messages with the most fields of their own, members of oneofs not counted.

    Args:
        files: the schema, every file behind those that it imports.
        layer: the same schema's C# names.
    """
    pool = descriptor_pool.DescriptorPool()
    found: list[Descriptor] = []
    namespaces = {}
    for file in files.file:
        pool.AddSerializedFile(file.SerializeToString())
        described = pool.FindFileByName(file.name)
        found += described.message_types_by_name.values()
        namespaces[file.name] = file.options.csharp_namespace
    found.sort(key=lambda m: (-sum(f.containing_oneof is None for f in m.fields), m.full_name))
    cases = []
    for descriptor in found[:count]:
        message = message_factory.GetMessageClass(descriptor)()
        _fill(message, _DEPTH)
        cases.append(
            Case(
                name=descriptor.name,
                generated=layer.message(descriptor.full_name).type.global_name,
                peer=f"global::{namespaces[descriptor.file.name]}.{descriptor.name}",
                data=message.SerializeToString(),
                strings=_strings(message),
            )
        )
    return cases


def csharp(cases: list[Case], namespace: str) -> str:
    """A class that runs every case; with PEER defined it does so with protoc's C# as well.

    Args:
        namespace: of the generated binding.
    """
    lines = [
        "using System;",
        "using System.Collections.Generic;",
        "using GenBindings.Harness;",
        f"using {namespace}.Wire;",
        "#if PEER",
        "using Google.Protobuf;",
        "#endif",
        "",
        "namespace Bench",
        "{",
        "    /// <summary>Encodes and decodes the largest messages.</summary>",
        "    public static class Messages",
        "    {",
        "        /// <summary>Measures; the arguments give rounds and times per round.</summary>",
        "        public static string Run(string arguments)",
        "        {",
        "            var given = (Dictionary<string, object>)Json.Parse(arguments);",
        '            int rounds = Convert.ToInt32(given["rounds"]);',
        '            int times = Convert.ToInt32(given["times"]);',
        "            var results = new Dictionary<string, object>();",
        "            var buffer = new byte[64 * 1024];",
        "            byte[] data;",
    ]
    for number, case in enumerate(cases):
        own, peer = f"own{number}", f"peer{number}"
        text = "".join(f"{byte:02x}" for byte in case.data)
        lines += [
            f'            data = Bytes("{text}");',
            f"            byte[] data{number} = data;",
            f"            var {own} = {case.generated}.Parse(data);",
            "#if PEER",
            f"            var {peer} = {case.peer}.Parser.ParseFrom(data);",
            "#endif",
        ]
        for what, ours, theirs in (
            (
                "decode",
                f"{case.generated}.Parse(data{number})",
                f"{case.peer}.Parser.ParseFrom(data{number})",
            ),
            # Into memory that is there already, as a request is written.
            (
                "encode",
                f"var writer = WireWriter.Rent(); {own}.Write(writer); writer.Return()",
                f"var output = new CodedOutputStream(buffer); {peer}.WriteTo(output); output.Flush()",
            ),
        ):
            lines += [
                f'            results["{what} {case.name}"] = Measure.InTurn(',
                "                rounds,",
                "                times,",
                _variant("generated", ours),
                "#if PEER",
                ", " + _variant("peer", theirs),
                "#endif",
                "                );",
            ]
    lines += [
        "            return Json.Text(results);",
        "        }",
        "",
        "        private static byte[] Bytes(string hex)",
        "        {",
        "            var bytes = new byte[hex.Length / 2];",
        "            for (int i = 0; i < bytes.Length; i++)",
        "            {",
        "                bytes[i] = Convert.ToByte(hex.Substring(2 * i, 2), 16);",
        "            }",
        "            return bytes;",
        "        }",
        "    }",
        "}",
        "",
    ]
    return "\n".join(lines)


def _variant(name: str, statement: str) -> str:
    return f'new Variant("{name}", n => {{ for (int i = 0; i < n; i++) {{ {statement}; }} }})'


def _fill(message: Any, depth: int) -> None:
    for field in message.DESCRIPTOR.fields:
        # Of a oneof one member can be set: its last.
        if field.containing_oneof is not None and field != field.containing_oneof.fields[-1]:
            continue
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            key, value = field.message_type.fields
            if value.message_type is None:
                getattr(message, field.name)[_value(key, 0)] = _value(value, 0)
        elif field.message_type is not None:
            if depth == 0 and not field.is_required:
                continue
            repeated = getattr(message, field.name)
            for _ in range(_ELEMENTS if field.is_repeated else 1):
                inner = repeated.add() if field.is_repeated else repeated
                inner.SetInParent()
                _fill(inner, max(0, depth - 1))
        elif field.is_repeated:
            getattr(message, field.name).extend(_value(field, i) for i in range(_ELEMENTS))
        else:
            setattr(message, field.name, _value(field, 0))


def _strings(message: Any) -> int:
    total = 0
    for field, value in message.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            several = [text for entry in value.items() for text in entry]
        else:
            several = list(value) if field.is_repeated else [value]
        for one in several:
            if isinstance(one, str):
                # A header of 20 bytes, two for each character and for the end, in steps of eight.
                total += (22 + 2 * len(one) + 7) // 8 * 8
            elif hasattr(one, "ListFields"):
                total += _strings(one)
    return total


def _value(field: FieldDescriptor, number: int) -> Any:
    kind = field.cpp_type
    if kind == FieldDescriptor.CPPTYPE_STRING:
        text = f"{field.name} {number}"
        return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
    if kind == FieldDescriptor.CPPTYPE_ENUM:
        assert field.enum_type is not None
        return field.enum_type.values[-1].number
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return True
    if kind in (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE):
        return 0.5 + number
    return 300 + field.number + number
