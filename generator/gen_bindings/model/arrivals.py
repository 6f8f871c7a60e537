"""How handles arrive, and where in the tree what arrives is placed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gen_bindings.model.paths import FieldPath


class Origin(Enum):
    """In what a handle arrives."""

    RESPONSE = "response"
    CALLBACK = "callback"
    EVENT = "event"
    RETURN = "return"  # the value that an entry point returns: the response buffer, or a plain create


class Place(Enum):
    """How the parent of an arriving handle is found.

    CLIENT: a root of the client. SESSION: a root that has a session. RECEIVER: the object on which the
    operation is called. BORROWED: another object that the operation names (``via`` is the field).
    SIBLING: an object that arrives in the same message (``via`` is that acquisition's id). TARGET: the
    object that the event concerns. KEY: looked up by a key (``via`` is the path of the key in the
    delivery). REPLACED: under the parent of the object whose handle it replaces (``via`` is the path of
    that object's key). CALL: lives only as long as the call (the response buffer).
    """

    CLIENT = "client"
    SESSION = "session"
    RECEIVER = "receiver"
    BORROWED = "borrowed"
    SIBLING = "sibling"
    TARGET = "target"
    KEY = "key"
    REPLACED = "replaced"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where in the tree an arriving handle goes; ``parent`` is the parent's kind, if any."""

    place: Place
    parent: str | None = None
    via: str = ""


@dataclass(frozen=True, slots=True)
class Acquisition:
    """One way in which an owned handle arrives.

    Attributes:
        id: stable name, ``ConnectCallback.result.participants.publications``.
        kind: kind's name; ``buffer`` for the response buffer.
        role: role's name where the kind has roles.
        carrier: operation's or delivery's name; the entry point's for ``Origin.RETURN``.
        path: from the carrier's message to the owned message, or to the integer that transfers it.
        transfers: a plain integer that hands over ownership (L10); the same id may come again and is then
            known.
        replaces: for a transfer, path in the carrier's message of the key of the object that gets the new
            handle.
        info: for a transfer, path in the carrier's message of the object's new facts.
    """

    id: str
    kind: str
    role: str | None
    origin: Origin
    carrier: str
    path: FieldPath | None
    placement: Placement
    transfers: bool = False
    replaces: FieldPath | None = None
    info: FieldPath | None = None
