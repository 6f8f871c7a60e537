"""What a client can ask for: requests and functions, what they take and what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gen_bindings.model.paths import FieldPath, Step
from gen_bindings.model.schema import EnumValue


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
        pointer: the field that holds the address; ``name`` what it points to, its name without its ending.
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
    name: str = ""
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
