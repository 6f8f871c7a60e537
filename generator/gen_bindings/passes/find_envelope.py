"""Decides which messages are the envelopes, and which fields of them are cases."""

from __future__ import annotations

from dataclasses import dataclass

from gen_bindings.config import ProtocolTable
from gen_bindings.model.binding import Envelope
from gen_bindings.model.schema import Field, Scalar
from gen_bindings.passes.index import INTEGERS, SchemaIndex
from gen_bindings.passes.resolve_names import Names

_WIDTH = {
    Scalar.UINT32: "uint32",
    Scalar.FIXED32: "uint32",
    Scalar.INT32: "uint32",
    Scalar.SINT32: "uint32",
    Scalar.SFIXED32: "uint32",
}


@dataclass(frozen=True, slots=True)
class Protocol:
    """The envelopes, their cases in declaration order, and the conventions around them."""

    table: ProtocolTable
    envelope: Envelope
    requests: tuple[Field, ...]
    responses: tuple[Field, ...]
    events: tuple[Field, ...]


def find_envelope(table: ProtocolTable, names: Names) -> Protocol:
    """The protocol that ``[protocol]`` names.

    Raises:
        ConfigError: a name there means nothing, or something of another shape.
    """
    index = names.index
    request = names.message(table.request, "protocol.request")
    response = names.message(table.response, "protocol.response")
    event = names.message(table.event, "protocol.event")
    owned = names.message(table.owned_handle, "protocol.owned_handle")
    handle = index.field_of(names.within(owned, table.id_field, "protocol.id_field").last)
    if handle.scalar not in INTEGERS:
        raise names.error(
            "protocol.id_field",
            f"{index.short(owned)}.{table.id_field} is no integer; expected the handle's id.",
        )
    return Protocol(
        table=table,
        envelope=Envelope(
            request=request,
            response=response,
            event=event,
            owned_handle=owned,
            owned_id=table.id_field,
            async_id_type=_async_id_type(table, index),
            facts_suffix=table.facts_suffix,
        ),
        requests=_cases(request, "protocol.request", names),
        responses=_cases(response, "protocol.response", names),
        events=_cases(event, "protocol.event", names),
    )


def id_type(field: Field) -> str:
    """``uint32`` or ``uint64``, by the width of an integer field."""
    return _WIDTH.get(field.scalar or Scalar.UINT64, "uint64")


def _cases(envelope: str, key: str, names: Names) -> tuple[Field, ...]:
    message = names.index.message(envelope)
    cases = tuple(field for field in message.fields if field.oneof and field.message)
    if not cases:
        raise names.error(
            key,
            f"{names.index.short(envelope)} has no oneof of messages; expected the envelope of all messages.",
        )
    return cases


def _async_id_type(table: ProtocolTable, index: SchemaIndex) -> str:
    for message in index.messages.values():
        field = index.field(message.full_name, table.async_id)
        if field is not None and field.scalar in INTEGERS:
            return id_type(field)
    return "uint64"
