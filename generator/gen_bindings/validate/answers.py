"""Who releases an answer whose handle is kept in a value that helpers hand on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gen_bindings.validate.facts import (
    Assign,
    Call,
    Cast,
    Do,
    Field,
    Local,
    Member,
    Method,
    Name,
    Try,
    Unary,
    walk,
)
from gen_bindings.validate.program import TypeInfo, Variable

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context


def holders(context: Context) -> dict[TypeInfo, set[str]]:
    """The types that keep the handle of an answer, and their methods that release it."""
    found: dict[TypeInfo, set[str]] = {}
    for _, trace in context.owners.replies:
        for member, _, collection in trace.stores:
            owner = member.owner if isinstance(member, Field) and not member.static else None
            info = context.program.type_named(owner.name, owner.file) if owner is not None else None
            if info is None or collection or context.flow.is_wrapper(info):
                continue
            methods = {context.program.method_at(release) for release in trace.releases}
            names = {m.name for m in info.all_methods() if m in methods}
            if names:
                found.setdefault(info, set()).update(names)
    for info, names in found.items():
        for method in info.all_methods():
            inner = [n.target for n in walk(method.body) if isinstance(n, Call)]
            if any(isinstance(target, Name) and target.name in names for target in inner):
                names.add(method.name)
    return found


def unreleased(context: Context) -> Iterator[tuple[Call, str]]:
    """Calls that are given such a value and release it on no ending, with the method around them."""
    for call, names in _given(context):
        place, variable = _kept(context, call)
        lost = isinstance(place, Do) and place.value is call
        if isinstance(place, Member):
            lost = isinstance(context.program.parent.get(place), Call) and place.name not in names
        if variable is not None:
            uses = [context.program.parent.get(use) for use in variable.uses]
            read = all(isinstance(use, Member) or _written(use, variable) for use in uses)
            lost = read and not any(isinstance(use, Member) and use.name in names for use in uses)
        if lost:
            yield call, _around(context, call)


def unprotected(context: Context) -> Iterator[tuple[Call, Any, str]]:
    """(call, what can throw, method) where the release of such a value stands in no ``finally``."""
    program = context.program
    for call, names in _given(context):
        _, variable = _kept(context, call)
        method = program.method_at(call)
        if variable is None or method is None:
            continue
        uses = [program.parent.get(use) for use in variable.uses]
        if not all(isinstance(use, Member) or _written(use, variable) for use in uses):
            continue
        releases = [use for use in uses if isinstance(use, Member) and use.name in names]
        if not releases or any(_in_finally(context, release) for release in releases):
            continue
        end = min((release.line, release.column) for release in releases)
        for node in walk(method.body):
            if isinstance(node, Call) and (call.line, call.column) < (node.line, node.column) < end:
                if node.target in releases or program.method_at(node) is not method:
                    continue
                yield call, node, _around(context, call)
                break


def givers(context: Context) -> dict[Method, set[str]]:
    """Methods that hand such a value to their caller, with the names of its releasing methods."""
    known = holders(context)
    found: dict[Method, set[str]] = {}
    for each in context.own_types() if known else ():
        for method in each.all_methods():
            info = context.program.type_named(method.type, each.file) if method.name != ".ctor" else None
            if info in known:
                found[method] = known[info]
    return found


def _given(context: Context) -> Iterator[tuple[Call, set[str]]]:
    program = context.program
    for method, names in givers(context).items():
        for call in program.calls.get(method.name, ()):
            if method in program.resolve_call(call):
                yield call, names


def _kept(context: Context, call: Call) -> tuple[Any, Variable | None]:
    """What stands around the call, and the local that is given its value."""
    program = context.program
    above = program.parent.get(call)
    while isinstance(above, Cast | Unary):
        above = program.parent.get(above)
    if isinstance(above, Local) and not above.using:
        return above, next((v for v in program.body_of[above].variables if v.node is above), None)
    if isinstance(above, Assign) and isinstance(above.left, Name) and above.left in program.variable_of:
        return above, program.variable_of[above.left]
    return above, None


def _written(use: Any, variable: Variable) -> bool:
    return isinstance(use, Assign) and use.left in variable.uses


def _in_finally(context: Context, node: Any) -> bool:
    blocks = [above.final for above in context.program.ancestors(node) if isinstance(above, Try)]
    return any(block is not None and node in set(walk(block)) for block in blocks)


def _around(context: Context, call: Call) -> str:
    method = context.program.method_at(call)
    return f"{context.program.body_of[call].type.name}.{method.name if method else ''}"
