"""Asks about operations whose comment says that they take a handle over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gen_bindings.init.draft import Question, toml_line
from gen_bindings.model.binding import MessageCall, Operation

_TAKES = re.compile(
    r"consum|takes? (over |ownership|the (handle|grip|reference))|must not (be )?(release|drop|free)",
    re.IGNORECASE,
)
_CLOSING = {"close", "finish", "consume"}


def ask_consumed(operations: tuple[Operation, ...]) -> Iterator[Question]:
    """A question for each operation that may consume a handle: by its comment, or because it closes one."""
    for operation in operations:
        call = operation.call
        if not isinstance(call, MessageCall) or not operation.borrows:
            continue
        fields = tuple(dict.fromkeys(b.path.plain for b in operation.borrows))
        comment = next((line for line in _sentences(operation.doc) if _TAKES.search(line)), None)
        if comment is None and not _CLOSING & set(operation.name.split("_")):
            continue
        why = f'Its comment says: "{comment}"' if comment else "It closes its object."
        yield Question(
            ("operations", operation.name),
            f"Does {operation.name} take the handle, so that the client must not release it? {why}",
            (toml_line("consumes", fields),),
        )


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", " ".join(text.split()))
