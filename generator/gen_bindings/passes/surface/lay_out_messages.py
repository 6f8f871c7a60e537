"""Decides which messages there are, which fields are pointers or handles, and which are read in place."""

from __future__ import annotations

from gen_bindings.model.binding import Binding, Lifetime, ThreadPolicy
from gen_bindings.model.messages import MessageLayer
from gen_bindings.model.schema import Schema
from gen_bindings.passes.name_messages import name_messages


def lay_out_messages(binding: Binding) -> MessageLayer | None:
    """The message layer; ``None`` for a library without messages."""
    if binding.schema is None:
        return None
    owned: dict[tuple[str, str], str] = {}
    for kind in binding.kinds:
        if kind.owned_message is not None and kind.handle_field is not None:
            owned[(kind.owned_message, kind.handle_field)] = kind.name
    for acquisition in binding.acquisitions:
        if acquisition.transfers and acquisition.path is not None:
            owned[(acquisition.path.last.message, acquisition.path.last.field)] = acquisition.kind
    return name_messages(
        binding.schema,
        binding.namespace,
        internal_fields=frozenset((m.message, m.pointer) for m in binding.memories),
        owned_fields=owned,
        scoped=_scoped(binding, binding.schema),
        owned_id_field=binding.envelope.owned_id if binding.envelope is not None else "id",
    )


def _scoped(binding: Binding, schema: Schema) -> frozenset[str]:
    """Messages that are read in place: facts of short-lived kinds with all below, inline deliveries."""
    nested = {m.full_name: [f.message for f in m.fields if f.message is not None] for m in schema.messages}
    found: set[str] = set()
    waiting = [
        kind.info_message
        for kind in binding.kinds
        if kind.lifetime is Lifetime.FRAME and kind.info_message is not None
    ]
    while waiting:
        message = waiting.pop()
        if message not in found:
            found.add(message)
            waiting += nested.get(message, [])
    return frozenset(found | {d.message for d in binding.deliveries if d.thread is ThreadPolicy.INLINE})
