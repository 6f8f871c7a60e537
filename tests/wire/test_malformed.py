"""Which bytes are refused, and that nothing but WireFormatException says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from wire_schemas import PythonMessages, wire_schema

from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario

TREE, OPTIONAL, PACKED, REPEATED = (
    f"torture.two.{name}" for name in ("Tree", "Optional", "Packed", "Repeated")
)
IMPLICIT = "torture.three.Implicit"

# name: (message, bytes, whether Python refuses them too; None where that depends on the message)
REFUSED = {
    "tag cut short": (TREE, "80", True),
    "tag with six bytes": (TREE, "888080808000 01", True),
    "tag beyond 32 bits": (TREE, "888080808010 01", True),
    "varint cut short": (OPTIONAL, "18ff", True),
    "varint missing": (OPTIONAL, "18", True),
    "varint with eleven bytes": (OPTIONAL, "18" + "80" * 10 + "00", True),
    "unknown varint with eleven bytes": (OPTIONAL, "9806" + "ff" * 10 + "01", True),
    "fixed32 cut short": (OPTIONAL, "4d010203", True),
    "fixed64 cut short": (OPTIONAL, "5101020304050607", True),
    "string longer than the message": (OPTIONAL, "720541", True),
    "bytes longer than the message": (OPTIONAL, "7a05", True),
    "length missing": (OPTIONAL, "72", True),
    "length of 2 GiB": (OPTIONAL, "72ffffffff07", True),
    "length beyond 32 bits": (OPTIONAL, "728080808010 41", True),
    "length of all bits": (OPTIONAL, "72" + "ff" * 9 + "01", True),
    "nested message longer than its parent": (TREE, "1202 1202 0a00", True),
    "nested field across the end of its message": (TREE, "1201 0a 0141", True),
    "unknown field cut short": (OPTIONAL, "a2060541", True),
    "unknown fixed32 cut short": (OPTIONAL, "a50601", True),
    "wire type 6": (OPTIONAL, "1e", True),
    "wire type 7": (OPTIONAL, "1f", True),
    "field number 0": (OPTIONAL, "0000", None),
    "field number 0, length-delimited": (OPTIONAL, "0200", None),
    "end of a group not begun": (OPTIONAL, "0c", True),
    "group never ended": (OPTIONAL, "0b", True),
    "group ended by another": (OPTIONAL, "0b14", True),
    "group ended outside its message": (TREE, "12010b 0c", True),
    "packed value cut short": (PACKED, "1a01ff", True),
    "packed doubles of nine bytes": (PACKED, "0a09" + "00" * 9, True),
    "packed list longer than the message": (PACKED, "1a0501", True),
    "map entry longer than the message": (TREE, "2a0a0a0161", True),
    "text of proto3 that is not UTF-8": (IMPLICIT, "7201ff", True),
    "text of proto3 that is an overlong form": (IMPLICIT, "7202c080", True),
    "text of proto3 with a lone surrogate": (IMPLICIT, "7203eda080", True),
    "text of proto2 that is not UTF-8": (OPTIONAL, "7201ff", False),
}
ACCEPTED = {
    "nothing": (TREE, ""),
    "varint with ten bytes": (OPTIONAL, "18" + "ff" * 9 + "01"),
    "varint padded": (OPTIONAL, "18818000"),
    "length padded": (OPTIONAL, "7281800041"),
    "tag padded": (OPTIONAL, "98808000 05"),
    "int32 wider than 32 bits": (OPTIONAL, "18ffffffffffff01"),
    "bool other than 0 and 1": (OPTIONAL, "6802"),
    "bool beyond 32 bits": (OPTIONAL, "68808080808001"),
    "groups in groups": (OPTIONAL, "0b 13 0801 14 0c 1805"),
    "packed where unpacked is usual": (REPEATED, "1a03010203"),
    "unpacked where packed is usual": (PACKED, "1801 1802 1a0103"),
    "largest field number": (OPTIONAL, "f8ffffff0f01"),
}


def verdicts_in_child(_lane: Lane, cases: list[list[str]]) -> list[str]:
    from round_trip_child import driver

    through = driver()
    return [
        status + (back.hex() if isinstance(back, bytes) else str(back))
        for status, back in (through(type_name, bytes.fromhex(data)) for type_name, data in cases)
    ]


def _verdicts(lane: Lane, cases: list[tuple[str, str]]) -> list[str]:
    schema = wire_schema("torture")
    scenario = Scenario(
        name="malformed bytes",
        lane=lane,
        entry="test_malformed:verdicts_in_child",
        assemblies=(schema.compile(lane),),
        args=[(schema.types[message], data) for message, data in cases],
        python_path=(Path(__file__).parent,),
    )
    answers: list[str] = run_scenario(scenario).value()
    return answers


def _python_accepts(cls: Any, data: str) -> bool:
    try:
        cls.FromString(bytes.fromhex(data))
    except DecodeError:
        return False
    return True


@pytest.mark.parametrize("lane", list(Lane))
def test_malformed_bytes_are_refused(lane: Lane, toolchain: object) -> None:
    verdicts = _verdicts(lane, [case[:2] for case in REFUSED.values()])
    accepted = {name: verdict for name, verdict in zip(REFUSED, verdicts, strict=True) if verdict[0] != "!"}
    assert accepted == {}
    assert all(verdict.startswith("!The bytes are not a message: ") for verdict in verdicts)


@pytest.mark.parametrize("lane", list(Lane))
def test_unusual_bytes_are_read_as_python_reads_them(lane: Lane, toolchain: object) -> None:
    python = PythonMessages(wire_schema("torture").descriptors)
    for (name, (message, data)), verdict in zip(
        ACCEPTED.items(), _verdicts(lane, list(ACCEPTED.values())), strict=True
    ):
        expected = python.cls(message).FromString(bytes.fromhex(data))
        expected.DiscardUnknownFields()
        assert verdict == "=" + expected.SerializeToString(deterministic=True).hex(), name


@pytest.mark.quick
def test_python_agrees_on_what_is_malformed() -> None:
    python = PythonMessages(wire_schema("torture").descriptors)
    for name, (message, data, same) in REFUSED.items():
        if same is not None:
            assert _python_accepts(python.cls(message), data) is not same, name
