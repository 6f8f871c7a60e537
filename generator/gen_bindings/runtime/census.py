"""Counts the handle table of a library that has no counters, by dropping every id that could be in it."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Census:
    """What the drop function answered.

    Attributes:
        answers: for each known id, whether the table still had it.
        unknown: ids that the table had although nobody was ever told them.
    """

    answers: dict[int, bool]
    unknown: tuple[int, ...]


def take(
    library: Path,
    drop_function: str,
    known: Sequence[int],
    *,
    margin: int = 64,
    id_bits: int = 64,
) -> Census:
    """Drops every known id once, then sweeps the id space.

    It is destructive, so it is the last thing that a scenario's child does. Ids must be handed out in
    ascending order from one counter, and the drop function must answer whether it knew the id.

    Args:
        library: the very file that the scenario loaded.
        drop_function: `bool drop(id)`, exported by it.
        known: the ids that the client was given and still owns.
        margin: how far above the highest known id the sweep goes.
        id_bits: 32 or 64.
    """
    drop = getattr(ctypes.CDLL(str(library.resolve())), drop_function)
    drop.argtypes = [ctypes.c_uint64 if id_bits == 64 else ctypes.c_uint32]
    # A C bool is one byte, and only its lowest bit is defined.
    drop.restype = ctypes.c_uint8
    answers = {handle: bool(drop(handle) & 1) for handle in dict.fromkeys(known)}
    highest = max(known, default=0) + margin
    unknown = tuple(handle for handle in range(1, highest + 1) if drop(handle) & 1)
    return Census(answers, unknown)
