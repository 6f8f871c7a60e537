"""The classes of the tree: what an object knows, what stands below it, what can be asked of it."""

from __future__ import annotations

from dataclasses import dataclass

from gen_bindings.model.events import Event
from gen_bindings.model.expressions import Expression
from gen_bindings.model.methods import ClosingCall, FunctionMethod, Method, Parameter
from gen_bindings.model.writes import Write


@dataclass(frozen=True, slots=True)
class Child:
    """A property that lists the children of a class, or gives the only one (``single``)."""

    property: str
    type: str
    kind: str
    single: bool


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an object, with the value that it gives or takes over."""

    name: str
    type: str
    doc: str
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class MemoryProperty:
    """Memory that belongs to an object: where it is, and how many elements it has."""

    property: str
    element: str
    pointer: Expression
    count: Expression


@dataclass(frozen=True, slots=True)
class Facts:
    """What the library tells of an object: the class of the message, and the message that brings it."""

    type: str
    value: Expression | None


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """The end of a session, as its class and its object's methods need it.

    Attributes:
        type: its class.
        close: the request that ends it, with the method's ``parameters``.
        reason_type: C# type of the reason, or empty.
        client_reason: the reason of an end that the client asked for; ``unknown_reason`` of one without.
        ended: the event that tells the end, if there is one.
        drain_ms: deadline for the markers after the request.
    """

    type: str
    kind_type: str
    close: ClosingCall
    parameters: tuple[Parameter, ...]
    reason_type: str
    client_reason: Expression
    unknown_reason: Expression
    ended: Event | None
    drain_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeClass:
    """A class of the tree.

    Attributes:
        base: the class that its role derives from; empty for a kind's own class.
        is_base: roles derive from it, and no object is of exactly this class.
        message: class of the owned message, or empty.
        handle_value: the handle's number in the message.
        key: the object's key, or ``None``.
        claimed: an event brings it, and a handler may keep it.
        extras: facts beside the info message, taken over when the object is made.
        state: properties that deliveries set.
        created: creation parameters that later requests need.
        opens: the sessions' plan, where the object has a session.
    """

    name: str
    base: str
    is_base: bool
    kind: str
    handle: str
    doc: str
    message: str
    handle_value: Expression | None
    facts: Facts | None
    key: Expression | None
    claimed: bool
    properties: tuple[Property, ...]
    extras: tuple[Property, ...]
    state: tuple[Property, ...]
    created: tuple[Property, ...]
    memories: tuple[MemoryProperty, ...]
    parent: Child | None
    children: tuple[Child, ...]
    methods: tuple[Method, ...]
    functions: tuple[FunctionMethod, ...]
    events: tuple[Event, ...]
    session: SessionPlan | None


@dataclass(frozen=True, slots=True)
class InputMemory:
    """Memory that goes in."""

    property: str
    local: str
    element: str


@dataclass(frozen=True, slots=True)
class InputPart:
    """A list of further inputs."""

    property: str
    type: str


@dataclass(frozen=True, slots=True)
class InputClass:
    """A class that a caller fills for a message whose parts hold memory; ``writes`` are in order."""

    name: str
    doc: str
    memories: tuple[InputMemory, ...]
    fields: tuple[Property, ...]
    parts: tuple[InputPart, ...]
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class FrameMemory:
    """The memory of a frame; ``source`` is the reader's property, ``count`` its elements over the slot."""

    property: str
    element: str
    source: str
    count: Expression


@dataclass(frozen=True, slots=True)
class FramePart:
    """A repeated message with memory (the planes of a picture)."""

    property: str
    singular: str
    reader: str
    element: str
    pointer: str
    count: Expression
    fields: tuple[Property, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameClass:
    """A short-lived kind: a pooled slot behind a struct, filled by scoped readers."""

    type: str
    kind: str
    doc: str
    handle_number: int
    id_number: int
    facts_number: int
    reader: str
    fields: tuple[Property, ...]
    memories: tuple[FrameMemory, ...]
    parts: tuple[FramePart, ...]
