"""Compares two models part by part: the only place that knows which part is compared how."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gen_bindings.diff import calls, handles, wire
from gen_bindings.diff.change import Change, Detail, Impact, Item, Meaning, Section, worst_first
from gen_bindings.diff.facts import different_facts


@dataclass(frozen=True, slots=True)
class _Part:
    """How a part is compared.

    Attributes:
        items: the things of a model by name.
        added, removed: what it means that one came or went; ``changed`` what a different fact means.
        without: facts that another part compares.
    """

    section: Section
    items: Callable[[Item], Mapping[str, Item]]
    added: Callable[[Item, Item, Item], Meaning]
    removed: Callable[[Item, Item, Item], Meaning]
    changed: Callable[[Item, Detail], Meaning]
    without: tuple[str, ...] = ()


_PARTS = (
    _Part(Section.KINDS, handles.kinds, handles.kind_added, handles.kind_removed, handles.kind_changed),
    _Part(Section.HANDLES, handles.paths, handles.path_added, handles.path_removed, handles.path_changed),
    _Part(
        Section.BORROWED,
        handles.borrowed,
        handles.borrow_added,
        handles.borrow_removed,
        handles.borrow_changed,
        ("request",),
    ),
    _Part(
        Section.REQUESTS,
        calls.requests,
        calls.request_added,
        calls.request_removed,
        calls.request_changed,
        ("borrows",),
    ),
    _Part(Section.EVENTS, calls.events, calls.event_added, calls.event_removed, calls.event_changed),
    _Part(Section.EXPORTS, wire.exports, wire.export_added, wire.export_removed, wire.export_changed),
    _Part(
        Section.SESSIONS, calls.sessions, calls.session_added, calls.session_removed, calls.session_changed
    ),
    _Part(Section.MEMORY, wire.memory, wire.memory_added, wire.memory_removed, wire.memory_changed),
    _Part(Section.MESSAGES, wire.messages, wire.message_added, wire.message_removed, wire.field_changed),
    _Part(Section.ENUMS, wire.enums, wire.enum_added, wire.enum_removed, wire.value_changed),
    _Part(Section.NAMES, wire.names, wire.name_differs, wire.name_differs, wire.name_changed),
)


def compare(before: Item, after: Item) -> tuple[Change, ...]:
    """Every difference between two models, by part, in the order of the models.

    Args:
        before: the older model as `gen-bindings model` prints it, parsed.
        after: the newer one.
    """
    return tuple(change for part in _PARTS for change in _compare(part, before, after))


def impacts(changes: tuple[Change, ...]) -> dict[Impact, int]:
    """How many changes there are of each impact, worst first."""
    return {impact: sum(change.impact is impact for change in changes) for impact in Impact}


def _compare(part: _Part, before: Item, after: Item) -> Iterator[Change]:
    old, new = part.items(before), part.items(after)
    for name, item in new.items():
        if name not in old:
            yield Change(part.section, name, "added", (part.added(item, before, after),))
    for name, item in old.items():
        if name not in new:
            yield Change(part.section, name, "removed", (part.removed(item, before, after),))
    for name, item in old.items():
        details = different_facts(item, new[name], part.without) if name in new else ()
        if details:
            meanings = worst_first([part.changed(new[name], detail) for detail in details])
            yield Change(part.section, name, "changed", meanings, details)
