"""Decides how the client starts the library and calls it: which argument comes from where."""

from __future__ import annotations

from gen_bindings.model.abi import CType, Primitive
from gen_bindings.model.methods import Parameter
from gen_bindings.model.native import (
    CallbackArgument,
    FlagOption,
    PlainOption,
    RequestArgument,
    RequestEntry,
    Start,
    StartArgument,
    TextOption,
    UserDataArgument,
)
from gen_bindings.naming import camel
from gen_bindings.passes.surface.scope import Scope
from gen_bindings.passes.surface.type_functions import cs_type

_WRITTEN = {TextOption.shape: "string", FlagOption.shape: "bool"}


def start_library(scope: Scope) -> Start | None:
    """The entry point that starts the library; ``None`` for one that needs no start."""
    call = scope.binding.entry_points.initialize
    if call is None:
        return None
    function = scope.function(call.function)
    given: dict[int, StartArgument] = {call.callback: CallbackArgument()}
    if call.user_data is not None:
        given[call.user_data] = UserDataArgument()
    for index, name, _ in call.options:
        given[index] = _option(function.type.parameters[index].type, camel(name))
    return Start(
        function=call.function,
        texts=tuple(a.option for _, a in sorted(given.items()) if isinstance(a, TextOption)),
        arguments=tuple(given[index] for index in range(len(function.type.parameters))),
        fails=call.fails,
    )


def start_options(scope: Scope) -> tuple[Parameter, ...]:
    """A parameter of ``Initialize`` for each option."""
    call = scope.binding.entry_points.initialize
    if call is None:
        return ()
    function = scope.function(call.function)
    options = []
    for index, name, default in call.options:
        type_ = function.type.parameters[index].type
        written = _WRITTEN.get(_option(type_, name).shape) or cs_type(type_, function.origin)
        options.append(Parameter(camel(name), written, default, f"The library's {name.replace('_', ' ')}."))
    return tuple(options)


def send_requests(scope: Scope) -> RequestEntry | None:
    """The entry point that takes requests, and how its responses are given back."""
    call = scope.binding.entry_points.request
    if call is None:
        return None
    function = scope.function(call.function)
    types = [cs_type(p.type, function.origin) for p in function.type.parameters]
    given = {
        call.data: RequestArgument("data", "" if types[call.data] == "byte*" else types[call.data]),
        call.size: RequestArgument("length", types[call.size]),
        call.reply: RequestArgument("reply", ""),
        call.reply_size: RequestArgument("size", ""),
    }
    release = scope.function(call.release)
    native = cs_type(release.type.parameters[0].type, release.origin)
    return RequestEntry(
        function=call.function,
        arguments=tuple(given[index] for index in range(len(types))),
        by_handle=call.result == "handle",
        result_type=cs_type(function.type.result, function.origin),
        pointer_type=types[call.reply].removesuffix("*"),
        size_type=types[call.reply_size].removesuffix("*"),
        release=call.release,
        release_cast="" if native in ("ulong", "void*") else native,
    )


def _option(type_: CType, name: str) -> StartArgument:
    """How an option of a C type is handed over."""
    if type_.pointee is not None and type_.pointee.primitive is Primitive.CHAR:
        return TextOption(name)
    return FlagOption(name) if type_.primitive is Primitive.BOOL else PlainOption(name)
