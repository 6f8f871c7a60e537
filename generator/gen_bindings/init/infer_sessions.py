"""Infers ``[sessions]``: a kind that one operation opens and its opposite closes; and what events end."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.init.draft import Entry, Line, Question, toml_line
from gen_bindings.init.words import words
from gen_bindings.model.binding import Acquisition, Delivery, Kind, MessageCall, Operation, Origin
from gen_bindings.model.schema import EnumType
from gen_bindings.passes.index import SchemaIndex

_OPPOSITES = {
    "connect": ("disconnect", "close"),
    "join": ("leave",),
    "open": ("close",),
    "start": ("stop", "end"),
    "login": ("logout",),
    "attach": ("detach",),
}
_PAST = {
    "disconnect": "disconnected",
    "close": "closed",
    "leave": "left",
    "stop": "stopped",
    "end": "ended",
    "logout": "logged_out",
    "detach": "detached",
}
_ENDS = {"eos", "ended", "finished", "eof"}
_GONE = {
    "disconnected", "left", "removed", "gone", "unpublished", "unsubscribed", "closed", "destroyed",
}  # fmt: skip


def infer_sessions(
    kinds: tuple[Kind, ...],
    acquisitions: tuple[Acquisition, ...],
    operations: tuple[Operation, ...],
    deliveries: tuple[Delivery, ...],
    index: SchemaIndex,
) -> Iterator[Entry]:
    """A session for each kind whose callback opens it and whose opposite takes it."""
    by_name = {operation.name: operation for operation in operations}
    for kind in kinds:
        opening = [a.carrier for a in acquisitions if a.kind == kind.name and a.origin is Origin.CALLBACK]
        for name in opening:
            own = [o for o in operations if o.receiver == kind.name]
            close = _opposite(name, own)
            if close is not None and by_name[name].receiver is None:
                yield from _session(kind, name, close, own, deliveries, index)
                break


def infer_ends(sessions: set[str], deliveries: tuple[Delivery, ...]) -> Iterator[Entry]:
    """Events that take an object out of the tree, or end its flow of events, or everything."""
    for delivery in deliveries:
        table = ("deliveries", delivery.name)
        last = words(delivery.name.rpartition(".")[2])
        if "panic" in last:
            yield Line(table, "ends", "panic", "by its name")
        if delivery.target is not None and delivery.target not in sessions and _ENDS & set(last):
            yield Line(table, "ends", "stream", f"by its name; it concerns {delivery.target} objects")
        if _GONE & set(last) and len(last) > 1:
            named = [key for key in delivery.keys if set(words(key.kind)) & set(last)]
            if len({key.kind for key in named}) == 1:
                key = named[0]
                yield Line(table, "detaches", key.kind, f"by its name, and {key.path.plain} names one")
            elif delivery.keys:
                choices = list(dict.fromkeys(key.kind for key in delivery.keys))
                yield Question(
                    table,
                    f"Does {delivery.name} take an object out of the tree? It names {', '.join(choices)}.",
                    tuple(toml_line("detaches", kind) for kind in choices),
                )


def _session(
    kind: Kind,
    opened: str,
    closed: Operation,
    own: list[Operation],
    deliveries: tuple[Delivery, ...],
    index: SchemaIndex,
) -> Iterator[Entry]:
    table = ("sessions", kind.name)
    yield Line(table, "open", opened, f"its callback brings a {kind.name}")
    ready = [o.name for o in own if "ready" in words(o.name)]
    if len(ready) == 1:
        yield Line(table, "handshake", ready[0], f"by its name, and it takes a {kind.name}")
    yield Line(table, "close", closed.name, f"the opposite of {opened}, and it takes a {kind.name}")
    events = [d for d in deliveries if d.target == kind.name]
    markers = [d.name for d in events if _ENDS & set(words(d.name.rpartition(".")[2]))]
    if isinstance(closed.call, MessageCall) and closed.call.callback is not None:
        markers.append(closed.name)
    if markers:
        yield Line(table, "markers", tuple(markers), f"an end by name, or the callback of {closed.name}")
    else:
        yield Question(
            table,
            f"After which event, or which operation's callback, does a {kind.name} send nothing more?",
            (toml_line("markers", ("…",)),),
        )
    past = next((_PAST[word] for word in words(closed.name) if word in _PAST), "")
    told = [d for d in events if d.name.rpartition(".")[2] == past]
    if not told:
        yield Question(
            table,
            f"Which event announces that a {kind.name} ends? None is called {past or 'so'}.",
            (toml_line("announced", "…"),),
        )
        return
    yield Line(table, "announced", told[0].name, f"called after {closed.name}")
    yield from _reason(table, told[0], index)


def _reason(table: tuple[str, ...], delivery: Delivery, index: SchemaIndex) -> Iterator[Entry]:
    found = [(f.name, index.enum(f.enum)) for f in index.message(delivery.message).fields if f.enum]
    if len(found) != 1:
        return
    field, enum = found[0]
    client = _value(enum, "client")
    unknown = _value(enum, "unknown")
    if client and unknown:
        yield Line(table, "reason", field, f"the only enum of {index.short(delivery.message)}")
        yield Line(table, "client_reason", client, f"of {enum.name}, by its name")
        yield Line(table, "unknown_reason", unknown, f"of {enum.name}, by its name")
        return
    values = ", ".join(value.name for value in enum.values)
    yield Question(
        table,
        f"{delivery.name} tells a reason: which value of {enum.name} means that the client asked for the "
        f"end, and which that nobody knows? Choices: {values}.",
        (
            toml_line("reason", field),
            toml_line("client_reason", client or "…"),
            toml_line("unknown_reason", unknown or "…"),
        ),
    )


def _value(enum: EnumType, word: str) -> str | None:
    found = [value.name for value in enum.values if word in words(value.name)]
    return found[0] if len(found) == 1 else None


def _opposite(name: str, operations: list[Operation]) -> Operation | None:
    for word in words(name):
        for opposite in _OPPOSITES.get(word, ()):
            wanted = name.replace(word, opposite)
            found = next((o for o in operations if o.name == wanted), None)
            found = found or next((o for o in operations if o.name == opposite), None)
            if found is not None:
                return found
    return None
