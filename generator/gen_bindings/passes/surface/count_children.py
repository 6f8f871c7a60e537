"""Decides what stands below a kind, and whether a class has one child or a list of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from gen_bindings.model.binding import Acquisition, Kind, Lifetime, MessageCall, Place
from gen_bindings.model.classes import Child
from gen_bindings.naming import plural
from gen_bindings.passes.surface.scope import Scope


def count_children(scope: Scope, kind: Kind) -> tuple[Child, ...]:
    """What stands below a kind: for children with roles the whole kind first, then each role."""
    return tuple(_children(scope, kind))


def root_children(scope: Scope) -> tuple[Child, ...]:
    """Lists of the client: classes of objects that may stand by themselves."""
    roots = []
    for kind in scope.binding.kinds:
        if kind.lifetime is Lifetime.FRAME:
            continue
        places = {
            a.role
            for a in scope.binding.acquisitions
            if a.kind == kind.name and a.placement.place in (Place.CLIENT, Place.SESSION)
        }
        for role in sorted(places, key=lambda r: r or ""):
            type_ = scope.type_of(kind.name, role)
            roots.append(Child(plural(type_), type_, kind.name, single=False))
    return tuple(roots)


def parent_of(scope: Scope, kind: Kind) -> Child | None:
    """The property for the object above; ``None`` for a kind whose objects stand by themselves."""
    if not kind.parents:
        return None
    parent = scope.kinds[kind.parents[0]]
    return Child(parent.type_name, parent.type_name, parent.name, single=True)


def _children(scope: Scope, kind: Kind) -> Iterator[Child]:
    for child in scope.binding.children(kind.name):
        if child.lifetime is Lifetime.FRAME:
            continue
        for role in (None, *(r.name for r in child.roles)):
            ways = [
                _is_only_one(scope, a, kind)
                for a in scope.binding.acquisitions
                if a.kind == child.name and role in (None, a.role) and _may_stand_under(scope, a, kind)
            ]
            if ways:
                type_ = scope.type_of(child.name, role)
                single = all(ways)
                yield Child(type_ if single else plural(type_), type_, child.name, single)


def _may_stand_under(scope: Scope, acquisition: Acquisition, parent: Kind) -> bool:
    return acquisition.placement.parent == parent.name or _is_adopted(scope, acquisition, parent)


def _is_only_one(scope: Scope, acquisition: Acquisition, parent: Kind) -> bool:
    """It comes with its parent in one message, has its parent's key, or is adopted by a new parent."""
    placement = acquisition.placement
    if placement.parent != parent.name:
        return True
    if placement.place is Place.SIBLING:
        return not _loops_after_parent(scope, acquisition)
    if placement.place is Place.KEY and parent.key is not None:
        assert acquisition.path is not None
        own_facts = (acquisition.path.plain, str(scope.kinds[acquisition.kind].info_field), parent.key.field)
        return placement.via == ".".join(own_facts)
    return False


def _is_adopted(scope: Scope, acquisition: Acquisition, parent: Kind) -> bool:
    for operation in scope.binding.operations:
        adopts = any(
            b.path.plain == operation.adopts and b.kind == acquisition.kind for b in operation.borrows
        )
        if adopts and isinstance(operation.call, MessageCall):
            answer = operation.call.callback or operation.call.response
            return any(scope.acquisitions[a].kind == parent.name for a in answer.acquisitions)
    return False


def _loops_after_parent(scope: Scope, acquisition: Acquisition) -> bool:
    parent = scope.acquisitions[acquisition.placement.via]
    assert parent.path is not None
    assert acquisition.path is not None
    pairs = zip(acquisition.path.steps, parent.path.steps, strict=False)
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    return any(step.repeated for step in acquisition.path.steps[shared:])
