"""Deliveries as the C# deals with them: the public event, what is looked up, and what changes before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen_bindings.model.expressions import Expression
from gen_bindings.model.receipts import Receipt


@dataclass(frozen=True, slots=True)
class EventArgument:
    """A property of an event's arguments.

    Attributes:
        local: parameter of the arguments' constructor.
        value: what it is given; for a handler that runs inside the callback, what is read of the payload.
        present: for a message read inside the callback, whether it is there.
        is_frame: the short-lived object that the event brings.
    """

    property: str
    type: str
    local: str
    doc: str
    value: Expression
    present: Expression | None = None
    is_frame: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """A public event.

    Attributes:
        arguments_type: class of the arguments, a struct when ``inline``, empty when there is nothing to say.
        sender: class of the sender.
        reader: for a handler inside the callback, the scoped reader of the payload.
    """

    name: str
    sender: str
    arguments_type: str
    arguments: tuple[EventArgument, ...]
    inline: bool
    reader: str
    doc: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """An object that the delivery names by its key; where the local ``guard`` is null, there is none.

    Attributes:
        reference: path of the key in the delivery.
    """

    reference: str
    variable: str
    type: str
    kind: str
    key: Expression
    ancestor: Expression
    guard: str = ""


@dataclass(frozen=True, slots=True)
class ReplaceFacts:
    """All facts of the object are new."""

    shape: ClassVar[str] = "replace_facts"
    value: Expression


@dataclass(frozen=True, slots=True)
class SetFact:
    """One fact is new; ``present``: only where the value is there."""

    shape: ClassVar[str] = "set_fact"
    property: str
    value: Expression
    present: bool = False


@dataclass(frozen=True, slots=True)
class FillFact:
    """A list or a dictionary is new."""

    shape: ClassVar[str] = "fill_fact"
    property: str
    value: Expression
    is_map: bool


@dataclass(frozen=True, slots=True)
class SetState:
    """A property beside the facts is new."""

    shape: ClassVar[str] = "set_state"
    property: str
    value: Expression


@dataclass(frozen=True, slots=True)
class RenewKey:
    """The object is found under its new key from now on."""

    shape: ClassVar[str] = "renew_key"


Change = ReplaceFacts | SetFact | FillFact | SetState | RenewKey


@dataclass(frozen=True, slots=True)
class OneUpdate:
    """Changes of the object that a local holds."""

    shape: ClassVar[str] = "one"
    subject: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ChildrenUpdate:
    """Changes of the children of the object that a local holds."""

    shape: ClassVar[str] = "children"
    subject: str
    type: str
    kind: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ManyUpdate:
    """New facts for each object that an element of a list names by its key."""

    shape: ClassVar[str] = "many"
    subject: str
    type: str
    kind: str
    source: Expression
    element_type: str
    key: Expression


ObjectUpdate = OneUpdate | ChildrenUpdate | ManyUpdate


@dataclass(frozen=True, slots=True)
class Detached:
    """The object that leaves the tree after the event: the local's, or its children of ``type``."""

    variable: str
    type: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Handled:
    name: str
    message: str
    number: int
    arm_number: int
    target_type: str
    target: Expression | None
    event: Event | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineDelivery(_Handled):
    """A short-lived object, handed to handlers inside the library's callback.

    Attributes:
        path: numbers of the fields that lead to the owned message.
    """

    shape: ClassVar[str] = "inline"
    frame_type: str
    path: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchedDelivery(_Handled):
    """A message that the dispatcher deals with.

    Attributes:
        target_by_key: the target is one of the lookups.
        claimed: locals of objects that are released after the event unless a handler keeps them.
        raises: the event is raised here; the end of a session raises its own.
        settles: when the client ends before it is dealt with, what it says of a session's end still counts.
        ends: what the delivery ends, as in ``Delivery``; ``reason`` why.
    """

    shape: ClassVar[str] = "dispatched"
    target_by_key: bool
    lookups: tuple[Lookup, ...]
    receipt: Receipt
    claimed: tuple[str, ...]
    updates: tuple[ObjectUpdate, ...]
    detached: Detached | None
    raises: bool
    settles: bool
    ends: str
    reason: Expression | None


HandledDelivery = InlineDelivery | DispatchedDelivery


@dataclass(frozen=True, slots=True)
class EventRoute:
    """A case of the event envelope that is an event of its own.

    Attributes:
        correlation: number of the integer that names the object, or 0.
        arms: deliveries by inner case; empty where the event is one ``single`` delivery.
    """

    number: int
    name: str
    correlation: int
    arms: tuple[HandledDelivery, ...]
    single: HandledDelivery | None
