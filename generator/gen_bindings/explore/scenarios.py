"""Which scenarios a model calls for: every pair of things that can happen at once, one for each shape."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

from gen_bindings.explore.shapes import shape_of_delivery, shape_of_operation
from gen_bindings.model.binding import Binding, Lifetime, MessageCall, Operation, Origin, ThreadPolicy


@dataclass(frozen=True, slots=True)
class Action:
    """Something that happens beside something else.

    Attributes:
        what: call, cancel, dispose, again, event, end or collect (``Scripts.cs`` does them).
        name: the member, the event or the session's kind.
        type: the C# class on which it is done; empty for the client.
        shape: the class of members that it stands for.
        target: for an event, the C# class of what it concerns.
    """

    what: str
    name: str
    type: str
    shape: str
    target: str = ""

    @property
    def on(self) -> str:
        """The C# class of the object that it needs alive."""
        return self.target or self.type

    @property
    def label(self) -> str:
        """How a report names it: ``call LocalParticipant.PublishTrackAsync``."""
        if self.what == "again":
            return "dispose the client and initialise again"
        whole = ".".join(part for part in (self.type, self.name) if part)
        return f"{self.what} {whole or 'the client'}"

    def document(self) -> dict[str, Any]:
        """What the explorer's process reads."""
        return {"what": self.what, "name": self.name, "type": self.type, "label": self.label}


@dataclass(frozen=True, slots=True)
class Scenario:
    """Things that happen at once.

    Attributes:
        actions: what happens.
        context: a synchronization context was captured, and its thread only waits.
    """

    actions: tuple[Action, ...]
    context: bool = False

    @property
    def name(self) -> str:
        """How a report and ``--replay`` name it."""
        joined = " | ".join(action.label for action in self.actions)
        return f"{joined} | main thread waits" if self.context else joined

    def document(self) -> dict[str, Any]:
        """What the explorer's process reads."""
        return {
            "name": self.name,
            "actions": [action.document() for action in self.actions],
            "context": self.context,
            "collects": any(action.what == "collect" for action in self.actions),
        }


def actions_of(binding: Binding) -> list[Action]:
    """Everything that can happen, in the model's order."""
    actions = [Action("dispose", "", "", "dispose the client")]
    actions.append(Action("again", "", "", "dispose the client and initialise again"))
    sessions = {session.kind for session in binding.sessions}
    for operation in binding.operations:
        if isinstance(operation.call, MessageCall) and operation.role in ("", "open", "close"):
            actions += _calls(binding, operation)
    for kind in binding.kinds:
        if kind.lifetime is Lifetime.TREE:
            where = "session" if kind.name in sessions else "child" if kind.parents else "root"
            children = "with children" if binding.children(kind.name) else "without children"
            close = ", close operation" if kind.release.close_operation else ""
            for name in _class_names(binding, kind.name):
                actions.append(Action("dispose", "", name, f"dispose a {where} {children}{close}"))
                if where == "root":
                    # Objects below another one are held by it; a session is held by its client.
                    actions.append(Action("collect", "", name, f"collect a root {children}{close}"))
    for session in binding.sessions:
        actions.append(Action("end", session.kind, "", "the other side ends the session"))
        actions.append(
            Action("call", "DisposeAtOnce", binding.kind(session.kind).type_name, "dispose at once")
        )
    for delivery in binding.deliveries:
        if delivery.ends in ("session", "announce"):
            continue  # `end` sends them
        target = _class_names(binding, delivery.target)[-1] if delivery.target else ""
        actions.append(Action("event", delivery.name, "", shape_of_delivery(binding, delivery), target))
    return actions


def _calls(binding: Binding, operation: Operation) -> list[Action]:
    shape = shape_of_operation(binding, operation)
    type_name = ""
    if operation.receiver is not None:
        names = _class_names(binding, operation.receiver, operation.receiver_role)
        type_name = names[0]
    made = [Action("call", operation.method, type_name, shape)]
    call = operation.call
    if isinstance(call, MessageCall) and call.callback is not None and operation.role != "close":
        made.append(Action("cancel", operation.method, type_name, f"cancel: {shape}"))
    return made


def _class_names(binding: Binding, kind_name: str, role: str | None = None) -> list[str]:
    kind = binding.kind(kind_name)
    if not kind.roles:
        return [kind.type_name]
    return [one.type_name for one in kind.roles if role is None or one.name == role] or [kind.type_name]


def classes_of(actions: list[Action]) -> dict[str, list[Action]]:
    """The actions of each shape; the first stands for the rest."""
    classes: dict[str, list[Action]] = {}
    for action in actions:
        classes.setdefault(action.shape, []).append(action)
    return classes


def pairs_of_classes(actions: list[Action]) -> list[Scenario]:
    """One scenario for each pair of shapes, and those with a captured context where something ends."""
    first = [members[0] for members in classes_of(actions).values()]
    pairs = [pair for pair in combinations_with_replacement(first, 2) if not _pointless(*pair)]
    pairs += [(dispose, one) for one in first for dispose in _disposes_what_it_needs(one, actions)]
    client = actions[0]
    waiting = [(client, one) for one in first if one.what in ("call", "event", "end")]
    return [
        *(Scenario(pair) for pair in dict.fromkeys(pairs)),
        *(Scenario(pair, context=True) for pair in waiting),
    ]


def _disposes_what_it_needs(one: Action, actions: list[Action]) -> list[Action]:
    """The Dispose of what a member is called on, or of what an event concerns."""
    if one.what not in ("call", "cancel", "event"):
        return []
    return [other for other in actions if other.what == "dispose" and other.type and other.type == one.on]


def random_pairs(actions: list[Action], count: int, seed: int) -> list[Scenario]:
    """Pairs of other members than those that stand for their shapes."""
    others = [action for members in classes_of(actions).values() for action in members[1:]]
    chooser = random.Random(seed)
    pairs: list[Scenario] = []
    for _ in range(count if others else 0):
        pair = (chooser.choice(others), chooser.choice(actions))
        if not _pointless(*pair):
            pairs.append(Scenario(pair))
    return pairs


def triples_of_classes(actions: list[Action], count: int, seed: int) -> list[Scenario]:
    """Triples of shapes, chosen by a seed; they are too many for all of them."""
    first = [members[0] for members in classes_of(actions).values()]
    chooser = random.Random(seed)
    return [Scenario(tuple(chooser.choice(first) for _ in range(3))) for _ in range(count)]


def _pointless(one: Action, other: Action) -> bool:
    # Two collections of one object are one, and a collected object cannot be used.
    return (
        "collect" in (one.what, other.what)
        and (one.type == other.type or one.what == other.what)
        and bool(one.type)
    ) or (one.what == other.what == "again")


def world_of(binding: Binding) -> dict[str, Any]:
    """How a script makes what it needs: the client, open sessions, an object of each class."""
    recipes: dict[str, dict[str, str]] = {}
    for acquisition in binding.acquisitions:
        if acquisition.origin is Origin.RETURN:
            continue
        for name in _class_names(binding, acquisition.kind, acquisition.role):
            recipe = _recipe(binding, acquisition.origin, acquisition.carrier)
            if recipe is not None:
                recipes.setdefault(name, recipe)
    return {
        "namespace": binding.namespace,
        "client": f"{binding.name}Client",
        "sessions": [
            {
                "type": binding.kind(session.kind).type_name,
                "method": binding.operation(session.open).method,
                "ended": binding.delivery(session.announced).event if session.announced else "Ended",
            }
            for session in binding.sessions
        ],
        "recipes": recipes,
        "kinds": {kind.name: _class_names(binding, kind.name)[-1] for kind in binding.kinds},
        "handlers": {d.name: d.event for d in binding.deliveries if not d.hidden},
        "inline": [d.event for d in binding.deliveries if d.thread is ThreadPolicy.INLINE],
    }


def _recipe(binding: Binding, origin: Origin, carrier: str) -> dict[str, str] | None:
    if origin is Origin.EVENT:
        return {"event": carrier}
    operation = binding.operation(carrier)
    if operation.role:
        return None
    type_name = ""
    if operation.receiver is not None:
        type_name = _class_names(binding, operation.receiver, operation.receiver_role)[0]
    return {"type": type_name, "method": operation.method}
