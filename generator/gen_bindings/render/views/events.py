"""Views of deliveries: the event that a user sees, and what happens before and after it is raised."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from gen_bindings.model.binding import (
    Acquisition,
    Delivery,
    FieldPath,
    Lifetime,
    Place,
    ThreadPolicy,
    Update,
)
from gen_bindings.model.messages import Cardinality, CsField
from gen_bindings.naming import pascal
from gen_bindings.render.views.answers import Receiver, drop_unused, receive
from gen_bindings.render.views.context import Context, local_name


@dataclass(frozen=True, slots=True)
class ArgumentView:
    """A property of the event's arguments, and the C# expression that it is given."""

    property: str
    type: str
    doc: str
    expression: str


@dataclass(frozen=True, slots=True)
class EventView:
    """A public event.

    Attributes:
        arguments_type: class of the arguments, a struct when ``inline``, empty when there is nothing to say.
        sender: class of the sender.
    """

    name: str
    sender: str
    arguments_type: str
    arguments: tuple[ArgumentView, ...]
    inline: bool
    doc: str


@dataclass(frozen=True, slots=True)
class LookupView:
    """An object that the delivery names by its key; where ``guard`` is null, there is none."""

    variable: str
    type: str
    kind: str
    key: str
    ancestor: str
    guard: str = ""


@dataclass(frozen=True)
class UpdateView:
    """A change of state: statements on one object, on its children, or on an object per message."""

    subject: str
    statements: tuple[str, ...]
    child_type: str = ""
    child_kind: str = ""
    loop_type: str = ""
    loop_source: str = ""
    key: str = ""
    kind: str = ""
    type: str = ""


@dataclass(frozen=True)
class DeliveryView:
    """A delivery as the dispatcher deals with it.

    Attributes:
        target: C# for the object that it concerns; ``target_by_key``: one of the ``lookups``.
    """

    name: str
    message: str
    number: int
    arm_number: int
    target_type: str
    target: str
    target_by_key: bool
    inline: bool
    lookups: tuple[LookupView, ...]
    received: Receiver
    claimed: tuple[str, ...]
    updates: tuple[UpdateView, ...]
    event: EventView | None
    detach: str = ""
    detach_type: str = ""
    detach_kind: str = ""
    ends: str = ""
    reason: str = ""
    frame_fields: tuple[int, ...] = ()
    frame_type: str = ""


def event_names(context: Context) -> dict[str, str]:
    """Arguments class by delivery: the event's name, with the target's in front where two events share it."""
    counted = Counter(d.event for d in context.binding.deliveries if not d.hidden)
    names = {}
    for delivery in context.binding.deliveries:
        prefix = ""
        if counted[delivery.event] > 1:
            prefix = target_type(context, delivery) or context.client
        names[delivery.name] = f"{prefix}{delivery.event}EventArgs"
    return names


def target_type(context: Context, delivery: Delivery) -> str:
    """C# class of the object that a delivery concerns; empty for the client."""
    return context.type_of(delivery.target, delivery.target_role) if delivery.target else ""


def delivery_view(context: Context, delivery: Delivery) -> DeliveryView:
    """The view of one delivery."""
    inline = delivery.thread is ThreadPolicy.INLINE
    target = target_type(context, delivery)
    lookups = _lookups(context, delivery)
    by_path = {path: view for view, path in lookups}
    parents = {}
    for acquisition_id in delivery.acquisitions:
        placement = context.acquisitions[acquisition_id].placement
        if placement.place is Place.KEY:
            parents[acquisition_id] = _key_parent(context, delivery, placement.via, placement.parent, by_path)
        elif placement.place is Place.REPLACED:
            parents[acquisition_id] = by_path[placement.via].variable
    received = receive(
        context,
        delivery.acquisitions,
        "message",
        parents=parents,
        receiver="null",
        target="target" if target else "null",
    )
    claimed = tuple(
        received.variables[a]
        for a in delivery.acquisitions
        if a in received.singles and context.kinds[context.acquisitions[a].kind].lifetime is Lifetime.CLAIMED
    )
    detach, detach_type, detach_kind = _detach(context, delivery, by_path)
    message = context.message(delivery.message)
    event = event_view(context, delivery, received, by_path)
    drop_unused(received, {a.expression for a in event.arguments} if event is not None else set())
    frame_type, frame_fields = _frame(context, delivery)
    reason = context.expression(delivery.reason, "message") if delivery.reason is not None else ""
    return DeliveryView(
        name=pascal(delivery.name.replace(".", "_")),
        message=message.type.global_name,
        number=delivery.route.number,
        arm_number=delivery.route.arm_number,
        target_type=target,
        target=_target(context, delivery, by_path),
        target_by_key=delivery.target_key is not None,
        inline=inline,
        lookups=tuple(view for view, _ in lookups),
        received=received,
        claimed=claimed,
        updates=tuple(_updates(context, delivery, by_path)),
        event=event,
        detach=detach,
        detach_type=detach_type,
        detach_kind=detach_kind,
        ends=delivery.ends,
        reason=reason,
        frame_fields=frame_fields,
        frame_type=frame_type,
    )


def event_view(
    context: Context,
    delivery: Delivery,
    received: Receiver | None = None,
    by_path: dict[str, LookupView] | None = None,
) -> EventView | None:
    """The public event of a delivery, or ``None`` where it has none."""
    if delivery.hidden:
        return None
    if received is None or by_path is None:
        return delivery_view(context, delivery).event
    inline = delivery.thread is ThreadPolicy.INLINE
    arguments = _arguments(context, delivery, received, by_path)
    name = event_names(context)[delivery.name]
    return EventView(
        name=delivery.event,
        sender=target_type(context, delivery) or context.client,
        arguments_type=name if arguments else "",
        arguments=tuple(arguments),
        inline=inline,
        doc=delivery.doc or f"Raised by {delivery.name}.",
    )


def _lookups(context: Context, delivery: Delivery) -> list[tuple[LookupView, str]]:
    found: list[tuple[LookupView, str]] = []
    taken = {"target", "message", "bag", "id"}
    ancestors: dict[str, tuple[str, bool]] = {}
    singular = [k for k in delivery.keys if not k.many and not any(s.repeated for s in k.path.steps)]
    order = sorted(singular, key=lambda k: _depth(context, k.kind))
    for reference in order:
        type_ = context.type_of(reference.kind, reference.role)
        variable = local_name(type_)
        number = 2
        while variable in taken:
            variable, number = f"{local_name(type_)}{number}", number + 1
        taken.add(variable)
        ancestor, guard = _ancestor(delivery), ""
        for parent in context.kinds[reference.kind].parents:
            if parent in ancestors:
                ancestor, required = ancestors[parent]
                guard = ancestor if required else ""
        key = context.expression(reference.path, "message")
        found.append(
            (LookupView(variable, type_, reference.kind, key, ancestor, guard), reference.path.plain)
        )
        ancestors.setdefault(reference.kind, (variable, not reference.optional))
    return found


def _ancestor(delivery: Delivery) -> str:
    """C# for the object below which the delivery's keys are looked up."""
    return "target" if delivery.target is not None and delivery.target_key is None else "null"


def _target(context: Context, delivery: Delivery, by_path: dict[str, LookupView]) -> str:
    type_ = target_type(context, delivery)
    if delivery.target_key is None:
        return f"Find<{type_}>(HandleKind.{delivery.target}, id)" if type_ else ""
    view = by_path[delivery.target_key.plain]
    return view.variable if view.type == type_ else f"{view.variable} as {type_}"


def _depth(context: Context, kind: str) -> int:
    depth, current = 0, context.kinds[kind]
    while current.parents and depth < len(context.kinds):
        current, depth = context.kinds[current.parents[0]], depth + 1
    return depth


def _key_parent(
    context: Context, delivery: Delivery, via: str, parent: str | None, by_path: dict[str, LookupView]
) -> str:
    if via in by_path:
        return by_path[via].variable
    assert parent is not None
    path = _path(context, delivery.message, via)
    ancestor = _ancestor(delivery)
    for above in context.kinds[parent].parents:
        for view in by_path.values():
            if view.kind == above:
                ancestor = view.variable
    expression = "message"
    message = delivery.message
    for name in path:
        field_ = context.cs_field(message, name)
        expression += f".{field_.property_name}"
        message = field_.type.full_name
    client = "this"
    return f"{client}.Find<{context.type_of(parent)}>(HandleKind.{parent}, {expression}, {ancestor})"


def _path(context: Context, message: str, plain: str) -> list[str]:
    return plain.split(".")


def _arguments(
    context: Context, delivery: Delivery, received: Receiver, by_path: dict[str, LookupView]
) -> list[ArgumentView]:
    found: dict[str, ArgumentView] = {}

    def add(property_name: str, type_: str, doc: str, expression: str) -> None:
        name, number = property_name, 2
        while name in found:
            name, number = f"{property_name}{number}", number + 1
        found[name] = ArgumentView(name, type_, doc, expression)

    for path, view in by_path.items():
        add(
            _reference_name(context, path, view),
            view.type,
            f"The {view.type} that the event names; null when it is not known.",
            view.variable,
        )
    owned_fields = set()
    for acquisition_id in delivery.acquisitions:
        acquisition = context.acquisitions[acquisition_id]
        assert acquisition.path is not None
        if acquisition_id in received.singles:
            type_ = context.acquired_type(acquisition)
            step = acquisition.path.last
            name = pascal(step.field)
            if name == "Info":
                name = type_
            add(name, type_, _new(context, acquisition, type_), received.variables[acquisition_id])
        elif context.is_frame(acquisition.kind):
            add(
                context.acquired_type(acquisition),
                context.acquired_type(acquisition),
                "The frame; it ends with the handler unless it is kept.",
                "frame",
            )
        if len(acquisition.path.steps) == 1:
            owned_fields.add(acquisition.path.last.field)
    for field_ in context.message(delivery.message).fields:
        if field_.name in owned_fields or field_.is_internal or field_.name == delivery.route.correlation:
            continue
        add(field_.property_name, field_.global_type_name, field_.doc, f"message.{field_.property_name}")
    return list(found.values())


def _new(context: Context, acquisition: Acquisition, type_: str) -> str:
    placement = acquisition.placement
    if placement.place is Place.KEY and placement.parent is not None:
        # What belongs to an object that the user has disposed is released at once.
        owner = context.type_of(placement.parent)
        return f"The new {type_}; null when the {owner} that it belongs to is not known."
    return f"The new {type_}."


def _reference_name(context: Context, path: str, view: LookupView) -> str:
    last = path.rpartition(".")[2]
    key = context.kinds[view.kind].key
    stem = last.removesuffix("_" + key.field) if key is not None else last
    name = pascal(stem)
    return name if stem != last else view.type


def _updates(context: Context, delivery: Delivery, by_path: dict[str, LookupView]) -> list[UpdateView]:
    views = []
    for update in delivery.updates:
        kind = context.kinds[update.kind]
        base = context.type_of(update.kind)
        if update.many:
            assert update.whole is not None
            assert kind.key is not None
            assert kind.info_message is not None
            loop = context.cs_field(update.whole.last.message, update.whole.last.field)
            key = context.cs_field(kind.info_message, kind.key.field).property_name
            views.append(
                UpdateView(
                    subject=local_name(base) + "Changed",
                    statements=(f"{local_name(base)}Changed.SetInfo(info);",),
                    loop_type=loop.type.global_name,
                    loop_source=context.expression(update.whole, "message"),
                    key=f"info.{key}",
                    kind=kind.name,
                    type=base,
                )
            )
            continue
        subject, child_type, child_kind = "target", "", ""
        if update.reference is not None:
            view = by_path.get(update.reference.plain)
            if view is None:
                continue
            subject = view.variable
            if view.kind != update.kind:
                child_type, child_kind = base, kind.name
        name = "child" if child_type else subject
        statements = tuple(_statements(context, update, kind.info_message, name))
        if statements:
            views.append(UpdateView(subject, statements, child_type, child_kind))
    return views


def _statements(context: Context, update: Update, info_message: str | None, name: str) -> list[str]:
    lines = []
    if update.whole is not None:
        lines.append(f"{name}.SetInfo({context.expression(update.whole, 'message')});")
    for info_field, path in update.fields:
        assert info_message is not None
        lines += _assign(context, f"{name}.Info", context.cs_field(info_message, info_field), path)
    for info_field, literal in update.constants:
        assert info_message is not None
        lines.append(f"{name}.Info.{context.cs_field(info_message, info_field).property_name} = {literal};")
    for state, path in update.state:
        lines.append(f"{name}.{pascal(state)} = {context.expression(path, 'message')};")
    if update.renews_key or update.whole is not None:
        lines.append(f"{name}.RenewKey();")
    return lines


def _assign(context: Context, owner: str, target: CsField, path: FieldPath) -> list[str]:
    source = context.expression(path, "message")
    source_field = context.cs_field(path.last.message, path.last.field)
    into = f"{owner}.{target.property_name}"
    if target.cardinality is Cardinality.MAP:
        pairs = f"foreach (var entry in {source})\n{{\n    {into}[entry.Key] = entry.Value;\n}}"
        return [f"{into}.Clear();", pairs]
    if target.cardinality is Cardinality.REPEATED:
        return [f"{into}.Clear();", f"foreach (var entry in {source})\n{{\n    {into}.Add(entry);\n}}"]
    if source_field.is_nullable and not target.is_nullable and target.type.is_value:
        return [f"if ({source} != null)\n{{\n    {into} = {source}.Value;\n}}"]
    return [f"{into} = {source};"]


def _detach(context: Context, delivery: Delivery, by_path: dict[str, LookupView]) -> tuple[str, str, str]:
    if delivery.detaches is None or delivery.detach_key is None:
        return "", "", ""
    view = by_path[delivery.detach_key.plain]
    if view.kind == delivery.detaches:
        return view.variable, "", ""
    return view.variable, context.type_of(delivery.detaches), delivery.detaches


def _frame(context: Context, delivery: Delivery) -> tuple[str, tuple[int, ...]]:
    for acquisition_id in delivery.acquisitions:
        acquisition = context.acquisitions[acquisition_id]
        if context.is_frame(acquisition.kind):
            assert acquisition.path is not None
            return context.acquired_type(acquisition), tuple(step.number for step in acquisition.path.steps)
    return "", ()
