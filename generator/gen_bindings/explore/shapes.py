"""Which members have generated bodies that differ only in names, types and codecs: these are one shape."""

from __future__ import annotations

from gen_bindings.model.binding import (
    Binding,
    BorrowMode,
    Delivery,
    MessageCall,
    Operation,
    ThreadPolicy,
)


def shape_of_operation(binding: Binding, operation: Operation) -> str:
    """What decides the code around the codec: who owns what comes, what is held, what waits."""
    call = operation.call
    parts = [operation.role or "call", _receiver(binding, operation.receiver)]
    if isinstance(call, MessageCall):
        parts.append("answered later" if call.callback is not None else "answered at once")
        brought = [*call.response.acquisitions, *(call.callback.acquisitions if call.callback else ())]
        parts += _brought(binding, brought)
    modes = {borrow.mode for borrow in operation.borrows}
    objects = sum(1 for borrow in operation.borrows) - (1 if operation.receiver else 0)
    if BorrowMode.LATE in modes:
        parts.append("holds until the callback")
    if BorrowMode.TAKE in modes:
        parts.append("consumes")
    if objects > 0:
        parts.append("with objects")
    if operation.adopts:
        parts.append("adopts")
    if operation.keys:
        parts.append("with keys")
    return ", ".join(parts)


def shape_of_delivery(binding: Binding, delivery: Delivery) -> str:
    """What decides the code that deals with an event."""
    parts = ["event", _receiver(binding, delivery.target)]
    parts += _brought(binding, list(delivery.acquisitions))
    if delivery.detaches:
        parts.append("removes through another" if delivery.detach_through else "removes")
    if delivery.ends:
        parts.append(f"ends: {delivery.ends}")
    if delivery.thread is ThreadPolicy.INLINE:
        parts.append("inline")
    if delivery.updates:
        parts.append("updates")
    if delivery.hidden:
        parts.append("hidden")
    return ", ".join(parts)


def _receiver(binding: Binding, kind: str | None) -> str:
    if kind is None:
        return "of the client"
    if kind in {session.kind for session in binding.sessions}:
        return "of a session"
    return "of a child" if binding.kind(kind).parents else "of a root"


def _brought(binding: Binding, acquisitions: list[str]) -> list[str]:
    parts = []
    for name in acquisitions:
        acquisition = binding.acquisition(name)
        lifetime = binding.kind(acquisition.kind).lifetime
        place = "transferred" if acquisition.transfers else acquisition.placement.place.value
        parts.append(f"brings {lifetime.value} ({place})")
    return list(dict.fromkeys(parts))
