"""Infers the response and the callback of requests whose names do not show them."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.init.draft import Entry, Line, Question, toml_line
from gen_bindings.init.words import words
from gen_bindings.model.schema import Field
from gen_bindings.passes.find_envelope import Protocol
from gen_bindings.passes.index import SchemaIndex

_SHUTS_DOWN = {"dispose", "shutdown", "shut_down", "terminate"}


def infer_pairs(protocol: Protocol, index: SchemaIndex) -> Iterator[Entry]:
    """Entries of ``[operations]``, only where the suffixes do not pair the messages."""
    table = protocol.table
    responses = {_type(case): case for case in protocol.responses}
    answers = {_stem(case, table.request_suffix) + table.response_suffix for case in protocol.requests}
    by_number = {
        case.number: case
        for case in protocol.responses
        if not table.response_suffix or _type(case) not in answers
    }
    events = [case for case in protocol.events if _has(index, case, table.async_id)]
    named = {_stem(case, table.request_suffix) + table.callback_suffix for case in protocol.requests}
    free = [case for case in events if not table.callback_suffix or _type(case) not in named]
    for request in protocol.requests:
        at = ("operations", request.name)
        shuts_down = request.name in _SHUTS_DOWN
        if shuts_down:
            yield Line(at, "hidden", True, "by its name: the client itself shuts the library down")
        response = responses.get(_stem(request, table.request_suffix) + table.response_suffix)
        if response is None or response is request:
            response = by_number.get(request.number)
            if response is not None:
                evidence = f"has the number of {request.name}, {request.number}"
                yield Line(at, "response", index.short(response.message or ""), evidence)
        if response is None:
            close = _closest(request, list(protocol.responses))
            yield Question(
                at,
                f"What answers {_type(request)}? No response has its name or its number. "
                f"Closest: {', '.join(_type(case) for case in close) or 'none'}.",
                tuple(toml_line("response", index.short(case.message or "")) for case in close),
            )
            continue
        wanted = _stem(request, table.request_suffix) + table.callback_suffix
        direct = table.callback_suffix and any(_type(case) == wanted for case in events)
        if shuts_down and not direct:
            yield Line(at, "callback", "none", "no event is called after it")
        elif _has(index, response, table.async_id) and not direct:
            yield from _callback(at, request, free, index)


def _callback(at: tuple[str, ...], request: Field, free: list[Field], index: SchemaIndex) -> Iterator[Entry]:
    if len(free) == 1:
        evidence = "the only event with the operation's id that answers no other request"
        yield Line(at, "callback", index.short(free[0].message or ""), evidence)
        return
    close = _closest(request, free)
    yield Question(
        at,
        f"Which event tells that {request.name} is done? No event is called after it.",
        (
            *(toml_line("callback", index.short(case.message or "")) for case in close),
            toml_line("callback", "none"),
        ),
    )


def _closest(request: Field, others: list[Field]) -> list[Field]:
    """The cases that share the most words with the request, best first."""
    own = set(words(_type(request)))
    shared = [(len(own & set(words(_type(case)))), case) for case in others]
    most = max((count for count, _ in shared), default=0)
    return [case for count, case in shared if count == most and most > 0][:4]


def _has(index: SchemaIndex, case: Field, name: str) -> bool:
    return index.field(case.message or "", name) is not None


def _stem(case: Field, suffix: str) -> str:
    return _type(case).removesuffix(suffix)


def _type(case: Field) -> str:
    return (case.message or "").rpartition(".")[2]
