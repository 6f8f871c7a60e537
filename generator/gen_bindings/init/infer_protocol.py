"""Infers ``[protocol]``: the envelopes, the owned handle, and the conventions of names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from gen_bindings.init.draft import Entry, Line, Question, shortened, toml_line
from gen_bindings.init.words import common_prefix, common_suffix, snake, words
from gen_bindings.model.schema import Field, Label, Message, Scalar
from gen_bindings.passes.index import INTEGERS, SchemaIndex

_TABLE = ("protocol",)
_MOST = 0.8
_FAILURE = re.compile(r"err|fail|refus|reject|troubl|problem|denied")
_ASKS = {"request", "command", "call", "query", "invoke"}
_ANSWERS = {"response", "reply", "result", "answer"}
_TELLS = {"event", "notice", "notification", "signal", "callback"}
_MEASURES = {"ptr", "pointer", "address", "len", "length", "size", "count", "index", "ms", "us", "ns"}
_WIDE = {Scalar.INT64, Scalar.UINT64, Scalar.SINT64, Scalar.FIXED64, Scalar.SFIXED64}


def infer_protocol(index: SchemaIndex) -> Iterator[Entry]:
    """The table; a key that nothing decides is a question."""
    envelopes = _envelopes(index)
    owned = _owned(index, envelopes)
    reaching = index.reaching({owned.full_name}) if isinstance(owned, Message) else frozenset()
    request, response, pairing = _pair(index, envelopes, reaching)
    yield from pairing
    rest = [m for m in envelopes if m is not request and m is not response]
    event = _event(rest, reaching)
    yield from _event_entry(event, rest, index)
    yield from _owned_entries(owned, index)
    if request is None or response is None or event is None or not isinstance(owned, Message):
        return
    holders = [message.name for message in _holders(owned, index)]
    prefix = common_prefix(holders)
    shown = f"shared by {shortened(holders)}" if prefix else f"{shortened(holders)} share no beginning"
    yield Line(_TABLE, "owned_prefix", prefix, shown)
    yield from _suffixes(request, response, event, index)
    kinds = [name.removeprefix(prefix) for name in holders]
    yield from _borrowed(request, owned, kinds, index)


def cases(envelope: Message) -> tuple[Field, ...]:
    """The cases of an envelope."""
    return tuple(field for field in envelope.fields if field.oneof and field.message)


def is_wide(field: Field) -> bool:
    """The integer has 64 bits."""
    return field.scalar in _WIDE


def _envelopes(index: SchemaIndex) -> list[Message]:
    used = {field.message for message in index.messages.values() for field in message.fields}
    return [
        message
        for message in index.messages.values()
        if message.parent is None
        and message.full_name not in used
        and len(message.oneofs) == 1
        and cases(message)
    ]


def _owned(index: SchemaIndex, envelopes: list[Message]) -> Message | list[Message]:
    """The message that owns a handle: one integer, held by the most messages; or the candidates."""
    counted = [
        (len(_holders(message, index)), message)
        for message in index.messages.values()
        if message not in envelopes and len(message.fields) == 1 and message.fields[0].scalar in INTEGERS
        if message.fields[0].label is not Label.REPEATED
    ]
    most = max((count for count, _ in counted), default=0)
    best = [message for count, message in counted if count == most and most > 0]
    return best[0] if len(best) == 1 else best


def _holders(owned: Message, index: SchemaIndex) -> list[Message]:
    return [
        message
        for message in index.messages.values()
        if any(
            f.message == owned.full_name and f.label is not Label.REPEATED and not f.oneof
            for f in message.fields
        )
    ]


def _pair(
    index: SchemaIndex, envelopes: list[Message], reaching: frozenset[str]
) -> tuple[Message | None, Message | None, list[Entry]]:
    """Requests and responses: the two envelopes whose cases have the same numbers."""
    pairs = [(a, b) for i, a in enumerate(envelopes) for b in envelopes[i + 1 :]]
    if not pairs:
        return None, None, [_ask_envelope(key, envelopes, index) for key in ("request", "response")]
    alike = {(a.full_name, b.full_name): _alike(a, b) for a, b in pairs}
    best = max(pairs, key=lambda pair: alike[pair[0].full_name, pair[1].full_name])
    first, second = _in_order(best, reaching)
    if first is None or second is None:
        return None, None, [_ask_envelope(key, list(best), index) for key in ("request", "response")]
    same = {f.number for f in cases(first)} & {f.number for f in cases(second)}
    evidence = f"{len(same)} of its {len(cases(first))} cases have the number of a case of {second.name}"
    back = "handles arrive in it" if second.full_name in reaching else f"the answers to {first.name}"
    return first, second, [
        Line(_TABLE, "request", index.short(first.full_name), evidence),
        Line(_TABLE, "response", index.short(second.full_name), back),
    ]  # fmt: skip


def _alike(one: Message, other: Message) -> float:
    a, b = {f.number for f in cases(one)}, {f.number for f in cases(other)}
    return len(a & b) / len(a | b)


def _in_order(
    pair: tuple[Message, Message], reaching: frozenset[str]
) -> tuple[Message, Message] | tuple[None, None]:
    one, other = pair
    for first, second in ((one, other), (other, one)):
        if second.full_name in reaching and first.full_name not in reaching:
            return first, second
    for first, second in ((one, other), (other, one)):
        if _ASKS & set(words(first.name)) or _ANSWERS & set(words(second.name)):
            return first, second
    return None, None


def _event(rest: list[Message], reaching: frozenset[str]) -> Message | None:
    if len(rest) == 1:
        return rest[0]
    told = [m for m in rest if _TELLS & set(words(m.name))]
    bringing = [m for m in rest if m.full_name in reaching]
    return next((found[0] for found in (told, bringing) if len(found) == 1), None)


def _event_entry(event: Message | None, rest: list[Message], index: SchemaIndex) -> Iterator[Entry]:
    if event is None:
        yield _ask_envelope("event", rest, index)
    elif len(rest) == 1:
        yield Line(_TABLE, "event", index.short(event.full_name), "the envelope that is left")
    else:
        others = shortened(m.name for m in rest if m is not event)
        yield Line(
            _TABLE, "event", index.short(event.full_name), f"by its name; {others} would be the others"
        )


def _owned_entries(owned: Message | list[Message], index: SchemaIndex) -> Iterator[Entry]:
    if isinstance(owned, Message):
        holders = [message.name for message in _holders(owned, index)]
        field = owned.fields[0]
        yield Line(
            _TABLE,
            "owned_handle",
            index.short(owned.full_name),
            f"one integer, held by {shortened(holders)}",
        )
        scalar = field.scalar.value if field.scalar else ""
        yield Line(_TABLE, "id_field", field.name, f"its only field, {scalar}")
        return
    names = [index.short(message.full_name) for message in owned]
    choices = f"Choices: {', '.join(names)}." if names else "No message holds just one integer."
    yield Question(
        _TABLE,
        f"Which message hands over a handle? {choices}",
        tuple(toml_line("owned_handle", name) for name in names or ["…"]),
    )


def _suffixes(request: Message, response: Message, event: Message, index: SchemaIndex) -> Iterator[Entry]:
    for key, envelope in (("request_suffix", request), ("response_suffix", response)):
        yield _suffix_line(key, [_type(case) for case in cases(envelope)], f"cases of {envelope.name}")
    answers = [index.message(case.message or "") for case in cases(response)]
    told = [index.message(case.message or "") for case in cases(event)]
    async_id = _async_id(answers, told)
    callbacks = [m for m in told if async_id and any(f.name == async_id for f in m.fields)]
    if async_id:
        yield _suffix_line("callback_suffix", [m.name for m in callbacks], f"messages with {async_id}")
        yield Line(
            _TABLE,
            "async_id",
            async_id,
            f"in {shortened(m.name for m in answers if m.fields and _has(m, async_id))} and in "
            f"{shortened((m.name for m in callbacks), 2)}",
        )
        asked = [index.message(case.message or "") for case in cases(request)]
        chosen = Counter(
            f.name for m in asked for f in m.fields if f.scalar in INTEGERS and f.name.endswith(async_id)
        )
        if chosen:
            name, count = chosen.most_common(1)[0]
            yield Line(_TABLE, "request_async_id", name, f"in {count} requests")
    yield from _error_fields([*answers, *callbacks])


def _suffix_line(key: str, names: list[str], what: str) -> Line:
    suffix = common_suffix(names, _MOST)
    count = sum(name.endswith(suffix) for name in names)
    evidence = f"{count} of {len(names)} {what}" if suffix else f"the {what} share no ending"
    return Line(_TABLE, key, suffix, evidence)


def _async_id(answers: list[Message], told: list[Message]) -> str | None:
    """The integer that responses and events have in common."""
    counts = [
        Counter(f.name for m in part for f in m.fields if f.scalar in INTEGERS) for part in (answers, told)
    ]
    shared = {name: min(counts[0][name], counts[1][name]) for name in counts[0] if name in counts[1]}
    return max(shared, key=lambda name: shared[name]) if shared else None


def _error_fields(answers: list[Message]) -> Iterator[Entry]:
    found: dict[str, list[str]] = {}
    for message in answers:
        for field in message.fields:
            if _FAILURE.search(field.name) and (field.scalar is Scalar.STRING or field.message):
                found.setdefault(field.name, []).append(message.name)
    if found:
        where = "; ".join(f"{name} in {shortened(messages, 2)}" for name, messages in found.items())
        yield Line(_TABLE, "error_fields", tuple(found), where)


def _borrowed(request: Message, owned: Message, kinds: list[str], index: SchemaIndex) -> Iterator[Entry]:
    """Endings of integer fields of requests whose beginning is called like a kind."""
    wide = is_wide(owned.fields[0])
    asked = index.below({case.message for case in cases(request) if case.message})
    counts: dict[str, list[str]] = {}
    for message in index.messages.values():
        for field in message.fields if message.full_name in asked else ():
            if field.scalar in INTEGERS and is_wide(field) == wide:
                for suffix in _endings(field.name, kinds):
                    counts.setdefault(suffix, []).append(f"{message.name}.{field.name}")
    if counts:
        suffixes = tuple(sorted(counts, key=lambda suffix: -len(counts[suffix])))
        where = "; ".join(shortened(counts[suffix], 2) for suffix in suffixes)
        yield Line(_TABLE, "borrowed_suffixes", suffixes, where)
    else:
        yield Line(_TABLE, "borrowed_suffixes", (), "no integer of a request is called like a kind")


def _endings(name: str, kinds: list[str]) -> Iterator[str]:
    stem, underscore, last = name.rpartition("_")
    if underscore and last not in _MEASURES and any(_ends(stem, snake(kind)) for kind in kinds):
        yield f"_{last}"


def _ends(stem: str, kind: str) -> bool:
    return stem == kind or stem.endswith(f"_{kind}")


def _has(message: Message, name: str) -> bool:
    return any(field.name == name for field in message.fields)


def _type(case: Field) -> str:
    return (case.message or "").rpartition(".")[2]


def _ask_envelope(key: str, candidates: list[Message], index: SchemaIndex) -> Question:
    names = [index.short(message.full_name) for message in candidates]
    purpose = {
        "request": "What goes into the library",
        "response": "What the library answers at once",
        "event": "What the library sends by itself",
    }[key]
    choices = f"Choices: {', '.join(names)}." if names else "No message looks like an envelope."
    return Question(
        _TABLE,
        f"{purpose}: which message is it, a oneof of all others? {choices}",
        tuple(toml_line(key, name) for name in names or ["…"]),
    )
