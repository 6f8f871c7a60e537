"""Decides type, default and order of the parameters of a method that sends a request."""

from __future__ import annotations

from gen_bindings.model.binding import Direction, Operation, ParameterSource, RequestField, Session
from gen_bindings.model.messages import Cardinality, TypeKind
from gen_bindings.model.methods import Parameter
from gen_bindings.passes.surface.name_inputs import input_class
from gen_bindings.passes.surface.scope import Scope

CANCELLATION = Parameter(
    "cancellationToken",
    "CancellationToken",
    "default(CancellationToken)",
    "Gives up waiting; what the late answer brings is released.",
)


def type_parameters(scope: Scope, operation: Operation) -> list[Parameter]:
    """Those without a default first, else the schema's order; objects before values."""
    seen: dict[str, Parameter] = {}
    for request_field in operation.fields:
        if request_field.parameter and request_field.parameter not in seen:
            parameter = _parameter(scope, request_field)
            if parameter is not None:
                seen[parameter.name] = parameter
    return sorted(seen.values(), key=lambda p: bool(p.default))


def adopted_parameter(operation: Operation) -> str:
    """The parameter whose object becomes a child of the result, or nothing."""
    if not operation.adopts:
        return ""
    return next((f.parameter for f in operation.fields if f.path.plain == operation.adopts), "")


def further_parameters(
    operation: Operation, session: Session | None, result: str, *, is_async: bool
) -> list[Parameter]:
    """What a caller says beside the request: about adoption, handlers, and giving up."""
    found = []
    adopted = adopted_parameter(operation)
    if adopted:
        doc = f"Whether the {adopted} stays the caller's; otherwise it is released with the result."
        found.append(Parameter("leaveOpen", "bool", "false", doc))
    if session is not None:
        doc = "Attaches handlers before the first event can come; it runs where all user code runs."
        found.append(Parameter("configure", _generic("Action", result), "null", doc))
    if is_async:
        found.append(CANCELLATION)
    return found


def _generic(name: str, argument: str) -> str:
    return argument.join((name + "<", ">"))


def _parameter(scope: Scope, request_field: RequestField) -> Parameter | None:
    source = request_field.source
    cs_field = scope.last_field(request_field.path)
    name, doc = request_field.parameter, cs_field.doc
    if source in (ParameterSource.OBJECT, ParameterSource.KEY):
        assert request_field.kind is not None
        default = "null" if request_field.optional else ""
        return Parameter(name, scope.type_of(request_field.kind, request_field.role), default, doc)
    if source is ParameterSource.MEMORY:
        memory = request_field.memory
        assert memory is not None
        span = "ReadOnlySpan" if memory.direction is Direction.IN else "Span"
        return Parameter(name, _generic(span, memory.element), "", doc)
    if source is ParameterSource.STRUCT:
        return Parameter(name, input_class(scope, cs_field.type.full_name), "", doc)
    if source is not ParameterSource.ARGUMENT:
        return None
    return Parameter(name, scope.property_type(cs_field), _default(scope, request_field), doc)


def _default(scope: Scope, request_field: RequestField) -> str:
    cs_field = scope.last_field(request_field.path)
    default = request_field.default
    if default and default != "null" and cs_field.type.kind is TypeKind.ENUM and "." in default:
        return ".".join((scope.value_type(cs_field), default.rpartition(".")[2]))
    may_be_null = (
        request_field.optional
        or cs_field.is_nullable
        or cs_field.cardinality in (Cardinality.REPEATED, Cardinality.MAP)
    )
    return default or ("null" if may_be_null else "")
