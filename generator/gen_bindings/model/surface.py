"""The C# of a binding with every decision made: what the views hand to the templates."""

from __future__ import annotations

from dataclasses import dataclass

from gen_bindings.model.classes import Child, FrameClass, InputClass, TreeClass
from gen_bindings.model.events import Event, EventRoute, HandledDelivery
from gen_bindings.model.messages import MessageLayer
from gen_bindings.model.methods import FunctionMethod, Method, Parameter
from gen_bindings.model.native import (
    CallbackCase,
    DiscardCase,
    HandleClass,
    NativeCallback,
    NativeConstant,
    NativeFunction,
    RequestEntry,
    Start,
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the diagnostics line and the kinds that it counts."""

    name: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Protocol:
    """Facts about the whole protocol that several files need.

    Attributes:
        has_callbacks: operations end by callbacks; ``client_chosen``: the client chooses their ids, of the
            type ``async_id_type``.
        inline_handlers: handlers of some event run inside the library's callback.
        closes: a kind has a request that closes an object before its handle is released.
        flush_ms: how long the end of the client waits for what is under way.
    """

    has_callbacks: bool
    client_chosen: bool
    async_id_type: str
    inline_handlers: bool
    closes: bool
    flush_ms: int


@dataclass(frozen=True, slots=True)
class ClientClass:
    """The client: how the library is started, called and shut down, and where its events go.

    Attributes:
        options: parameters of ``Initialize``.
    """

    name: str
    options: tuple[Parameter, ...]
    start: Start | None
    request: RequestEntry | None
    callback: NativeCallback | None
    dispose: str
    error_text: str
    roots: tuple[Child, ...]
    events: tuple[Event, ...]
    methods: tuple[Method, ...]
    functions: tuple[FunctionMethod, ...]
    callbacks: tuple[CallbackCase, ...]
    routes: tuple[EventRoute, ...]
    deliveries: tuple[HandledDelivery, ...]
    discards: tuple[DiscardCase, ...]


@dataclass(frozen=True, slots=True)
class NativeLayer:
    """The entry points as declarations."""

    library: str
    functions: tuple[NativeFunction, ...]
    constants: tuple[NativeConstant, ...]


@dataclass(frozen=True, slots=True)
class Surface:
    """The whole C#.

    Attributes:
        exception: class of the library's errors.
        qualified: names of messages and enums that are written with their namespace, because a class or a
            member is called the same.
        layer: the messages, ``None`` for a library without.
    """

    name: str
    namespace: str
    exception: str
    qualified: tuple[str, ...]
    protocol: Protocol
    layer: MessageLayer | None
    native: NativeLayer
    handles: tuple[HandleClass, ...]
    columns: tuple[Column, ...]
    client: ClientClass
    classes: tuple[TreeClass, ...]
    frames: tuple[FrameClass, ...]
    inputs: tuple[InputClass, ...]
    arguments: tuple[Event, ...]
