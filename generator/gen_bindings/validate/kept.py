"""Questions about fields that keep owners, for several checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gen_bindings.model.binding import BorrowMode
from gen_bindings.validate.facts import Assign, Call, Field, Literal, Member, Method, Name, New, walk
from gen_bindings.validate.program import TypeInfo, protoc_name

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context
    from gen_bindings.validate.owners import Kept


def unreleased(context: Context) -> Iterator[Kept]:
    """Fields whose owners no Dispose root releases, there or in another field that keeps them."""
    kept_fields = context.owners.kept
    for kept in kept_fields.values():
        if kept.reached:
            continue
        for site in kept.sites:
            others = [kept_fields[m] for m, _, _ in site.trace.stores if m in kept_fields]
            if any(other.reached for other in others):
                continue
            yield kept
            break


def containers_left(context: Context) -> Iterator[tuple[TypeInfo, Field, TypeInfo]]:
    """(type, field, container) where a type makes a disposable container of owners for itself and no code
    disposes it or hands the field on."""
    program = context.program
    holders = {k.type.name: k.type for k in context.owners.kept.values() if program.is_disposable(k.type)}
    for info in context.own_types():
        for member in info.fields.values():
            holder = holders.get(member.type)
            if holder is None or member in context.owners.kept or not isinstance(member.value, New):
                continue
            uses = [program.parent.get(use) for use in program.member_uses(member)]
            if not any(isinstance(use, Member) and use.name in ("Dispose", "Close") for use in uses):
                yield info, member, holder


def kinds_text(context: Context, kept: Kept) -> str:
    """The kinds in a field, for a message."""
    known = {kind.name: kind.type_name for kind in context.binding.kinds}
    names = sorted({known.get(k, k) for k in context.owners.kinds_in(kept)})
    return " and ".join(names) or "handle"


def way(kept: Kept) -> tuple[str, ...]:
    """From the message's field to the field that keeps the owner."""
    site = kept.sites[0]
    steps = [site.text]
    if site.type is not None:
        steps.append(site.type.name)
    steps.append(f"{kept.type.name}.{kept.member.name}")
    return tuple(steps)


def is_public(info: TypeInfo) -> bool:
    """Whether code outside sees a type."""
    while True:
        if not any("public" in part.modifiers for part in info.parts):
            return False
        if info.outer is None:
            return True
        info = info.outer


def again(context: Context, method: Method) -> bool:
    """Whether a method can run more than once for one object: an event's handler or a public member."""
    if method.name.startswith("set_") or "public" in method.modifiers:
        return True
    deliveries = [
        f.trace for f in context.owners.fates if f.acquisition.origin.value == "event" and f.trace.reached
    ]
    nodes = {context.program.method_at(n) for t in deliveries for nodes in t.reached.values() for n in nodes}
    return any(each in nodes for each in context.owners.reaching(method))


def mentioned_before(context: Context, method: Method, member: Field, place: Assign) -> bool:
    """Whether the method looks at the field before it sets it: disposes it, tests it, takes it out."""
    for node in walk(method.body):
        if node is place:
            return False
        if isinstance(node, Name | Member) and node.name == member.name:
            return context.program.parent.get(node) is not place
    return False


def borrowed_ids(context: Context) -> Iterator[tuple[Any, str, str]]:
    """Reads of integers that name an object in events and hand nothing over: (node, message, field)."""
    program, binding = context.program, context.binding
    if binding.schema is None:
        return
    handed = {
        (a.path.last.message, a.path.last.field) for a in binding.acquisitions if a.path and a.transfers
    }
    messages = {d.message for d in binding.deliveries} | {d.route.message for d in binding.deliveries}
    for full_name in sorted(messages):
        message = program.message_by_full.get(full_name)
        for entry in message.fields if message is not None else ():
            if (
                entry.scalar is None
                or not entry.name.endswith("_handle")
                or (full_name, entry.name) in handed
            ):
                continue
            for node in program.names.get(protoc_name(entry.name), ()):
                if isinstance(node, Member):
                    owner = program.message_named(program.type_of(node.target))
                    if owner is not None and owner.full_name == full_name:
                        yield node, owner.name, entry.name


def taken(context: Context) -> Iterator[tuple[Any, Field, str]]:
    """Places where a request that consumes a handle is filled from a field: (node, field, operation)."""
    program = context.program
    for operation in context.binding.operations:
        for borrow in operation.borrows:
            if borrow.mode is not BorrowMode.TAKE:
                continue
            message = borrow.path.last.message
            name = protoc_name(borrow.path.last.field)
            for node, value in _fillings(context, message, name):
                for inner in walk(value):
                    if isinstance(inner, Name | Member):
                        member = program.member_of(inner)
                        if isinstance(member, Field) and member in context.owners.kept:
                            yield node, member, operation.name
                            break


def _fillings(context: Context, message: str, name: str) -> Iterator[tuple[Any, Any]]:
    program = context.program
    for new in program.news.get(message.rpartition(".")[2], ()):
        for label, value in new.members:
            if label == name:
                yield new, value
    for assign in program.assigns:
        left = assign.left
        if isinstance(left, Member) and left.name == name:
            owner = program.message_named(program.type_of(left.target))
            if owner is not None and owner.full_name == message:
                yield assign, assign.right


def is_marked(context: Context, member: Field) -> bool:
    """Whether the owner in a field is told that the library took its handle."""
    program = context.program
    for use in program.member_uses(member):
        parent = program.parent.get(use)
        if isinstance(parent, Member) and isinstance(program.parent.get(parent), Call):
            if parent.name == "SetHandleAsInvalid":
                return True
            call = program.parent[parent]
            for method in program.resolve_call(call):
                if any(
                    isinstance(n, Name | Member) and n.name == "SetHandleAsInvalid" for n in walk(method.body)
                ):
                    return True
        if isinstance(parent, Assign) and parent.left is use:
            value = parent.right
            if isinstance(value, Literal) and value.text in ("0", "null", "0UL"):
                around = program.method_at(parent)
                if around is not None and around.name not in ("Dispose", "Close", ".ctor"):
                    return True
    return False
