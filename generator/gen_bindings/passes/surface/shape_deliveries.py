"""Decides the shape of each delivery: inside the callback or dispatched, and what follows its event."""

from __future__ import annotations

from collections.abc import Sequence

from gen_bindings.model.binding import Delivery, Lifetime, ThreadPolicy
from gen_bindings.model.events import (
    Detached,
    DispatchedDelivery,
    Event,
    EventRoute,
    HandledDelivery,
    InlineDelivery,
    Lookup,
)
from gen_bindings.model.expressions import MESSAGE, NULL, TARGET
from gen_bindings.naming import pascal
from gen_bindings.passes.surface.change_states import change_states
from gen_bindings.passes.surface.find_lookups import (
    DELIVERY_LOCALS,
    find_lookups,
    find_parents,
    find_target,
    looked_up,
)
from gen_bindings.passes.surface.name_arguments import name_arguments
from gen_bindings.passes.surface.name_events import arguments_type, target_type
from gen_bindings.passes.surface.plan_receipts import Receiving, plan_receipt
from gen_bindings.passes.surface.scope import Scope


def shape_delivery(scope: Scope, delivery: Delivery) -> HandledDelivery:
    """The delivery as the C# deals with it."""
    lookups = find_lookups(scope, delivery)
    target = target_type(scope, delivery)
    receiving = plan_receipt(
        scope,
        delivery.acquisitions,
        MESSAGE.text,
        parents=find_parents(scope, delivery, lookups),
        receiver=NULL,
        target=TARGET if target else NULL,
        in_use=DELIVERY_LOCALS.union(lookup.variable for lookup in lookups),
    )
    event = _event(scope, delivery, receiving, lookups)
    found = find_target(scope, delivery, lookups)
    name = pascal(delivery.name.replace(".", "_"))
    message = scope.message_type(delivery.message)
    if delivery.thread is ThreadPolicy.INLINE:
        frame_type, path = _frame(scope, delivery)
        return InlineDelivery(
            name=name,
            message=message,
            number=delivery.route.number,
            arm_number=delivery.route.arm_number,
            target_type=target,
            target=found,
            event=event,
            frame_type=frame_type,
            path=path,
        )
    return DispatchedDelivery(
        name=name,
        message=message,
        number=delivery.route.number,
        arm_number=delivery.route.arm_number,
        target_type=target,
        target=found,
        event=event,
        target_by_key=delivery.target_key is not None,
        lookups=lookups,
        receipt=receiving.receipt(argument.value for argument in event.arguments)
        if event
        else receiving.receipt(()),
        claimed=_claimed(scope, delivery, receiving),
        updates=change_states(scope, delivery, lookups),
        detached=_detached(scope, delivery, lookups),
        # The end of a session raises its event itself.
        raises=event is not None and delivery.ends != "announce",
        settles=delivery.ends in ("announce", "session"),
        ends=delivery.ends,
        reason=scope.value(delivery.reason, MESSAGE) if delivery.reason is not None else None,
    )


def route_events(
    deliveries: Sequence[Delivery], handled: Sequence[HandledDelivery]
) -> tuple[EventRoute, ...]:
    """Cases of the event envelope by number, each with its arms."""
    routes: dict[int, tuple[Delivery, list[HandledDelivery]]] = {}
    for delivery, one in zip(deliveries, handled, strict=True):
        routes.setdefault(delivery.route.number, (delivery, []))[1].append(one)
    return tuple(
        EventRoute(
            number=number,
            name=pascal(first.route.case),
            correlation=first.route.correlation_number,
            arms=tuple(arms) if first.route.arm else (),
            single=None if first.route.arm else arms[0],
        )
        for number, (first, arms) in sorted(routes.items())
    )


def _event(scope: Scope, delivery: Delivery, receiving: Receiving, lookups: Sequence[Lookup]) -> Event | None:
    if delivery.hidden:
        return None
    arguments = name_arguments(scope, delivery, receiving, lookups)
    return Event(
        name=delivery.event,
        sender=target_type(scope, delivery) or scope.client,
        arguments_type=arguments_type(scope, delivery) if arguments else "",
        arguments=arguments,
        inline=delivery.thread is ThreadPolicy.INLINE,
        reader=scope.message(delivery.message).reader,
        doc=delivery.doc or f"Raised by {delivery.name}.",
    )


def _claimed(scope: Scope, delivery: Delivery, receiving: Receiving) -> tuple[str, ...]:
    return tuple(
        receiving.variables[a]
        for a in delivery.acquisitions
        if a in receiving.singles and scope.kinds[scope.acquisitions[a].kind].lifetime is Lifetime.CLAIMED
    )


def _detached(scope: Scope, delivery: Delivery, lookups: Sequence[Lookup]) -> Detached | None:
    if delivery.detaches is None or delivery.detach_key is None:
        return None
    lookup = looked_up(lookups, delivery.detach_key.plain)
    assert lookup is not None
    if lookup.kind == delivery.detaches:
        return Detached(lookup.variable)
    return Detached(lookup.variable, scope.type_of(delivery.detaches), delivery.detaches)


def _frame(scope: Scope, delivery: Delivery) -> tuple[str, tuple[int, ...]]:
    """The short-lived object that the delivery brings: its type, and the way to its message."""
    for acquisition_id in delivery.acquisitions:
        acquisition = scope.acquisitions[acquisition_id]
        if scope.is_frame(acquisition.kind):
            assert acquisition.path is not None
            return scope.acquired_type(acquisition), tuple(s.number for s in acquisition.path.steps)
    return "", ()
