"""The contract with the native library: its entry points and what their parameters mean."""

from __future__ import annotations

from dataclasses import dataclass

from gen_bindings.model.abi import Function, FunctionType


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
    """The three envelope messages (full names) and the conventions around them.

    Attributes:
        facts_suffix: how the names of messages with an object's facts end.
    """

    request: str
    response: str
    event: str
    owned_handle: str
    owned_id: str
    async_id_type: str  # "uint64" or "uint32"
    facts_suffix: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth telling that does not stop generation: an export that the header lacks."""

    code: str
    text: str
