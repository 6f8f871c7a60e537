"""Decides how the objects in a message are made: in which order, under which parents, into which locals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from gen_bindings.model.binding import Acquisition, Place
from gen_bindings.model.expressions import NULL, Expression, Name
from gen_bindings.model.receipts import (
    Collected,
    Declared,
    GroupStep,
    ObjectStep,
    Receipt,
    ReceiptStep,
    TransferStep,
)
from gen_bindings.naming import free, lower_first, plural
from gen_bindings.passes.surface.scope import Scope


@dataclass
class _Node:
    """A step while its locals and parents are being found; without an acquisition it only leads to others."""

    type: str = ""
    message_type: str = ""
    acquisition: Acquisition | None = None
    variable: str = ""
    message_variable: str = ""
    holder: str = ""
    property: str = ""
    loop: bool = False
    in_loop: bool = False
    parent: Expression = NULL
    owner: Expression = NULL
    parent_type: str = ""
    collected: str = ""
    children: list[_Node] = field(default_factory=list)


@dataclass
class Receiving:
    """The steps of one message, before it is known which locals are used.

    Attributes:
        variables: local by acquisition id; inside a loop the local is seen only there.
        singles: ids of the acquisitions outside of loops.
    """

    nodes: list[_Node]
    declared: list[Declared]
    variables: dict[str, str]
    singles: tuple[str, ...]
    collected: Collected | None

    def receipt(self, used: Iterable[Expression]) -> Receipt:
        """The steps; locals that neither a step nor ``used`` refers to are left out."""
        parents = set(_parents(self.nodes))
        wanted = {name.text for name in used if isinstance(name, Name)} | parents
        declared = tuple(d for d in self.declared if d.variable in wanted)
        kept = {d.variable for d in declared}
        return Receipt(_steps(self.nodes, parents, kept), declared, self.collected)


def plan_receipt(
    scope: Scope,
    acquisition_ids: tuple[str, ...],
    start: str,
    *,
    parents: Mapping[str, Expression],
    receiver: Expression,
    target: Expression,
    in_use: Set[str] = frozenset(),
) -> Receiving:
    """How the objects of a message are made.

    Args:
        start: C# local of the message.
        parents: the parent by acquisition id, where it is looked up by key or borrowed.
        receiver: the object on which the operation was called.
        target: the object that the event concerns.
        in_use: names that are in use where the objects are made.
    """
    acquisitions = [
        scope.acquisitions[a] for a in acquisition_ids if not scope.is_frame(scope.acquisitions[a].kind)
    ]
    taken: set[str] = {start, *in_use}
    variables: dict[str, str] = {}
    declared: list[Declared] = []
    singles: list[str] = []
    repeated: list[_Node] = []
    root = _Node(variable=start)
    by_path: dict[tuple[str, ...], _Node] = {(): root}

    def parent_of(acquisition: Acquisition) -> Expression:
        placement = acquisition.placement
        if acquisition.id in parents:
            return parents[acquisition.id]
        if placement.place is Place.SIBLING and placement.via in variables:
            return Name(variables[placement.via])
        return {Place.RECEIVER: receiver, Place.TARGET: target}.get(placement.place, NULL)

    owned = {a.path.plain: a for a in acquisitions if a.path is not None}
    ways = [tuple(s.field for s in a.path.steps) for a in acquisitions if a.path is not None]
    for acquisition in sorted(acquisitions, key=lambda a: _order(scope, a)):
        assert acquisition.path is not None
        for depth, step in enumerate(acquisition.path.steps, 1):
            key = tuple(s.field for s in acquisition.path.steps[:depth])
            if key in by_path:
                continue
            above = by_path[key[:-1]]
            cs_field = scope.cs_field(step.message, step.field)
            node = _Node(
                holder=above.message_variable or above.variable,
                property=cs_field.property_name,
                loop=step.repeated,
                in_loop=any(by_path[key[:level]].loop for level in range(1, len(key))),
                acquisition=owned.get(".".join(key)),
            )
            found = node.acquisition
            if found is None:
                node.type = scope.value_type(cs_field)
                node.variable = free(cs_field.parameter.lstrip("@"), taken)
            else:
                node.type = scope.acquired_type(found)
                node.message_type = scope.value_type(cs_field)
                node.variable = free(lower_first(node.type), taken)
                node.parent = parent_of(found)
                if found.placement.place is Place.KEY and found.placement.parent is not None:
                    node.parent_type = scope.type_of(found.placement.parent)
                if found.transfers:
                    node.owner = parents.get(found.id, NULL)
                else:
                    variables[found.id] = node.variable
                    if node.loop or node.in_loop:
                        repeated.append(node)
                    else:
                        declared.append(Declared(node.type, node.variable))
                        singles.append(found.id)
                if any(len(way) > depth and way[:depth] == key for way in ways):
                    node.message_variable = free(node.variable + "Message", taken)
            above.children.append(node)
            by_path[key] = node
    collected = None
    if repeated and not singles:
        first = repeated[0]
        first.collected = free(plural(first.variable), taken)
        collected = Collected(first.type, first.collected)
    return Receiving(root.children, declared, variables, tuple(singles), collected)


def _order(scope: Scope, acquisition: Acquisition) -> tuple[int, ...]:
    """Parents before their children, else the schema's order."""
    assert acquisition.path is not None
    depth = 0
    current = acquisition
    while current.placement.place is Place.SIBLING and current.placement.via in scope.acquisitions:
        depth += 1
        current = scope.acquisitions[current.placement.via]
    return (depth, *(step.number for step in acquisition.path.steps))


def _parents(nodes: list[_Node]) -> Iterable[str]:
    for node in nodes:
        if isinstance(node.parent, Name):
            yield node.parent.text
        yield from _parents(node.children)


def _steps(nodes: list[_Node], parents: Set[str], kept: Set[str]) -> tuple[ReceiptStep, ...]:
    return tuple(_step(node, parents, kept) for node in nodes)


def _step(node: _Node, parents: Set[str], kept: Set[str]) -> ReceiptStep:
    children = _steps(node.children, parents, kept)
    found = node.acquisition
    if found is None:
        return GroupStep(
            node.type, node.variable, node.holder, node.property, node.loop, node.in_loop, children
        )
    if found.transfers:
        return TransferStep(node.owner, node.holder, node.property, found.kind)
    seen = parents if node.loop or node.in_loop else kept
    return ObjectStep(
        type=node.type,
        message_type=node.message_type,
        variable=node.variable,
        holder=node.holder,
        property=node.property,
        loop=node.loop,
        in_loop=node.in_loop,
        parent=node.parent,
        kind=found.kind,
        message_variable=node.message_variable,
        parent_type=node.parent_type,
        is_kept=bool(node.collected) or node.variable in seen,
        collected=node.collected,
        children=children,
    )
