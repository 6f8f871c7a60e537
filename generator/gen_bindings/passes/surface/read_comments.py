"""Takes a header's comment apart: what it says of the whole, of each parameter and of the result."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAG = re.compile(r"^[@\\](?:(?P<param>param(?:\[[a-z, ]+\])?)\s+(?P<name>\w+)|returns?\b)\s*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, taken apart.

    Attributes:
        parameters: (name in the header, text) pairs, in the comment's order.
    """

    summary: str
    parameters: tuple[tuple[str, str], ...] = ()
    returns: str = ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("." if text and text[-1] not in ".!?" else "")


def read_comment(doc: str) -> Comment:
    """Takes the tags ``@param`` and ``@return`` out of a comment; what else it says is the summary."""
    parts = list(_TAG.finditer(doc))
    if not parts:
        return Comment(doc.strip())
    ends = [*(part.start() for part in parts[1:]), len(doc)]
    parameters, returns = [], ""
    for part, end in zip(parts, ends, strict=True):
        text = _sentence(doc[part.end() : end].strip())
        if part["name"]:
            parameters.append((part["name"], text))
        else:
            returns = text
    return Comment(doc[: parts[0].start()].strip(), tuple(parameters), returns)
