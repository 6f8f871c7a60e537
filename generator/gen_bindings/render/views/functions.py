"""Views of operations that are plain C functions: a method that calls an entry point."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gen_bindings.model.abi import Primitive
from gen_bindings.model.binding import FunctionCall, IdType, Operation
from gen_bindings.render.views.comments import comment_view
from gen_bindings.render.views.context import Context
from gen_bindings.render.views.native import cs_type, parameter_names


@dataclass(frozen=True, slots=True)
class FunctionMethod:
    """A method that calls an entry point.

    Attributes:
        doc: its summary; ``parameter_docs`` (C# name, text) pairs.
        declarations: its parameters; ``arguments`` what the entry point is given.
        result: C# return type; ``result_type`` the class of the object that it creates, or empty.
        convert: C# over ``result`` that makes the returned value of the native one.
    """

    name: str
    function: str
    operation: str
    doc: str
    declarations: str
    arguments: str
    result: str
    result_type: str
    convert: str
    has_receiver: bool
    parameter_docs: tuple[tuple[str, str], ...]
    returns: str


def function_methods(context: Context, operations: Iterable[Operation]) -> list[FunctionMethod]:
    """The methods of the operations that are functions, in the model's order."""
    return [_method(context, o, o.call) for o in operations if isinstance(o.call, FunctionCall)]


def _method(context: Context, operation: Operation, call: FunctionCall) -> FunctionMethod:
    function = next(f for f in context.binding.entry_points.functions if f.name == call.function)
    names = parameter_names(function.type)
    declarations, arguments, documented = [], [], []
    comment = comment_view(function.doc)
    texts = dict(comment.parameters)
    for index, (parameter, name) in enumerate(zip(function.type.parameters, names, strict=True)):
        native = cs_type(parameter.type, function.origin)
        if index == call.receiver:
            arguments.append(f"({native})handle.Id" if native != "ulong" else "handle.Id")
            continue
        documented.append((name, texts.get(parameter.name) or f"The {name}."))
        if parameter.type.primitive is Primitive.BOOL:
            declarations.append(f"bool {name}")
            arguments.append(f"{name} ? (byte)1 : (byte)0")
        else:
            declarations.append(f"{native} {name}")
            arguments.append(name)
    native_result = cs_type(function.type.result, function.origin)
    result, result_type, convert = native_result, "", "result"
    if call.result_kind is not None:
        kind = context.kinds[call.result_kind]
        result = result_type = kind.type_name
        convert = "(ulong)result" if kind.id_type is not IdType.UINT64 else "result"
    elif function.type.result.primitive is Primitive.BOOL:
        result, convert = "bool", "result != 0"
    return FunctionMethod(
        name=operation.method,
        function=function.name,
        operation=operation.name,
        doc=operation.doc or comment.summary or f"Calls {function.name}.",
        declarations=", ".join(declarations),
        arguments=", ".join(arguments),
        result=result,
        result_type=result_type,
        convert=convert,
        has_receiver=call.receiver is not None,
        parameter_docs=tuple(documented),
        returns=f"The new {result_type}." if result_type else comment.returns or "The library's answer.",
    )
