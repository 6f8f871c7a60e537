"""Infers ``[kinds]``: where objects stand, the string that names them, which are frequent and short-lived."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gen_bindings.init.draft import Entry, Line, Question, shortened, toml_line
from gen_bindings.init.words import snake, words
from gen_bindings.model.binding import Acquisition, Delivery, Kind, Origin
from gen_bindings.model.schema import Field, Label, Scalar
from gen_bindings.naming import plural
from gen_bindings.passes.index import INTEGERS, SchemaIndex

_NAMES = ("identity", "sid", "id", "uuid", "key", "label", "name")
# These may as well be what an object is called; they count as its key only where events name it so.
_WEAK = ("key", "label", "name")


@dataclass(frozen=True, slots=True)
class KeyGuess:
    """The field that names objects of a kind, and the fields of other messages that refer to it.

    Attributes:
        evidence: ``Message.field`` of each reference.
    """

    kind: str
    field: str
    references: tuple[str, ...]
    evidence: tuple[str, ...]


def infer_keys(
    kinds: tuple[Kind, ...], travelling: frozenset[str], events: frozenset[str], index: SchemaIndex
) -> list[KeyGuess]:
    """The keys: string facts of a kind that messages refer to as ``kind_fact``.

    Args:
        travelling: full names of the messages that requests, answers and events contain.
        events: of those that events contain.
    """
    guesses = [guess for kind in kinds if (guess := _key(kind, travelling, events, index)) is not None]
    claimed = _claims(guesses)
    settled = []
    for guess in guesses:
        own = tuple(name for name in guess.references if claimed[name] == guess.kind)
        if not own:
            continue
        alone = sum(other.field == guess.field for other in guesses) == 1 and guess.field != "id"
        patterns = (f"*_{guess.field}", f"*_{plural(guess.field)}") if alone else own
        fields = _strings(travelling, index)
        used = tuple(p for p in patterns if any(_fits(field, p) for _, field in fields))
        evidence = tuple(e for e in guess.evidence if alone or e.rpartition(".")[2] in own)
        settled.append(KeyGuess(guess.kind, guess.field, used, evidence))
    return settled


def key_entries(guesses: list[KeyGuess], kinds: tuple[Kind, ...], index: SchemaIndex) -> Iterator[Entry]:
    """``key`` and ``references`` of each kind that has one."""
    messages = {kind.name: kind.info_message or "" for kind in kinds}
    for guess in guesses:
        table = ("kinds", guess.kind)
        info = index.short(messages[guess.kind])
        yield Line(
            table, "key", guess.field, f"{info}.{guess.field}: {shortened(guess.evidence, 2)} refer to it"
        )
        yield Line(table, "references", guess.references, shortened(guess.evidence))
        others = [
            kind
            for kind in kinds
            if kind.name != guess.kind
            and kind.info_message
            and index.field(kind.info_message, guess.field)
            and set(words(guess.kind)) & set(words(kind.name))
        ]
        if others:
            names = ", ".join(kind.name for kind in others)
            yield Question(table, f"Or do these name {names}? That has a {guess.field} too.")


def infer_not_keys(
    guesses: list[KeyGuess],
    kinds: tuple[Kind, ...],
    requests: frozenset[str],
    travelling: frozenset[str],
    index: SchemaIndex,
) -> Iterator[Entry]:
    """Strings that are called like a key and tell something else."""
    keys = {guess.field for guess in guesses}
    own = {(kind.info_message, guess.field) for guess in guesses for kind in kinds if kind.name == guess.kind}
    infos = {kind.info_message: kind.name for kind in kinds if kind.info_message}
    found: dict[str, str] = {}
    for message, field in _strings(travelling, index):
        if field.name not in keys or (message, field.name) in own:
            continue
        name = f"{index.short(message)}.{field.name}"
        if message in infos:
            found[name] = f"the {infos[message]}'s own"
        elif message in requests:
            found[name] = "an argument that gives a name"
    if found:
        why = shortened(f"{name} is {reason}" for name, reason in found.items())
        yield Line((), "not_keys", tuple(found), why)


def key_answers(
    guesses: list[KeyGuess], travelling: frozenset[str], index: SchemaIndex
) -> dict[str, tuple[str, ...]]:
    """For each string that ends like a key the ways to say whose it is, by what the audit says about it."""
    found = {}
    for message, field in _strings(travelling, index):
        kinds = [g for g in guesses if field.name.endswith((g.field, plural(g.field)))]
        name = f"{index.short(message)}.{field.name}"
        answers = [
            f"{toml_line('references', (*g.references, name))}  # under [kinds.{g.kind}]" for g in kinds
        ]
        found[f'"{name}" to references'] = (*answers, toml_line("not_keys", (name,)))
    return found


def handle_answers(
    kinds: tuple[Kind, ...], requests: frozenset[str], index: SchemaIndex
) -> dict[str, tuple[str, ...]]:
    """For each integer the kinds that have a word of its name, by what the audit says about it."""
    found = {}
    for message in index.messages.values():
        for field in message.fields if message.full_name in requests else ():
            alike = [k.name for k in kinds if set(words(field.name)) & set(words(k.name))]
            if field.scalar in INTEGERS and alike:
                name = f"{index.short(message.full_name)}.{field.name}"
                found[f'"{name}" to borrowed'] = tuple(
                    f"{toml_line('borrowed', (name,))}  # under [kinds.{k}]" for k in alike
                )
    return found


def infer_borrowed(
    kinds: tuple[Kind, ...], requests: frozenset[str], wide: bool, index: SchemaIndex
) -> Iterator[Entry]:
    """Integers of requests that are called exactly like a kind, without an ending."""
    for kind in kinds:
        where = [
            index.short(message.full_name)
            for message in index.messages.values()
            if message.full_name in requests
            for field in message.fields
            if field.name == snake(kind.name) and field.scalar in INTEGERS and _wide(field) == wide
        ]
        if where:
            table = ("kinds", kind.name)
            yield Line(table, "borrowed", (snake(kind.name),), f"an integer of {shortened(where)}")


def infer_parents(
    kinds: tuple[Kind, ...],
    acquisitions: tuple[Acquisition, ...],
    deliveries: tuple[Delivery, ...],
) -> Iterator[Entry]:
    """Kinds under which an arriving object stands, where the call or event that brings it does not say so."""
    events = {delivery.name: delivery for delivery in deliveries}
    above: dict[str, set[str]] = {}
    for kind in kinds:
        reasons: dict[str, str] = {}
        own = [a for a in acquisitions if a.kind == kind.name and a.path is not None]
        for acquisition in own:
            beside = _beside(acquisition, acquisitions)
            if beside is not None:
                reasons.setdefault(beside.kind, f"{acquisition.id} comes with {beside.id}")
        for acquisition in own:
            if acquisition.origin is Origin.EVENT:
                for key in events[acquisition.carrier].keys:
                    if key.kind != kind.name and not key.many:
                        reasons.setdefault(key.kind, f"{acquisition.id} comes with the key {key.path.plain}")
        parents = tuple(parent for parent in reasons if not _reaches(parent, kind.name, above))
        if parents:
            above.setdefault(kind.name, set()).update(parents)
            targets = {
                target
                for a in own
                if a.origin is Origin.EVENT
                and (target := events[a.carrier].target)
                and not events[a.carrier].keys
            }
            for target in sorted(targets - set(parents) - {kind.name}):
                reasons[target] = f"an event of {target} brings it"
                parents = (*parents, target)
            evidence = shortened((reasons[parent] for parent in parents), 3)
            yield Line(("kinds", kind.name), "parents", parents, evidence)


def infer_lifetimes(
    kinds: tuple[Kind, ...],
    acquisitions: tuple[Acquisition, ...],
    deliveries: tuple[Delivery, ...],
) -> Iterator[Entry]:
    """Frames; and a question for what only events bring and nobody asks anything of."""
    events = {delivery.name: delivery for delivery in deliveries}
    for kind in kinds:
        table = ("kinds", kind.name)
        own = [a for a in acquisitions if a.kind == kind.name]
        brought = [events[a.carrier] for a in own if a.origin is Origin.EVENT]
        frames = [
            event for event in brought if event.target and "frame" in words(event.name.rpartition(".")[2])
        ]
        if frames:
            evidence = f"{frames[0].name} brings one again and again"
            yield Line(table, "lifetime", "frame", evidence)
        elif brought and len(brought) == len(own) and not any(event.detaches for event in brought):
            keyed = any(k.kind == kind.name for d in deliveries for k in d.keys)
            if not keyed:
                yield Question(
                    table,
                    f"Only {shortened(event.name for event in brought)} brings a {kind.name}, and no event "
                    "takes it away. Shall it be released when the handlers have run, unless one keeps it?",
                    (toml_line("lifetime", "claimed"),),
                )


def infer_roles(kinds: tuple[Kind, ...], acquisitions: tuple[Acquisition, ...]) -> Iterator[Entry]:
    """A question for a kind whose objects arrive under a name of their own, such as ``local_participant``."""
    for kind in kinds:
        own = [a for a in acquisitions if a.kind == kind.name and a.path is not None]
        ending = f"_{snake(kind.name)}"
        special = [a for a in own if a.path is not None and a.path.last.field.endswith(ending)]
        if special and len(special) < len(own):
            rest = [a.id for a in own if a not in special]
            role = "".join(
                word.capitalize() for word in words(special[0].path.last.field if special[0].path else "")
            )
            yield Question(
                ("kinds", kind.name),
                f"Is a {kind.name} that arrives as {shortened(a.id for a in special)} a class of its own?",
                (
                    f"[kinds.{kind.name}.roles.{role}]",
                    toml_line("acquired", tuple(a.id for a in special)),
                    f"[kinds.{kind.name}.roles.Other{kind.name}]",
                    toml_line("acquired", tuple(rest)),
                ),
            )


def _key(
    kind: Kind, travelling: frozenset[str], events: frozenset[str], index: SchemaIndex
) -> KeyGuess | None:
    if kind.info_message is None:
        return None
    facts = [
        field.name
        for field in index.message(kind.info_message).fields
        if field.scalar is Scalar.STRING and field.label is not Label.REPEATED and field.name in _NAMES
    ]
    best: KeyGuess | None = None
    for fact in sorted(facts, key=_NAMES.index):
        found = [
            (message, field)
            for message, field in _strings(travelling, index)
            if message != kind.info_message and _refers(field.name, kind.name, fact)
        ]
        names = tuple(dict.fromkeys(field.name for _, field in found))
        evidence = tuple(f"{index.short(message)}.{field.name}" for message, field in found)
        if fact in _WEAK and not any(message in events for message, _ in found):
            continue
        if found and (best is None or len(evidence) > len(best.evidence)):
            best = KeyGuess(kind.name, fact, names, evidence)
    return best


def _refers(field: str, kind: str, fact: str) -> bool:
    for ending in (f"_{fact}", f"_{plural(fact)}"):
        stem = field.removesuffix(ending)
        if stem != field and (stem == snake(kind) or stem in words(kind)):
            return True
    return False


def _claims(guesses: list[KeyGuess]) -> dict[str, str]:
    """For each field name the kind that it refers to: the one called exactly so, else the first."""
    claimed: dict[str, str] = {}
    for guess in guesses:
        for name in guess.references:
            exact = name.startswith(f"{snake(guess.kind)}_")
            if name not in claimed or exact:
                claimed[name] = guess.kind
    return claimed


def _strings(messages: frozenset[str], index: SchemaIndex) -> list[tuple[str, Field]]:
    return [
        (message.full_name, field)
        for message in index.messages.values()
        if message.full_name in messages and not message.is_map_entry
        for field in message.fields
        if field.scalar is Scalar.STRING
    ]


def _fits(field: Field, pattern: str) -> bool:
    return field.name.endswith(pattern[1:]) if pattern.startswith("*") else field.name == pattern


def _beside(acquisition: Acquisition, every: Iterable[Acquisition]) -> Acquisition | None:
    """The handle that the same message brings around this one, or before it at the same place."""
    assert acquisition.path is not None
    steps = acquisition.path.steps
    best: tuple[int, Acquisition] | None = None
    for other in every:
        if (
            other is acquisition
            or other.path is None
            or other.kind == acquisition.kind
            or (other.origin, other.carrier) != (acquisition.origin, acquisition.carrier)
        ):
            continue
        around = steps[: len(other.path.steps)] == other.path.steps
        shared = other.path.steps if around else other.path.steps[:-1]
        if steps[: len(shared)] != shared or len(steps) == len(shared):
            continue
        before = around or (
            not other.path.last.repeated and other.path.last.number < steps[len(shared)].number
        )
        if before and (best is None or len(shared) > best[0]):
            best = (len(shared), other)
    return best[1] if best else None


def _reaches(kind: str, goal: str, above: dict[str, set[str]]) -> bool:
    return kind == goal or any(_reaches(parent, goal, above) for parent in above.get(kind, ()))


def _wide(field: Field) -> bool:
    return field.scalar is not None and field.scalar.value.endswith("64")
