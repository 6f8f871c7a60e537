"""Handlers of events that end an object, or bring one for the time of the event, and release nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gen_bindings.model.binding import Delivery, Lifetime
from gen_bindings.validate.facts import Assign, Call, Field, Member, Method, Name, walk

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context
    from gen_bindings.validate.program import Program

_RELEASES = ("Dispose", "Close", "Release", "Remove", "TryRemove", "Destroy", "Clear", "Cleanup", "Free")
_KEEPS = {"Add", "TryAdd", "Enqueue", "Push", "Insert"}
_DEPTH = 3


def unheeded(context: Context) -> Iterator[tuple[Method, Delivery, str]]:
    """(handler, delivery, kind) where a delivery removes an object or ends its session, and no method that is
    given its message releases anything."""
    owners = context.owners
    owned = {kind for kept in owners.kept.values() for kind in owners.kinds_in(kept)}
    for delivery in context.binding.deliveries:
        kind = delivery.detaches or (delivery.target if delivery.ends == "session" else None)
        if kind not in owned:
            continue
        found = _handlers(context, delivery)
        if found and not any(_releases(context, method, _DEPTH, set()) for method in found):
            yield found[0], delivery, kind


def unclaimed(context: Context) -> Iterator[tuple[Method, Delivery, str]]:
    """(handler, delivery, kind) where a delivery brings an object that only its handlers may keep, and the
    method that hands it to them neither keeps nor releases it."""
    inside = {fate.acquisition.id: fate.acquisition for fate in context.owners.fates if fate.inside}
    for delivery in context.binding.deliveries:
        kinds = [inside[each].kind for each in delivery.acquisitions if each in inside]
        brief = [kind for kind in kinds if context.binding.kind(kind).lifetime is Lifetime.CLAIMED]
        for method in _handlers(context, delivery) if brief else ():
            if not _releases(context, method, 0, set()) and not _keeps(context, method):
                yield method, delivery, brief[0]


def _handlers(context: Context, delivery: Delivery) -> list[Method]:
    """Methods that are given the delivery's message and do something with it."""
    program = context.program
    name = delivery.message.rpartition(".")[2]
    found: list[Method] = []
    for info in context.own_types():
        if info.message:
            continue
        for method in info.all_methods():
            given = [p.type for p in method.parameters if p.type.rpartition(".")[2] == name]
            if not given or method.name == ".ctor" or not _is_message(program, given[0]):
                continue
            if any(isinstance(node, Call) for node in walk(method.body)):
                found.append(method)
    return found


def _is_message(program: Program, text: str) -> bool:
    info = program.type_named(text.rpartition(".")[2])
    written = info is not None and (info.message or not (info.fields or info.properties))
    return written or program.message_named(text) is not None


def _releases(context: Context, method: Method, depth: int, seen: set[Method]) -> bool:
    seen.add(method)
    for node in walk(method.body):
        if not isinstance(node, Call) or not isinstance(node.target, Name | Member):
            continue
        if node.target.name.startswith(_RELEASES) or context.flow.is_release(node):
            return True
        targets = context.program.resolve_call(node)
        if depth and any(_releases(context, each, depth - 1, seen) for each in targets if each not in seen):
            return True
    return False


def _keeps(context: Context, method: Method) -> bool:
    """Whether anything is put into a field or a collection."""
    for node in walk(method.body):
        if isinstance(node, Assign) and isinstance(context.program.member_of(node.left), Field):
            return True
        if isinstance(node, Call) and isinstance(node.target, Member) and node.target.name in _KEEPS:
            return True
    return False
