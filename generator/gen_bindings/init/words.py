"""Splits names into words; compares them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_WORDS = re.compile(r"[A-Z]+(?![a-z0-9])|[A-Z]?[a-z0-9]+")


def words(name: str) -> tuple[str, ...]:
    """Lower-case words of a name in snake case or camel case."""
    return tuple(word.lower() for word in _WORDS.findall(name))


def snake(name: str) -> str:
    """A name in snake case."""
    return "_".join(words(name))


def common_prefix(names: Sequence[str]) -> str:
    """The longest beginning of whole words, in camel case, that all names share and none is."""
    split = [_WORDS.findall(name) for name in names]
    shortest = min((len(parts) for parts in split), default=0)
    length = 0
    while length < shortest - 1 and len({parts[length] for parts in split}) == 1:
        length += 1
    return "".join(split[0][:length]) if split else ""


def common_suffix(names: Iterable[str], share: float) -> str:
    """The last word of at least ``share`` of several names, in camel case, or nothing."""
    every = list(names)
    last = Counter(_WORDS.findall(name)[-1] for name in every)
    if len(every) < 2 or not last:
        return ""
    word, count = last.most_common(1)[0]
    return word if count / len(every) >= share else ""
