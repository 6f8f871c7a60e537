"""How names of a schema become C# names: pure functions, the same answer on every run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

KEYWORDS = frozenset({
    "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class",
    "const", "continue", "decimal", "default", "delegate", "do", "double", "else", "enum", "event",
    "explicit", "extern", "false", "finally", "fixed", "float", "for", "foreach", "goto", "if",
    "implicit", "in", "int", "interface", "internal", "is", "lock", "long", "namespace", "new", "null",
    "object", "operator", "out", "override", "params", "private", "protected", "public", "readonly",
    "ref", "return", "sbyte", "sealed", "short", "sizeof", "stackalloc", "static", "string", "struct",
    "switch", "this", "throw", "true", "try", "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort",
    "using", "virtual", "void", "volatile", "while",
})  # fmt: skip
# What a generated method declares for itself, beside its parameters.
METHOD_LOCALS = frozenset({
    "address", "answer", "asyncId", "bag", "call", "callback", "cancellationToken", "configure", "detail",
    "failure", "failureReader", "handle", "handleHeld", "nothing", "onStack", "operation",
    "reader", "reply", "request", "response", "sent", "size", "value", "writer",
})  # fmt: skip
_BREAK = re.compile(r"[^0-9A-Za-z]+")
_CAMEL_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LEADING_CAPITALS = re.compile(r"^(?:[A-Z]+(?![a-z])|[A-Z])")


def words(name: str) -> list[str]:
    """The parts of a name between underscores and other separators, as written."""
    return [word for word in _BREAK.split(name) if word]


def pascal(name: str) -> str:
    """``publish_track`` → ``PublishTrack``, ``VP8`` → ``Vp8``; capitals inside a mixed word are kept."""
    joined = "".join(_capitalized(word) for word in words(name))
    return joined if joined and not joined[0].isdigit() else "_" + joined


def camel(name: str) -> str:
    """``track_sid`` → ``trackSid``; a C# keyword is escaped (``event`` → ``@event``)."""
    lowered = lower_first(pascal(name))
    return "@" + lowered if lowered in KEYWORDS else lowered


def parameter(name: str) -> str:
    """``track_sid`` → ``trackSid``, clear of a method's own locals: ``request`` → ``requestValue``."""
    return unique(camel(name), METHOD_LOCALS, "Value")


def local(name: str) -> str:
    """``TrackSid`` → ``trackSid``, clear of C#'s keywords: ``Event`` → ``eventValue``."""
    return unique(lower_first(name), KEYWORDS, "Value")


def lower_first(name: str) -> str:
    """The name with its first word in lower case: ``EOSReason`` → ``eosReason``."""
    return _LEADING_CAPITALS.sub(lambda match: match.group().lower(), name)


def plural(name: str) -> str:
    """The English plural of a name that ends in a noun: of a class, or of a schema's word."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    if name.endswith(("s", "x", "ch", "sh")):
        return name + "es"
    return name + "s"


def unique(name: str, taken: Iterable[str], suffix: str = "") -> str:
    """``name`` if free; else with ``suffix``; else with the first free number behind that."""
    used = taken if isinstance(taken, set | frozenset | dict) else set(taken)
    if name not in used:
        return name
    candidate, number = name + suffix, 2
    while candidate in used:
        candidate = f"{name}{suffix}{number}"
        number += 1
    return candidate


def free(name: str, taken: set[str]) -> str:
    """``name``, or with the first free number behind it; from now on it is taken."""
    given = unique(name, taken)
    taken.add(given)
    return given


def enum_members(enum_name: str, value_names: Sequence[str]) -> dict[str, str]:
    """C# member names for all values of an enum, by the name in the schema.

    The words that all values share at their start are stripped (those of the enum's own name when there
    is only one value); at least one word stays, and a word before a leading digit stays with it:
    ``VIDEO_ROTATION_90`` → ``Rotation90``.
    """
    split = {value: words(value) or [value] for value in value_names}
    shared = _shared_prefix(enum_name, list(split.values()))
    members: dict[str, str] = {}
    for value, parts in split.items():
        start = shared
        while start > 0 and parts[start][0].isdigit():
            start -= 1
        members[value] = unique(pascal("_".join(parts[start:])), set(members.values()))
    return members


def _capitalized(word: str) -> str:
    if word.isupper():
        return word[0] + word[1:].lower()
    return word[0].upper() + word[1:]


def _shared_prefix(enum_name: str, values: list[list[str]]) -> int:
    if not values:
        return 0
    pattern = values[0]
    if len(values) == 1:
        pattern = _CAMEL_BREAK.sub("_", enum_name).upper().split("_")
    shared = 0
    for index in range(min(len(parts) - 1 for parts in values)):
        if index >= len(pattern) or any(parts[index] != pattern[index] for parts in values):
            break
        shared += 1
    return shared
