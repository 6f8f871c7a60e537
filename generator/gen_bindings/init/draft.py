"""A configuration in the making: decisions with evidence, questions with choices, and their text."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from gen_bindings.config import Config, key_path

_Value = str | bool | int | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A key that was decided; ``table`` is its path (``("kinds", "Room")``), ``evidence`` says why."""

    table: tuple[str, ...]
    key: str
    value: _Value
    evidence: str


@dataclass(frozen=True, slots=True)
class Question:
    """What could not be decided.

    Attributes:
        table: where the answer goes, if that is known.
        text: the question, one sentence or a few.
        answers: lines of TOML to choose from, without the comment sign.
    """

    table: tuple[str, ...]
    text: str
    answers: tuple[str, ...] = ()


Entry = Line | Question


def lines(entries: Iterable[Entry]) -> Iterator[Line]:
    """The decisions among ``entries``."""
    return (entry for entry in entries if isinstance(entry, Line))


def config_text(entries: Iterable[Entry], introduction: str) -> str:
    """The TOML text: tables in the order in which they first appear, comments beside what they are about."""
    by_table: dict[tuple[str, ...], list[Entry]] = {(): []}
    for entry in entries:
        by_table.setdefault(entry.table, []).append(entry)
    parts = ["\n".join(f"# {line}".rstrip() for line in introduction.splitlines())]
    for table, content in by_table.items():
        text = ("\n" if table else "\n\n").join(_text(entry) for entry in content)
        heading = _heading(table, any(isinstance(entry, Line) for entry in content))
        if text:
            parts.append(f"{heading}\n{text}" if heading else text)
    return "\n\n".join(parts) + "\n"


def config_of(entries: Iterable[Entry]) -> Config:
    """What the decisions alone say.

    Raises:
        msgspec.ValidationError: something that every configuration needs was not decided.
    """
    return msgspec.convert(tomllib.loads(config_text(lines(entries), "")), Config)


def toml_line(key: str, value: _Value) -> str:
    """``key = value`` as TOML."""
    return f"{key_path(key)} = {_toml(value)}"


def shortened(names: Iterable[str], limit: int = 4) -> str:
    """A list for a comment: the first few names and how many more there are."""
    every = list(dict.fromkeys(names))
    more = f" and {len(every) - limit} more" if len(every) > limit else ""
    return ", ".join(every[:limit]) + more


def _heading(table: tuple[str, ...], decided: bool) -> str:
    if not table:
        return ""
    name = f"[[{table[0]}]]" if table[0] in ("memory", "transfer", "place") else f"[{key_path(*table)}]"
    # A table without a decision would say something that nobody decided; its questions name it all the same.
    return name if decided else f"# {name}"


def _text(entry: Entry) -> str:
    if isinstance(entry, Line):
        return f"{toml_line(entry.key, entry.value)}  # {entry.evidence}"
    return "\n".join([f"# ? {entry.text}", *(f"# {answer}" for answer in entry.answers)])


def _toml(value: _Value) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
