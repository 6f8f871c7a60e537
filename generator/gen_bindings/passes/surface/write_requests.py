"""Decides how each field of a request is written: by which codec, from which handle, key, memory or value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gen_bindings.model.binding import BorrowMode, MessageCall, Operation, ParameterSource, RequestField
from gen_bindings.model.expressions import Expression, Formula, Name
from gen_bindings.model.messages import CsField
from gen_bindings.model.methods import HandleUse, Pin, Request
from gen_bindings.model.writes import (
    AddressWrite,
    AsyncIdWrite,
    FieldWrite,
    GroupWrite,
    HandleWrite,
    InputWrite,
    KeyWrite,
    LengthWrite,
    ValueWrite,
    Write,
)
from gen_bindings.passes.surface.choose_buffers import field_bound, group_bound, stack_bytes
from gen_bindings.passes.surface.measure_memory import counts_as_is
from gen_bindings.passes.surface.name_properties import creation_property
from gen_bindings.passes.surface.scope import Scope

_PLACE = re.compile(r"\{(\w+)\}")
_ID_TYPE = "ulong"


def write_request(scope: Scope, operation: Operation) -> Request:
    """How the operation's request is encoded from the parameters, and what is held and pinned meanwhile."""
    call = operation.call
    assert isinstance(call, MessageCall)
    writing = _Writing(scope, operation)
    writing.build(call)
    delimited = scope.case_field(call).is_delimited
    top = sorted(writing.top, key=lambda entry: entry.number)
    return Request(
        operation=operation.name,
        number=call.number,
        is_delimited=delimited,
        stack_bytes=stack_bytes(call.number, [entry.bound() for entry in top], is_delimited=delimited),
        handles=tuple(writing.handles),
        pins=tuple(writing.pins),
        inputs=tuple(writing.inputs),
        writes=tuple(entry.write() for entry in top),
    )


@dataclass
class _Entry:
    """A write with the most bytes that it takes, or a group of such."""

    number: int
    leaf: Write | None = None
    size: int | None = None
    children: list[_Entry] = field(default_factory=list)
    is_delimited: bool = False

    def bound(self) -> int | None:
        """The most bytes; ``None`` when they depend on the value."""
        if self.leaf is not None:
            return self.size
        inside = [child.bound() for child in self.children]
        return group_bound(self.number, inside, is_delimited=self.is_delimited)

    def write(self) -> Write:
        """The write with those inside it."""
        if self.leaf is not None:
            return self.leaf
        return GroupWrite(self.number, self.is_delimited, tuple(child.write() for child in self.children))


class _Writing:
    def __init__(self, scope: Scope, operation: Operation) -> None:
        self.scope = scope
        self.operation = operation
        self.handles: list[HandleUse] = []
        self.pins: list[Pin] = []
        self.inputs: list[str] = []
        self.top: list[_Entry] = []
        self._groups: dict[tuple[str, ...], list[_Entry]] = {(): self.top}

    def build(self, call: MessageCall) -> None:
        """Goes through the fields in the order in which they are written."""
        fields = sorted(self.operation.fields, key=lambda f: tuple(step.number for step in f.path.steps))
        for request_field in fields:
            self._add(request_field)
        if call.async_id is not None and not any(f.source is ParameterSource.ASYNC_ID for f in fields):
            async_id = self.scope.cs_field(call.message, call.async_id)
            self._append(self.top, async_id, AsyncIdWrite(async_id.number, "UInt64", ""))
        if call.inner is not None and (call.inner.field,) not in self._groups:
            inner = self.scope.cs_field(call.inner.message, call.inner.field)
            self.top.append(_Entry(inner.number, is_delimited=inner.is_delimited))

    def _append(self, siblings: list[_Entry], cs_field: CsField, write: Write) -> None:
        bounded = not isinstance(write, KeyWrite)
        siblings.append(_Entry(cs_field.number, write, field_bound(cs_field) if bounded else None))

    def _add(self, request_field: RequestField) -> None:
        cs_field = self.scope.last_field(request_field.path)
        siblings = self._siblings(request_field)
        if request_field.source is ParameterSource.STRUCT:
            self.inputs.append(request_field.parameter)
            inside = _Entry(0, InputWrite(0, request_field.parameter))
            siblings.append(_Entry(cs_field.number, children=[inside], is_delimited=cs_field.is_delimited))
            return
        self._append(siblings, cs_field, self._write(request_field, cs_field))

    def _write(self, request_field: RequestField, cs_field: CsField) -> Write:
        source, name = request_field.source, request_field.parameter
        number, codec, type_ = cs_field.number, cs_field.type.codec, cs_field.type.name
        cast = "" if type_ == _ID_TYPE else type_
        if source is ParameterSource.RECEIVER:
            return HandleWrite(number, codec, self._hold(request_field, ""), cast)
        if source is ParameterSource.OBJECT:
            handle = self._hold(request_field, name)
            return HandleWrite(number, codec, handle, cast, name if request_field.optional else "")
        if source is ParameterSource.KEY:
            return KeyWrite(number, name, request_field.optional)
        if source is ParameterSource.ASYNC_ID:
            return AsyncIdWrite(number, codec, cast)
        if source is ParameterSource.MEMORY:
            memory = request_field.memory
            assert memory is not None
            variable = name.lstrip("@") + "Pointer"
            self.pins.append(Pin(variable, name, memory.element))
            return AddressWrite(number, Name(variable))
        if source is ParameterSource.MEMORY_SIZE:
            memory = request_field.memory
            assert memory is not None
            element = "" if counts_as_is(memory) else memory.element
            return LengthWrite(number, codec, type_, self._span(memory.pointer), element)
        if source in (ParameterSource.EXPRESSION, ParameterSource.CREATION, ParameterSource.CONSTANT):
            return ValueWrite(number, codec, type_, self._value(request_field))
        return FieldWrite(number, cs_field, name)

    def _span(self, pointer: str) -> str:
        return next(
            f.parameter
            for f in self.operation.fields
            if f.source is ParameterSource.MEMORY and f.path.last.field == pointer
        )

    def _siblings(self, request_field: RequestField) -> list[_Entry]:
        steps = request_field.path.steps
        entries = self.top
        for depth in range(1, len(steps)):
            key = tuple(step.field for step in steps[:depth])
            if key not in self._groups:
                step = steps[depth - 1]
                delimited = self.scope.cs_field(step.message, step.field).is_delimited
                group = _Entry(step.number, is_delimited=delimited)
                entries.append(group)
                self._groups[key] = group.children
            entries = self._groups[key]
        return entries

    def _hold(self, request_field: RequestField, source: str) -> str:
        taken = any(
            b.path.steps == request_field.path.steps and b.mode is BorrowMode.TAKE
            for b in self.operation.borrows
        )
        variable = source.lstrip("@") + "Handle" if source else "handle"
        optional = bool(source) and request_field.optional
        self.handles.append(HandleUse(variable, source, optional, taken))
        return variable

    def _value(self, request_field: RequestField) -> Expression:
        """A value that the caller does not give."""
        if request_field.source is ParameterSource.CONSTANT:
            return Name(request_field.value)
        if request_field.source is ParameterSource.CREATION:
            return Name(creation_property(request_field.value))
        span = next((f.parameter for f in self.operation.fields if f.source is ParameterSource.MEMORY), "")
        pieces: list[str | Expression] = []
        for index, piece in enumerate(_PLACE.split(request_field.value)):
            if index % 2:
                pieces.append(Name(span if piece == "span" else creation_property(piece)))
            elif piece:
                pieces.append(piece)
        return Formula(tuple(pieces))
