"""View of the client: how the library is started, called and shut down, and where its events go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gen_bindings.model.abi import Primitive
from gen_bindings.model.binding import Binding, Delivery, MessageCall, RequestCall, ThreadPolicy
from gen_bindings.naming import camel, pascal
from gen_bindings.render.views.context import Context
from gen_bindings.render.views.events import DeliveryView, delivery_view, event_view
from gen_bindings.render.views.functions import function_methods
from gen_bindings.render.views.native import callback, cs_type
from gen_bindings.render.views.objects import message_methods, operations_of, root_children


@dataclass(frozen=True, slots=True)
class OptionView:
    """A parameter of ``Initialize``."""

    name: str
    type: str
    default: str
    is_text: bool
    doc: str

    @property
    def parameter(self) -> str:
        """Type and name."""
        return f"{self.type} {self.name}"

    @property
    def declaration(self) -> str:
        """As it stands in the parameter list."""
        return self.parameter + (f" = {self.default}" if self.default else "")


@dataclass(frozen=True, slots=True)
class RequestView:
    """The entry point that takes requests."""

    function: str
    arguments: str
    by_handle: bool
    result_type: str
    pointer_type: str
    size_type: str
    refusal: str


@dataclass(frozen=True, slots=True)
class CallbackCase:
    """A case of the event envelope that answers an operation."""

    number: int
    async_id: int


@dataclass(frozen=True)
class RouteView:
    """A case of the event envelope that is an event of its own, with its arms."""

    number: int
    name: str
    correlation: int
    arms: tuple[DeliveryView, ...]
    single: DeliveryView | None


@dataclass(frozen=True, slots=True)
class DiscardCase:
    """A case of the event envelope that brings handles: what to read to release them."""

    number: int
    type: str


def client_view(context: Context) -> dict[str, Any]:
    """What ``Client/Client.cs.j2`` renders."""
    binding = context.binding
    entry_points = binding.entry_points
    deliveries = [delivery_view(context, d) for d in binding.deliveries]
    client_operations = list(operations_of(binding, None, None))
    return {
        "client_events": [
            e
            for d in binding.deliveries
            if d.target is None and d.ends != "announce"
            for e in [event_view(context, d)]
            if e is not None
        ],
        "roots": root_children(context),
        "options": initialize_options(context),
        "initialize": _initialize(context),
        "methods": message_methods(context, client_operations),
        "functions": function_methods(context, client_operations),
        "request": _request(context, entry_points.request) if entry_points.request else None,
        "callback": callback(context),
        "dispose": entry_points.dispose,
        "error_text": entry_points.error_text,
        "closes": any(kind.release.close_operation for kind in binding.kinds),
        "flush_milliseconds": max([s.drain_ms for s in binding.sessions], default=0) + 1000,
        "callbacks": _callbacks(context),
        "routes": _routes(binding, deliveries),
        "deliveries": deliveries,
        "discards": _discards(context),
    }


def shared_flags(context: Context) -> dict[str, Any]:
    """Facts about the whole protocol that several templates need."""
    binding = context.binding
    request = binding.entry_points.request
    asynchronous = [
        o.call
        for o in binding.operations
        if isinstance(o.call, MessageCall) and o.call.callback is not None and o.role != "shutdown"
    ]
    return {
        "messages": context.layer is not None,
        "inline_handlers": any(delivery.thread is ThreadPolicy.INLINE for delivery in binding.deliveries),
        "pending": bool(asynchronous),
        "client_chosen": all(call.async_id is not None for call in asynchronous),
        "async_id_type": binding.envelope.async_id_type if binding.envelope else "uint64",
        "by_handle": request is not None and request.result == "handle",
        "release": request.release if request is not None else "",
        "release_cast": _release_cast(context, request) if request is not None else "",
    }


def _release_cast(context: Context, request: RequestCall) -> str:
    function = next(f for f in context.binding.entry_points.functions if f.name == request.release)
    native = cs_type(function.type.parameters[0].type, function.origin)
    return "" if native in ("ulong", "void*") else f"({native})"


def initialize_options(context: Context) -> list[OptionView]:
    """The parameters of ``Initialize``, in order."""
    call = context.binding.entry_points.initialize
    if call is None:
        return []
    function = next(f for f in context.binding.entry_points.functions if f.name == call.function)
    views = []
    for index, name, default in call.options:
        type_ = function.type.parameters[index].type
        pointee = type_.pointee
        text = pointee is not None and pointee.primitive is Primitive.CHAR
        native = cs_type(type_, function.origin)
        cs = "string" if text else "bool" if type_.primitive is Primitive.BOOL else native
        views.append(OptionView(camel(name), cs, default, text, f"The library's {name.replace('_', ' ')}."))
    return views


def _initialize(context: Context) -> str:
    call = context.binding.entry_points.initialize
    if call is None:
        return ""
    function = next(f for f in context.binding.entry_points.functions if f.name == call.function)
    views = initialize_options(context)
    options = {index: view for (index, _, _), view in zip(call.options, views, strict=True)}
    arguments = []
    for index in range(len(function.type.parameters)):
        if index == call.callback:
            arguments.append("Marshal.GetFunctionPointerForDelegate(Callback)")
        elif index == call.user_data:
            arguments.append("null")
        else:
            option = options[index]
            if option.is_text:
                arguments.append(f"{option.name}Bytes")
            elif option.type == "bool":
                arguments.append(f"{option.name} ? (byte)1 : (byte)0")
            else:
                arguments.append(option.name)
    native = f"NativeMethods.{call.function}({', '.join(arguments)})"
    if not call.fails:
        return f"{native};"
    error = context.binding.entry_points.error_text
    text = "LastError()" if error else '"the library could not be started (status " + status + ")"'
    return (
        f"int status = {native};\nif (status != 0)\n{{\n"
        f'    throw new {context.exception}("{call.function}", {text}, null);\n}}'
    )


def _request(context: Context, call: RequestCall) -> RequestView:
    function = next(f for f in context.binding.entry_points.functions if f.name == call.function)
    names: dict[int, str] = {}
    types = [cs_type(p.type, function.origin) for p in function.type.parameters]
    names[call.data] = "data" if types[call.data] == "byte*" else f"({types[call.data]})data"
    names[call.size] = f"({types[call.size]})length"
    names[call.reply] = "&reply"
    names[call.reply_size] = "&size"
    by_handle = call.result == "handle"
    refusal = '"the library refused the request"'
    if not by_handle:
        refusal = (
            "LastError()"
            if context.binding.entry_points.error_text
            else '"the library refused the request (status " + result + ")"'
        )
    return RequestView(
        function=call.function,
        arguments=", ".join(names[i] for i in range(len(types))),
        by_handle=by_handle,
        result_type=cs_type(function.type.result, function.origin),
        pointer_type=types[call.reply].removesuffix("*"),
        size_type=types[call.reply_size].removesuffix("*"),
        refusal=refusal,
    )


def _callbacks(context: Context) -> list[CallbackCase]:
    cases: dict[int, CallbackCase] = {}
    for operation in context.binding.operations:
        if isinstance(operation.call, MessageCall) and operation.call.callback is not None:
            callback_answer = operation.call.callback
            cases[callback_answer.number] = CallbackCase(
                callback_answer.number, context.async_id_field(operation)
            )
    return [cases[number] for number in sorted(cases)]


def _routes(binding: Binding, views: list[DeliveryView]) -> list[RouteView]:
    routes: dict[int, tuple[Delivery, list[DeliveryView]]] = {}
    for delivery, view in zip(binding.deliveries, views, strict=True):
        routes.setdefault(delivery.route.number, (delivery, []))[1].append(view)
    return [
        RouteView(
            number=number,
            name=pascal(first.route.case),
            correlation=first.route.correlation_number,
            arms=tuple(arms) if first.route.arm else (),
            single=None if first.route.arm else arms[0],
        )
        for number, (first, arms) in sorted(routes.items())
    ]


def _discards(context: Context) -> list[DiscardCase]:
    cases: dict[int, str] = {}
    for operation in context.binding.operations:
        if (
            isinstance(operation.call, MessageCall)
            and operation.call.callback is not None
            and operation.call.callback.acquisitions
        ):
            answer = operation.call.callback
            cases[answer.number] = context.message(answer.message).type.global_name
    for delivery in context.binding.deliveries:
        if delivery.acquisitions:
            cases[delivery.route.number] = context.message(delivery.route.message).type.global_name
    return [DiscardCase(number, cases[number]) for number in sorted(cases)]
