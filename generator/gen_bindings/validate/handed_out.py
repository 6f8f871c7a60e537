"""Wrappers that a container gives away, and the objects that are made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gen_bindings.validate.facts import (
    Assign,
    Binary,
    Call,
    Cast,
    Do,
    Index,
    Literal,
    Local,
    Member,
    Method,
    Name,
    New,
    Return,
    walk,
)
from gen_bindings.validate.program import TypeInfo, Variable

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context

_EMPTIES = {"Dequeue", "Pop", "Take"}
# So many places must treat their objects alike before one that does not is told.
_ALIKE = 4


@dataclass(frozen=True)
class Made:
    """An object that is made of a wrapper, the local that has it, and what is called on that."""

    new: New
    type: TypeInfo
    method: Method
    called: frozenset[str]


def takers(context: Context) -> list[Method]:
    """Methods that give a wrapper away: they return what they take out of a field or a collection."""
    program = context.program
    found: list[Method] = []
    for info in context.own_types():
        for method in info.all_methods():
            owner = program.type_named(method.type, info.file) if method.body is not None else None
            if owner is not None and context.flow.is_wrapper(owner) and _takes_out(context, method):
                found.append(method)
    return found


def _takes_out(context: Context, method: Method) -> bool:
    program = context.program
    emptied = {
        _text(node.left)
        for node in walk(method.body)
        if isinstance(node, Assign) and isinstance(node.right, Literal) and node.right.kind == "null"
    }
    for node in walk(method.body):
        value: Any = node.value if isinstance(node, Return) else None
        if isinstance(value, Name) and value in program.variable_of:
            value = program.variable_of[value].value
        while isinstance(value, Cast):
            value = value.value
        if isinstance(value, Index | Member | Name) and _text(value) in emptied:
            return isinstance(value, Index) or program.member_of(value) is not None
        if isinstance(value, Call) and _empties(value) and not program.resolve_call(value):
            return True
    return False


def _empties(call: Call) -> bool:
    name = call.target.name if isinstance(call.target, Member) else ""
    last = call.arguments[-1].value if call.arguments else None
    swaps = name == "Exchange" and isinstance(last, Literal) and last.kind == "null"
    return swaps or name in _EMPTIES


def _text(value: Any) -> str:
    return ".".join(n.name for n in walk(value) if isinstance(n, Name | Member))


def _taken(context: Context) -> Iterator[tuple[Call, Variable | None]]:
    program = context.program
    for method in takers(context):
        for call in program.calls.get(method.name, ()):
            if method not in program.resolve_call(call):
                continue
            above = program.parent.get(call)
            while isinstance(above, Cast):
                above = program.parent.get(above)
            if isinstance(above, Local) and not above.using:
                yield call, next((v for v in program.body_of[above].variables if v.node is above), None)
            elif isinstance(above, Do):
                yield call, None


def dropped(context: Context) -> Iterator[Call]:
    """Where a wrapper is taken out of its container and goes nowhere."""
    for call, variable in _taken(context):
        uses = variable.uses if variable is not None else []
        if not any(_hands_on(context, use) for use in uses):
            yield call


def _hands_on(context: Context, use: Name) -> bool:
    """Whether a use gives the wrapper to something, or releases it."""
    above = context.program.parent.get(use)
    if isinstance(above, Binary):
        return above.op not in ("==", "!=")
    if isinstance(above, Assign):
        return above.left is not use
    if isinstance(above, Member):
        return isinstance(context.program.parent.get(above), Call)
    return True


def unlike_others(context: Context) -> Iterator[tuple[Made, str, int]]:
    """(object, method, others) where others of the same base are all given to a method of that base, and
    this one is not: what keeps and ends them does not know it."""
    groups: dict[TypeInfo, list[Made]] = {}
    for made in _made(context):
        for base in context.program.bases_of(made.type):
            if context.program.is_disposable(base):
                groups.setdefault(base, []).append(made)
    told: set[New] = set()
    for base, objects in groups.items():
        counts = Counter(name for made in objects for name in made.called if name in base.methods)
        for name, count in counts.items():
            others = [made for made in objects if name not in made.called]
            if count < _ALIKE or len(others) > count // _ALIKE:
                continue
            for made in others:
                if made.new not in told:
                    told.add(made.new)
                    yield made, name, count


def undisposed(context: Context) -> Iterator[tuple[New, int]]:
    """(container, others) where a local container of wrappers is not disposed, and others like it are."""
    program = context.program
    holders = {kept.type for kept in context.owners.kept.values() if program.is_disposable(kept.type)}
    for info in sorted(holders, key=lambda each: each.path):
        using = 0
        left: list[New] = []
        for new in program.news.get(info.name, ()):
            local = program.parent.get(new)
            if not isinstance(local, Local) or program.type_named(program.type_of(new)) is not info:
                continue
            using += local.using
            variable = _variable(context, new, local)
            if not local.using and variable is not None and not _leaves(context, variable):
                left.append(new)
        if using >= _ALIKE and len(left) <= using // _ALIKE:
            yield from ((new, using) for new in left)


def _leaves(context: Context, variable: Variable) -> bool:
    """Whether a local is disposed, returned or put into something that outlives the method."""
    for use in variable.uses:
        above = context.program.parent.get(use)
        if isinstance(above, Member) and above.name in ("Dispose", "Close"):
            return True
        if isinstance(above, Return) or (isinstance(above, Assign) and above.right is use):
            return True
    return False


def _made(context: Context) -> Iterator[Made]:
    program = context.program
    for _, variable in _taken(context):
        for use in variable.uses if variable is not None else ():
            new = program.parent.get(use)
            local = program.parent.get(new)
            info = program.type_named(program.type_of(new)) if isinstance(new, New) else None
            method = program.method_at(new)
            if info is None or method is None or not isinstance(new, New):
                continue
            target = _variable(context, new, local)
            called = set()
            for each in target.uses if target is not None else ():
                above = program.parent.get(each)
                if isinstance(above, Member) and isinstance(program.parent.get(above), Call):
                    called.add(above.name)
            yield Made(new, info, method, frozenset(called))


def _variable(context: Context, new: New, above: Any) -> Variable | None:
    program = context.program
    if isinstance(above, Local):
        return next((v for v in program.body_of[above].variables if v.node is above), None)
    if isinstance(above, Assign) and isinstance(above.left, Name):
        return program.variable_of.get(above.left)
    return None
