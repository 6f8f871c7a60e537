"""Decides which facts of two things of one name differ."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gen_bindings.diff.change import Detail, Item

_ENTRY = "there"
# What names an entry of a list, first found first taken.
_NAMES = ("path", "name", "field", "pointer")


def different_facts(before: Item, after: Item, without: Iterable[str] = ()) -> tuple[Detail, ...]:
    """The facts that differ, in the order of the older thing; ``without`` these at the top.

    A fact inside another is named with dots (``message.number``), an entry of a list by its own name
    (``fields[track_sid].source``).
    """
    left_out = set(without)
    old, new = (
        dict(_facts({key: value for key, value in item.items() if key not in left_out}))
        for item in (before, after)
    )
    differ = [what for what in dict.fromkeys((*old, *new)) if old.get(what) != new.get(what)]
    # Of an entry that is only on one side its name says enough.
    one_sided = tuple(f"{what}." for what in differ if _ENTRY in (old.get(what), new.get(what)))
    return tuple(
        Detail(what, old.get(what), new.get(what)) for what in differ if not what.startswith(one_sided)
    )


def plain(path: str) -> str:
    """A path without the marks of what is optional and what is repeated: those are facts, not its name."""
    return path.replace("?", "").replace("[]", "")


def _facts(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _facts(inner, f"{at}.{key}" if at else key)
    elif isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        yield from _entries(value, at)
    elif isinstance(value, list):
        yield at, ", ".join(str(entry) for entry in value)
    else:
        yield at, str(value).lower() if isinstance(value, bool) else str(value)


def _entries(entries: Sequence[Any], at: str) -> Iterator[tuple[str, str]]:
    names = [next((plain(entry[name]) for name in _NAMES if name in entry), None) for entry in entries]
    unique = None not in names and len(set(names)) == len(names)
    for name, entry in zip(names, entries, strict=True):
        if unique:
            yield f"{at}[{name}]", _ENTRY
            yield from _facts(entry, f"{at}[{name}]")
        else:
            yield f"{at}[{json.dumps(entry, ensure_ascii=False)}]", _ENTRY
