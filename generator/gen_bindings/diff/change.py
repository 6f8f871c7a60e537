"""The vocabulary of differences between two models, the older and the newer one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# A model as `gen-bindings model` prints it, or a part of it.
Item = Mapping[str, Any]


class Impact(StrEnum):
    """What a difference means, worst first.

    BREAKS: a binding of the older model does not work with the newer library. LEAKS: it works and loses
    handles. SOURCE: a binding of the newer model asks for changes in the C# that uses it. RULE: one of the
    newer model behaves differently. NEW: there is something to use, for a binding of the newer model.
    """

    BREAKS = "breaks"
    LEAKS = "leaks"
    SOURCE = "source"
    RULE = "rule"
    NEW = "new"


class Section(StrEnum):
    """The part of the model in which something differs, in the order of a report."""

    KINDS = "kinds"
    HANDLES = "handle paths"
    BORROWED = "borrowed handles"
    REQUESTS = "requests"
    EVENTS = "events"
    EXPORTS = "exports"
    SESSIONS = "sessions"
    MEMORY = "memory"
    MESSAGES = "messages"
    ENUMS = "enums"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class Detail:
    """One fact that differs: what, and its text on both sides; ``None`` where it is not said."""

    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What something means for a binding."""

    impact: Impact
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that came, went or changed.

    Attributes:
        how: ``added``, ``removed`` or ``changed``.
        meanings: worst first.
        details: what differs in it, for ``changed``.
    """

    section: Section
    name: str
    how: str
    meanings: tuple[Meaning, ...]
    details: tuple[Detail, ...] = ()

    @property
    def impact(self) -> Impact:
        """The worst of its meanings."""
        return self.meanings[0].impact


def worst_first(meanings: list[Meaning]) -> tuple[Meaning, ...]:
    """The meanings in the order of their impacts, each once."""
    order = list(Impact)
    return tuple(sorted(dict.fromkeys(meanings), key=lambda meaning: order.index(meaning.impact)))
