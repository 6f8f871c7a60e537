"""Decides how many elements a pointer points to."""

from __future__ import annotations

import re

from gen_bindings.model.binding import Memory
from gen_bindings.model.expressions import Cast, Elements, Expression, Formula, Member, Name
from gen_bindings.passes.surface.scope import Scope

_FIELD = re.compile(r"([A-Za-z_]\w*)")


def element_count(scope: Scope, memory: Memory, holder: str) -> Expression:
    """How many elements a pointer of a message points to, over the properties of ``holder``."""
    if memory.size_field is None:
        return _counted(scope, memory, holder)
    length = Member(Name(holder), scope.cs_field(memory.message, memory.size_field).property_name)
    return length if counts_as_is(memory) else Elements(length, memory.element)


def counts_as_is(memory: Memory) -> bool:
    """The size field counts elements, or bytes that are elements."""
    return memory.element == "byte" or memory.size_in_elements


def _counted(scope: Scope, memory: Memory, holder: str) -> Expression:
    """A count over a message's fields (``channels * samples``) as C# over their properties."""
    if not memory.count:
        return Name("0")
    pieces: list[str | Expression] = []
    for piece in _FIELD.split(memory.count):
        field = scope.message(memory.message).field(piece)
        if field is not None:
            pieces.append(Member(Name(holder), field.property_name))
        elif piece:
            pieces.append(piece)
    return Cast("long", Formula(tuple(pieces)))
