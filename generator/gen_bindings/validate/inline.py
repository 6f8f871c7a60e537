"""What runs on the library's own thread: whatever a native callback reaches without posting it elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gen_bindings.validate.facts import (
    Call,
    Lambda,
    LocalFunction,
    Member,
    Method,
    Name,
    New,
    Property,
    children,
)

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context


def inline_methods(context: Context) -> tuple[Method | Lambda, ...]:
    """Native callbacks, and the methods and lambdas that they call before they return.

    A delegate that is handed to something outside the sources (``Post``, ``Run``, a queue) is not called
    here; one that is kept and called later may be called elsewhere, and is left out. Events are followed.
    """
    found: list[Method | Lambda] = []
    queue: list[Method | Lambda] = [m for m in context.native.callbacks() if m.body is not None]
    while queue:
        current = queue.pop(0)
        if current in found or current.body is None:
            continue
        found.append(current)
        for node in own_nodes(current):
            queue += _called(context, node)
    return tuple(found)


def own_nodes(body: Method | Lambda) -> Iterator[Any]:
    """Everything that runs when a method or lambda runs: not the bodies of lambdas inside it."""
    stack: list[Any] = [body.body] if body.body is not None else []
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, Lambda | LocalFunction):
            stack.extend(reversed(children(node)))


def _called(context: Context, node: Any) -> list[Method | Lambda]:
    program, flow = context.program, context.flow
    if isinstance(node, Call):
        known: list[Method | Lambda] = list(program.resolve_call(node))
        target = node.target
        if isinstance(target, Member) and target.name == "Invoke":
            target = target.target
        elif known:
            return known
        member = program.member_of(target) if isinstance(target, Name | Member) else None
        if member is not None and member.sort == "event":
            known += [each for each in flow.delegates(target) if isinstance(each, Method | Lambda)]
        return known
    if isinstance(node, New):
        return list(program.constructors(node))
    if isinstance(node, Name | Member):
        member = program.member_of(node)
        if isinstance(member, Property):
            return [each for each in (member.getter, member.setter) if each is not None]
    return []
