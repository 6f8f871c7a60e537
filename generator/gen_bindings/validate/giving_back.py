"""Whether a wrapper gives its handle back to the library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gen_bindings.validate.facts import (
    Assign,
    Call,
    Field,
    Index,
    Local,
    Member,
    Method,
    Name,
    Unary,
    walk,
)
from gen_bindings.validate.flow import HARMLESS
from gen_bindings.validate.order import is_value
from gen_bindings.validate.program import TypeInfo

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context

_TEXTS = ("string", "bool")


def keepers(context: Context) -> Iterator[tuple[TypeInfo, Method]]:
    """Wrappers of the library's handles whose ReleaseHandle reaches no release function, with that method."""
    program = context.program
    if not context.flow.release_methods:
        # Nothing could be found: the import is missing or has another name, which is said already.
        return
    traces = [f.trace for f in context.owners.fates] + [trace for _, trace in context.owners.replies]
    made = {program.type_named(program.type_of(node)) for trace in traces for node in trace.wraps}
    for info in sorted((i for i in made if i is not None), key=lambda i: i.path):
        release = _in(context, info, "ReleaseHandle", 0)
        if release is not None and program.is_safe_handle(info) and not _gives_back(context, info, release):
            yield info, release


def _in(context: Context, info: TypeInfo, name: str, count: int) -> Method | None:
    """The method of this name that an object of exactly this type runs."""
    for each in (info, *context.program.bases_of(info)):
        for method in each.methods.get(name, ()):
            if len(method.parameters) == count and method.body is not None:
                return method
    return None


def _gives_back(context: Context, info: TypeInfo, start: Method) -> bool:
    """Whether a release is reached through the wrapper's own methods and what they call with its number."""
    chain = (info, *context.program.bases_of(info))
    own = {m.name for each in chain for m in each.all_methods()}
    seen: set[tuple[Method, frozenset[str]]] = set()
    queue: list[tuple[Method, frozenset[str]]] = [(start, frozenset())]
    while queue:
        method, held = queue.pop()
        if (method, held) in seen:
            continue
        seen.add((method, held))
        for node in walk(method.body):
            if not isinstance(node, Call):
                continue
            if context.flow.is_release(node):
                return True
            positions = [
                i
                for i, a in enumerate(node.arguments)
                if _is_id(context, a.value, chain, held) and _kept(node)
            ]
            # A virtual method runs as this wrapper has it, whatever the other wrappers do.
            mine = _own_method(context, info, node, own)
            if mine is None and any(_helps(context, node, position, 4) for position in positions):
                return True
            if mine is not None:
                names = [mine.parameters[i].name for i in positions if i < len(mine.parameters)]
                queue.append((mine, frozenset(names)))
            # What a method is given by its name may run later, with the wrapper as its argument.
            named = [a.value.name for a in node.arguments if isinstance(a.value, Name)]
            for name, count in ((name, count) for name in named for count in (0, 1)):
                later = _in(context, info, name, count) if name in own else None
                if later is not None:
                    queue.append((later, frozenset()))
    return False


def _own_method(context: Context, info: TypeInfo, call: Call, own: set[str]) -> Method | None:
    """The wrapper's own method that a call runs, on itself or on another wrapper of its kind."""
    target = call.target
    if not isinstance(target, Name | Member) or target.name not in own:
        return None
    if not any(method.name in own for method in context.program.resolve_call(call)):
        return None
    receiver = target.target if isinstance(target, Member) else None
    if receiver is not None and not (isinstance(receiver, Name) and receiver.name in ("this", "base")):
        owner = context.program.type_named(context.program.type_of(receiver))
        if owner is None or owner not in (info, *context.program.bases_of(info)):
            return None
    return _in(context, info, target.name, len(call.arguments))


def _helps(context: Context, call: Call, position: int, depth: int) -> bool:
    """Whether a helper releases the number that it is given, keeps it, or cannot be looked into."""
    name = call.target.name if isinstance(call.target, Name | Member) else ""
    if name in HARMLESS:
        return False
    targets = [target for target in context.program.resolve_call(call) if target.body is not None]
    if not targets or depth == 0:
        return True
    return any(_ends(context, target, position, depth) for target in targets)


def _ends(context: Context, method: Method, position: int, depth: int) -> bool:
    if position >= len(method.parameters):
        return True
    names = {method.parameters[position].name}
    for node in walk(method.body):
        if isinstance(node, Local) and _mentions(node.value, names):
            made = context.program.type_of(node.value) if node.type == "var" else node.type
            if made not in _TEXTS:
                names.add(node.name)
        elif isinstance(node, Assign) and node.op == "=" and _mentions(node.right, names):
            if not isinstance(node.left, Index | Unary) and not _is_number(context, node.left):
                return True
        elif isinstance(node, Call):
            for index, argument in enumerate(node.arguments):
                if not _mentions(argument.value, names):
                    continue
                if context.flow.is_release(node) or _helps(context, node, index, depth - 1):
                    return True
    return False


def _is_number(context: Context, left: Any) -> bool:
    """Whether a part of a buffer or a plain local is written, which keeps no handle."""
    return isinstance(left, Name) and left in context.program.variable_of


def _mentions(value: Any, names: set[str]) -> bool:
    return value is not None and any(isinstance(n, Name) and n.name in names for n in walk(value))


def _is_id(context: Context, value: Any, chain: tuple[TypeInfo, ...], held: frozenset[str]) -> bool:
    """Whether a value has the number that the wrapper keeps."""
    for node in walk(value):
        if isinstance(node, Name) and node.name in held and node in context.program.variable_of:
            return True
        if isinstance(node, Name | Member):
            body = context.program.body_of.get(node)
            if body is None or body.type not in chain:
                continue
            member = context.program.member_of(node)
            if member is None and node.name == "handle":
                return True
            own = isinstance(member, Field) and not member.static and member.type != "bool"
            if own and isinstance(member, Field) and is_value(member.type):
                return True
    return False


def _kept(call: Call) -> bool:
    """Whether a call does more than to exchange or compare a number."""
    owner = call.target.target if isinstance(call.target, Member) else None
    return not (isinstance(owner, Name) and owner.name in ("Interlocked", "Volatile", "GC"))
