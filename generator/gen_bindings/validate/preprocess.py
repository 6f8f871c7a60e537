"""Blanks what a configuration leaves out: inactive ``#if`` regions and the directives, in place.

Offsets and lines stay as they are. Blanking comes before parsing because a region in an argument list or
an else chain is no syntax of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIRECTIVE = re.compile(rb"^[ \t]*#[ \t]*(\w+)([^\r\n]*)", re.MULTILINE)
_TOKEN = re.compile(r"\s*(\|\||&&|==|!=|!|\(|\)|\w+)")
_NOT_A_LINE_END = re.compile(rb"[^\r\n]")


@dataclass(frozen=True, slots=True)
class Configuration:
    """A set of preprocessor symbols under which sources are read, as one build of the product would."""

    name: str
    symbols: frozenset[str]


def _symbols(*names: str) -> frozenset[str]:
    return frozenset(("UNITY_5_3_OR_NEWER", "UNITY_2018_1_OR_NEWER", "UNITY_2021_3_OR_NEWER", *names))


CONFIGURATIONS = (
    Configuration("editor", _symbols("UNITY_EDITOR", "UNITY_EDITOR_LINUX", "UNITY_STANDALONE", "DEBUG")),
    Configuration("desktop", _symbols("UNITY_STANDALONE", "UNITY_STANDALONE_WIN", "ENABLE_MONO")),
    Configuration("android", _symbols("UNITY_ANDROID", "ENABLE_IL2CPP")),
    Configuration("ios", _symbols("UNITY_IOS", "UNITY_IPHONE", "ENABLE_IL2CPP")),
    Configuration("web", _symbols("UNITY_WEBGL", "ENABLE_IL2CPP")),
)


def has_conditions(source: bytes) -> bool:
    """Whether configurations can differ in this source."""
    return re.search(rb"^[ \t]*#[ \t]*if\b", source, re.MULTILINE) is not None


def blank(source: bytes, symbols: frozenset[str]) -> tuple[bytes, tuple[int, ...]]:
    """The source as one configuration sees it, and the lines of directives that do not fit together."""
    if b"#" not in source:
        return source, ()
    defined = set(symbols)
    out = bytearray(source)
    # (this branch is active, some branch was taken, the region around is active)
    stack: list[tuple[bool, bool, bool]] = []
    active = True
    start = 0
    problems: list[int] = []
    for match in _DIRECTIVE.finditer(source):
        word = match.group(1)
        text = match.group(2).split(b"//")[0].decode("utf-8", "replace")
        if not active:
            _wipe(out, start, match.start())
        if word == b"if":
            truth = active and _holds(text, defined)
            stack.append((truth, truth, active))
            active = truth
        elif word in (b"elif", b"else"):
            if stack:
                _, taken, around = stack[-1]
                truth = around and not taken and (word == b"else" or _holds(text, defined))
                stack[-1] = (truth, taken or truth, around)
                active = truth
            else:
                problems.append(source.count(b"\n", 0, match.start()) + 1)
        elif word == b"endif":
            if stack:
                active = stack.pop()[2]
            else:
                problems.append(source.count(b"\n", 0, match.start()) + 1)
        elif word == b"define" and active:
            defined.add(text.strip())
        elif word == b"undef" and active:
            defined.discard(text.strip())
        elif word not in _DIRECTIVES:
            continue
        _wipe(out, match.start(), match.end())
        start = match.end()
    if not active:
        _wipe(out, start, len(out))
    if stack:
        problems.append(source.count(b"\n") + 1)
    return bytes(out), tuple(problems)


_DIRECTIVES = (
    b"define",
    b"undef",
    b"region",
    b"endregion",
    b"pragma",
    b"nullable",
    b"warning",
    b"error",
    b"line",
)


def _wipe(out: bytearray, start: int, end: int) -> None:
    out[start:end] = _NOT_A_LINE_END.sub(b" ", bytes(out[start:end]))


def _holds(text: str, defined: set[str]) -> bool:
    """The value of a condition; what does not parse is false, as an undefined symbol is."""
    tokens = _TOKEN.findall(text)
    position = 0

    def primary() -> bool:
        nonlocal position
        if position >= len(tokens):
            return False
        token = tokens[position]
        position += 1
        if token == "!":
            return not primary()
        if token == "(":
            value = either()
            position += 1
            return value
        return token == "true" or token in defined

    def equal() -> bool:
        nonlocal position
        value = primary()
        while position < len(tokens) and tokens[position] in ("==", "!="):
            same = tokens[position] == "=="
            position += 1
            value = (value == primary()) == same
        return value

    def both() -> bool:
        nonlocal position
        value = equal()
        while position < len(tokens) and tokens[position] == "&&":
            position += 1
            right = equal()
            value = value and right
        return value

    def either() -> bool:
        nonlocal position
        value = both()
        while position < len(tokens) and tokens[position] == "||":
            position += 1
            right = both()
            value = value or right
        return value

    return either()
