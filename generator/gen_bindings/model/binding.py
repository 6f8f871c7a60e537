"""The ownership vocabulary: kinds of handles, how they arrive, who owns them, what ends them.

Everything here is about ownership, not about protobuf: a message is one encoding of an operation or a
delivery (``MessageCall``, ``Route``), a plain C function is another (``FunctionCall``). The passes fill
this in; templates read it and decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gen_bindings.model.abi import Exports, Function, FunctionType, Header
from gen_bindings.model.schema import EnumValue, Schema


@dataclass(frozen=True, slots=True)
class Step:
    """One field on the way from a message to something inside it."""

    field: str
    number: int
    message: str  # full name of the message that declares the field
    optional: bool = False
    repeated: bool = False
    index: int | None = None  # one element of a repeated field; only preconditions name one

    def __str__(self) -> str:
        if self.index is not None:
            return f"{self.field}[{self.index}]"
        return self.field + ("[]" if self.repeated else "?" if self.optional else "")


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A way through messages, from ``root`` (a full message name) along ``steps``.

    Printed as ``result?.participants[].publications[]``: ``?`` may be absent, ``[]`` many.
    """

    root: str
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return ".".join(str(step) for step in self.steps)

    @property
    def plain(self) -> str:
        """The path without marks, as the configuration writes it: ``result.participants.publications``."""
        return ".".join(step.field for step in self.steps)

    @property
    def last(self) -> Step:
        """The last step."""
        return self.steps[-1]


# --- kinds ------------------------------------------------------------------------------------------


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


# --- how handles arrive --------------------------------------------------------------------------------


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


# --- what a client can ask for -------------------------------------------------------------------------


class BorrowMode(Enum):
    """How an operation uses a handle that it names. LATE: until its callback came. TAKE: consumes it (L9)."""

    BORROW = "borrow"
    LATE = "late"
    TAKE = "take"


@dataclass(frozen=True, slots=True)
class Borrow:
    """A handle that an operation names."""

    path: FieldPath
    kind: str
    role: str | None
    mode: BorrowMode
    optional: bool = False


@dataclass(frozen=True, slots=True)
class KeyReference:
    """A string (or strings) that names an object of the tree."""

    path: FieldPath
    kind: str
    role: str | None = None
    many: bool = False
    optional: bool = False


class Direction(Enum):
    """Who writes the memory behind a pointer."""

    IN = "in"
    OUT = "out"
    INOUT = "inout"


@dataclass(frozen=True, slots=True)
class Memory:
    """A pointer in a message and what it points to; a message that goes both ways has one entry each.

    Attributes:
        message: full name of the message with the pointer.
        pointer: the field that holds the address.
        element: C# element type (``byte``, ``short``, ``float``).
        count: number of elements: a C#-style arithmetic expression over the message's field names, or
            empty when the field ``size_field`` gives the number of bytes (or elements, when
            ``size_in_elements``).
        size_field: the field that holds the length.
        owner: for memory that comes out: ``handle`` (the owned handle beside it) or ``receiver`` (the
            object on which the operation was called; the view ends with the next such call).
    """

    message: str
    pointer: str
    element: str
    direction: Direction
    count: str = ""
    size_field: str | None = None
    size_in_elements: bool = False
    owner: str = "handle"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """An expression over fields of a request: C# with ``{0}``, ``{1}`` … for the values at ``paths``."""

    text: str
    paths: tuple[FieldPath, ...]


@dataclass(frozen=True, slots=True)
class Precondition:
    """A condition on a request on which the library would abort; the C# refuses it first.

    It holds when the field is absent, and when ``when`` is set and its value is none of ``among``.

    Attributes:
        path: field path in the request; the check applies to each element of a repeated step.
        check: ``range`` (``minimum``/``maximum``), ``count`` (the same, of the elements of a repeated field),
            ``multiple_of`` (a number or ``expression``), ``equals`` and ``at_least`` (``expression``),
            ``prefix``, ``none_of`` (values of an enum). A pointer to memory stands for its length in bytes.
        when: enum field that decides whether the condition applies, with the values ``among`` for which it
            does.
    """

    path: FieldPath
    check: str
    minimum: int | None = None
    maximum: int | None = None
    multiple_of: int | None = None
    prefix: str | None = None
    reason: str = ""
    expression: Arithmetic | None = None
    none_of: tuple[EnumValue, ...] = ()
    when: FieldPath | None = None
    among: tuple[EnumValue, ...] = ()


class ParameterSource(Enum):
    """Where the value of a request field comes from.

    ARGUMENT: a parameter of the method. OBJECT: a parameter that is an object of the tree, its handle is
    sent. KEY: a parameter that is an object of the tree, its key is sent. RECEIVER: the object of the
    method. MEMORY: the address of a span. MEMORY_SIZE: its length. CREATION: what the receiver was
    created with (``value`` names its operation's field). ASYNC_ID: chosen by the client. CONSTANT.
    STRUCT: an input structure, because the message holds memory several levels deep.
    """

    ARGUMENT = "argument"
    OBJECT = "object"
    KEY = "key"
    RECEIVER = "receiver"
    MEMORY = "memory"
    MEMORY_SIZE = "memory_size"
    CREATION = "creation"
    EXPRESSION = "expression"
    ASYNC_ID = "async_id"
    CONSTANT = "constant"
    STRUCT = "struct"


@dataclass(frozen=True, slots=True)
class RequestField:
    """One field of a request, flattened: where its value comes from.

    Attributes:
        path: from the request message to the field; longer than one step when a message that holds memory
            was flattened into parameters.
        parameter: C# parameter name, empty when the caller does not see it.
        kind: for OBJECT, KEY, RECEIVER: the kind; ``role`` where it must be of one.
        memory: for MEMORY and MEMORY_SIZE.
        value: for CONSTANT a C# expression, for CREATION the name of a ``Remembered``, for EXPRESSION a C#
            expression with ``{span}`` for the span's parameter, ``{num_channels}`` for a ``Remembered``, and
            plain names of parameters.
        default: C# default of the parameter, empty when it must be given.
    """

    path: FieldPath
    source: ParameterSource
    parameter: str = ""
    kind: str | None = None
    role: str | None = None
    memory: Memory | None = None
    value: str = ""
    default: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a response or callback says that the operation failed.

    Attributes:
        path: the field; set means failed.
        text: path within the error message to its text, empty when the field is a string.
    """

    path: FieldPath
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response or a callback, and what a caller gets out of it.

    Attributes:
        case: oneof case in the envelope, with ``number`` its field number.
        async_id: field that echoes the asynchronous id, if any.
        failure: where it says that the operation failed.
        acquisitions: ids of the handles that it brings.
        values: remaining fields (schema names) that the caller gets; of the inner message for a nested
            request.
        memories: pointers that it brings beside handles; their fields are no ``values``.
        keys: objects that it names.
    """

    case: str
    number: int
    message: str
    async_id: str | None = None
    failure: Failure | None = None
    acquisitions: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    memories: tuple[Memory, ...] = ()
    keys: tuple[KeyReference, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageCall:
    """An operation as a request message.

    Attributes:
        case: oneof case of the request envelope, ``number`` its field number.
        message: full name of the request message.
        inner: for a request nested in a request (``e2ee`` → ``set_key``): the steps of request and response,
            else empty.
        async_id: request field for a client-chosen id, if any.
    """

    case: str
    number: int
    message: str
    response: Answer
    callback: Answer | None = None
    async_id: str | None = None
    inner: Step | None = None
    inner_response: Step | None = None


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """An operation as a plain C function; the parameter at ``receiver`` is the object, if any."""

    function: str
    receiver: int | None = None
    result_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that a client can ask for.

    Attributes:
        name: schema-style (``publish_track``, ``e2ee.set_key``).
        method: C# method name, with ``Async`` where it has a callback.
        receiver: kind of the object it is a method of (``receiver_role`` its role), ``None``: the client.
        adopts: request field whose object becomes a child of the result (publish_track: ``track_handle``).
        role: ``open``, ``handshake``, ``close`` of a session, ``shutdown`` of the library, else empty; those
            are called by the generated code and are not public methods, except ``open``.
    """

    name: str
    method: str
    call: MessageCall | FunctionCall
    receiver: str | None = None
    receiver_role: str | None = None
    fields: tuple[RequestField, ...] = ()
    borrows: tuple[Borrow, ...] = ()
    keys: tuple[KeyReference, ...] = ()
    preconditions: tuple[Precondition, ...] = ()
    adopts: str | None = None
    role: str = ""
    doc: str = ""


# --- what arrives by itself ------------------------------------------------------------------------------


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


# --- the contract with the native library ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InitializeCall:
    """The entry point that starts the library.

    Attributes:
        callback: index of the callback parameter, ``user_data`` of the pointer given back to it (or
            ``None``).
        options: (parameter index, C# parameter name, C# default) for the rest.
        fails: the result is a status, 0 is success.
    """

    function: str
    callback: int
    user_data: int | None
    options: tuple[tuple[int, str, str], ...]
    fails: bool


@dataclass(frozen=True, slots=True)
class RequestCall:
    """The entry point that takes a request; parameter indexes and what its result means.

    Attributes:
        result: ``handle`` (id of the response buffer, 0 is failure) or ``status`` (0 is success).
        release: function that gives the response back; takes the result for ``handle``, the pointer for
            ``status``.
    """

    function: str
    data: int
    size: int
    reply: int
    reply_size: int
    result: str
    release: str


@dataclass(frozen=True, slots=True)
class CallbackShape:
    """The native callback: indexes of its parameters."""

    type: FunctionType
    data: int
    size: int
    user_data: int | None


@dataclass(frozen=True, slots=True)
class EntryPoints:
    """The functions of the contract and their roles.

    Attributes:
        library: name for DllImport.
        functions: every entry point, header order, then those that the configuration supplies.
        error_text: function that returns the last error's text, if any.
    """

    library: str
    functions: tuple[Function, ...]
    initialize: InitializeCall | None = None
    request: RequestCall | None = None
    callback: CallbackShape | None = None
    dispose: str | None = None
    error_text: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """The three envelope messages (full names) and the conventions around them."""

    request: str
    response: str
    event: str
    owned_handle: str
    owned_id: str
    async_id_type: str  # "uint64" or "uint32"


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth telling that does not stop generation: an export that the header lacks."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Binding:
    """The whole model after the passes.

    Attributes:
        name: prefix of the client's class (``Acme`` → ``AcmeClient``).
        namespace: C# namespace.
        columns: kinds of the diagnostics line in order (``rooms``, …), without ``total``.
        reply_column: column of the response buffer.
        release_order: names of the kinds, children before parents.
    """

    name: str
    namespace: str
    schema: Schema | None
    header: Header
    exports: Exports | None
    entry_points: EntryPoints
    envelope: Envelope | None
    kinds: tuple[Kind, ...]
    acquisitions: tuple[Acquisition, ...]
    operations: tuple[Operation, ...]
    deliveries: tuple[Delivery, ...]
    sessions: tuple[Session, ...]
    memories: tuple[Memory, ...]
    columns: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    reply_column: str = "other"
    release_order: tuple[str, ...] = ()

    def kind(self, name: str) -> Kind:
        """The kind called ``name``; it must exist."""
        return next(kind for kind in self.kinds if kind.name == name)

    def acquisition(self, acquisition_id: str) -> Acquisition:
        """The acquisition with this id; it must exist."""
        return next(a for a in self.acquisitions if a.id == acquisition_id)

    def operation(self, name: str) -> Operation:
        """The operation called ``name``; it must exist."""
        return next(o for o in self.operations if o.name == name)

    def delivery(self, name: str) -> Delivery:
        """The delivery called ``name``; it must exist."""
        return next(d for d in self.deliveries if d.name == name)

    def children(self, kind: str) -> tuple[Kind, ...]:
        """Kinds whose objects may stand under ``kind``."""
        return tuple(k for k in self.kinds if kind in k.parents)
