"""What every benchmark shares: rows of the table, how much is measured, and where it goes."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gen_bindings.runtime import aot
from gen_bindings.runtime.lanes import Lane

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OUT = ROOT / "build" / "bench"
CSHARP = HERE / "csharp"
REFERENCE_LIBRARY = ROOT / "native" / "target" / "release" / "libreference_ffi.so"
LANES = (Lane.CORECLR.value, Lane.MONO.value, aot.LANE)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; ``of_goal`` is the result as a part of the goal, ``None`` without one."""

    what: str
    lane: str
    result: str
    goal: str
    of_goal: float | None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """What the table says in its last column."""
        return "" if self.of_goal is None else "pass" if self.of_goal <= 1 else "MISS"


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is measured: the tiny amount only shows that everything still runs."""

    processes: int
    rounds: int
    times: int
    events: int
    participants: tuple[int, ...]
    cascade_rounds: int
    requests: int


FULL = Amount(3, 400, 500, 4000, (10, 1000, 10000), 3, 80_000)
TINY = Amount(1, 2, 10, 200, (3,), 1, 800)


def medians(found: Iterable[Any]) -> Any:
    """The same structure with the median of each number over the processes."""
    several = list(found)
    if isinstance(several[0], dict):
        return {name: medians(one[name] for one in several) for name in several[0]}
    return statistics.median(several)


def say(what: str) -> None:
    print(f"[bench] {what}", file=sys.stderr, flush=True)


def worst(part: float, allocated: float) -> float:
    """A call that allocates misses its goal however fast it is."""
    return max(part, 1 + allocated) if allocated else part
