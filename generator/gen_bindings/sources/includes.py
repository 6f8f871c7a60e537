"""Which files a header includes, found without a compiler."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gen_bindings.errors import SourceError
from gen_bindings.input_file import unfit

_INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Included:
    """A file that a header includes, or the header itself; ``origin`` is ``file:line`` of the directive."""

    path: Path
    origin: str


def with_includes(header: Path) -> list[Included]:
    """The header and, transitively, what it may include from beside it; names that are no file, too."""
    found: dict[Path, Included] = {}
    waiting = [Included(header, str(header))]
    while waiting:
        current = waiting.pop()
        if current.path not in found:
            found[current.path] = current
            waiting += _directives(current.path)
    return list(found.values())


def check_headers(headers: list[Path]) -> None:
    """That nothing is read which has no end.

    Raises:
        SourceError: a header, or what it includes, is no regular file or too large.
    """
    for header in headers:
        for included in with_includes(header):
            why = _unfit(included.path)
            if why is not None and included.path == header:
                raise SourceError(f"The header {header} {why}")
            if why is not None:
                raise SourceError(f"{included.origin}: {included.path}, which is included here, {why}")


def _directives(file: Path) -> Iterator[Included]:
    try:
        if unfit(file) is not None:
            return
        text = file.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return  # A header may include a name that no file can have.
    for match in _INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start(1)) + 1
        yield Included(file.parent / match[1], f"{file}:{line}")


def _unfit(path: Path) -> str | None:
    try:
        return unfit(path)
    except (OSError, ValueError):
        return None  # The compiler says it better, if it needs the file at all.
