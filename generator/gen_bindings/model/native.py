"""The C# of the lowest layer and of the client's own calls: entry points, handles, start and requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class NativeParameter:
    """A parameter of an entry point; ``doc`` is empty where the header says nothing of any."""

    name: str
    type: str
    doc: str = ""


@dataclass(frozen=True, slots=True)
class NativeFunction:
    """A P/Invoke declaration."""

    name: str
    result: str
    parameters: tuple[NativeParameter, ...]
    doc: str
    returns_doc: str


@dataclass(frozen=True, slots=True)
class NativeConstant:
    """An integer constant of the header."""

    name: str
    type: str
    value: str
    doc: str


@dataclass(frozen=True, slots=True)
class NativeCallback:
    """The native callback: its parameters, and which of them are data and size."""

    parameters: tuple[NativeParameter, ...]
    data: str
    size: str


@dataclass(frozen=True, slots=True)
class CloseRequest:
    """The request that closes an object before its handle is released, as field numbers; 0: no such field.

    Attributes:
        is_delimited: the request stands between two tags in its envelope.
    """

    number: int
    handle: int
    async_id: int
    consumes: bool
    is_delimited: bool


@dataclass(frozen=True, slots=True)
class HandleClass:
    """The SafeHandle of a kind; ``cast`` is the release function's type where that is no 64-bit integer."""

    name: str
    handle: str
    release: str
    answers: bool
    self_released: bool
    cast: str
    doc: str
    close: CloseRequest | None


@dataclass(frozen=True, slots=True)
class CallbackArgument:
    """The pointer of the rooted native callback."""

    shape: ClassVar[str] = "callback"


@dataclass(frozen=True, slots=True)
class UserDataArgument:
    """The pointer that the callback gets back: none."""

    shape: ClassVar[str] = "user_data"


@dataclass(frozen=True, slots=True)
class TextOption:
    """An option that is a text, as pinned UTF-8."""

    shape: ClassVar[str] = "text"
    option: str


@dataclass(frozen=True, slots=True)
class FlagOption:
    """An option that is a truth value, as one byte."""

    shape: ClassVar[str] = "flag"
    option: str


@dataclass(frozen=True, slots=True)
class PlainOption:
    """An option as it is."""

    shape: ClassVar[str] = "plain"
    option: str


StartArgument = CallbackArgument | UserDataArgument | TextOption | FlagOption | PlainOption


@dataclass(frozen=True, slots=True)
class Start:
    """How the library is started.

    Attributes:
        texts: options that are texts.
        fails: the result is a status.
    """

    function: str
    texts: tuple[str, ...]
    arguments: tuple[StartArgument, ...]
    fails: bool


@dataclass(frozen=True, slots=True)
class RequestArgument:
    """An argument of the entry point that takes requests: data, length, and where the reply goes.

    Attributes:
        what: ``data``, ``length``, ``reply`` or ``size``; ``cast`` its native type, or empty.
    """

    what: str
    cast: str


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """The entry point that takes requests.

    Attributes:
        by_handle: it returns the handle of the response buffer, else a status.
        tells: the library can tell the last error's text.
    """

    function: str
    arguments: tuple[RequestArgument, ...]
    by_handle: bool
    result_type: str
    pointer_type: str
    size_type: str
    release: str
    release_cast: str


@dataclass(frozen=True, slots=True)
class CallbackCase:
    """A case of the event envelope that answers an operation: the number of its id."""

    number: int
    async_id: int


@dataclass(frozen=True, slots=True)
class DiscardCase:
    """A case of the event envelope that brings handles: what to read to release them."""

    number: int
    type: str
