"""Views of preconditions: the statements that refuse a value on which the library would abort."""

from __future__ import annotations

from dataclasses import dataclass

from gen_bindings.model.binding import FieldPath, Operation, ParameterSource, Precondition, RequestField, Step
from gen_bindings.model.messages import TypeKind
from gen_bindings.naming import pascal
from gen_bindings.render.views.context import Context


@dataclass(frozen=True, slots=True)
class _Value:
    """A C# expression of a request field, as the caller's arguments give it."""

    text: str
    nullable: bool
    argument: str
    loops: tuple[tuple[str, str], ...] = ()


def guard_statements(context: Context, operation: Operation) -> list[str]:
    """One ``if … throw`` for each precondition of the operation."""
    return [_guard(context, operation, precondition) for precondition in operation.preconditions]


def _guard(context: Context, operation: Operation, precondition: Precondition) -> str:
    value = _value(context, operation, precondition.path, is_count=precondition.check == "count")
    conditions, limit = _condition(context, operation, precondition, value)
    field = context.cs_field(precondition.path.last.message, precondition.path.last.field)
    if precondition.when is not None:
        selector = _value(context, operation, precondition.when)
        enum = context.cs_field(precondition.when.last.message, precondition.when.last.field).type
        cases = [f"{selector.text} == {_member(context, enum.full_name, v.name)}" for v in precondition.among]
        chosen = " || ".join(cases)
        conditions = [f"({chosen})" if len(cases) > 1 else chosen, *conditions]
    if value.nullable and precondition.check != "prefix":
        conditions.insert(0, f"{value.text} != null")
    text = f"{_named(precondition.path)} must be {limit}: {precondition.reason}.".replace('"', '\\"')
    argument = value.argument.lstrip("@")
    if field.type.kind is TypeKind.SCALAR and field.type.name == "string":
        throw = f'throw new ArgumentException("{text}", "{argument}");'
    else:
        throw = f'throw new ArgumentOutOfRangeException("{argument}", "{text}");'
    statement = f"if ({' && '.join(conditions)})\n{{\n    {throw}\n}}"
    for variable, source in reversed(value.loops):
        inner = statement.replace("\n", "\n    ")
        statement = f"foreach (var {variable} in {source})\n{{\n    {inner}\n}}"
    if value.loops and value.loops[0][1] == value.argument:
        inner = statement.replace("\n", "\n    ")
        statement = f"if ({value.argument} != null)\n{{\n    {inner}\n}}"
    return statement


def _condition(
    context: Context, operation: Operation, precondition: Precondition, value: _Value
) -> tuple[list[str], str]:
    """The C# condition under which the value is refused, and the limit in words."""
    field = context.cs_field(precondition.path.last.message, precondition.path.last.field)
    text = value.text
    if field.type.kind is TypeKind.ENUM and precondition.check == "range":
        text = f"({'int?' if value.nullable else 'int'}){text}"
    if precondition.check in ("range", "count"):
        tests, words = [], []
        if precondition.minimum is not None:
            tests.append(f"{text} < {precondition.minimum}")
            words.append(f"at least {precondition.minimum}")
        if precondition.maximum is not None:
            tests.append(f"{text} > {precondition.maximum}")
            words.append(f"at most {precondition.maximum}")
        joined = " || ".join(tests)
        subject = " elements" if precondition.check == "count" else ""
        return [f"({joined})" if len(tests) > 1 else joined], " and ".join(words) + subject
    if precondition.check == "prefix":
        quoted = f'"{precondition.prefix}"'
        return (
            [f"({text} == null || !{text}.StartsWith({quoted}, StringComparison.Ordinal))"],
            f"a text that starts with {precondition.prefix}",
        )
    if precondition.check == "none_of":
        members = [
            f"{text} == {_member(context, field.type.full_name, v.name)}" for v in precondition.none_of
        ]
        names = " or ".join(v.name for v in precondition.none_of)
        return [
            " || ".join(members) if len(members) == 1 else f"({' || '.join(members)})"
        ], f"other than {names}"
    if precondition.expression is not None:
        operands = [_value(context, operation, path) for path in precondition.expression.paths]
        expression = precondition.expression.text.format(*(f"(long){_operand(o)}" for o in operands))
        wanted = precondition.expression.text.format(
            *(_named(path) for path in precondition.expression.paths)
        )
        if precondition.check == "multiple_of":
            return [f"(long){text} % ({expression}) != 0"], f"a multiple of {wanted}"
        if precondition.check == "at_least":
            last = precondition.path.last
            unit = " bytes" if (last.message, last.field) in context.memories else ""
            return [f"(long){text} < {expression}"], f"at least {wanted}{unit}"
        return [f"(long){text} != {expression}"], wanted
    return [f"{text} % {precondition.multiple_of} != 0"], f"a multiple of {precondition.multiple_of}"


def _named(path: FieldPath) -> str:
    """The path for a person: an element of a list with its index."""
    return str(path).replace("[]", "").replace("?", "")


def _operand(value: _Value) -> str:
    return f"({value.text}).GetValueOrDefault()" if value.nullable else value.text


def _member(context: Context, enum: str, schema_name: str) -> str:
    assert context.layer is not None
    found = context.layer.enum(enum)
    member = found.member(schema_name)
    assert member is not None, f"{enum}.{schema_name}"
    return f"{found.type.global_name}.{member.name}"


def _value(context: Context, operation: Operation, path: FieldPath, *, is_count: bool = False) -> _Value:
    wanted = tuple(step.field for step in path.steps)
    for request_field in operation.fields:
        have = tuple(step.field for step in request_field.path.steps)
        if wanted[: len(have)] == have:
            return _follow(context, operation, request_field, path.steps[len(have) - 1 :], is_count)
    raise AssertionError(f"{operation.name}: no argument reaches {path.plain}")


def _follow(
    context: Context,
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
            if f.source is ParameterSource.MEMORY
            and f.memory is not None
            and f.memory == request_field.memory
        )
        assert span.memory is not None
        return _Value(f"({span.parameter}.Length * sizeof({span.memory.element}))", False, span.parameter)
    if request_field.source is ParameterSource.KEY:
        return _Value(f"{argument}.Core.Key", False, argument)
    if request_field.source is ParameterSource.CREATION:
        return _Value(f"Created{pascal(request_field.value)}", False, "this")
    first = context.cs_field(steps[0].message, steps[0].field)
    text, nullable, loops = argument, first.is_nullable, []
    if len(steps) == 1 and request_field.default not in ("", "null"):
        nullable = first.is_nullable
    for depth, step in enumerate(steps):
        field = context.cs_field(step.message, step.field)
        if depth:
            memory = next(
                (
                    m
                    for (owner, _), m in context.memories.items()
                    if owner == step.message and step.field in (m.size_field, m.pointer)
                ),
                None,
            )
            if memory is not None and request_field.source is ParameterSource.STRUCT:
                name = pascal(memory.pointer.removesuffix("_ptr").removesuffix("ptr")) or "Data"
                text = f"({text}.{name}.Length * sizeof({memory.element}))"
                continue
            text += ("?." if nullable else ".") + field.property_name
            nullable = nullable or field.is_nullable
        if step.index is not None:
            text += f"[{step.index}]"
            nullable = False
        elif step.repeated:
            if is_count and depth == len(steps) - 1:
                text += ".Count"
            else:
                variable = f"each{pascal(step.field)}"
                loops.append((variable, text))
                text, nullable = variable, False
    return _Value(text, nullable, argument, tuple(loops))
