"""Which files a binding has: the model in, every path and its text out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from gen_bindings.model.binding import Binding, Lifetime
from gen_bindings.model.messages import MessageLayer
from gen_bindings.naming import lower_first
from gen_bindings.output.paths import portable
from gen_bindings.passes.name_messages import name_messages
from gen_bindings.render.environment import render
from gen_bindings.render.messages import render_messages
from gen_bindings.render.views.client import client_view, shared_flags
from gen_bindings.render.views.context import Context
from gen_bindings.render.views.events import EventView, event_view
from gen_bindings.render.views.frames import frame_view, scoped_messages
from gen_bindings.render.views.inputs import input_views
from gen_bindings.render.views.native import handles, native_methods
from gen_bindings.render.views.objects import ObjectView, object_views

_CORE = (
    "Core/Diagnostics",
    "Core/Exceptions",
    "Core/HandleKind",
    "Core/LiveHandles",
    "Core/NativeHandle",
    "Core/NativeObject",
    "Core/KeyIndex",
    "Core/ObjectTree",
    "Core/ReleaseThread",
)
_WITH_MESSAGES = (
    "Client/Reply",
    "Core/Dispatcher",
    "Core/HandleSink",
    "Core/NativeView",
    "Core/Operation",
    "Core/Session",
    "Handles/NativeHandles",
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the diagnostics line and the kinds that it counts."""

    name: str
    kinds: tuple[str, ...]


def emit(binding: Binding) -> dict[str, str]:
    """Every file of the binding, by path relative to the output folder."""
    layer = message_layer(binding)
    context = Context(binding, layer)
    shared: dict[str, Any] = {
        "name": binding.name,
        "namespace": binding.namespace,
        "client": context.client,
        "exception": context.exception,
        **shared_flags(context),
    }
    files = render_messages(layer) if layer is not None else {}
    kinds = handles(context)
    for name in _CORE if layer is None else _CORE + _WITH_MESSAGES:
        files[f"{name}.g.cs"] = render(
            f"csharp/{name}.cs.j2", kinds=kinds, columns=_columns(binding), **shared
        )
    for kind in kinds:
        files[f"Handles/{kind.handle}.g.cs"] = render("csharp/Handles/Handle.cs.j2", kind=kind, **shared)
    native = native_methods(context)
    files["Native/NativeMethods.g.cs"] = render("csharp/Native/NativeMethods.cs.j2", **shared, **native)
    if native["callback"] is not None:
        for name in ("Core/MonoPInvokeCallback", "Core/ProcessEnd"):
            files[f"{name}.g.cs"] = render(f"csharp/{name}.cs.j2", **shared)
    client = client_view(context)
    files[f"Client/{context.client}.g.cs"] = render("csharp/Client/Client.cs.j2", **shared, **client)
    if shared["pending"]:
        files["Client/PendingCalls.g.cs"] = render("csharp/Client/PendingCalls.cs.j2", **shared)
    if layer is not None:
        files["Client/Delivery.g.cs"] = render("csharp/Client/Delivery.cs.j2", **shared, **client)
    for view in object_views(context):
        files[f"Objects/{view.name}.g.cs"] = render("csharp/Objects/Object.cs.j2", o=view, **shared)
        if view.session is not None:
            files[f"Objects/{view.session.type}.g.cs"] = _session(context, view, shared)
    for short_lived in binding.kinds:
        if short_lived.lifetime is Lifetime.FRAME:
            files[f"Objects/{short_lived.type_name}.g.cs"] = render(
                "csharp/Objects/Frame.cs.j2", frame=frame_view(context, short_lived), **shared
            )
    for input_view in input_views(context):
        files[f"Objects/{input_view.name}.g.cs"] = render(
            "csharp/Objects/Input.cs.j2", i=input_view, **shared
        )
    files.update(_event_arguments(context, shared))
    if layer is not None:
        files = _with_short_names(context, files)
    places = portable(files)
    return {places[path]: text for path, text in files.items()}


def _with_short_names(context: Context, files: dict[str, str]) -> dict[str, str]:
    """Messages are written without their namespace wherever no class or member could be meant instead."""
    views = object_views(context)
    taken = {
        context.client,
        *(kind.type_name for kind in context.binding.kinds),
        *(view.name for view in views),
    }
    for view in views:
        taken |= {e.name for e in view.events} | {m.name for m in view.methods}
        taken |= {child.property for child in view.children}
        for fact in (*view.facts, *view.extras, *view.state):
            if fact.type.rpartition(".")[2] != fact.name:
                taken.add(fact.name)
    taken |= {d.event for d in context.binding.deliveries} | {o.method for o in context.binding.operations}
    prefix = f"global::{context.binding.namespace}.Messages."
    pattern = re.compile(re.escape(prefix) + r"(\w+)")

    def shorten(match: re.Match[str]) -> str:
        return match.group(0) if match.group(1) in taken else match.group(1)

    return {
        path: pattern.sub(shorten, text) if path.startswith(("Objects/", "Events/", "Client/")) else text
        for path, text in files.items()
    }


def message_layer(binding: Binding) -> MessageLayer | None:
    """The names of the message layer; `None` for a library without messages."""
    if binding.schema is None:
        return None
    owned: dict[tuple[str, str], str] = {}
    for kind in binding.kinds:
        if kind.owned_message is not None and kind.handle_field is not None:
            owned[(kind.owned_message, kind.handle_field)] = kind.name
    for acquisition in binding.acquisitions:
        if acquisition.transfers and acquisition.path is not None:
            owned[(acquisition.path.last.message, acquisition.path.last.field)] = acquisition.kind
    nested = {
        message.full_name: tuple(f.message for f in message.fields if f.message is not None)
        for message in binding.schema.messages
    }
    inline = {d.message for d in binding.deliveries if d.thread.value == "inline"}
    return name_messages(
        binding.schema,
        binding.namespace,
        internal_fields=frozenset((m.message, m.pointer) for m in binding.memories),
        owned_fields=owned,
        scoped=scoped_messages(binding.kinds, nested) | frozenset(inline),
        owned_id_field=binding.envelope.owned_id if binding.envelope is not None else "id",
    )


def _columns(binding: Binding) -> list[Column]:
    names = list(binding.columns)
    if "other" not in names:
        names.append("other")
    return [Column(name, tuple(k.name for k in binding.kinds if k.column == name)) for name in names]


def _session(context: Context, view: ObjectView, shared: dict[str, Any]) -> str:
    assert view.session is not None
    ended = next((e for e in view.events if e.name == view.session.ended_event), None)
    return render(
        "csharp/Objects/Session.cs.j2",
        o=view,
        s=view.session,
        ended_arguments=ended.arguments_type if ended is not None else "",
        **shared,
    )


@dataclass(frozen=True, slots=True)
class ArgumentProperty:
    """A property of an event's arguments; ``read`` is C# over a scoped reader for handlers that run inline,
    ``has`` for a message the reader's flag that it is there."""

    property_name: str
    type: str
    local: str
    doc: str
    read: str = ""
    has: str = ""

    @property
    def declaration(self) -> str:
        """As a constructor's parameter."""
        return f"{self.type} {self.local}"


def _event_arguments(context: Context, shared: dict[str, Any]) -> dict[str, str]:
    files = {}
    for delivery in context.binding.deliveries:
        event = event_view(context, delivery)
        if event is None or not event.arguments_type:
            continue
        arguments = [ArgumentProperty(a.property, a.type, _local(a.property), a.doc) for a in event.arguments]
        message = context.message(delivery.message)
        files[f"Events/{event.arguments_type}.g.cs"] = render(
            "csharp/Objects/EventArgs.cs.j2",
            e=event,
            arguments=arguments,
            frames=[a for a in event.arguments if a.expression == "frame"],
            inline_arguments=_inline(context, event, delivery.message) if event.inline else [],
            reader=message.reader,
            **shared,
        )
    return files


def _inline(context: Context, event: EventView, message: str) -> list[ArgumentProperty]:
    found = []
    for argument in event.arguments:
        if argument.expression == "frame":
            continue
        field = next(f for f in context.message(message).fields if f.property_name == argument.property)
        read, has = f"reader.{field.property_name}", ""
        if field.type.kind.value == "message":
            read = f"reader.{field.property_name}"
            has = f"reader.{field.has}"
        elif field.type.name == "string":
            read = f"WireScan.ReadString(reader.{field.property_name})"
        elif field.is_nullable:
            read = f"reader.{field.has} ? reader.{field.property_name} : ({field.global_type_name})null"
        found.append(
            ArgumentProperty(
                argument.property, argument.type, _local(argument.property), argument.doc, read, has
            )
        )
    return found


def _local(property_name: str) -> str:
    local = lower_first(property_name)
    return (
        local + "Value"
        if local in ("event", "object", "params", "ref", "string", "base", "in", "is", "operator")
        else local
    )
