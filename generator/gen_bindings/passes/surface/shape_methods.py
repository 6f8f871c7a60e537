"""Decides the shape of each method: what is done with the answer, and who waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gen_bindings.model.binding import Answer, MessageCall, Operation, Place, Session
from gen_bindings.model.expressions import NULL, THIS, Expression, Name, OrDefault
from gen_bindings.model.methods import (
    AsyncCall,
    AsyncIds,
    CheckedCall,
    ClosingCall,
    Creation,
    FrameCall,
    Method,
    OpeningCall,
    PushCall,
    ReadCall,
    Reading,
    ScannedCall,
    Scanning,
    SimpleCall,
    ViewCall,
)
from gen_bindings.naming import METHOD_LOCALS
from gen_bindings.passes.surface.guard_arguments import guard_arguments
from gen_bindings.passes.surface.name_properties import creation_property
from gen_bindings.passes.surface.plan_receipts import Receiving, plan_receipt
from gen_bindings.passes.surface.read_answers import (
    NOTHING,
    VOID,
    Result,
    awaited_answer,
    refusal_of,
    result_of,
    scanned_value,
)
from gen_bindings.passes.surface.scope import Scope
from gen_bindings.passes.surface.select_methods import is_push, late_name, push_name
from gen_bindings.passes.surface.type_parameters import (
    adopted_parameter,
    further_parameters,
    type_parameters,
)
from gen_bindings.passes.surface.write_requests import write_request

_RESPONSE, _CALLBACK = "response", "callback"


def shape_methods(scope: Scope, operations: tuple[Operation, ...]) -> tuple[Method, ...]:
    """The methods of operations that are messages; of some two."""
    return tuple(method for operation in operations for method in _methods(scope, operation))


def shape_close(scope: Scope, operation: Operation) -> ClosingCall:
    """The request that ends a session."""
    shaping = _Shaping(scope, operation, waits=True)
    return ClosingCall(**shaping.common(), reading=shaping.reading(_CALLBACK), ids=shaping.ids())


def _methods(scope: Scope, operation: Operation) -> Iterator[Method]:
    call = operation.call
    assert isinstance(call, MessageCall)
    if is_push(operation):
        push = _Shaping(scope, operation, waits=False)
        yield PushCall(**{**push.common(), "name": push_name(operation)}, with_id=call.async_id is not None)
    if call.callback is None:
        yield _direct(_Shaping(scope, operation, waits=True))
    else:
        yield _awaited(_Shaping(scope, operation, waits=True))


def _awaited(shaping: _Shaping) -> Method:
    common = shaping.common()
    reading, ids = shaping.reading(_CALLBACK), shaping.ids()
    adopts = adopted_parameter(shaping.operation)
    session = shaping.session
    if session is None:
        return AsyncCall(**common, reading=reading, ids=ids, adopts=adopts)
    binding = shaping.scope.binding
    handshake = binding.operation(session.handshake).method if session.handshake else ""
    late = late_name(shaping.operation)
    return OpeningCall(**common, reading=reading, ids=ids, adopts=adopts, handshake=handshake, late=late)


def _direct(shaping: _Shaping) -> Method:
    scope, answer, common = shaping.scope, shaping.answer, shaping.common()
    scanning = shaping.scanning()
    frame = _frame(scope, answer)
    if frame is not None:
        type_, path = frame
        doc = f"The {type_}; dispose it when it has been used."
        return FrameCall(**{**common, "returns": type_, "returns_doc": doc}, answer=scanning, path=path)
    view = _view(scope, shaping.operation)
    if view is not None:
        address, size, element = view
        doc = "A view of the library's memory; it ends with the object and with the next such call."
        changed = {**common, "returns": element.join(("NativeView<", ">")), "returns_doc": doc}
        return ViewCall(**changed, answer=scanning, address_number=address, size_number=size, element=element)
    scanned = scanned_value(scope, answer)
    if scanned is not None:
        field, value = scanned
        return ScannedCall(**common, answer=scanning, value_number=field.number, value=value)
    if shaping.result.type != VOID:
        return ReadCall(
            **common,
            answer=scanning,
            reading=shaping.reading(_RESPONSE),
            creation=tuple(shaping.creation()),
        )
    if scanning.refusal is not None:
        return CheckedCall(**common, answer=scanning)
    return SimpleCall(**common)


class _Shaping:
    """What the shapes of one operation's methods have in common."""

    def __init__(self, scope: Scope, operation: Operation, *, waits: bool) -> None:
        call = operation.call
        assert isinstance(call, MessageCall)
        self.scope = scope
        self.operation = operation
        self.call = call
        self.answer = awaited_answer(scope, operation, waits=waits)
        self.is_async = call.callback is not None and waits
        self.variable = _CALLBACK if self.is_async else _RESPONSE
        self.receiving = self._receive()
        pushes = call.callback is not None and not waits
        self.result = NOTHING if pushes else result_of(scope, self.answer, self.receiving, self.variable)
        sessions = scope.binding.sessions
        self.session: Session | None = next((s for s in sessions if s.open == operation.name), None)

    def common(self) -> dict[str, Any]:
        """The fields that every shape has."""
        scope, operation = self.scope, self.operation
        further = further_parameters(operation, self.session, self.result.type, is_async=self.is_async)
        return {
            "name": operation.method,
            "doc": operation.doc or f"Sends the request {operation.name}.",
            "visibility": "internal" if operation.role == "handshake" else "public",
            "parameters": (*type_parameters(scope, operation), *further),
            "returns": _returned(self.result) if self.is_async else self.result.type,
            "returns_doc": self.result.doc or "The operation, which ends when the library has answered.",
            "on_object": operation.receiver is not None,
            "guards": guard_arguments(scope, operation),
            "request": write_request(scope, operation),
        }

    def ids(self) -> AsyncIds:
        """Who chooses the id of the operation."""
        response = self.call.response
        number = 0
        if response.async_id:
            number = self.scope.cs_field(response.message, response.async_id).number
        return AsyncIds(
            client_chosen=self.call.async_id is not None, answer_number=response.number, id_number=number
        )

    def scanning(self) -> Scanning:
        """How the response is looked at without being read."""
        inner = self.call.inner_response.number if self.call.inner_response else 0
        return Scanning(self.call.response.number, inner, refusal_of(self.scope, self.answer, self.variable))

    def reading(self, variable: str) -> Reading:
        """How the answer is read as a message."""
        used = [self.result.value] if self.result.value is not None else []
        return Reading(
            type=self.scope.message_type(self.answer.message),
            number=self.answer.number,
            refusal=refusal_of(self.scope, self.answer, variable),
            receipt=self.receiving.receipt(used),
            result=self.result.value,
            result_type="object" if self.result.type == VOID else self.result.type,
        )

    def creation(self) -> Iterator[Creation]:
        """What the new object keeps of its creation."""
        for acquisition_id in self.answer.acquisitions[:1]:
            kind = self.scope.kinds[self.scope.acquisitions[acquisition_id].kind]
            for remembered in kind.remembered:
                if remembered.operation == self.operation.name:
                    fields = self.operation.fields
                    source = next(f for f in fields if f.path.plain == remembered.path.plain)
                    given = Name(source.parameter)
                    nullable = self.scope.last_field(source.path).is_nullable
                    yield Creation(
                        creation_property(remembered.name), OrDefault(given) if nullable else given
                    )

    def _receive(self) -> Receiving:
        parents: dict[str, Expression] = {}
        for acquisition_id in self.answer.acquisitions:
            placement = self.scope.acquisitions[acquisition_id].placement
            if placement.place is Place.BORROWED:
                parents[acquisition_id] = self._borrowed(placement.via)
        parameters = {f.parameter.lstrip("@") for f in self.operation.fields if f.parameter}
        return plan_receipt(
            self.scope,
            self.answer.acquisitions,
            self.variable,
            parents=parents,
            receiver=THIS,
            target=NULL,
            in_use=METHOD_LOCALS | parameters,
        )

    def _borrowed(self, path: str) -> Expression:
        """The parameter that names the object of a request field."""
        found = next((f for f in self.operation.fields if f.path.plain == path), None)
        return Name(found.parameter) if found is not None and found.parameter else THIS


def _returned(result: Result) -> str:
    return "Operation" if result.type == VOID else result.type.join(("Operation<", ">"))


def _frame(scope: Scope, answer: Answer) -> tuple[str, tuple[int, ...]] | None:
    """The short-lived object that a response brings: its type, and the numbers that lead to it."""
    for acquisition_id in answer.acquisitions:
        acquisition = scope.acquisitions[acquisition_id]
        if scope.is_frame(acquisition.kind):
            assert acquisition.path is not None
            return scope.acquired_type(acquisition), tuple(s.number for s in acquisition.path.steps)
    return None


def _view(scope: Scope, operation: Operation) -> tuple[int, int, str] | None:
    """Numbers of pointer and size, and element, of memory in a response that the receiver owns."""
    assert isinstance(operation.call, MessageCall)
    message = operation.call.response.message
    for (owner, pointer), memory in scope.memories.items():
        if owner == message and memory.owner == "receiver" and memory.size_field is not None:
            return (
                scope.cs_field(message, pointer).number,
                scope.cs_field(message, memory.size_field).number,
                memory.element,
            )
    return None
