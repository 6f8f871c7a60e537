"""Decides where in the tree each arriving handle goes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gen_bindings.model.binding import (
    Acquisition,
    Binding,
    Delivery,
    FieldPath,
    FunctionCall,
    Kind,
    Lifetime,
    Operation,
    Origin,
    Place,
    Placement,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A placement that the configuration states: the handle at ``path`` goes under an object of a kind."""

    path: FieldPath
    under: str
    key: FieldPath | None = None


def place_handles(binding: Binding, rules: tuple[Rule, ...], problems: list[str]) -> Binding:
    """The binding with every acquisition placed, and the kinds' parents completed from the placements."""
    placing = _Placing(binding, rules)
    placed: list[Acquisition] = []
    for acquisition in binding.acquisitions:
        placement = placing.place(acquisition)
        if isinstance(placement, str):
            problems.append(
                f"{acquisition.id}: the {acquisition.kind} that {acquisition.carrier} brings has no owner "
                f"in the tree: {placement}. "
                f'Add a [[place]] with acquired = "{acquisition.id}", or change parents of '
                f"[kinds.{acquisition.kind}]."
            )
            placed.append(acquisition)
        else:
            placed.append(replace(acquisition, placement=placement))
    acquisitions = tuple(placed)
    kinds = tuple(
        replace(kind, parents=tuple(dict.fromkeys((*kind.parents, *_parents(kind, acquisitions)))))
        for kind in binding.kinds
    )
    return replace(binding, acquisitions=acquisitions, kinds=kinds)


def _parents(kind: Kind, acquisitions: tuple[Acquisition, ...]) -> tuple[str, ...]:
    placements = (a.placement for a in acquisitions if a.kind == kind.name)
    return tuple(p.parent for p in placements if p.parent is not None and p.place is not Place.REPLACED)


class _Placing:
    def __init__(self, binding: Binding, rules: tuple[Rule, ...]) -> None:
        self._binding = binding
        self._kinds = {kind.name: kind for kind in binding.kinds}
        self._operations = {operation.name: operation for operation in binding.operations}
        self._functions = {
            operation.call.function: operation
            for operation in binding.operations
            if isinstance(operation.call, FunctionCall)
        }
        self._deliveries = {delivery.name: delivery for delivery in binding.deliveries}
        self._rules = {(rule.path.root, rule.path.plain): rule for rule in rules}

    def place(self, acquisition: Acquisition) -> Placement | str:
        """Where the handle goes, or why that cannot be told."""
        if acquisition.kind not in self._kinds:
            return Placement(Place.CALL)
        kind = self._kinds[acquisition.kind]
        rule = self._rules.get((acquisition.path.root, acquisition.path.plain)) if acquisition.path else None
        if acquisition.origin is Origin.EVENT:
            delivery = self._deliveries[acquisition.carrier]
            if rule is not None:
                return self._by_rule(acquisition, rule, delivery)
            return self._delivered(acquisition, kind, delivery)
        operation = self._operations.get(acquisition.carrier) or self._functions[acquisition.carrier]
        if any(s.kind == kind.name and s.open == operation.name for s in self._binding.sessions):
            return Placement(Place.SESSION)
        if rule is not None:
            return self._by_rule(acquisition, rule, None)
        return self._answered(acquisition, kind, operation)

    def _by_rule(self, acquisition: Acquisition, rule: Rule, delivery: Delivery | None) -> Placement | str:
        if rule.key is not None:
            return Placement(Place.KEY, rule.under, rule.key.plain)
        if delivery is not None and delivery.target == rule.under:
            return Placement(Place.TARGET, rule.under)
        sibling = self._sibling(acquisition, (rule.under,))
        if sibling is not None:
            return sibling
        operation = self._operations.get(acquisition.carrier) if delivery is None else None
        borrowed = self._borrowed(operation, (rule.under,)) if operation else None
        return borrowed or f"its [[place]] says {rule.under}, and there is no {rule.under} at hand"

    def _answered(self, acquisition: Acquisition, kind: Kind, operation: Operation) -> Placement:
        if not kind.parents:
            if operation.receiver in (None, kind.name):
                return Placement(Place.CLIENT)
            return Placement(Place.RECEIVER, operation.receiver)
        found = self._sibling(acquisition, kind.parents) or self._borrowed(operation, kind.parents)
        return found or Placement(Place.CLIENT)

    def _delivered(self, acquisition: Acquisition, kind: Kind, delivery: Delivery) -> Placement | str:
        if acquisition.replaces is not None:
            parent = kind.parents[0] if kind.parents else None
            return Placement(Place.REPLACED, parent, acquisition.replaces.plain)
        found = self._sibling(acquisition, kind.parents) or self._keyed(acquisition, kind.parents, delivery)
        if found is not None:
            return found
        target = delivery.target
        if target is not None and (target in kind.parents or (target != kind.name and not kind.parents)):
            return Placement(Place.TARGET, target)
        if target is not None and kind.lifetime is not Lifetime.TREE:
            return Placement(Place.TARGET, target)
        if not kind.parents:
            return Placement(Place.CLIENT)
        return f"the event names no {' and no '.join(kind.parents)}"

    def _sibling(self, acquisition: Acquisition, parents: tuple[str, ...]) -> Placement | None:
        """The nearest handle around it, or beside it on the same way through repeated fields."""
        best: tuple[int, int, Acquisition] | None = None
        for other in self._binding.acquisitions:
            if (
                other is acquisition
                or other.kind not in parents
                or (other.origin, other.carrier) != (acquisition.origin, acquisition.carrier)
                or other.path is None
                or acquisition.path is None
            ):
                continue
            around = acquisition.path.steps[: len(other.path.steps)] == other.path.steps
            shared = other.path.steps if around else other.path.steps[:-1]
            if acquisition.path.steps[: len(shared)] != shared or (not around and other.path.last.repeated):
                continue
            rank = (len(shared), -parents.index(other.kind))
            if best is None or rank > best[:2]:
                best = (*rank, other)
        return Placement(Place.SIBLING, best[2].kind, best[2].id) if best else None

    def _borrowed(self, operation: Operation, parents: tuple[str, ...]) -> Placement | None:
        for parent in parents:
            if operation.receiver == parent:
                return Placement(Place.RECEIVER, parent)
            for borrow in operation.borrows:
                if borrow.kind == parent and not borrow.optional:
                    return Placement(Place.BORROWED, parent, borrow.path.plain)
        return None

    def _keyed(
        self, acquisition: Acquisition, parents: tuple[str, ...], delivery: Delivery
    ) -> Placement | None:
        assert acquisition.path is not None
        for parent in parents:
            for key in delivery.keys:
                repeated = [i for i, step in enumerate(key.path.steps, 1) if step.repeated]
                shared = key.path.steps[: repeated[-1] if repeated else 0]
                if key.kind == parent and acquisition.path.steps[: len(shared)] == shared:
                    return Placement(Place.KEY, parent, key.path.plain)
        return None
