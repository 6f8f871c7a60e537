"""How the sources answer deliveries that end something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gen_bindings.findings.finding import Finding, Place
from gen_bindings.model.binding import Delivery, Session
from gen_bindings.validate.facts import Block, If, Member, Name, Switch
from gen_bindings.validate.program import protoc_name

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Check, Context


def handlers(context: Context, delivery: Delivery) -> list[Any]:
    """The statements that run for a delivery: sections of its case, and what stands around its reads."""
    program = context.program
    route = delivery.route
    word = protoc_name(route.arm or route.case)
    carrier = (
        route.message if route.arm else (context.binding.envelope.event if context.binding.envelope else "")
    )
    found: list[Any] = []
    for node in program.names.get(word, ()):
        if not isinstance(node, Member):
            continue
        target = program.message_named(program.type_of(node.target))
        is_read = target is not None and target.full_name == carrier
        is_case = isinstance(node.target, Member | Name) and node.target.name.endswith("OneofCase")
        if is_case and isinstance(node.target, Member) and not is_read:
            is_case = not isinstance(node.target.target, Name) or _owner_is(
                context, node.target.target, carrier
            )
        if not (is_read or is_case):
            continue
        chosen: Any = None
        for above in program.ancestors(node):
            if isinstance(above, If):
                chosen = above.then
                break
            if isinstance(above, Block):
                chosen = above
                break
        if chosen is not None:
            found.append(chosen)
    for switches in program.bodies.values():
        body = switches.method.body
        if body is None:
            continue
    for nodes in (program.names.get("MessageCase", ()),):
        for node in nodes:
            switch = program.parent.get(node)
            if isinstance(switch, Switch) and isinstance(node, Member):
                target = program.message_named(program.type_of(node.target))
                if target is None or target.full_name != carrier:
                    continue
                for section in switch.sections:
                    if any(label.rpartition(".")[2] == word for label in section.labels):
                        found.append(section.body)
    return found


def _owner_is(context: Context, node: Name, carrier: str) -> bool:
    message = context.program.message_named(node.name)
    return message is None or message.full_name == carrier


def handled(context: Context, delivery: Delivery) -> bool:
    """Whether any code looks at a delivery."""
    return bool(handlers(context, delivery))


def missing_endings(context: Context, check: Check) -> Iterator[Finding]:
    """Sessions whose end by the other side reaches no release of what the session owns."""
    owners = context.owners
    for session in context.binding.sessions:
        kept = [k for k in owners.kept.values() if k.releases and session.kind in owners.kinds_in(k)]
        if not kept or not owners.requested(context.binding.operation(session.open)):
            continue
        events = _endings(context, session)
        starts = [block for delivery in events for block in handlers(context, delivery)]
        reachable = owners.reachable(starts) if starts else set()
        direct = [k for k in kept if session.kind in owners.own_kinds(k)]
        if any(node in reachable for k in direct or kept for node in k.releases):
            continue
        place = context.place(starts[0]) if starts else None
        if place is None:
            route = events[0].route if events else None
            node = owners.dispatch_place(route.message if route else "")
            place = context.place(node) if node is not None else Place()
        names = " or ".join(d.name for d in events)
        yield check.at(
            place,
            f"When {names} ends the {session.kind}, nothing releases it or what stands under it.",
            path=(names, *(f"{k.type.name}.{k.member.name}" for k in direct[:1])),
            subject=session.kind,
        )


def _endings(context: Context, session: Session) -> list[Delivery]:
    return [
        d
        for d in context.binding.deliveries
        if d.target == session.kind and d.ends in ("session", "announce")
    ]
