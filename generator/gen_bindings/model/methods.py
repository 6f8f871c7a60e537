"""Operations as C# methods: a closed set of shapes, one template each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen_bindings.model.expressions import Expression
from gen_bindings.model.guards import Guard
from gen_bindings.model.receipts import Receipt
from gen_bindings.model.writes import Write


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; ``default`` is empty where it must be given."""

    name: str
    type: str
    default: str
    doc: str


@dataclass(frozen=True, slots=True)
class HandleUse:
    """A handle that the request names.

    Attributes:
        variable: local of the handle.
        source: parameter of the object, empty for the object whose method it is; ``optional``: may be null.
        taken: the request consumes it.
    """

    variable: str
    source: str
    optional: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class Pin:
    """A span whose memory is pinned while the request is made."""

    variable: str
    span: str
    element: str


@dataclass(frozen=True, slots=True)
class Request:
    """How the request is written and sent.

    Attributes:
        operation: name for exceptions; ``number`` its field in the envelope.
        is_delimited: the request stands between two tags in its envelope.
        stack_bytes: room for the whole request on the stack; 0: it goes into a rented buffer.
        inputs: parameters that are pinned input objects.
    """

    operation: str
    number: int
    is_delimited: bool
    stack_bytes: int
    handles: tuple[HandleUse, ...]
    pins: tuple[Pin, ...]
    inputs: tuple[str, ...]
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class TextRefusal:
    """A field of an answer that is the text of the failure."""

    shape: ClassVar[str] = "text"
    number: int
    value: Expression


@dataclass(frozen=True, slots=True)
class MessageRefusal:
    """A field of an answer that is a message about the failure.

    Attributes:
        text: property of the message with the text, empty where it has none: then ``name`` is said.
    """

    shape: ClassVar[str] = "message"
    number: int
    value: Expression
    type: str
    text: str
    name: str


Refusal = TextRefusal | MessageRefusal


@dataclass(frozen=True, slots=True)
class Reading:
    """A response or a callback that is read as a message.

    Attributes:
        type: C# class of the message; ``number`` of its field in the envelope.
        result: what the caller gets, ``None`` for nothing; ``result_type`` its type.
    """

    type: str
    number: int
    refusal: Refusal | None
    receipt: Receipt
    result: Expression | None
    result_type: str


@dataclass(frozen=True, slots=True)
class Scanning:
    """A response of which only some fields are looked at.

    Attributes:
        number: field of the response in the envelope, ``inner`` of the response within it, or 0.
    """

    number: int
    inner: int
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class Creation:
    """A creation parameter that the result keeps for later requests."""

    property: str
    value: Expression


@dataclass(frozen=True, slots=True)
class AsyncIds:
    """Which id an asynchronous operation has.

    Attributes:
        client_chosen: the client chooses it; else the response (``answer_number`` in the envelope) brings it
            in its field ``id_number``.
    """

    client_chosen: bool
    answer_number: int
    id_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Method:
    name: str
    doc: str
    visibility: str
    parameters: tuple[Parameter, ...]
    returns: str
    returns_doc: str
    on_object: bool
    guards: tuple[Guard, ...]
    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleCall(_Method):
    """Nothing is done with the response."""

    shape: ClassVar[str] = "SimpleCall"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushCall(_Method):
    """Sends and does not wait for the callback; ``with_id``: the request wants an id."""

    shape: ClassVar[str] = "PushCall"
    with_id: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCall(_Method):
    """The response only says whether the operation failed."""

    shape: ClassVar[str] = "CheckedCall"
    answer: Scanning


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedCall(_Method):
    """The response brings one plain value, found by its number."""

    shape: ClassVar[str] = "ScannedCall"
    answer: Scanning
    value_number: int
    value: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewCall(_Method):
    """The response brings memory that belongs to the object, as a view."""

    shape: ClassVar[str] = "ViewCall"
    answer: Scanning
    address_number: int
    size_number: int
    element: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameCall(_Method):
    """The response brings a short-lived object, found by the numbers of the fields on its way."""

    shape: ClassVar[str] = "FrameCall"
    answer: Scanning
    path: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCall(_Method):
    """The response is read as a message."""

    shape: ClassVar[str] = "ReadCall"
    answer: Scanning
    reading: Reading
    creation: tuple[Creation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncCall(_Method):
    """A callback ends the operation.

    Attributes:
        adopts: parameter whose object becomes a child of the result, or empty.
    """

    shape: ClassVar[str] = "AsyncCall"
    reading: Reading
    ids: AsyncIds
    adopts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningCall(_Method):
    """A callback brings an object with a session.

    Attributes:
        handshake: method of the result that starts its events, or empty.
        late: method that closes what was opened when nobody waits any more.
    """

    shape: ClassVar[str] = "OpeningCall"
    reading: Reading
    ids: AsyncIds
    adopts: str
    handshake: str
    late: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingCall(_Method):
    """Ends a session; the session's own class waits for the callback."""

    shape: ClassVar[str] = "ClosingCall"
    reading: Reading
    ids: AsyncIds


Method = (
    SimpleCall
    | PushCall
    | CheckedCall
    | ScannedCall
    | ViewCall
    | FrameCall
    | ReadCall
    | AsyncCall
    | OpeningCall
)


@dataclass(frozen=True, slots=True)
class FunctionMethod:
    """A plain C function as a method.

    Attributes:
        result: C# return type; ``result_type`` the class of the object that it creates, or empty.
        converted: what is made of the native result.
    """

    name: str
    function: str
    operation: str
    doc: str
    parameters: tuple[Parameter, ...]
    arguments: tuple[Argument, ...]
    result: str
    result_type: str
    converted: Expression
    has_receiver: bool
    returns_doc: str


@dataclass(frozen=True, slots=True)
class HandleArgument:
    """The receiver's handle; ``cast`` is the native type, or empty."""

    shape: ClassVar[str] = "handle"
    cast: str


@dataclass(frozen=True, slots=True)
class FlagArgument:
    """A truth value as one byte."""

    shape: ClassVar[str] = "flag"
    name: str


@dataclass(frozen=True, slots=True)
class PlainArgument:
    """An expression as it is; ``suffix`` follows a name."""

    shape: ClassVar[str] = "plain"
    name: str


Argument = HandleArgument | FlagArgument | PlainArgument
