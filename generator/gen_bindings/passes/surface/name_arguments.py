"""Decides which arguments an event has, how they are called, and what each is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gen_bindings.model.binding import Acquisition, Delivery, Place, ThreadPolicy
from gen_bindings.model.events import EventArgument, Lookup
from gen_bindings.model.expressions import MESSAGE, IfFlag, Member, Name, ReadText
from gen_bindings.model.messages import CsField, TypeKind
from gen_bindings.naming import free, local, pascal
from gen_bindings.passes.surface.plan_receipts import Receiving
from gen_bindings.passes.surface.scope import Scope

_FRAME = Name("frame")
_READER = Name("reader")


def name_arguments(
    scope: Scope, delivery: Delivery, receiving: Receiving, lookups: Sequence[Lookup]
) -> tuple[EventArgument, ...]:
    """Objects that the event names, objects that it brings, then what else its message says."""
    inline = delivery.thread is ThreadPolicy.INLINE
    arguments = [
        # Inside the library's callback nothing is looked up.
        *(() if inline else _named(scope, lookups)),
        *_brought(scope, delivery, receiving),
        *(_read(scope, f) if inline else _said(scope, f) for f in _fields(scope, delivery)),
    ]
    taken: set[str] = set()
    named = [replace(argument, property=free(argument.property, taken)) for argument in arguments]
    return tuple(replace(argument, local=local(argument.property)) for argument in named)


def _named(scope: Scope, lookups: Sequence[Lookup]) -> Iterator[EventArgument]:
    for lookup in lookups:
        doc = f"The {lookup.type} that the event names; null when it is not known."
        yield EventArgument(_reference_name(scope, lookup), lookup.type, "", doc, Name(lookup.variable))


def _brought(scope: Scope, delivery: Delivery, receiving: Receiving) -> Iterator[EventArgument]:
    for acquisition_id in delivery.acquisitions:
        acquisition = scope.acquisitions[acquisition_id]
        assert acquisition.path is not None
        type_ = scope.acquired_type(acquisition)
        if acquisition_id in receiving.singles:
            name = pascal(acquisition.path.last.field)
            # A field that is only called as the convention has it says nothing about the object.
            if scope.binding.envelope is not None and name == scope.binding.envelope.facts_suffix:
                name = type_
            doc = _new(scope, acquisition, type_)
            yield EventArgument(name, type_, "", doc, Name(receiving.variables[acquisition_id]))
        elif scope.is_frame(acquisition.kind):
            doc = f"The {type_}; it ends with the handler unless it is kept."
            yield EventArgument(type_, type_, "", doc, _FRAME, is_frame=True)


def _fields(scope: Scope, delivery: Delivery) -> Iterator[CsField]:
    """Fields of the message that neither are objects nor name the target."""
    paths = [scope.acquisitions[a].path for a in delivery.acquisitions]
    owned = {path.last.field for path in paths if path is not None and len(path.steps) == 1}
    for field in scope.message(delivery.message).fields:
        if field.name not in owned and not field.is_internal and field.name != delivery.route.correlation:
            yield field


def _said(scope: Scope, field: CsField) -> EventArgument:
    value = Member(MESSAGE, field.property_name)
    return EventArgument(field.property_name, scope.property_type(field), "", field.doc, value)


def _read(scope: Scope, field: CsField) -> EventArgument:
    """An argument of a handler inside the callback, out of a scoped reader."""
    type_ = scope.property_type(field)
    value = Member(_READER, field.property_name)
    flag = Member(_READER, field.has)
    argument = EventArgument(field.property_name, type_, "", field.doc, value)
    if field.type.kind is TypeKind.MESSAGE:
        return replace(argument, present=flag)
    if field.type.name == "string":
        return replace(argument, value=ReadText(value))
    if field.is_nullable:
        return replace(argument, value=IfFlag(flag, value, type_))
    return argument


def _new(scope: Scope, acquisition: Acquisition, type_: str) -> str:
    placement = acquisition.placement
    if placement.place is Place.KEY and placement.parent is not None:
        # What belongs to an object that the user has disposed is released at once.
        owner = scope.type_of(placement.parent)
        return f"The new {type_}; null when the {owner} that it belongs to is not known."
    return f"The new {type_}."


def _reference_name(scope: Scope, lookup: Lookup) -> str:
    last = lookup.reference.rpartition(".")[2]
    key = scope.kinds[lookup.kind].key
    stem = last.removesuffix("_" + key.field) if key is not None else last
    return pascal(stem) if stem != last else lookup.type
