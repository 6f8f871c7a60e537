"""Decides which response and which callback answer each request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gen_bindings.config import Config, OperationTable, key_path, nearest
from gen_bindings.model.binding import Answer, MessageCall, Operation
from gen_bindings.model.schema import Field, Message
from gen_bindings.passes.find_envelope import Protocol
from gen_bindings.passes.index import SchemaIndex
from gen_bindings.passes.resolve_names import Names


@dataclass(frozen=True, slots=True)
class _Case:
    """A request: a case of the envelope, or an arm of one that nests requests."""

    name: str
    field: Field
    inner: Field | None = None

    @property
    def message(self) -> str:
        """Full name of the message with the parameters."""
        return (self.inner or self.field).message or ""


def pair_calls(
    config: Config, protocol: Protocol, names: Names, problems: list[str]
) -> tuple[Operation, ...]:
    """One operation for each request, without fields: only its messages are known yet.

    Raises:
        ConfigError: ``[operations]`` names an operation or a message that does not exist.
    """
    pairing = _Pairing(config, protocol, names, problems)
    cases = tuple(pairing.cases())
    known = list(dict.fromkeys(name for case in cases for name in (case.field.name, case.name)))
    for name in config.operations:
        if name not in known:
            key = key_path("operations", name)
            raise names.error(key, f"the schema has no request of this name.{nearest(name, known)}")
    return tuple(operation for case in cases if (operation := pairing.operation(case)) is not None)


class _Pairing:
    def __init__(self, config: Config, protocol: Protocol, names: Names, problems: list[str]) -> None:
        self.config = config
        self.protocol = protocol
        self.names = names
        self.index: SchemaIndex = names.index
        self.problems = problems
        self.responses = _by_message(protocol.responses)
        self.events = _by_message(protocol.events)

    def cases(self) -> Iterator[_Case]:
        for field in self.protocol.requests:
            arms = self._arms(field)
            if arms:
                yield from (_Case(f"{field.name}.{arm.name}", field, arm) for arm in arms)
            else:
                yield _Case(field.name, field)

    def operation(self, case: _Case) -> Operation | None:
        table = self.config.operations.get(case.name, OperationTable())
        outer = self.config.operations.get(case.field.name, OperationTable())
        key = key_path("operations", case.name)
        field = self._response(case.field, outer, key_path("operations", case.field.name))
        if field is None:
            return None
        response = self.index.message(field.message or "")
        inner = self.index.field(response.full_name, case.inner.name) if case.inner else None
        leaf = self.index.message(inner.message or "") if inner else response
        async_id = self._async_id(leaf)
        callback = self._callback(case, leaf, table, key)
        if async_id and callback is None and table.callback != "none":
            expected = self._stem(case.message) + self.protocol.table.callback_suffix
            self.problems.append(
                f"{case.name}: {leaf.name}.{async_id} promises a callback, but "
                f"{self._short(self.protocol.envelope.event)} has "
                f'none called {expected}: name it with callback = "…" under [{key}], or set callback = '
                '"none".'
            )
        request = self.index.message(case.message)
        client_id = self.index.field(case.message, self.protocol.table.request_async_id)
        return Operation(
            name=case.name,
            method="",
            call=MessageCall(
                case=case.field.name,
                number=case.field.number,
                message=case.field.message or "",
                response=_answer(field, async_id),
                callback=callback,
                async_id=client_id.name if client_id else None,
                inner=self.index.step(case.field.message or "", case.inner) if case.inner else None,
                inner_response=self.index.step(response.full_name, inner) if inner else None,
            ),
            role="shutdown" if table.hidden else "",
            doc=request.doc or (case.inner or case.field).doc,
        )

    def _arms(self, field: Field) -> tuple[Field, ...]:
        """The requests nested in a request whose response nests their responses; else nothing."""
        message = self.index.message(field.message or "")
        suffix = self.protocol.table.request_suffix
        arms = tuple(f for f in message.fields if f.oneof)
        if not suffix or len(arms) < 2 or len(message.oneofs) != 1:
            return ()
        if not all(arm.message and arm.message.endswith(suffix) for arm in arms):
            return ()
        table = self.config.operations.get(field.name, OperationTable())
        response = self._response(field, table, key_path("operations", field.name), quiet=True)
        if response is None:
            return ()
        answers = {f.name for f in self.index.message(response.message or "").fields if f.oneof and f.message}
        return arms if answers == {arm.name for arm in arms} else ()

    def _response(self, request: Field, table: OperationTable, key: str, quiet: bool = False) -> Field | None:
        envelope = self._short(self.protocol.envelope.response)
        if table.response is not None:
            message = self.names.message(table.response, f"{key}.response")
            if message not in self.responses:
                raise self.names.error(f"{key}.response", f'"{table.response}" is no case of {envelope}.')
            return self.responses[message]
        wanted = self._stem(request.message or "") + self.protocol.table.response_suffix
        found = [field for message, field in self.responses.items() if _last(message) == wanted]
        if len(found) == 1:
            return found[0]
        if not quiet:
            self.problems.append(
                f"{request.name}: {envelope} has no case of type {wanted}: name the response of "
                f"{_last(request.message or '')} "
                f'with response = "…" under [{key}].'
            )
        return None

    def _callback(self, case: _Case, response: Message, table: OperationTable, key: str) -> Answer | None:
        if table.callback == "none":
            return None
        envelope = self._short(self.protocol.envelope.event)
        if table.callback is not None:
            message = self.names.message(table.callback, f"{key}.callback")
            if message not in self.events:
                raise self.names.error(f"{key}.callback", f'"{table.callback}" is no case of {envelope}.')
            return _answer(self.events[message], self._async_id(self.index.message(message)))
        suffix = self.protocol.table.callback_suffix
        response_stem = response.name.removesuffix(self.protocol.table.response_suffix)
        for wanted in (self._stem(case.message) + suffix, response_stem + suffix):
            for message, field in self.events.items():
                if suffix and _last(message) == wanted:
                    return _answer(field, self._async_id(self.index.message(message)))
        return None

    def _async_id(self, message: Message) -> str | None:
        field = self.index.field(message.full_name, self.protocol.table.async_id)
        return field.name if field else None

    def _stem(self, message: str) -> str:
        return _last(message).removesuffix(self.protocol.table.request_suffix)

    def _short(self, message: str) -> str:
        return self.index.short(message)


def _answer(field: Field, async_id: str | None) -> Answer:
    return Answer(case=field.name, number=field.number, message=field.message or "", async_id=async_id)


def _by_message(cases: tuple[Field, ...]) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for field in cases:
        found.setdefault(field.message or "", field)
    return found


def _last(full_name: str) -> str:
    return full_name.rpartition(".")[2]
