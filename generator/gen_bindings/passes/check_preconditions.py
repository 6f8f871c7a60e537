"""Decides which values of a request the C# refuses, because the library would abort on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gen_bindings.config import Config, OperationTable, PreconditionTable, key_path, nearest
from gen_bindings.model.binding import Arithmetic, FieldPath, MessageCall, Operation, Precondition
from gen_bindings.model.schema import EnumValue, Label, Scalar
from gen_bindings.passes.index import INTEGERS
from gen_bindings.passes.resolve_names import Names

_OPERAND = re.compile(r"[A-Za-z_][\w.\[\]]*")
_ARITHMETIC = re.compile(r"[\w.\[\]\s+*/()-]+")
_CHECKS = ("minimum", "maximum", "multiple_of", "equals", "prefix", "none_of")


def check_preconditions(
    config: Config, operations: tuple[Operation, ...], names: Names
) -> tuple[Operation, ...]:
    """Operations with their preconditions.

    Raises:
        ConfigError: an entry names a field or value that does not exist, or a check that does not fit the
            field.
    """

    def with_conditions(operation: Operation) -> Operation:
        table = config.operations.get(operation.name, OperationTable())
        key = f"{key_path('operations', operation.name)}.preconditions"
        conditions = (
            condition
            for position, entry in enumerate(table.preconditions)
            for condition in _conditions(entry, operation, f"{key}[{position}]", names)
        )
        return replace(operation, preconditions=tuple(conditions))

    return tuple(with_conditions(operation) for operation in operations)


def _conditions(
    entry: PreconditionTable, operation: Operation, key: str, names: Names
) -> Iterator[Precondition]:
    assert isinstance(operation.call, MessageCall)
    root = operation.call.message
    path = names.within(root, entry.field, f"{key}.field")
    field = names.index.field_of(path.last)
    common = Precondition(path, "", reason=entry.reason)
    if entry.when is not None:
        when = names.within(root, entry.when, f"{key}.when")
        common = replace(
            common, when=when, among=_values(when, entry.among, f"{key}.among", names, expected=True)
        )
    elif entry.among:
        raise names.error(f"{key}.among", "among needs when, the field that has one of these values.")
    if not any(getattr(entry, check) not in (None, ()) for check in _CHECKS):
        raise names.error(key, f"nothing is required of {entry.field}: expected one of {', '.join(_CHECKS)}.")
    many = field.label is Label.REPEATED and path.last.index is None and field.message is not None
    number = field.scalar in INTEGERS or field.scalar in (Scalar.FLOAT, Scalar.DOUBLE) or field.enum
    if entry.minimum is not None or entry.maximum is not None:
        if not many and not number:
            raise names.error(f"{key}.field", f"{entry.field} is no number, so it has no minimum or maximum.")
        smallest = entry.minimum if isinstance(entry.minimum, int) else None
        if smallest is not None or entry.maximum is not None:
            yield replace(common, check="count" if many else "range", minimum=smallest, maximum=entry.maximum)
    if isinstance(entry.minimum, str):
        if many:
            raise names.error(f"{key}.minimum", "the number of elements is compared with a number only.")
        expression = _arithmetic(entry.minimum, root, f"{key}.minimum", names)
        yield replace(common, check="at_least", expression=expression)
    if isinstance(entry.multiple_of, int):
        yield replace(common, check="multiple_of", multiple_of=entry.multiple_of)
    elif entry.multiple_of is not None:
        expression = _arithmetic(entry.multiple_of, root, f"{key}.multiple_of", names)
        yield replace(common, check="multiple_of", expression=expression)
    if entry.equals is not None:
        expression = _arithmetic(entry.equals, root, f"{key}.equals", names)
        yield replace(common, check="equals", expression=expression)
    if entry.prefix is not None:
        if field.scalar is not Scalar.STRING:
            raise names.error(f"{key}.field", f"{entry.field} is no string, so it has no prefix.")
        yield replace(common, check="prefix", prefix=entry.prefix)
    if entry.none_of:
        yield replace(common, check="none_of", none_of=_values(path, entry.none_of, f"{key}.none_of", names))


def _values(
    path: FieldPath, values: tuple[str, ...], key: str, names: Names, expected: bool = False
) -> tuple[EnumValue, ...]:
    field = names.index.field_of(path.last)
    if field.enum is None:
        raise names.error(key, f"{path.plain} is no enum.")
    enum = names.index.enum(field.enum)
    known = {value.name: value for value in enum.values}
    for value in values:
        if value not in known:
            raise names.error(key, f'{enum.name} has no value "{value}".{nearest(value, known)}')
    if expected and not values:
        raise names.error(key, f"expected the values of {enum.name} for which the condition applies.")
    return tuple(known[value] for value in values)


def _arithmetic(text: str, root: str, key: str, names: Names) -> Arithmetic:
    if not _ARITHMETIC.fullmatch(text):
        raise names.error(
            key, f'"{text}" is no arithmetic over fields: expected numbers, fields, + - * / and ( ).'
        )
    paths: list[FieldPath] = []

    def operand(match: re.Match[str]) -> str:
        path = names.within(root, match[0], key)
        if path not in paths:
            paths.append(path)
        return "{" + str(paths.index(path)) + "}"

    return Arithmetic(_OPERAND.sub(operand, text), tuple(paths))
