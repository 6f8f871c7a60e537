"""Wires the passes that shape the C#: the only place that knows their order."""

from __future__ import annotations

from gen_bindings.model.binding import Binding, MessageCall, ThreadPolicy
from gen_bindings.model.surface import ClientClass, Protocol, Surface
from gen_bindings.passes.surface.count_children import root_children
from gen_bindings.passes.surface.lay_out_messages import lay_out_messages
from gen_bindings.passes.surface.route_answers import route_callbacks, route_discards
from gen_bindings.passes.surface.scope import Scope
from gen_bindings.passes.surface.select_methods import functions_of, operations_of
from gen_bindings.passes.surface.shape_classes import shape_classes
from gen_bindings.passes.surface.shape_deliveries import route_events, shape_delivery
from gen_bindings.passes.surface.shape_frames import shape_frames
from gen_bindings.passes.surface.shape_functions import shape_functions
from gen_bindings.passes.surface.shape_handles import columns, shape_handles
from gen_bindings.passes.surface.shape_inputs import shape_inputs
from gen_bindings.passes.surface.shape_methods import shape_methods
from gen_bindings.passes.surface.shorten_names import shorten_names
from gen_bindings.passes.surface.start_library import send_requests, start_library, start_options
from gen_bindings.passes.surface.type_functions import type_callback, type_functions

# What the end of the client waits for beyond the drain of its sessions.
_FLUSH_MS = 1000


def open_scope(binding: Binding) -> Scope:
    """The model with its messages and the names by which the binding writes them."""
    layer = lay_out_messages(binding)
    return Scope(binding, layer, shorten_names(Scope(binding, layer)))


def plan_surface(binding: Binding) -> Surface:
    """The C# of a finished model.

    Raises:
        SourceError: a C type has no width that is the same on every target.
    """
    scope = open_scope(binding)
    handled = tuple(shape_delivery(scope, delivery) for delivery in binding.deliveries)
    events = {
        delivery.name: one.event
        for delivery, one in zip(binding.deliveries, handled, strict=True)
        if one.event is not None
    }
    entry_points = binding.entry_points
    client = ClientClass(
        name=scope.client,
        options=start_options(scope),
        start=start_library(scope),
        request=send_requests(scope),
        callback=type_callback(scope),
        dispose=entry_points.dispose or "",
        error_text=entry_points.error_text or "",
        roots=root_children(scope),
        # The end of a session is told by its object.
        events=tuple(
            events[d.name]
            for d in binding.deliveries
            if d.target is None and d.ends != "announce" and d.name in events
        ),
        methods=shape_methods(scope, operations_of(binding, None, None)),
        functions=shape_functions(scope, functions_of(binding, None, None)),
        callbacks=route_callbacks(scope),
        routes=route_events(binding.deliveries, handled),
        deliveries=handled,
        discards=route_discards(scope),
    )
    return Surface(
        name=binding.name,
        namespace=binding.namespace,
        exception=scope.exception,
        qualified=tuple(sorted(name for name in scope.written.values() if "::" in name)),
        protocol=_protocol(binding),
        layer=scope.layer,
        native=type_functions(scope),
        handles=shape_handles(scope),
        columns=columns(binding),
        client=client,
        classes=shape_classes(scope, events),
        frames=shape_frames(scope),
        inputs=shape_inputs(scope),
        arguments=tuple(event for event in events.values() if event.arguments_type),
    )


def _protocol(binding: Binding) -> Protocol:
    awaited = [
        o.call
        for o in binding.operations
        if isinstance(o.call, MessageCall) and o.call.callback is not None and o.role != "shutdown"
    ]
    return Protocol(
        has_callbacks=bool(awaited),
        client_chosen=all(call.async_id is not None for call in awaited),
        async_id_type=binding.envelope.async_id_type if binding.envelope else "uint64",
        inline_handlers=any(d.thread is ThreadPolicy.INLINE for d in binding.deliveries),
        closes=any(kind.release.close_operation for kind in binding.kinds),
        flush_ms=max([session.drain_ms for session in binding.sessions], default=0) + _FLUSH_MS,
    )
