"""Decides the C# name of each operation's method."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from gen_bindings.model.binding import FunctionCall, MessageCall, Operation
from gen_bindings.naming import pascal, words

_CAMEL_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


def name_methods(
    operations: tuple[Operation, ...], configured: Mapping[str, str | None]
) -> tuple[Operation, ...]:
    """Operations with their methods; a name that is there already stays.

    Words at the start that only repeat what the method belongs to are left out: ``apm_process_stream`` of an
    Apm is ``ProcessStream``. What has a callback ends in ``Async``.
    """
    return tuple(
        operation if operation.method else replace(operation, method=_method(operation, configured))
        for operation in operations
    )


def _method(operation: Operation, configured: Mapping[str, str | None]) -> str:
    name = configured.get(operation.name) or pascal("_".join(_own_words(operation)))
    call = operation.call
    asynchronous = isinstance(call, MessageCall) and call.callback is not None
    return name + "Async" if asynchronous else name


def _own_words(operation: Operation) -> list[str]:
    all_words = words(operation.name)
    if isinstance(operation.call, FunctionCall) and not all_words:
        all_words = words(operation.call.function)
    for owner in (operation.receiver_role, operation.receiver):
        if owner is not None:
            owner_words = [word.lower() for word in _CAMEL_WORDS.findall(owner)]
            if [w.lower() for w in all_words[: len(owner_words)]] == owner_words and len(all_words) > len(
                owner_words
            ):
                return all_words[len(owner_words) :]
    return all_words
