"""Decides what a caller gets out of an answer, and where the answer says that the operation failed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gen_bindings.model.binding import Answer, MessageCall, Operation
from gen_bindings.model.expressions import Cast, Expression, Member, Name, NotZero
from gen_bindings.model.messages import Cardinality, CsField, TypeKind
from gen_bindings.model.methods import MessageRefusal, Refusal, TextRefusal
from gen_bindings.naming import plural
from gen_bindings.passes.surface.plan_receipts import Receiving
from gen_bindings.passes.surface.scope import Scope

VOID = "void"
# Codecs whose values are varints, which a scan finds without reading the message.
_SCANNED = ("Bool", "UInt32", "UInt64", "Int32", "Int64")
_FOUND = Name("value")


@dataclass(frozen=True, slots=True)
class Result:
    """What a caller gets.

    Attributes:
        type: C# type, ``void`` for nothing.
        value: over the message's local and the received objects.
        doc: for the ``returns`` element.
    """

    type: str
    value: Expression | None
    doc: str


NOTHING = Result(VOID, None, "")


def awaited_answer(scope: Scope, operation: Operation, *, waits: bool) -> Answer:
    """The answer that ends the operation: the callback where there is one and it is waited for."""
    call = operation.call
    assert isinstance(call, MessageCall)
    answer = call.callback if call.callback is not None and waits else call.response
    if call.inner_response is None:
        return answer
    inner = scope.cs_field(call.inner_response.message, call.inner_response.field)
    return replace(answer, message=inner.type.full_name)


def result_of(scope: Scope, answer: Answer, receiving: Receiving, variable: str) -> Result:
    """An object when the answer brings one, else its only value, else the whole message."""
    if receiving.collected is not None:
        type_ = receiving.collected.type
        listed = type_.join(("IReadOnlyList<", ">"))
        return Result(listed, Name(receiving.collected.variable), f"The new {plural(type_)}, in order.")
    for acquisition_id in answer.acquisitions:
        if acquisition_id in receiving.singles:
            type_ = scope.acquired_type(scope.acquisitions[acquisition_id])
            return Result(type_, Name(receiving.variables[acquisition_id]), f"The new {type_}.")
    if not answer.values:
        return NOTHING
    if len(answer.values) == 1:
        value = scope.cs_field(answer.message, answer.values[0])
        return Result(scope.property_type(value), Member(Name(variable), value.property_name), value.doc)
    return Result(scope.message_type(answer.message), Name(variable), "The whole answer.")


def refusal_of(scope: Scope, answer: Answer, variable: str) -> Refusal | None:
    """The check that comes before the result is used."""
    if answer.failure is None:
        return None
    path = answer.failure.path
    last = scope.last_field(path)
    value = scope.value(path, Name(variable))
    if not last.type.full_name:
        return TextRefusal(last.number, value)
    message = scope.message(last.type.full_name)
    text = message.field(answer.failure.text) if answer.failure.text else None
    return MessageRefusal(
        number=last.number,
        value=value,
        type=scope.value_type(last),
        text=text.property_name if text is not None else "",
        name=last.name,
    )


def scanned_value(scope: Scope, answer: Answer) -> tuple[CsField, Expression] | None:
    """The one plain value of an answer that needs not be read as a whole, and what is made of its varint."""
    if answer.acquisitions or len(answer.values) != 1:
        return None
    value = scope.cs_field(answer.message, answer.values[0])
    always = value.cardinality in (Cardinality.REQUIRED, Cardinality.IMPLICIT)
    if not always or value.type.kind is not TypeKind.SCALAR or value.type.codec not in _SCANNED:
        return None
    if value.type.name == "bool":
        return value, NotZero(_FOUND)
    return value, _FOUND if value.type.name == "ulong" else Cast(value.type.name, _FOUND)
