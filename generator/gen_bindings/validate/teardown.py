"""What disposing an object does to its fields, and which of its handlers look first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gen_bindings.validate.facts import (
    Assign,
    Binary,
    Call,
    Conditional,
    Field,
    If,
    Lambda,
    Literal,
    Lock,
    Member,
    Method,
    Name,
    Switch,
    Test,
    Unary,
    walk,
)
from gen_bindings.validate.inline import own_nodes
from gen_bindings.validate.program import TypeInfo, split_type

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context

_CHANGES = {"Clear", "Remove", "RemoveAt", "Dequeue", "Pop", "Enqueue", "Push", "Add", "Insert"}


def disposing(context: Context, info: TypeInfo) -> list[Method]:
    """The methods of a type that run when an object of it ends."""
    owners = context.owners
    roots = [m for m in info.all_methods() if owners.is_root(m) and m.name != "~" and m.body is not None]
    reached = owners.reachable([m.body for m in roots])
    return [m for m in info.all_methods() if m in roots or (m.body is not None and m.body in reached)]


def handlers(context: Context, info: TypeInfo) -> list[Method]:
    """The methods of a type that it subscribes to events of others."""
    program = context.program
    found: list[Method] = []
    for assign in program.assigns:
        body = program.body_of.get(assign)
        if assign.op == "+=" and body is not None and body.type is info:
            for each in context.flow.delegates(assign.right):
                if isinstance(each, Method) and not each.static and each not in found:
                    found.append(each)
    return found


def _own_field(context: Context, node: Any, info: TypeInfo) -> Field | None:
    member = context.program.member_of(node) if isinstance(node, Name | Member) else None
    if not isinstance(member, Field) or member.static or member.sort == "event" or member.owner is None:
        return None
    holder = context.program.type_named(member.owner.name, member.owner.file)
    return member if holder is info or holder in context.program.bases_of(info) else None


def nulled(context: Context, info: TypeInfo) -> dict[Field, Any]:
    """Fields that are null once the object has ended, with the place."""
    found: dict[Field, Any] = {}
    for method in disposing(context, info):
        for node in own_nodes(method):
            if isinstance(node, Assign) and isinstance(node.right, Literal) and node.right.kind == "null":
                member = _own_field(context, node.left, info)
                if member is not None:
                    found.setdefault(member, node)
    return found


def changed(context: Context, info: TypeInfo) -> dict[Field, Any]:
    """Fields that ending the object writes, or whose plain collection it empties: the place, one outside any
    lock before one inside."""
    program = context.program
    found: dict[Field, Any] = {}
    for method in disposing(context, info):
        for node in own_nodes(method):
            target: Any = None
            if isinstance(node, Assign):
                target = node.left
            elif isinstance(node, Call) and isinstance(node.target, Member) and node.target.name in _CHANGES:
                target = node.target.target
                if "Concurrent" in program.type_of(target) or not split_type(program.type_of(target))[1]:
                    continue
            member = _own_field(context, target, info)
            if member is None or member.modifiers & {"volatile"}:
                continue
            if member not in found or not locked(context, node):
                found[member] = node
    return found


def locked(context: Context, node: Any) -> bool:
    """Whether a place stands inside a lock or an atomic operation."""
    for above in context.program.ancestors(node):
        if isinstance(above, Lock):
            return True
        if isinstance(above, Call) and isinstance(above.target, Member):
            receiver = above.target.target
            if isinstance(receiver, Name | Member) and receiver.name in ("Interlocked", "Volatile"):
                return True
        if isinstance(above, Method | Lambda):
            return False
    return False


def uses(context: Context, method: Method, member: Field) -> Iterator[Any]:
    """Places where a method reads a field, other than to ask whether it is null."""
    for node in own_nodes(method):
        if isinstance(node, Name | Member) and context.program.member_of(node) is member:
            parent = context.program.parent.get(node)
            asks = isinstance(parent, Test) or (isinstance(parent, Binary) and parent.op in ("==", "!="))
            if not asks and not (isinstance(parent, Assign) and parent.left is node):
                yield node


def looks_first(context: Context, method: Method, info: TypeInfo, member: Field, use: Any) -> bool:
    """Whether a handler asks whether the object has ended before it uses a field of it.

    Any condition on the field, or on a flag that ending the object sets, before the use or around it counts.
    """
    access = context.program.parent.get(use)
    if isinstance(access, Member) and access.conditional:
        return True
    flags = {member.name}
    for ending in disposing(context, info):
        for node in own_nodes(ending):
            if isinstance(node, Assign):
                field = _own_field(context, node.left, info)
                if field is not None:
                    flags.add(field.name)
    for node in own_nodes(method):
        if isinstance(node, If | Conditional | Switch) and (node.line, node.column) <= (use.line, use.column):
            tested = node.value if isinstance(node, Switch) else node.condition
            for inner in walk(tested):
                if inner is not use and isinstance(inner, Name | Member) and inner.name in flags:
                    return True
                if isinstance(inner, Call) and _asks_for_end(context, inner, flags):
                    return True
    return isinstance(access, Unary)


def _asks_for_end(context: Context, call: Call, flags: set[str]) -> bool:
    """Whether a condition calls something of the object that reads one of the flags."""
    return any(
        isinstance(node, Name | Member) and node.name in flags
        for method in context.program.resolve_call(call)
        for node in walk(method.body)
    )
