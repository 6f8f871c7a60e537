"""The recorder of a contract: what the templates under ``recorder/`` are filled with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gen_bindings.model.abi import CType, Function, FunctionType, Primitive
from gen_bindings.model.binding import Binding, CallbackShape
from gen_bindings.output.paths import on_every_system
from gen_bindings.render.environment import render
from gen_bindings.trace.contract import Contract, TraceError, contract_of
from gen_bindings.trace.folds import folds

# What every recorder exports, and nothing else does.
MARKER = "gen_bindings_recorder"

# Registrations of a callback without user data that are told apart.
_THUNKS = 32

_PRIMITIVES = {
    Primitive.VOID: "void",
    Primitive.BOOL: "bool",
    Primitive.CHAR: "char",
    Primitive.SIZE: "size_t",
    Primitive.SSIZE: "ptrdiff_t",
    Primitive.LONG: "long",
    Primitive.ULONG: "unsigned long",
    Primitive.FLOAT: "float",
    Primitive.DOUBLE: "double",
}


@dataclass(frozen=True, slots=True)
class CensusView:
    """The function that a census releases every id with."""

    name: str
    type: str
    index: int


@dataclass(frozen=True, slots=True)
class FunctionView:
    """A forwarding function; parameters are called ``arg0``, ``arg1`` and so on."""

    name: str
    index: int
    role: str
    result: str
    returns: bool
    answer: str
    kind: str
    declaration: str
    real_declaration: str
    pointer_type: str
    arguments: str
    data: str = ""
    size: str = ""
    reply: str = ""
    reply_size: str = ""
    result_is: str = ""
    id: str = ""
    by_address: bool = False
    callback: str = ""
    user_data: str = ""


@dataclass(frozen=True, slots=True)
class CallbackView:
    """The wrapped callback."""

    type_name: str
    result: str
    returns: bool
    parameters: str
    extra_parameters: str
    pass_on: str
    forward: str
    data: str
    size: str
    user_data: str


def emit_recorder(binding: Binding, others: tuple[str, ...] = ()) -> dict[str, str]:
    """Every file of the recorder, by name.

    Args:
        others: further exports of the library, which are forwarded as they are.

    Raises:
        TraceError: the binding does not speak in messages, or a signature cannot be written in C.
    """
    contract = contract_of(binding)
    library = binding.entry_points.library
    requests, responses, events = folds(contract)
    functions = [_function(contract, index) for index in range(len(contract.functions))]
    known = {function.name for function in functions}
    source, definition = on_every_system(f"{library}_recorder.c"), on_every_system(f"{library}_recorder.def")
    shared: dict[str, Any] = {
        "library": library,
        "file_name": source,
        "def_name": definition,
        "real_stem": f"{library}_real",
        "others": sorted(set(others) - known),
    }
    points = binding.entry_points
    text = render(
        "recorder/recorder.c.j2",
        **shared,
        contract=contract.digest,
        cases=contract.cases,
        short_kinds=contract.short_kinds,
        fold_requests=requests,
        fold_responses=responses,
        fold_events=events,
        opaque=_opaque(binding),
        typedefs=_typedefs(binding),
        functions=functions,
        callback=_callback(points.callback) if points.callback is not None else None,
        thunks=_THUNKS,
        census=_census(binding, contract),
    )
    return {
        source: text,
        definition: render("recorder/recorder.def.j2", **{**shared, "functions": contract.functions}),
        "CMakeLists.txt": render("recorder/CMakeLists.txt.j2", **shared),
    }


def _census(binding: Binding, contract: Contract) -> CensusView | None:
    for kind in binding.kinds:
        index = contract.functions.index(kind.release.function)
        function = binding.entry_points.functions[index]
        parameter = function.type.parameters[0].type
        if kind.release.answers and parameter.pointee is None:
            return CensusView(function.name, c_type(parameter), index)
    return None


def _function(contract: Contract, index: int) -> FunctionView:
    binding = contract.binding
    points = binding.entry_points
    function = points.functions[index]
    result = function.type.result
    returns = result.primitive is not Primitive.VOID
    role, kind = _role(contract, function.name)
    extra: dict[str, str | bool] = {}
    if role == "request":
        call = contract.request
        extra = {
            "data": f"arg{call.data}",
            "size": f"arg{call.size}",
            "reply": f"arg{call.reply}",
            "reply_size": f"arg{call.reply_size}",
            "result_is": call.result,
        }
    elif role == "release":
        address = function.type.parameters[0].type.pointee is not None
        extra = {"id": "(uint64_t)(uintptr_t)arg0" if address else "(uint64_t)arg0", "by_address": address}
    elif role == "initialize" and points.initialize is not None:
        user = points.initialize.user_data
        extra = {
            "callback": f"arg{points.initialize.callback}",
            "user_data": f"arg{user}" if user is not None else "",
        }
    count = len(function.type.parameters)
    return FunctionView(
        name=function.name,
        index=index,
        role=role,
        kind=kind,
        result=c_type(result),
        returns=returns,
        answer=_answer(result),
        declaration=_declare(binding, function, function.name),
        real_declaration=_declare(binding, function, f"real_{function.name}"),
        pointer_type=_declare(binding, function, f"(*{function.name}_type)"),
        arguments=", ".join(f"arg{position}" for position in range(count)),
        **extra,  # type: ignore[arg-type]
    )


def _role(contract: Contract, name: str) -> tuple[str, str]:
    points = contract.binding.entry_points
    releases = {contract.request.release, *(kind.release.function for kind in contract.binding.kinds)}
    if points.initialize is not None and name == points.initialize.function:
        return "initialize", "INITIALIZE"
    if name == contract.request.function:
        return "request", "REQUEST"
    if name in releases:
        return "release", "RELEASE"
    return ("dispose", "DISPOSE") if name == points.dispose else ("other", "CALL")


def _answer(result: CType) -> str:
    if result.pointee is not None:
        return "(int64_t)(intptr_t)result"
    if result.primitive in (Primitive.VOID, Primitive.FLOAT, Primitive.DOUBLE) or result.function is not None:
        return "0"
    return "(int64_t)result"


def _typedefs(binding: Binding) -> tuple[str, ...]:
    found = []
    for function in binding.entry_points.functions:
        for index, parameter in enumerate(function.type.parameters):
            if parameter.type.function is not None:
                name = _function_type_name(binding, function.name, index)
                text = f"typedef {_declare_type(parameter.type.function, f'(*{name})')};"
                if text not in found:
                    found.append(text)
    return tuple(found)


def _opaque(binding: Binding) -> tuple[str, ...]:
    found: dict[str, None] = {}
    waiting: list[CType] = []
    for function in binding.entry_points.functions:
        waiting += [function.type.result, *(parameter.type for parameter in function.type.parameters)]
    while waiting:
        ctype = waiting.pop(0)
        if ctype.opaque is not None:
            found[ctype.opaque] = None
        if ctype.pointee is not None:
            waiting.append(ctype.pointee)
        if ctype.function is not None:
            waiting += [ctype.function.result, *(parameter.type for parameter in ctype.function.parameters)]
    return tuple(found)


def _function_type_name(binding: Binding, function: str, index: int) -> str:
    initialize = binding.entry_points.initialize
    if initialize is not None and initialize.function == function and initialize.callback == index:
        return "client_callback"
    return f"{function}_callback{index}"


def _declare(binding: Binding, function: Function, name: str) -> str:
    parameters = [
        f"{_function_type_name(binding, function.name, index)} arg{index}"
        if parameter.type.function is not None
        else c_declare(parameter.type, f"arg{index}")
        for index, parameter in enumerate(function.type.parameters)
    ]
    return c_declare(function.type.result, f"{name}({', '.join(parameters) or 'void'})")


def _declare_type(function: FunctionType, name: str) -> str:
    parameters = [c_declare(parameter.type, f"arg{i}") for i, parameter in enumerate(function.parameters)]
    return c_declare(function.result, f"{name}({', '.join(parameters) or 'void'})")


def _callback(shape: CallbackShape) -> CallbackView:
    parameters = [c_declare(p.type, f"arg{index}") for index, p in enumerate(shape.type.parameters)]
    names = [f"arg{index}" for index in range(len(parameters))]
    forward = ["client->user" if index == shape.user_data else name for index, name in enumerate(names)]
    passed = [index for index in range(len(names)) if index != shape.user_data]
    return CallbackView(
        type_name="client_callback",
        result=c_type(shape.type.result),
        returns=shape.type.result.primitive is not Primitive.VOID,
        parameters=", ".join(parameters),
        extra_parameters="".join(f", {parameters[index]}" for index in passed),
        pass_on="".join(f", {names[index]}" for index in passed),
        forward=", ".join(forward),
        data=names[shape.data],
        size=names[shape.size],
        user_data=names[shape.user_data] if shape.user_data is not None else "",
    )


def c_declare(ctype: CType, name: str) -> str:
    """A declaration of ``name`` in C."""
    text = c_type(ctype)
    return f"{text}{name}" if text.endswith("*") else f"{text} {name}"


def c_type(ctype: CType) -> str:
    """A type in C, typedefs resolved.

    Raises:
        TraceError: a function pointer inside another type.
    """
    const = "const " if ctype.const else ""
    if ctype.pointee is not None:
        inner = c_type(ctype.pointee)
        return inner + ("*" if inner.endswith("*") else " *")
    if ctype.function is not None:
        raise TraceError(f"The recorder cannot forward a type with a function pointer inside: {ctype}.")
    if ctype.opaque is not None:
        return f"{const}struct {ctype.opaque}"
    assert ctype.primitive is not None
    return const + _PRIMITIVES.get(ctype.primitive, f"{ctype.primitive.value}_t")
