"""What arrives by itself: events, the state that they change, and the sessions that they end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gen_bindings.model.operations import KeyReference
from gen_bindings.model.paths import FieldPath


class ThreadPolicy(Enum):
    """On which thread an event's handlers run (L21)."""

    DISPATCH = "dispatch"
    INLINE = "inline"


@dataclass(frozen=True, slots=True)
class Route:
    """How a delivery is found in an event message.

    Attributes:
        case: case of the event envelope with ``number``; ``message`` its type.
        arm: inner oneof case (``track_subscribed``) with ``arm_number``, where the event has one.
        correlation: integer field of the event that names the object it concerns.
    """

    case: str
    number: int
    message: str
    correlation: str | None = None
    correlation_number: int = 0
    arm: str | None = None
    arm_number: int = 0


@dataclass(frozen=True, slots=True)
class Update:
    """A change of an object's present state that a delivery brings (L23), before its event is raised.

    Attributes:
        kind: whose state; found by ``reference`` (a key path of the delivery) or, when empty, the target.
        through: kind that ``reference`` names when that is a parent: the update is for its child of ``kind``.
        whole: path of a complete info message that replaces the old one; else ``fields``.
        fields: (info field, path in the delivery) pairs.
        constants: (info field, C# literal) pairs.
        many: ``whole`` is a repeated field and each element names its object by the kind's key.
        state: (state property, path) pairs for properties outside the info message.
    """

    kind: str
    reference: FieldPath | None = None
    whole: FieldPath | None = None
    many: bool = False
    fields: tuple[tuple[str, FieldPath], ...] = ()
    constants: tuple[tuple[str, str], ...] = ()
    state: tuple[tuple[str, FieldPath], ...] = ()
    renews_key: bool = False
    through: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event of the native side.

    Attributes:
        name: ``room_event.track_subscribed``, or ``logs`` for an event without arms.
        event: C# event name (``TrackSubscribed``).
        message: full name of the payload: the arm's message, or the event's.
        target: kind of the object that it concerns; ``None``: the client.
        acquisitions: ids of handles that it brings.
        keys: objects that it names.
        target_key: path of the key of ``target`` where no integer of the event names it.
        detaches: kind of the object that it removes from the tree, found by ``detach_key``; where that names
            its parent instead, ``detach_through`` is the parent's kind and its child of the kind goes.
        ends: ``session`` when it marks the end of the target's session, ``announce`` when it announces it
            with a reason, ``panic`` when everything ends, ``stream`` when it ends the target's flow of
            events, else empty.
        hidden: no public event (end markers).
    """

    name: str
    event: str
    message: str
    route: Route
    target: str | None = None
    target_role: str | None = None
    acquisitions: tuple[str, ...] = ()
    keys: tuple[KeyReference, ...] = ()
    updates: tuple[Update, ...] = ()
    detaches: str | None = None
    detach_key: FieldPath | None = None
    detach_through: str | None = None
    target_key: FieldPath | None = None
    ends: str = ""
    reason: FieldPath | None = None
    thread: ThreadPolicy = ThreadPolicy.DISPATCH
    hidden: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A kind whose objects are opened and closed by operations and end by deliveries (L5, L6).

    Attributes:
        kind: the session's kind (Room).
        open: operation whose callback brings it.
        handshake: operation that starts its events, sent once the user's handlers are attached.
        close: operation that ends it.
        close_reason: request field of ``close`` for the reason, if any.
        markers: deliveries that mark the end of the stream of events.
        announced: delivery that announces the end with a reason.
        reason_enum: full name of the reason's enum, if it is one.
        client_reason: C# member of that enum for an end that the client asked for.
        unknown_reason: C# member for an end whose reason never came.
        drain_ms: deadline for the markers after the close request.
    """

    kind: str
    open: str
    handshake: str | None
    close: str
    close_reason: str | None
    markers: tuple[str, ...]
    announced: str | None
    reason_enum: str | None
    client_reason: str
    unknown_reason: str
    drain_ms: int
