"""Decides how the class of an event's arguments is called."""

from __future__ import annotations

from collections import Counter

from gen_bindings.model.binding import Delivery
from gen_bindings.passes.surface.scope import Scope


def arguments_type(scope: Scope, delivery: Delivery) -> str:
    """The event's name, with the target's in front where two events share it."""
    counted = Counter(d.event for d in scope.binding.deliveries if not d.hidden)
    prefix = ""
    if counted[delivery.event] > 1:
        prefix = target_type(scope, delivery) or scope.client
    return prefix + delivery.event + "EventArgs"


def target_type(scope: Scope, delivery: Delivery) -> str:
    """C# class of the object that a delivery concerns; empty for the client."""
    return scope.type_of(delivery.target, delivery.target_role) if delivery.target else ""
