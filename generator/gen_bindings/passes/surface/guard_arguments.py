"""Decides what a method refuses before it sends: missing arguments, values that would abort the library."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

from gen_bindings.model.binding import FieldPath, Operation, ParameterSource, Precondition, RequestField, Step
from gen_bindings.model.expressions import (
    NULL,
    ByteLength,
    Cast,
    Element,
    Expression,
    Formula,
    Member,
    Name,
    OrDefault,
    Remainder,
)
from gen_bindings.model.guards import Compared, Guard, Loop, NotNull, Refused, StartsOtherwise, Test
from gen_bindings.model.messages import Cardinality, TypeKind
from gen_bindings.naming import pascal
from gen_bindings.passes.surface.name_properties import creation_property
from gen_bindings.passes.surface.scope import Scope


def guard_arguments(scope: Scope, operation: Operation) -> tuple[Guard, ...]:
    """Null arguments first, then the operation's preconditions."""
    missing = [NotNull(f.parameter) for f in operation.fields if _needs_value(scope, f)]
    return (*missing, *(_refused(scope, operation, p) for p in operation.preconditions))


@dataclass(frozen=True, slots=True)
class _Value:
    """A value of a request, as the caller's arguments give it."""

    expression: Expression
    nullable: bool
    argument: str
    loops: tuple[Loop, ...] = ()


def _needs_value(scope: Scope, request_field: RequestField) -> bool:
    source = request_field.source
    if not request_field.parameter or request_field.optional or request_field.default:
        return False
    if source in (ParameterSource.OBJECT, ParameterSource.KEY, ParameterSource.STRUCT):
        return True
    if source is ParameterSource.ARGUMENT:
        cs_field = scope.last_field(request_field.path)
        return cs_field.cardinality is Cardinality.REQUIRED and not cs_field.type.is_value
    return False


def _refused(scope: Scope, operation: Operation, precondition: Precondition) -> Refused:
    value = _value(scope, operation, precondition.path, is_count=precondition.check == "count")
    field = scope.last_field(precondition.path)
    tests: list[tuple[Test, ...]] = []
    if value.nullable and precondition.check != "prefix":
        tests.append((Compared(value.expression, "!=", NULL),))
    if precondition.when is not None:
        selector = _value(scope, operation, precondition.when).expression
        enum = scope.last_field(precondition.when).type.full_name
        tests.append(
            tuple(Compared(selector, "==", _member(scope, enum, v.name)) for v in precondition.among)
        )
    limit = " must be ".join((_named(precondition.path), _limit(scope, precondition)))
    outer = value.loops[0].source if value.loops else None
    return Refused(
        tests=(*tests, _tests(scope, operation, precondition, value)),
        argument=value.argument,
        text=f"{limit}: {precondition.reason}.",
        is_text=field.type.kind is TypeKind.SCALAR and field.type.name == "string",
        loops=value.loops,
        guarded=value.argument if outer == Name(value.argument) else "",
    )


def _tests(scope: Scope, operation: Operation, precondition: Precondition, value: _Value) -> tuple[Test, ...]:
    """The value is refused where one of these holds."""
    field = scope.last_field(precondition.path)
    subject = value.expression
    if precondition.check in ("range", "count"):
        if field.type.kind is TypeKind.ENUM and precondition.check == "range":
            subject = Cast("int?" if value.nullable else "int", subject)
        bounds = (("<", precondition.minimum), (">", precondition.maximum))
        return tuple(
            Compared(subject, operator, Name(str(bound))) for operator, bound in bounds if bound is not None
        )
    if precondition.check == "prefix":
        assert precondition.prefix is not None
        return (Compared(subject, "==", NULL), StartsOtherwise(subject, precondition.prefix))
    if precondition.check == "none_of":
        members = (_member(scope, field.type.full_name, v.name) for v in precondition.none_of)
        return tuple(Compared(subject, "==", member) for member in members)
    if precondition.expression is None:
        return (Compared(Remainder(subject, Name(str(precondition.multiple_of))), "!=", Name("0")),)
    operands = [_operand(_value(scope, operation, path)) for path in precondition.expression.paths]
    wanted = _formula(precondition.expression.text, [Cast("long", operand) for operand in operands])
    subject = Cast("long", subject)
    if precondition.check == "multiple_of":
        return (Compared(Remainder(subject, wanted, grouped=True), "!=", Name("0")),)
    return (Compared(subject, "<" if precondition.check == "at_least" else "!=", wanted),)


def _limit(scope: Scope, precondition: Precondition) -> str:
    """What the value must be, in words."""
    if precondition.check in ("range", "count"):
        bounds = (("at least", precondition.minimum), ("at most", precondition.maximum))
        words = " and ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)
        return words + (" elements" if precondition.check == "count" else "")
    if precondition.check == "prefix":
        return f"a text that starts with {precondition.prefix}"
    if precondition.check == "none_of":
        return "other than " + " or ".join(value.name for value in precondition.none_of)
    if precondition.expression is None:
        return f"a multiple of {precondition.multiple_of}"
    paths = precondition.expression.paths
    wanted = precondition.expression.text.format(*(_named(path) for path in paths))
    if precondition.check == "multiple_of":
        return f"a multiple of {wanted}"
    if precondition.check == "at_least":
        last = precondition.path.last
        return f"at least {wanted}" + (" bytes" if (last.message, last.field) in scope.memories else "")
    return wanted


def _formula(text: str, operands: list[Expression]) -> Expression:
    """A text with ``{0}``, ``{1}`` … for the operands."""
    pieces: list[str | Expression] = []
    for literal, index, _, _ in Formatter().parse(text):
        if literal:
            pieces.append(literal)
        if index is not None:
            pieces.append(operands[int(index)])
    return Formula(tuple(pieces))


def _named(path: FieldPath) -> str:
    """The path for a person: an element of a list with its index."""
    return str(path).replace("[]", "").replace("?", "")


def _operand(value: _Value) -> Expression:
    return OrDefault(value.expression, grouped=True) if value.nullable else value.expression


def _member(scope: Scope, enum: str, schema_name: str) -> Expression:
    assert scope.layer is not None
    member = scope.layer.enum(enum).member(schema_name)
    assert member is not None, (enum, schema_name)
    return Member(Name(scope.written[enum]), member.name)


def _value(scope: Scope, operation: Operation, path: FieldPath, *, is_count: bool = False) -> _Value:
    wanted = tuple(step.field for step in path.steps)
    for request_field in operation.fields:
        have = tuple(step.field for step in request_field.path.steps)
        if wanted[: len(have)] == have:
            return _follow(scope, operation, request_field, path.steps[len(have) - 1 :], is_count)
    raise AssertionError((operation.name, path.plain))


def _follow(
    scope: Scope,
    operation: Operation,
    request_field: RequestField,
    steps: tuple[Step, ...],
    is_count: bool,
) -> _Value:
    argument = request_field.parameter
    if request_field.source is ParameterSource.MEMORY_SIZE:
        span = next(
            f
            for f in operation.fields
            if f.source is ParameterSource.MEMORY and f.memory == request_field.memory
        )
        assert span.memory is not None
        return _Value(ByteLength(Name(span.parameter), span.memory.element), False, span.parameter)
    if request_field.source is ParameterSource.KEY:
        return _Value(Member(Member(Name(argument), "Core"), "Key"), False, argument)
    if request_field.source is ParameterSource.CREATION:
        return _Value(Name(creation_property(request_field.value)), False, "this")
    nullable = scope.cs_field(steps[0].message, steps[0].field).is_nullable
    found: Expression = Name(argument)
    loops = []
    for depth, step in enumerate(steps):
        field = scope.cs_field(step.message, step.field)
        if depth:
            memory = _memory_behind(scope, step)
            if memory is not None and request_field.source is ParameterSource.STRUCT:
                found = ByteLength(Member(found, memory[0]), memory[1])
                continue
            found = Member(found, field.property_name, nullable)
            nullable = nullable or field.is_nullable
        if step.index is not None:
            found = Element(found, step.index)
            nullable = False
        elif step.repeated and is_count and depth == len(steps) - 1:
            found = Member(found, "Count")
        elif step.repeated:
            variable = "each" + pascal(step.field)
            loops.append(Loop(variable, found))
            found, nullable = Name(variable), False
    return _Value(found, nullable, argument, tuple(loops))


def _memory_behind(scope: Scope, step: Step) -> tuple[str, str] | None:
    """Property and element of the memory that a field of an input points to, or is the length of."""
    for (owner, _), memory in scope.memories.items():
        if owner == step.message and step.field in (memory.size_field, memory.pointer):
            return pascal(memory.name), memory.element
    return None
