"""Keys as TOML writes them, and names that a wrong one may have meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


def key_path(*parts: str) -> str:
    """A dotted key as TOML writes it: parts that are no bare keys are quoted."""
    return ".".join(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"' for part in parts)


def nearest(name: str, candidates: Iterable[str]) -> str:
    """A hint for an error: the names that look like ``name``, or nothing."""
    found = difflib.get_close_matches(name, list(candidates), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(found)}?" if found else ""


def join(key: str, name: str) -> str:
    """The key ``name`` of the table ``key``, which is empty for the whole file."""
    return f"{key}.{key_path(name)}" if key else key_path(name)
