"""What a pattern takes apart: the names that it binds, and the way from the whole to each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from gen_bindings.validate.facts import Declares, Local, Member, Name, Statement, Value

Way = tuple[str, ...]


def part(position: int) -> str:
    """The name that facts give to a part of a tuple or of a pair, as its Deconstruct hands it out."""
    return f"${position}"


def _text(node: Node | None) -> str:
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def tuple_ways(pattern: Node, way: Way = ()) -> Iterator[tuple[Way, str]]:
    """(way, name) of each name in ``(a, (b, _))``."""
    parts = [child for child in pattern.named_children if child.type != "comment"]
    for position, child in enumerate(parts):
        if child.type == "tuple_pattern":
            yield from tuple_ways(child, (*way, part(position)))
        elif child.type == "identifier" and _text(child) != "_":
            yield (*way, part(position)), _text(child)


def property_ways(pattern: Node, way: Way = ()) -> Iterator[tuple[Way, str, str]]:
    """(way, name, type) of each name that a pattern binds: ``{ User: { Data: var data } }``."""
    if pattern.type in ("declaration_pattern", "recursive_pattern", "var_pattern"):
        name = pattern.child_by_field_name("name")
        if name is not None:
            written = "".join(_text(pattern.child_by_field_name("type")).split())
            yield way, _text(name), written or "var"
    for child in pattern.named_children:
        if child.type == "subpattern":
            named = [c for c in child.named_children if c.type != "comment"]
            if len(named) == 2:
                yield from property_ways(named[1], (*way, *_text(named[0]).split(".")))
        elif child.type.endswith(("_pattern", "_clause")):
            yield from property_ways(child, way)


def along(value: Value, way: Way) -> Value:
    """``value.A.B``."""
    for step in way:
        value = Member(value.line, value.column, value, step)
    return value


def taken_apart(line: int, column: int, whole: str, ways: Sequence[tuple[Way, str]]) -> list[Statement]:
    """A local for each part of the local ``whole``."""
    return [Local(line, column, "var", name, along(Name(line, column, whole), way)) for way, name in ways]


def assigned_parts(left: Sequence[Value]) -> tuple[list[tuple[Way, str]], list[tuple[Way, Value]]]:
    """The left side of ``(a, var b) = …``: what it declares, and what it assigns."""
    declared: list[tuple[Way, str]] = []
    assigned: list[tuple[Way, Value]] = []
    for position, value in enumerate(left):
        if isinstance(value, Declares):
            declared.append(((part(position),), value.name))
        elif not (isinstance(value, Name) and value.name == "_"):
            assigned.append(((part(position),), value))
    return declared, assigned
