"""Decides which kind of handle each integer means that names one without handing it over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gen_bindings.config import Config, OperationTable, key_path
from gen_bindings.model.binding import (
    Acquisition,
    Borrow,
    BorrowMode,
    Delivery,
    FieldPath,
    Kind,
    MessageCall,
    Operation,
)
from gen_bindings.model.schema import Field
from gen_bindings.passes.find_acquisitions import carriers
from gen_bindings.passes.find_envelope import Protocol
from gen_bindings.passes.index import INTEGERS
from gen_bindings.passes.resolve_names import Names, is_exact

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an integer names."""

    kind: str
    role: str | None = None


class HandleTypes:
    """Types an integer field by the configuration, else by its name and the name of the message around it."""

    def __init__(self, config: Config, protocol: Protocol, kinds: tuple[Kind, ...], names: Names) -> None:
        self._suffixes = protocol.table.borrowed_suffixes
        self._not_handles = config.not_handles
        self._names = names
        self._words = {Meaning(kind.name): tuple(_words(kind.name)) for kind in kinds}
        self._role_words = {
            tuple(_words(role.name)): Meaning(kind.name, role.name) for kind in kinds for role in kind.roles
        }
        self._configured: dict[Meaning, tuple[str, ...]] = {}
        names.check_field_names(config.not_handles, "not_handles")
        for kind in kinds:
            table = config.kinds.get(kind.name)
            if table is None:
                continue
            names.check_field_names(table.borrowed, f"kinds.{kind.name}.borrowed")
            self._configured[Meaning(kind.name)] = table.borrowed
            for role, role_table in table.roles.items():
                names.check_field_names(role_table.borrowed, f"kinds.{kind.name}.roles.{role}.borrowed")
                self._configured[Meaning(kind.name, role)] = role_table.borrowed

    def is_handle(self, path: FieldPath, field: Field) -> bool:
        """The integer names a handle, by its suffix or by configuration, unless ``not_handles`` has it."""
        if field.scalar not in INTEGERS or self._fits(path, self._not_handles):
            return False
        return field.name.endswith(self._suffixes) or any(
            self._fits(path, patterns) for patterns in self._configured.values()
        )

    def meaning(self, path: FieldPath) -> Meaning | str:
        """The kind that the integer at ``path`` names, or why that cannot be told."""
        for exact in (True, False):
            found = [
                meaning
                for meaning, patterns in self._configured.items()
                if self._fits(path, tuple(pattern for pattern in patterns if is_exact(pattern) is exact))
            ]
            roles = [meaning for meaning in found if meaning.role] or found
            if len(roles) == 1:
                return roles[0]
            if roles:
                return f"the configuration gives it to {_listed(roles)}"
        return self._by_name(path)

    def stem(self, name: str) -> str:
        """A handle field's name without its suffix."""
        suffix = max((s for s in self._suffixes if name.endswith(s) and name != s), key=len, default="")
        return name.removesuffix(suffix)

    def _by_name(self, path: FieldPath) -> Meaning | str:
        stem = tuple(_words(self.stem(path.last.field)))
        if stem in self._role_words:
            return self._role_words[stem]
        ending = [m for m, words in self._words.items() if words[-len(stem) :] == stem]
        if len(ending) > 1:
            return self._by_message(stem, ending, tuple(_words(path.root.rpartition(".")[2])))
        if ending:
            return ending[0]
        within = [m for m, words in self._words.items() if stem[-len(words) :] == words]
        if len(within) == 1:
            return within[0]
        return f"it may be {_listed(within)}" if within else f"no kind is called like {path.last.field}"

    def _by_message(
        self, stem: tuple[str, ...], kinds: list[Meaning], around: tuple[str, ...]
    ) -> Meaning | str:
        named = {m: _longest_ending(self._words[m], len(stem), around) for m in kinds}
        most = max(named.values())
        best = [meaning for meaning, length in named.items() if length == most]
        if most == 0:
            # The message may still share its first words with one kind: CreateAudioTrack and AudioSource.
            best = [m for m in kinds if (first := self._words[m][: -len(stem)]) and _contains(around, first)]
            exact = [meaning for meaning in kinds if self._words[meaning] == stem]
            best = best or exact
        elif len(best) > 1:
            whole = [meaning for meaning in best if len(self._words[meaning]) == most]
            best = whole if len(whole) == 1 else best
        return best[0] if len(best) == 1 else f"it may be {_listed(best or kinds)}"

    def _fits(self, path: FieldPath, patterns: tuple[str, ...]) -> bool:
        step = path.last
        return any(self._names.field_fits(step.message, step.field, pattern) for pattern in patterns)


def type_borrowed(
    config: Config,
    types: HandleTypes,
    operations: tuple[Operation, ...],
    names: Names,
    problems: list[str],
) -> tuple[Operation, ...]:
    """Operations with the handles that they name.

    Raises:
        ConfigError: ``consumes`` or ``late`` names a field that is no handle of the request.
    """
    return tuple(_with_borrows(config, types, operation, names, problems) for operation in operations)


def check_delivered_integers(
    types: HandleTypes,
    protocol: Protocol,
    operations: tuple[Operation, ...],
    deliveries: tuple[Delivery, ...],
    acquisitions: tuple[Acquisition, ...],
    names: Names,
    problems: list[str],
) -> None:
    """Every integer that comes from the native side and looks like a handle is known to be one or none."""
    known = {(a.path.root, a.path.plain) for a in acquisitions if a.transfers and a.path}
    known |= {(d.route.message, d.route.correlation) for d in deliveries if d.route.correlation}
    seen: set[tuple[str, str]] = set()
    for carrier in carriers(operations, deliveries):
        for path, field in names.index.walk(carrier.message):
            name = (path.last.message, field.name)
            inside_owned = path.last.message == protocol.envelope.owned_handle
            if name in seen or inside_owned or not types.is_handle(path, field):
                continue
            seen.add(name)
            if (path.root, path.plain) not in known:
                short = names.index.short(path.last.message)
                problems.append(
                    f"{short}.{field.name}: {carrier.name} brings an integer that is called like a handle, "
                    "and nothing says whose "
                    f"it is: add a [[transfer]] when it hands over ownership, or list it in not_handles."
                )


def request_paths(operation: Operation, names: Names) -> Iterator[tuple[FieldPath, Field]]:
    """Every field of an operation's request; of a nested one only its own arm."""
    call = operation.call
    assert isinstance(call, MessageCall)
    for path, field in names.index.walk(call.message):
        first = names.index.field_of(path.steps[0])
        if call.inner is None or not first.oneof or path.steps[0] == call.inner:
            yield path, field


def _with_borrows(
    config: Config, types: HandleTypes, operation: Operation, names: Names, problems: list[str]
) -> Operation:
    table = config.operations.get(operation.name, OperationTable())
    key = key_path("operations", operation.name)
    borrows: list[Borrow] = []
    for path, field in request_paths(operation, names):
        if not types.is_handle(path, field):
            continue
        meaning = types.meaning(path)
        if isinstance(meaning, str):
            short = names.index.short(path.last.message)
            problems.append(
                f"{operation.name}: the handle {path.plain} has no kind: {meaning}. Add "
                f'"{short}.{field.name}" to borrowed of its '
                "kind, or to not_handles."
            )
            continue
        borrows.append(
            Borrow(path, meaning.kind, meaning.role, _mode(path, table), optional=path.last.optional)
        )
    known = [borrow.path.plain for borrow in borrows]
    for option in ("consumes", "late"):
        for position, name in enumerate(getattr(table, option)):
            if name not in known:
                raise names.error(
                    f"{key}.{option}[{position}]",
                    f'"{name}" is no handle of the request; it has {", ".join(known) or "none"}.',
                )
    return replace(operation, borrows=tuple(borrows))


def _mode(path: FieldPath, table: OperationTable) -> BorrowMode:
    if path.plain in table.consumes:
        return BorrowMode.TAKE
    return BorrowMode.LATE if path.plain in table.late else BorrowMode.BORROW


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]


def _contains(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(words[start : start + len(part)] == part for start in range(len(words) - len(part) + 1))


def _longest_ending(words: tuple[str, ...], least: int, around: tuple[str, ...]) -> int:
    """How many of the last ``words`` stand in ``around``, if those are at least ``least``; else 0."""
    lengths = (n for n in range(len(words), least - 1, -1) if _contains(around, words[-n:]))
    return next(lengths, 0)


def _listed(meanings: list[Meaning]) -> str:
    return " or ".join(meaning.role or meaning.kind for meaning in meanings)
