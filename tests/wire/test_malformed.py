"""Which bytes are refused, and that nothing but WireFormatException says so."""

from __future__ import annotations

from pathlib import Path

import pytest
import specification
from wire_schemas import PythonMessages, wire_schema

from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario

TREE, OPTIONAL, PACKED, REPEATED = (
    f"torture.two.{name}" for name in ("Tree", "Optional", "Packed", "Repeated")
)
GROUPED, MAPS = "torture.two.Grouped", "torture.two.Maps"
IMPLICIT = "torture.three.Implicit"

# name: (message, bytes)
REFUSED = {
    "tag cut short": (TREE, "80"),
    "tag with six bytes": (TREE, "888080808000 01"),
    "tag beyond 32 bits": (TREE, "888080808010 01"),
    "varint cut short": (OPTIONAL, "18ff"),
    "varint missing": (OPTIONAL, "18"),
    "varint with eleven bytes": (OPTIONAL, "18" + "80" * 10 + "00"),
    "unknown varint with eleven bytes": (OPTIONAL, "9806" + "ff" * 10 + "01"),
    "fixed32 cut short": (OPTIONAL, "4d010203"),
    "fixed64 cut short": (OPTIONAL, "5101020304050607"),
    "string longer than the message": (OPTIONAL, "720541"),
    "bytes longer than the message": (OPTIONAL, "7a05"),
    "length missing": (OPTIONAL, "72"),
    "length of 2 GiB": (OPTIONAL, "72ffffffff07"),
    "length beyond 32 bits": (OPTIONAL, "728080808010 41"),
    "length of all bits": (OPTIONAL, "72" + "ff" * 9 + "01"),
    "nested message longer than its parent": (TREE, "1202 1202 0a00"),
    "nested field across the end of its message": (TREE, "1201 0a 0141"),
    "unknown field cut short": (OPTIONAL, "a2060541"),
    "unknown fixed32 cut short": (OPTIONAL, "a50601"),
    "wire type 6": (OPTIONAL, "1e"),
    "wire type 7": (OPTIONAL, "1f"),
    "field number 0": (OPTIONAL, "0000"),
    "field number 0, length-delimited": (OPTIONAL, "0200"),
    "end of a group not begun": (OPTIONAL, "0c"),
    "group never ended": (OPTIONAL, "0b"),
    "group ended by another": (OPTIONAL, "0b14"),
    "group ended outside its message": (TREE, "12010b 0c"),
    "known group never ended": (GROUPED, "0b 1001"),
    "known group ended by another": (GROUPED, "0b 14"),
    "known group ended outside what holds it": (GROUPED, "0b 1a010b 0c 0c"),
    "length of a field across the end of its group": (GROUPED, "0b 23 0a02 41 24 0c"),
    "text that is not UTF-8 in a group": (GROUPED, "0b 23 0a01ff 24 0c"),
    "packed value cut short": (PACKED, "1a01ff"),
    "packed doubles of nine bytes": (PACKED, "0a09" + "00" * 9),
    "packed list longer than the message": (PACKED, "1a0501"),
    "map entry longer than the message": (TREE, "2a0a0a0161"),
    "text of proto3 that is not UTF-8": (IMPLICIT, "7201ff"),
    "text of proto3 that is an overlong form": (IMPLICIT, "7202c080"),
    "text of proto3 with a lone surrogate": (IMPLICIT, "7203eda080"),
    "text of proto2 that is not UTF-8": (OPTIONAL, "7201ff"),
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
    "group behind a length": (GROUPED, "3200 3308 0134"),
    "group twice": (GROUPED, "3308 0134 0b 1001 0c 0b 1a 06 3308 0134 0b0c 0c"),
    "group of an unknown field in a group": (GROUPED, "3308 00 f306 f406 34"),
    "end tag padded": (GROUPED, "33 0801 b48000"),
    "extensions": (GROUPED, "33080134 a00605 aa060208 07 b206 0301e807 bb06 0802 bc06 c206020801 ca060178"),
    "map entry with an unknown field": (TREE, "2a07 0a0161 1805 1200"),
    "map entry with an unknown group": (MAPS, "0a02 0b0c 5a02 0b0c"),
    "map entry without a value": (TREE, "2a03 0a0161"),
    "map entry that is empty": (MAPS, "0a00 6200 820100"),
    "map entry with its value before its key": (MAPS, "6a04 1001 0a00"),
    "map entry with a key twice": (MAPS, "6a08 0a0161 1001 0a0162"),
    "map entry with a value of another type": (MAPS, "6a05 0a0161 1200"),
    "map entry of a closed enum with a number that it lacks": (MAPS, "820104 0a00 1007"),
    "map entry twice": (TREE, "2a08 0a0161 12030a0178 2a05 0a0161 1200"),
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


@pytest.mark.parametrize("lane", list(Lane))
def test_malformed_bytes_are_refused(lane: Lane, toolchain: object) -> None:
    verdicts = _verdicts(lane, list(REFUSED.values()))
    accepted = {name: verdict for name, verdict in zip(REFUSED, verdicts, strict=True) if verdict[0] != "!"}
    assert accepted == {}
    assert all(verdict.startswith("!The bytes are not a message: ") for verdict in verdicts)


@pytest.mark.parametrize("lane", list(Lane))
def test_unusual_bytes_are_read_as_the_specification_has_it(lane: Lane, toolchain: object) -> None:
    python = PythonMessages(wire_schema("torture").descriptors)
    for (name, (message, data)), verdict in zip(
        ACCEPTED.items(), _verdicts(lane, list(ACCEPTED.values())), strict=True
    ):
        cls = python.cls(message)
        assert verdict[0] == "=", name
        back = specification.read(cls, bytes.fromhex(verdict[1:]))
        assert back == specification.read(cls, bytes.fromhex(data)), name


@pytest.mark.quick
def test_the_specification_refuses_the_same() -> None:
    python = PythonMessages(wire_schema("torture").descriptors)
    for name, (message, data) in REFUSED.items():
        cls, encoded = python.cls(message), bytes.fromhex(data)
        if name == "tag with six bytes":
            with pytest.raises(specification.UndecidedError):
                specification.read(cls, encoded)
        else:
            assert specification.verdict(cls, encoded) is None, name


@pytest.mark.quick
def test_what_the_specification_makes_of_map_entries() -> None:
    python = PythonMessages(wire_schema("torture").descriptors)

    def entries(name: str, field: str) -> dict[object, object]:
        message, data = ACCEPTED[name]
        return dict(getattr(specification.read(python.cls(message), bytes.fromhex(data)), field))

    tree = python.cls(TREE)
    assert entries("map entry with an unknown field", "named") == {"a": tree()}
    assert entries("map entry without a value", "named") == {"a": tree()}
    assert entries("map entry twice", "named") == {"a": tree()}
    assert entries("map entry with an unknown group", "a") == {0: 0.0}
    assert entries("map entry that is empty", "p") == {"": 0}
    assert entries("map entry with its value before its key", "m") == {"": True}
    assert entries("map entry with a key twice", "m") == {"b": True}
    assert entries("map entry with a value of another type", "m") == {"a": False}
    assert entries("map entry of a closed enum with a number that it lacks", "p") == {}
