"""Decides where the value of each field of a request comes from, and how parameters are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gen_bindings.config import Config, OperationTable, key_path
from gen_bindings.model.binding import (
    Acquisition,
    Borrow,
    Direction,
    FieldPath,
    KeyReference,
    Kind,
    Memory,
    MessageCall,
    Operation,
    ParameterSource,
    Remembered,
    RequestField,
    Step,
)
from gen_bindings.model.schema import Field, Label
from gen_bindings.naming import parameter
from gen_bindings.passes.aim_calls import receiver_of
from gen_bindings.passes.resolve_names import Names
from gen_bindings.passes.type_borrowed import HandleTypes

_LENGTH = re.compile(r"length\(([\w.]+)\)")
_REMEMBERED = re.compile(r"@(\w+)")
_FIELD = re.compile(r"(?<![\w.@{\"])[a-z_][a-z0-9_.]*(?![\w(\"}])")
_LITERALS = frozenset({"true", "false", "null", "default"})
_CAMEL_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Flat:
    """A field of a request before the parameters have their names; ``name`` is the one that is wanted."""

    path: FieldPath
    field: Field
    source: ParameterSource
    name: str = ""
    fallback: str = ""
    borrow: Borrow | None = None
    key: KeyReference | None = None
    memory: Memory | None = None


def shape_requests(
    config: Config,
    types: HandleTypes,
    kinds: tuple[Kind, ...],
    operations: tuple[Operation, ...],
    acquisitions: tuple[Acquisition, ...],
    memories: tuple[Memory, ...],
    names: Names,
    problems: list[str],
) -> tuple[tuple[Operation, ...], tuple[Kind, ...]]:
    """Operations with their fields, and kinds with what their objects remember for them.

    Raises:
        ConfigError: ``defaults``, ``values``, ``strings`` or ``adopts`` names something that does not exist.
    """
    shaping = _Shaping(config, types, memories, names, problems)
    shaped = tuple(shaping.operation(operation) for operation in operations)
    for operation in shaped:
        shaping.check_table(operation)
    return shaped, _remember(kinds, shaped, acquisitions, names)


class _Shaping:
    def __init__(
        self,
        config: Config,
        types: HandleTypes,
        memories: tuple[Memory, ...],
        names: Names,
        problems: list[str],
    ) -> None:
        self._config = config
        self._types = types
        self._names = names
        self._problems = problems
        going_in = [memory for memory in memories if memory.direction is not Direction.OUT]
        self._memories = {(memory.message, memory.pointer): memory for memory in going_in}
        self._sizes = {(m.message, m.size_field): m for m in going_in if m.size_field}
        self._with_memory = names.index.reaching({memory.message for memory in going_in})

    def operation(self, operation: Operation) -> Operation:
        """The operation with its fields."""
        call = operation.call
        assert isinstance(call, MessageCall)
        table = self._config.operations.get(operation.name, OperationTable())
        flat = list(self._message(operation, table, call.message, ()))
        taken = Counter(item.name for item in flat if item.name)
        fields = tuple(self._field(item, table, taken) for item in flat)
        fields = tuple(self._valued(f, operation, table, fields) for f in fields)
        self._check_unique(operation, fields)
        return replace(operation, fields=fields, adopts=table.adopts)

    def check_table(self, operation: Operation) -> None:
        """The names in the operation's table are those of fields."""
        table = self._config.operations.get(operation.name, OperationTable())
        key = key_path("operations", operation.name)
        shown = {f.path.plain: f for f in operation.fields}
        for option in ("defaults", "values", "strings"):
            for name in getattr(table, option):
                if name not in shown:
                    raise self._names.error(
                        f"{key}.{option}",
                        f'the request has no field "{name}"; it has {", ".join(shown) or "none"}.',
                    )
        for name, literal in table.defaults.items():
            field = self._names.index.field_of(shown[name].path.last)
            self._names.check_literal(field, literal, f"{key}.defaults.{key_path(name)}")
        handles = [b.path.plain for b in operation.borrows]
        if table.adopts is not None and table.adopts not in handles:
            raise self._names.error(
                f"{key}.adopts",
                f'"{table.adopts}" is no handle of the request; it has {", ".join(handles) or "none"}.',
            )

    def _message(
        self, operation: Operation, table: OperationTable, message: str, above: tuple[Step, ...]
    ) -> Iterator[_Flat]:
        call = operation.call
        assert isinstance(call, MessageCall)
        for field in self._names.index.message(message).fields:
            step = self._names.index.step(message, field)
            path = FieldPath(call.message, (*above, step))
            if call.inner is not None and not above and field.oneof:
                if step == call.inner:
                    yield from self._message(operation, table, field.message or "", (step,))
                continue
            flat = self._flat(operation, table, path, field)
            if flat is not None:
                yield flat
            else:
                yield from self._message(operation, table, field.message or "", path.steps)

    def _flat(
        self, operation: Operation, table: OperationTable, path: FieldPath, field: Field
    ) -> _Flat | None:
        """What becomes of a field; ``None``: its message is dissolved into parameters."""
        call = operation.call
        assert isinstance(call, MessageCall)
        within = (path.last.message, field.name)
        full = "_".join(step.field for step in path.steps)
        if len(path.steps) == 1 and field.name == call.async_id:
            return _Flat(path, field, ParameterSource.ASYNC_ID)
        if path.plain in table.values:
            return _Flat(path, field, _value_source(table.values[path.plain]))
        borrow = next((b for b in operation.borrows if b.path == path), None)
        if borrow is not None:
            if borrow is receiver_of(operation):
                return _Flat(path, field, ParameterSource.RECEIVER, borrow=borrow)
            stem = self._types.stem(field.name)
            return _Flat(path, field, ParameterSource.OBJECT, stem, full, borrow=borrow)
        if within in self._memories:
            memory = self._memories[within]
            return _Flat(path, field, ParameterSource.MEMORY, memory.name, full, memory=memory)
        if within in self._sizes:
            return _Flat(path, field, ParameterSource.MEMORY_SIZE, memory=self._sizes[within])
        key = next((k for k in operation.keys if k.path == path), None)
        if key is not None and not key.many and path.plain not in table.strings:
            return _Flat(path, field, ParameterSource.KEY, _key_name(key), full, key=key)
        if field.message is not None and self._dissolves(operation, path, field):
            return None
        if field.message in self._with_memory:
            return _Flat(path, field, ParameterSource.STRUCT, field.name, full)
        return _Flat(path, field, ParameterSource.ARGUMENT, field.name, full)

    def _dissolves(self, operation: Operation, path: FieldPath, field: Field) -> bool:
        inside = [b for b in operation.borrows if b.path.steps[: len(path.steps)] == path.steps]
        if field.label is Label.REPEATED:
            if inside:
                self._problems.append(
                    f"{operation.name}: the handle {inside[0].path.plain} stands in a repeated message and "
                    "cannot be given as an "
                    "object: list it in not_handles to pass plain numbers."
                )
            return False
        message = self._names.index.message(field.message or "")
        if field.message in self._with_memory:
            return not any(
                f.label is Label.REPEATED and f.message in self._with_memory for f in message.fields
            )
        return bool(inside)

    def _field(self, item: _Flat, table: OperationTable, taken: Counter[str]) -> RequestField:
        name = item.fallback if item.name and taken[item.name] > 1 else item.name
        named = item.borrow or item.key
        optional = item.path.last.optional
        default = table.defaults.get(item.path.plain, "")
        if not default and item.name and (optional or item.field.label is Label.REPEATED):
            default = "" if item.source is ParameterSource.MEMORY else "null"
        return RequestField(
            path=item.path,
            source=item.source,
            parameter=parameter(name) if name else "",
            kind=named.kind if named else None,
            role=named.role if named else None,
            memory=item.memory,
            default=default,
            optional=optional,
        )

    def _valued(
        self,
        field: RequestField,
        operation: Operation,
        table: OperationTable,
        fields: tuple[RequestField, ...],
    ) -> RequestField:
        text = table.values.get(field.path.plain)
        if text is None:
            return field
        key = f"{key_path('operations', operation.name)}.values.{key_path(field.path.plain)}"
        if field.source is ParameterSource.CREATION:
            if operation.receiver is None:
                raise self._names.error(
                    key, f'"{text}" asks for what an object was created with; the method has none.'
                )
            return replace(field, value=text.removeprefix("@"))
        if field.source is ParameterSource.CONSTANT:
            return replace(field, value=text)
        by_path = {f.path.plain: f for f in fields}

        def length(match: re.Match[str]) -> str:
            spans = [f for f in fields if f.source is ParameterSource.MEMORY]
            if len(spans) != 1 or spans[0].path.plain != match[1]:
                found = ", ".join(f.path.plain for f in spans) or "none"
                raise self._names.error(
                    key,
                    f'"{match[0]}" names no span: expected the only pointer of the request; it has {found}.',
                )
            return "{span}.Length"

        def remembered(match: re.Match[str]) -> str:
            if operation.receiver is None:
                raise self._names.error(
                    key, f'"{match[0]}" asks for what an object was created with; the method has none.'
                )
            return "{" + match[1] + "}"

        def argument(match: re.Match[str]) -> str:
            other = by_path.get(match[0])
            if other is None or not other.parameter:
                shown = ", ".join(f.path.plain for f in fields if f.parameter)
                raise self._names.error(
                    key, f'"{match[0]}" is no parameter of the method; there are {shown or "none"}.'
                )
            return other.parameter

        pieces = re.split(r"(length\([\w.]+\)|@\w+)", text)
        value = "".join(
            _LENGTH.sub(length, piece)
            if piece.startswith("length(")
            else _REMEMBERED.sub(remembered, piece)
            if piece.startswith("@")
            else _FIELD.sub(argument, piece)
            for piece in pieces
        )
        return replace(field, value=value)

    def _check_unique(self, operation: Operation, fields: tuple[RequestField, ...]) -> None:
        for name, count in Counter(f.parameter for f in fields if f.parameter).items():
            if count > 1:
                paths = " and ".join(f.path.plain for f in fields if f.parameter == name)
                self._problems.append(
                    f"{operation.name}: the fields {paths} would both be the parameter {name}; give one of "
                    "them a value under "
                    f"[{key_path('operations', operation.name)}.values]."
                )


def _value_source(text: str) -> ParameterSource:
    if re.fullmatch(r"@\w+", text):
        return ParameterSource.CREATION
    if text in _LITERALS:
        return ParameterSource.CONSTANT
    arithmetic = re.fullmatch(r"[a-z0-9_. +*/()-]+", text) and re.search("[a-z]", text)
    computed = "@" in text or "length(" in text or arithmetic
    return ParameterSource.EXPRESSION if computed else ParameterSource.CONSTANT


def _key_name(key: KeyReference) -> str:
    stem = key.path.last.field.rpartition("_")[0]
    kind = "_".join(word.lower() for word in _CAMEL_WORDS.findall(key.kind))
    # A "track_sid" may name a publication of a track; a "destination_identity" says more than the kind does.
    return kind if not stem or kind.startswith(stem + "_") else stem


def _remember(
    kinds: tuple[Kind, ...],
    operations: tuple[Operation, ...],
    acquisitions: tuple[Acquisition, ...],
    names: Names,
) -> tuple[Kind, ...]:
    asked: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        for field in operation.fields:
            names_asked: list[str] = []
            if field.source is ParameterSource.CREATION:
                names_asked = [field.value]
            elif field.source is ParameterSource.EXPRESSION:
                names_asked = [n for n in re.findall(r"\{(\w+)\}", field.value) if n != "span"]
            for name in names_asked:
                asked.setdefault(operation.receiver or "", {}).setdefault(name, operation)
    return tuple(
        replace(kind, remembered=tuple(_remembered(kind, asked[kind.name], operations, acquisitions, names)))
        if kind.name in asked
        else kind
        for kind in kinds
    )


def _remembered(
    kind: Kind,
    asked: dict[str, Operation],
    operations: tuple[Operation, ...],
    acquisitions: tuple[Acquisition, ...],
    names: Names,
) -> Iterator[Remembered]:
    makers = {a.carrier for a in acquisitions if a.kind == kind.name}
    creating = [operation for operation in operations if operation.name in makers]
    for name, user in asked.items():
        found = False
        for operation in creating:
            for field in operation.fields:
                if field.path.last.field == name and field.parameter:
                    found = True
                    yield Remembered(name, operation.name, field.path)
                    break
        if not found:
            made = ", ".join(operation.name for operation in creating) or "no operation"
            raise names.error(
                f"{key_path('operations', user.name)}.values",
                f'"@{name}": {kind.name} is created by {made}, which has no parameter {name}.',
            )
