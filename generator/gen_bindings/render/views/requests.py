"""Views of operations as C# methods: parameters, checks, and how the request is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from dataclasses import field as with_factory

from gen_bindings.model.binding import (
    Answer,
    BorrowMode,
    FieldPath,
    MessageCall,
    Operation,
    ParameterSource,
    RequestField,
)
from gen_bindings.model.messages import Cardinality, CsField, TypeKind
from gen_bindings.naming import METHOD_LOCALS, pascal
from gen_bindings.render.views.answers import (
    FailureView,
    FrameResult,
    Receiver,
    ResultView,
    drop_unused,
    failure_view,
    frame_result,
    receive,
    result_view,
)
from gen_bindings.render.views.context import Context
from gen_bindings.render.views.guards import guard_statements

# Bytes of a value at most, by codec; a negative int32 takes as many as an int64.
_MOST_BYTES = {
    "Bool": 1,
    "UInt32": 5,
    "SInt32": 5,
    "Int32": 10,
    "UInt64": 10,
    "Int64": 10,
    "SInt64": 10,
    "Fixed32": 4,
    "SFixed32": 4,
    "Float": 4,
    "Fixed64": 8,
    "SFixed64": 8,
    "Double": 8,
}
# Up to here the length of a nested message is one byte, so that it can be patched in afterwards.
_ONE_BYTE_LENGTH = 127

_SCANNED = {"bool": "{0} != 0", "uint": "(uint){0}", "ulong": "{0}", "int": "(int){0}", "long": "(long){0}"}


@dataclass(frozen=True, slots=True)
class ParameterView:
    """A parameter: its declaration with default, and its documentation."""

    name: str
    type: str
    default: str
    doc: str

    @property
    def declaration(self) -> str:
        """As it stands in the parameter list."""
        return f"{self.type} {self.name}" + (f" = {self.default}" if self.default else "")


@dataclass(frozen=True, slots=True)
class HandleUse:
    """A handle that the request names.

    Attributes:
        variable: local of the handle; ``source`` the expression of the object; ``optional`` it may be null.
        taken: the request consumes it.
    """

    variable: str
    source: str
    optional: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class Pin:
    """A span whose memory is pinned while the request is made."""

    variable: str
    span: str
    element: str


@dataclass
class WriteNode:
    """One write of the request: a field from an expression, or a group of fields in a message.

    Attributes:
        field: for the macro ``write_field``; ``None`` when ``statement`` says it all.
        expression: C# value.
        statement: a whole C# statement.
        condition: C# condition around it, or empty.
        number: for a group its field number.
        children: fields of the group.
        is_delimited: a group that ends with a tag of its own instead of standing behind its length.
        written: the field that ``statement`` writes, where it writes one.
    """

    number: int
    field: CsField | None = None
    expression: str = ""
    statement: str = ""
    condition: str = ""
    children: list[WriteNode] = with_factory(default_factory=list)
    is_group: bool = False
    is_delimited: bool = False
    written: CsField | None = None

    @property
    def most_bytes(self) -> int | None:
        """The most that the write takes, tag included; ``None`` when that depends on the value."""
        tag = varint_size(self.number << 3)
        if self.is_group:
            below = [child.most_bytes for child in self.children]
            ends = tag if self.is_delimited else 1
            return None if None in below else tag + ends + sum(size or 0 for size in below)
        written = self.field or self.written
        if written is None or written.cardinality in (Cardinality.REPEATED, Cardinality.MAP):
            return None
        size = _MOST_BYTES.get(written.type.codec)
        return None if size is None else tag + size


@dataclass(frozen=True, slots=True)
class Scan:
    """A response that is not read as a whole: its one value, by field number."""

    number: int
    value: str
    type: str


@dataclass(frozen=True)
class MethodView:
    """A public method that sends a request.

    Attributes:
        client: the client, seen from the class that has the method.
        read_response: the response is read as a message; else ``scan`` or ``frame`` say what is taken out.
        remembers: (property of the result, C# expression) for creation parameters that later requests need.
        forgets: the method that only sends and does not wait for the callback.
        opens: the result has a session; ``handshake`` is its method that starts the events, or empty.
    """

    name: str
    operation: str
    doc: str
    parameters: tuple[ParameterView, ...]
    checks: tuple[str, ...]
    handles: tuple[HandleUse, ...]
    pins: tuple[Pin, ...]
    inputs: tuple[str, ...]
    writes: tuple[WriteNode, ...]
    number: int
    response_number: int
    inner_response_number: int
    result: ResultView
    failure: FailureView | None
    received: Receiver
    is_async: bool
    receiver: bool
    client: str
    client_class: str
    exception: str
    response_type: str = ""
    callback_type: str = ""
    is_delimited: bool = False
    callback_number: int = 0
    async_id_number: int = 0
    response_async_id_number: int = 0
    client_chosen: bool = True
    scan: Scan | None = None
    frame: FrameResult | None = None
    read_response: bool = False
    remembers: tuple[tuple[str, str], ...] = ()
    adopts: str = ""
    forgets: bool = False
    view: tuple[str, str, str] | None = None
    returns_doc: str = ""
    visibility: str = "public"
    opens: bool = False
    handshake: str = ""

    @property
    def return_type(self) -> str:
        """C# return type."""
        if self.frame is not None:
            return self.frame.type
        if self.view is not None:
            return f"NativeView<{self.view[2]}>"
        if not self.is_async or self.forgets:
            return self.result.type
        return "Operation" if self.result.type == "void" else f"Operation<{self.result.type}>"

    @property
    def is_plain_call(self) -> bool:
        """Nothing is done with the response before it is released."""
        takes = any(handle.taken for handle in self.handles)
        reads = self.read_response or self.scan or self.frame or self.view
        fails = self.failure is not None and not self.is_async and not self.forgets
        return not (takes or reads or fails or (self.is_async and not self.client_chosen))

    @property
    def stack_bytes(self) -> int:
        """Room for the whole request on the stack; 0 when its size depends on what is in it."""
        sizes = [node.most_bytes for node in self.writes]
        if None in sizes:
            return 0
        payload = sum(size or 0 for size in sizes)
        tag = varint_size(self.number << 3)
        return payload + tag + (tag if self.is_delimited else 1) if payload <= _ONE_BYTE_LENGTH else 0

    @property
    def late_name(self) -> str:
        """The method that deals with a success for which nobody waits any more."""
        return "Late" + self.name.removesuffix("Async")

    @property
    def operation_type(self) -> str:
        """The type argument of the pending operation; an operation without result has a dummy."""
        return "object" if self.result.type == "void" else self.result.type


def method_view(context: Context, operation: Operation, *, forgets: bool = False) -> MethodView:
    """The method of an operation that is a message."""
    call = operation.call
    assert isinstance(call, MessageCall)
    builder = _Builder(context, operation, forgets)
    builder.build()
    answer = call.callback if call.callback is not None and not forgets else call.response
    if call.inner_response is not None:
        inner = context.cs_field(call.inner_response.message, call.inner_response.field)
        answer = replace(answer, message=inner.type.full_name)
    is_async = call.callback is not None and not forgets
    variable = "callback" if is_async else "response"
    parents = {
        a: builder.borrowed_expression(context.acquisitions[a].placement.via)
        for a in answer.acquisitions
        if context.acquisitions[a].placement.place.value == "borrowed"
    }
    in_use = METHOD_LOCALS.union(f.parameter.lstrip("@") for f in operation.fields if f.parameter)
    received = receive(
        context,
        answer.acquisitions,
        variable,
        parents=parents,
        receiver="this",
        target="null",
        in_use=in_use,
    )
    failure = failure_view(context, answer, variable)
    result = ResultView("void", "", "") if forgets else result_view(context, answer, received, variable)
    drop_unused(received, {result.expression})
    frame = None if is_async else frame_result(context, answer)
    view = None if is_async else _view_result(context, operation)
    scan = None
    read = False
    if not is_async and frame is None and view is None and not forgets:
        scan = _scan(context, answer, result)
        plain = scan is not None or result.type == "void"
        read = not plain
    adopted = (
        next((f.parameter for f in operation.fields if f.path.plain == operation.adopts), "")
        if operation.adopts
        else ""
    )
    parameters = list(builder.parameters())
    if adopted:
        parameters.append(
            ParameterView(
                "leaveOpen",
                "bool",
                "false",
                f"Whether the {adopted} stays the caller's; otherwise it is released with the result.",
            )
        )
    session = next((s for s in context.binding.sessions if s.open == operation.name), None)
    if session is not None:
        parameters.append(
            ParameterView(
                "configure",
                f"Action<{result.type}>",
                "null",
                "Attaches handlers before the first event can come; it runs where all user code runs.",
            )
        )
    if is_async:
        parameters.append(
            ParameterView(
                "cancellationToken",
                "CancellationToken",
                "default(CancellationToken)",
                "Gives up waiting; what the late answer brings is released.",
            )
        )
    remembers = []
    for acquisition_id in answer.acquisitions[:1]:
        for remembered in context.kinds[context.acquisitions[acquisition_id].kind].remembered:
            if remembered.operation == operation.name:
                source = next(f for f in operation.fields if f.path.plain == remembered.path.plain)
                cs_field = context.cs_field(source.path.last.message, source.path.last.field)
                text = f"{source.parameter}.GetValueOrDefault()" if cs_field.is_nullable else source.parameter
                remembers.append((f"Created{pascal(remembered.name)}", text))
    response_async = (
        context.cs_field(call.response.message, call.response.async_id).number
        if call.response.async_id
        else 0
    )
    request_async = context.cs_field(call.message, call.async_id).number if call.async_id else 0
    method = operation.method
    if forgets:
        method = method.removesuffix("Async")
    return MethodView(
        name=method,
        operation=operation.name,
        doc=operation.doc or f"Sends the request {operation.name}.",
        parameters=tuple(parameters),
        checks=tuple(builder.checks()),
        handles=tuple(builder.handles),
        pins=tuple(builder.pins),
        inputs=tuple(builder.inputs),
        writes=tuple(builder.writes),
        number=call.number,
        is_delimited=context.case_field(call).is_delimited,
        response_number=call.response.number,
        inner_response_number=call.inner_response.number if call.inner_response else 0,
        result=result,
        failure=failure,
        received=received,
        is_async=is_async,
        receiver=operation.receiver is not None,
        client="Client" if operation.receiver is not None else "this",
        client_class=context.client,
        exception=context.exception,
        response_type=context.message(answer.message).type.global_name,
        callback_type=context.message(answer.message).type.global_name,
        callback_number=answer.number,
        async_id_number=request_async,
        response_async_id_number=response_async,
        client_chosen=call.async_id is not None,
        scan=scan,
        frame=frame,
        read_response=read,
        remembers=tuple(remembers),
        adopts=adopted,
        forgets=forgets,
        view=view,
        returns_doc=_returns_doc(result, frame, view),
        opens=session is not None,
        handshake=context.binding.operation(session.handshake).method
        if session and session.handshake
        else "",
        visibility="internal" if operation.role == "handshake" else "public",
    )


def _returns_doc(result: ResultView, frame: FrameResult | None, view: tuple[str, str, str] | None) -> str:
    if frame is not None:
        return f"The {frame.type}; dispose it when it has been used."
    if view is not None:
        return "A view of the library's memory; it ends with the object and with the next such call."
    return result.doc


def _view_result(context: Context, operation: Operation) -> tuple[str, str, str] | None:
    """(pointer's field number, size's, element) of memory in a response that the receiver owns."""
    assert isinstance(operation.call, MessageCall)
    message = operation.call.response.message
    for (owner, pointer), memory in context.memories.items():
        if owner == message and memory.owner == "receiver" and memory.size_field is not None:
            return (
                str(context.cs_field(message, pointer).number),
                str(context.cs_field(message, memory.size_field).number),
                memory.element,
            )
    return None


def _scan(context: Context, answer: Answer, result: ResultView) -> Scan | None:
    if answer.acquisitions or len(answer.values) != 1:
        return None
    value = context.cs_field(answer.message, answer.values[0])
    if value.cardinality is not Cardinality.REQUIRED and value.cardinality is not Cardinality.IMPLICIT:
        return None
    if value.type.kind is not TypeKind.SCALAR or value.type.codec not in (
        "Bool",
        "UInt32",
        "UInt64",
        "Int32",
        "Int64",
    ):
        return None
    return Scan(value.number, _SCANNED[value.type.name].format("value"), result.type)


class _Builder:
    """Collects what the fields of one request need."""

    def __init__(self, context: Context, operation: Operation, forgets: bool) -> None:
        self.context = context
        self.operation = operation
        self.forgets = forgets
        self.handles: list[HandleUse] = []
        self.pins: list[Pin] = []
        self.inputs: list[str] = []
        self.writes: list[WriteNode] = []
        self._groups: dict[tuple[str, ...], list[WriteNode]] = {(): self.writes}

    def build(self) -> None:
        """Goes through the fields in the order in which they are written."""
        call = self.operation.call
        assert isinstance(call, MessageCall)
        fields = sorted(self.operation.fields, key=lambda f: tuple(step.number for step in f.path.steps))
        for request_field in fields:
            self._add(request_field)
        if call.async_id is not None and not any(f.source is ParameterSource.ASYNC_ID for f in fields):
            async_id = self.context.cs_field(call.message, call.async_id)
            number = async_id.number
            self.writes.append(
                WriteNode(number, statement=f"writer.WriteUInt64({number}, asyncId);", written=async_id)
            )
        if call.inner is not None and (call.inner.field,) not in self._groups:
            delimited = self.context.cs_field(call.inner.message, call.inner.field).is_delimited
            self.writes.append(WriteNode(call.inner.number, is_group=True, is_delimited=delimited))
        self.writes.sort(key=lambda node: node.number)

    def parameters(self) -> list[ParameterView]:
        """Those without a default first, else the schema's order; objects before values."""
        seen: dict[str, ParameterView] = {}
        for request_field in self.operation.fields:
            if request_field.parameter and request_field.source is not ParameterSource.RECEIVER:
                view = self._parameter(request_field)
                if view is not None and view.name not in seen:
                    seen[view.name] = view
        return sorted(seen.values(), key=lambda p: bool(p.default))

    def checks(self) -> list[str]:
        """Guard statements: null arguments and preconditions."""
        lines = []
        for request_field in self.operation.fields:
            if self._needs_value(request_field):
                name = request_field.parameter
                lines.append(
                    f'if ({name} == null)\n{{\n    throw new ArgumentNullException("{name.lstrip("@")}");\n}}'
                )
        lines += guard_statements(self.context, self.operation)
        # Without other checks the loan of the handle is the first thing to fail.
        return ["ThrowIfDisposed();", *lines] if lines and self.operation.receiver is not None else lines

    def borrowed_expression(self, field_path: str) -> str:
        """The parameter that names the object of a request field."""
        found = next((f for f in self.operation.fields if f.path.plain == field_path), None)
        return found.parameter if found is not None and found.parameter else "this"

    def _needs_value(self, request_field: RequestField) -> bool:
        source = request_field.source
        if not request_field.parameter or request_field.optional or request_field.default:
            return False
        if source in (ParameterSource.OBJECT, ParameterSource.KEY, ParameterSource.STRUCT):
            return True
        if source is ParameterSource.ARGUMENT:
            cs_field = self._cs(request_field.path)
            return cs_field.cardinality is Cardinality.REQUIRED and not cs_field.type.is_value
        return False

    def _cs(self, path: FieldPath) -> CsField:
        return self.context.cs_field(path.last.message, path.last.field)

    def _parameter(self, request_field: RequestField) -> ParameterView | None:
        source = request_field.source
        name = request_field.parameter
        cs_field = self._cs(request_field.path)
        if source in (ParameterSource.OBJECT, ParameterSource.KEY):
            assert request_field.kind is not None
            type_ = self.context.type_of(request_field.kind, request_field.role)
            default = "null" if request_field.optional else ""
            return ParameterView(name, type_, default, cs_field.doc)
        if source is ParameterSource.MEMORY:
            memory = request_field.memory
            assert memory is not None
            span = "ReadOnlySpan" if memory.direction.value == "in" else "Span"
            return ParameterView(name, f"{span}<{memory.element}>", "", cs_field.doc)
        if source is ParameterSource.STRUCT:
            return ParameterView(name, input_class(cs_field.type.full_name), "", cs_field.doc)
        if source is not ParameterSource.ARGUMENT:
            return None
        type_ = cs_field.global_type_name
        default = request_field.default
        if not default and (request_field.optional or cs_field.is_nullable):
            default = "null"
        if not default and cs_field.cardinality in (Cardinality.REPEATED, Cardinality.MAP):
            default = "null"
        if default not in ("", "null") and cs_field.type.kind is TypeKind.ENUM and "." in default:
            default = f"{cs_field.type.global_name}.{default.rpartition('.')[2]}"
        return ParameterView(name, type_, default, cs_field.doc)

    def _add(self, request_field: RequestField) -> None:
        cs_field = self._cs(request_field.path)
        number = cs_field.number
        source = request_field.source
        siblings = self._siblings(request_field.path)
        if source is ParameterSource.RECEIVER:
            siblings.append(
                WriteNode(
                    number,
                    statement=self._write_handle(cs_field, "this", False, request_field),
                    written=cs_field,
                )
            )
        elif source is ParameterSource.OBJECT:
            name = request_field.parameter
            siblings.append(
                WriteNode(
                    number,
                    statement=self._write_handle(cs_field, name, request_field.optional, request_field),
                    condition=f"{name} != null" if request_field.optional else "",
                    written=cs_field,
                )
            )
        elif source is ParameterSource.KEY:
            name = request_field.parameter
            condition = f"{name} != null" if request_field.optional else ""
            statement = f"writer.WriteString({number}, {name}.BorrowKey());"
            siblings.append(WriteNode(number, statement=statement, condition=condition))
        elif source is ParameterSource.ASYNC_ID:
            siblings.append(
                WriteNode(
                    number,
                    statement=f"{_write(cs_field)}({number}, {self._cast('asyncId', cs_field)});",
                    written=cs_field,
                )
            )
        elif source is ParameterSource.MEMORY:
            memory = request_field.memory
            assert memory is not None
            variable = f"{request_field.parameter.lstrip('@')}Pointer"
            self.pins.append(Pin(variable, request_field.parameter, memory.element))
            statement = f"writer.WriteUInt64({number}, (ulong){variable});"
            siblings.append(WriteNode(number, statement=statement, written=cs_field))
        elif source is ParameterSource.MEMORY_SIZE:
            memory = request_field.memory
            assert memory is not None
            span = self._span(memory.pointer)
            factor = (
                "" if memory.size_in_elements or memory.element == "byte" else f" * sizeof({memory.element})"
            )
            siblings.append(
                WriteNode(
                    number,
                    statement=f"{_write(cs_field)}({number}, ({cs_field.type.name})({span}.Length{factor}));",
                    written=cs_field,
                )
            )
        elif source is ParameterSource.STRUCT:
            name = request_field.parameter
            self.inputs.append(name)
            siblings.append(
                WriteNode(
                    number,
                    is_group=True,
                    is_delimited=cs_field.is_delimited,
                    children=[WriteNode(0, statement=f"{name}.Write(writer);")],
                )
            )
        elif source in (ParameterSource.EXPRESSION, ParameterSource.CREATION, ParameterSource.CONSTANT):
            value = self._value(request_field)
            siblings.append(
                WriteNode(
                    number,
                    statement=f"{_write(cs_field)}({number}, ({cs_field.type.name})({value}));",
                    written=cs_field,
                )
            )
        else:
            siblings.append(WriteNode(number, field=cs_field, expression=request_field.parameter))

    def _span(self, pointer: str) -> str:
        found = next(
            f
            for f in self.operation.fields
            if f.source is ParameterSource.MEMORY and f.path.last.field == pointer
        )
        return found.parameter

    def _siblings(self, path: FieldPath) -> list[WriteNode]:
        nodes = self.writes
        for depth in range(1, len(path.steps)):
            key = tuple(step.field for step in path.steps[:depth])
            if key not in self._groups:
                step = path.steps[depth - 1]
                delimited = self.context.cs_field(step.message, step.field).is_delimited
                group = WriteNode(step.number, is_group=True, is_delimited=delimited)
                nodes.append(group)
                self._groups[key] = group.children
            nodes = self._groups[key]
        return nodes

    def _write_handle(
        self, cs_field: CsField, source: str, optional: bool, request_field: RequestField
    ) -> str:
        taken = any(
            b.path.steps == request_field.path.steps and b.mode is BorrowMode.TAKE
            for b in self.operation.borrows
        )
        variable = "handle" if source == "this" else f"{source.lstrip('@')}Handle"
        self.handles.append(HandleUse(variable, source, optional, taken))
        return (
            f"writer.Write{cs_field.type.codec}({cs_field.number}, {self._cast(f'{variable}.Id', cs_field)});"
        )

    def _cast(self, expression: str, cs_field: CsField) -> str:
        return expression if cs_field.type.name == "ulong" else f"({cs_field.type.name}){expression}"

    def _value(self, request_field: RequestField) -> str:
        """The C# of a value that the caller does not give."""
        if request_field.source is ParameterSource.CONSTANT:
            return request_field.value
        if request_field.source is ParameterSource.CREATION:
            return f"Created{pascal(request_field.value)}"
        span = next((f.parameter for f in self.operation.fields if f.source is ParameterSource.MEMORY), "")
        return re.sub(
            r"\{(\w+)\}",
            lambda m: span if m.group(1) == "span" else f"Created{pascal(m.group(1))}",
            request_field.value,
        )


def varint_size(value: int) -> int:
    """Bytes of an unsigned varint."""
    return max(1, (value.bit_length() + 6) // 7)


def _write(cs_field: CsField) -> str:
    return f"writer.Write{cs_field.type.codec}"


def input_class(full_name: str) -> str:
    """C# class that a caller fills for a message with memory (``VideoBufferInfo`` → ``VideoBufferInput``)."""
    name = full_name.rpartition(".")[2]
    return (name.removesuffix("Info") or name) + "Input"
