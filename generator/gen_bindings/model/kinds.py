"""Kinds of owned handles: what a handle is, how it is released, and what its objects know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gen_bindings.model.paths import FieldPath


class IdType(Enum):
    """What a handle is at the boundary."""

    UINT64 = "uint64"
    UINT32 = "uint32"
    POINTER = "pointer"


class Lifetime(Enum):
    """How long an object of a kind lives when nobody says otherwise.

    TREE: until its parent ends, or a delivery detaches it. CLAIMED: delivered in an event, it is
    released when the dispatch ends unless a handler keeps it (L2). FRAME: short-lived and frequent; a
    pooled slot behind a struct (L1).
    """

    TREE = "tree"
    CLAIMED = "claimed"
    FRAME = "frame"


@dataclass(frozen=True, slots=True)
class Release:
    """How a handle of a kind is given back.

    Attributes:
        function: entry point that takes the handle.
        answers: the result says whether the handle was known (0: it was not).
        self_released: the library may have released it by itself, so "not known" is no error.
        needs_caller_thread: must not run on a finalizer thread even when queued late (the binding
            releases it through the release thread in any case; this adds the close operation first).
        close_operation: operation to send before the release (``byte_stream_close``), or ``None``.
    """

    function: str
    answers: bool = False
    self_released: bool = False
    close_operation: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """The string that names an object of a kind in events and operations.

    Attributes:
        field: field of the kind's info message.
    """

    field: str


@dataclass(frozen=True, slots=True)
class StateProperty:
    """A present-state property that the info message lacks (L23): set by a delivery's field."""

    name: str  # schema-style: connection_quality
    delivery: str
    path: FieldPath


@dataclass(frozen=True, slots=True)
class Remembered:
    """A parameter of the operation that made an object, which the object keeps for later operations.

    Attributes:
        name: schema-style name of the property (``num_channels``).
        operation: operation that makes the object; ``path`` is the field of its request.
    """

    name: str
    operation: str
    path: FieldPath


@dataclass(frozen=True, slots=True)
class Role:
    """A way of being of a kind with a class of its own: a participant is local or remote."""

    name: str
    kind: str
    type_name: str  # C# class


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of owned handle.

    Attributes:
        name: schema-style name without prefix (``TrackPublication``); the member of the C# HandleKind enum.
        type_name: C# class of its objects, the base class where the kind has roles.
        owned_message: full name of the message that carries it, ``None`` for plain C interfaces.
        handle_field: field of ``owned_message`` that holds the handle.
        info_field: field of ``owned_message`` that holds its facts, with ``info_message`` its full name.
        extra_fields: further fields of ``owned_message`` (``publisher_identity``), schema names.
        parents: kinds under which its objects stand, best first, completed from the placements; empty: the
            client itself.
        remembered: what its objects keep of their creation, for operations that send it again.
        column: its column of the diagnostics line.
    """

    name: str
    type_name: str
    id_type: IdType
    release: Release
    owned_message: str | None = None
    handle_field: str | None = None
    info_field: str | None = None
    info_message: str | None = None
    extra_fields: tuple[str, ...] = ()
    lifetime: Lifetime = Lifetime.TREE
    parents: tuple[str, ...] = ()
    key: Key | None = None
    roles: tuple[Role, ...] = ()
    state: tuple[StateProperty, ...] = ()
    column: str = "other"
    remembered: tuple[Remembered, ...] = ()
    doc: str = ""
