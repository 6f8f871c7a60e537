"""Decides how plain C functions are methods: their parameters, the conversions, and what they return."""

from __future__ import annotations

from gen_bindings.model.abi import Primitive
from gen_bindings.model.binding import FunctionCall, IdType, Operation
from gen_bindings.model.expressions import Cast, Expression, Name, NotZero
from gen_bindings.model.methods import (
    Argument,
    FlagArgument,
    FunctionMethod,
    HandleArgument,
    Parameter,
    PlainArgument,
)
from gen_bindings.passes.surface.read_comments import read_comment
from gen_bindings.passes.surface.scope import Scope
from gen_bindings.passes.surface.type_functions import cs_type, parameter_names

_RESULT = Name("result")


def shape_functions(scope: Scope, operations: tuple[Operation, ...]) -> tuple[FunctionMethod, ...]:
    """The methods of operations that are functions, in the model's order."""
    return tuple(_method(scope, o, o.call) for o in operations if isinstance(o.call, FunctionCall))


def _method(scope: Scope, operation: Operation, call: FunctionCall) -> FunctionMethod:
    function = scope.function(call.function)
    comment = read_comment(function.doc)
    texts = dict(comment.parameters)
    parameters: list[Parameter] = []
    arguments: list[Argument] = []
    pairs = zip(function.type.parameters, parameter_names(function.type), strict=True)
    for index, (parameter, name) in enumerate(pairs):
        native = cs_type(parameter.type, function.origin)
        if index == call.receiver:
            arguments.append(HandleArgument("" if native == "ulong" else native))
            continue
        is_flag = parameter.type.primitive is Primitive.BOOL
        doc = texts.get(parameter.name) or f"The {name}."
        parameters.append(Parameter(name, "bool" if is_flag else native, "", doc))
        arguments.append(FlagArgument(name) if is_flag else PlainArgument(name))
    result, result_type = cs_type(function.type.result, function.origin), ""
    converted: Expression = _RESULT
    if call.result_kind is not None:
        kind = scope.kinds[call.result_kind]
        result = result_type = kind.type_name
        converted = _RESULT if kind.id_type is IdType.UINT64 else Cast("ulong", _RESULT)
    elif function.type.result.primitive is Primitive.BOOL:
        result, converted = "bool", NotZero(_RESULT)
    return FunctionMethod(
        name=operation.method,
        function=function.name,
        operation=operation.name,
        doc=operation.doc or comment.summary or f"Calls {function.name}.",
        parameters=tuple(parameters),
        arguments=tuple(arguments),
        result=result,
        result_type=result_type,
        converted=converted,
        has_receiver=call.receiver is not None,
        returns_doc=f"The new {result_type}." if result_type else comment.returns or "The library's answer.",
    )
