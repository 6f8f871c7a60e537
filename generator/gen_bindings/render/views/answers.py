"""Views of what arrives: how the objects in a message are taken out of it, and what a caller gets."""

from __future__ import annotations

from dataclasses import dataclass, field

from gen_bindings.model.binding import Acquisition, Answer, Place
from gen_bindings.render.views.context import Context, local_name, plural


@dataclass
class ReceiveNode:
    """One step into a message on the way to the handles in it.

    Attributes:
        what: ``object`` (an owned message), ``number`` (an integer that hands over a handle), ``group``
            (a message on the way) or ``root``.
        type: C# class of the object, or of the group's message.
        variable: C# local that holds it.
        source: C# expression of the field.
        loop: the field is repeated.
        parent: C# expression of the parent object.
        children: nodes below; an object's children are below its message.
        message_variable: local of the message behind an object that has nodes below.
        is_kept: something refers to the local.
        parent_type: class of a parent that is looked up and may not be there; the object is then released.
        collected: local of the list that a repeated object is added to, or empty.
    """

    what: str
    type: str = ""
    variable: str = ""
    source: str = ""
    loop: bool = False
    parent: str = "null"
    children: list[ReceiveNode] = field(default_factory=list)
    message_variable: str = ""
    message_type: str = ""
    kind: str = ""
    is_kept: bool = True
    collected: str = ""
    parent_type: str = ""


@dataclass
class Receiver:
    """All nodes of one message, with the locals that they declare.

    Attributes:
        declarations: (type, name) of locals that are declared before the first node.
        variables: local by acquisition id; inside a loop the local is seen only there.
        singles: ids of the acquisitions outside of loops.
        list: (class, local) of the list that collects the objects where all of them are repeated.
    """

    nodes: list[ReceiveNode]
    declarations: list[tuple[str, str]]
    variables: dict[str, str]
    singles: tuple[str, ...] = ()
    list: tuple[str, str] | None = None


def receive(
    context: Context,
    acquisition_ids: tuple[str, ...],
    start: str,
    *,
    parents: dict[str, str],
    receiver: str,
    target: str,
    in_use: frozenset[str] = frozenset(),
) -> Receiver:
    """How the objects of a message are made.

    Args:
        start: C# local of the message.
        parents: C# expression of the parent by acquisition id, where it is looked up by key or borrowed.
        receiver: C# expression of the object on which the operation was called.
        target: C# expression of the object that the event concerns.
        in_use: names that are in use where the objects are made.
    """
    acquisitions = [
        context.acquisitions[a] for a in acquisition_ids if not context.is_frame(context.acquisitions[a].kind)
    ]
    taken: set[str] = {start, *in_use}
    variables: dict[str, str] = {}
    declarations: list[tuple[str, str]] = []
    singles: list[str] = []
    repeated: list[ReceiveNode] = []
    root = ReceiveNode("root", variable=start)
    by_path: dict[tuple[str, ...], ReceiveNode] = {(): root}

    def free(name: str) -> str:
        candidate, number = name, 2
        while candidate in taken:
            candidate, number = f"{name}{number}", number + 1
        taken.add(candidate)
        return candidate

    def parent_of(acquisition: Acquisition) -> str:
        placement = acquisition.placement
        if acquisition.id in parents:
            return parents[acquisition.id]
        if placement.place is Place.SIBLING:
            return variables.get(placement.via, "null")
        if placement.place is Place.RECEIVER:
            return receiver
        if placement.place is Place.TARGET:
            return target
        return "null"

    owned = {a.path.plain: a for a in acquisitions if a.path is not None}
    for acquisition in sorted(acquisitions, key=lambda a: _order(context, a)):
        assert acquisition.path is not None
        steps = acquisition.path.steps
        for depth, step in enumerate(steps, 1):
            key = tuple(s.field for s in steps[:depth])
            if key in by_path:
                continue
            above = by_path[key[:-1]]
            holder = above.message_variable or above.variable
            cs_field = context.cs_field(step.message, step.field)
            found = owned.get(".".join(key))
            node = ReceiveNode("group", source=f"{holder}.{cs_field.property_name}", loop=step.repeated)
            if found is not None:
                kind = context.kinds[found.kind]
                node.what = "number" if found.transfers else "object"
                node.type = context.acquired_type(found)
                node.variable = free(local_name(node.type))
                node.parent = parent_of(found)
                if found.placement.place is Place.KEY and found.placement.parent is not None:
                    node.parent_type = context.type_of(found.placement.parent)
                node.kind = kind.name
                inside_loop = _inside_loop(by_path, key[:-1])
                node.message_type = cs_field.type.global_name
                if found.transfers:
                    node.variable = parents.get(found.id, "null")
                elif not step.repeated and not inside_loop:
                    declarations.append((node.type, node.variable))
                    variables[found.id] = node.variable
                    singles.append(found.id)
                else:
                    variables[found.id] = node.variable
                    repeated.append(node)
                if any(
                    len(o.path.steps) > depth and tuple(s.field for s in o.path.steps[:depth]) == key
                    for o in acquisitions
                    if o.path
                ):
                    node.message_variable = free(node.variable + "Message")
            else:
                node.type = cs_field.type.global_name
                node.variable = free(cs_field.parameter.lstrip("@"))
            above.children.append(node)
            by_path[key] = node
    collected = None
    if repeated and not singles:
        first = repeated[0]
        first.collected = free(plural(first.variable))
        collected = (first.type, first.collected)
    return Receiver(root.children, declarations, variables, tuple(singles), collected)


def _inside_loop(by_path: dict[tuple[str, ...], ReceiveNode], key: tuple[str, ...]) -> bool:
    return any(by_path[key[:depth]].loop for depth in range(1, len(key) + 1))


def _order(context: Context, acquisition: Acquisition) -> tuple[int, ...]:
    """Parents before their children, else the schema's order."""
    assert acquisition.path is not None
    depth = 0
    current = acquisition
    while current.placement.place is Place.SIBLING and current.placement.via in context.acquisitions:
        depth += 1
        current = context.acquisitions[current.placement.via]
    return (depth, *(step.number for step in acquisition.path.steps))


def drop_unused(received: Receiver, used: set[str]) -> None:
    """Leaves out the locals that nothing refers to: neither a child as its parent nor what follows."""
    parents: set[str] = set()

    def collect(nodes: list[ReceiveNode]) -> None:
        for node in nodes:
            parents.add(node.parent)
            collect(node.children)

    collect(received.nodes)
    received.declarations = [(t, name) for t, name in received.declarations if name in used | parents]
    kept = {name for _, name in received.declarations}

    def mark(nodes: list[ReceiveNode], in_loop: bool) -> None:
        for node in nodes:
            node.is_kept = bool(node.collected) or node.variable in (
                parents if in_loop or node.loop else kept
            )
            mark(node.children, in_loop or node.loop)

    mark(received.nodes, in_loop=False)


@dataclass(frozen=True, slots=True)
class FailureView:
    """How a message says that the operation failed.

    Attributes:
        condition: C# condition; ``text`` the exception's text; ``detail`` the error message or ``null``.
        field: number of the field, for a response that is not read as a whole.
    """

    condition: str
    text: str
    detail: str
    field: int
    is_text: bool
    detail_type: str
    scanned_text: str


def failure_view(context: Context, answer: Answer, variable: str) -> FailureView | None:
    """The check that comes before the result is used."""
    if answer.failure is None:
        return None
    path = answer.failure.path
    last = context.cs_field(path.last.message, path.last.field)
    value = context.expression(path, variable)
    is_text = last.type.full_name == ""
    text, detail, scanned = value, "null", ""
    if not is_text:
        detail = value
        message = context.message(last.type.full_name)
        inner = message.field(answer.failure.text) if answer.failure.text else None
        text = f"{value}.{inner.property_name}" if inner is not None else f'"{last.name}"'
        scanned = f"detail.{inner.property_name}" if inner is not None else text
    return FailureView(f"{value} != null", text, detail, last.number, is_text, last.type.global_name, scanned)


@dataclass(frozen=True, slots=True)
class ResultView:
    """What a caller gets out of an answer.

    Attributes:
        type: C# type, ``void`` for nothing.
        expression: C# expression over the message's local and the received objects.
        doc: for the ``returns`` element.
    """

    type: str
    expression: str
    doc: str


def result_view(context: Context, answer: Answer, received: Receiver, variable: str) -> ResultView:
    """An object when the answer brings one, else its only value, else the whole message."""
    top = [a for a in answer.acquisitions if a in received.singles]
    if received.list is not None:
        type_, variable = received.list
        return ResultView(f"IReadOnlyList<{type_}>", variable, f"The new {plural(type_)}, in order.")
    if top:
        acquisition = context.acquisitions[top[0]]
        type_ = context.acquired_type(acquisition)
        return ResultView(type_, received.variables[top[0]], f"The new {type_}.")
    if not answer.values:
        return ResultView("void", "", "")
    if len(answer.values) == 1:
        value = context.cs_field(answer.message, answer.values[0])
        return ResultView(value.global_type_name, f"{variable}.{value.property_name}", value.doc)
    message = context.message(answer.message)
    return ResultView(message.type.global_name, variable, "The whole answer.")


@dataclass(frozen=True, slots=True)
class FrameResult:
    """A short-lived object in a response, read in place: the field numbers that lead to it."""

    type: str
    fields: tuple[int, ...]


def frame_result(context: Context, answer: Answer) -> FrameResult | None:
    """The frame that a response brings, if it brings one."""
    for acquisition_id in answer.acquisitions:
        acquisition = context.acquisitions[acquisition_id]
        if context.is_frame(acquisition.kind):
            assert acquisition.path is not None
            return FrameResult(
                context.acquired_type(acquisition), tuple(s.number for s in acquisition.path.steps)
            )
    return None
