"""A whole recording: the logs of all its processes, read together."""

from __future__ import annotations

import contextlib
import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gen_bindings.findings.finding import Finding
from gen_bindings.trace.contract import Contract, TraceError
from gen_bindings.trace.life import Life
from gen_bindings.trace.lives import Lives
from gen_bindings.trace.log import Log
from gen_bindings.trace.read import feed, finish


@dataclass(frozen=True, slots=True)
class Trace:
    """What was read.

    Attributes:
        problems: what of the logs could not be read, a sentence each.
        folded: lives that were folded into counts, by kind.
    """

    contract: Contract
    processes: tuple[Lives, ...]
    findings: tuple[Finding, ...]
    problems: tuple[str, ...]
    folded: Counter[str]

    def life(self, key: int) -> Life:
        """The life with this key; it must exist."""
        for process in self.processes:
            if process.lives and process.lives[0].key <= key <= process.lives[-1].key:
                return process.lives[key - process.lives[0].key]
        raise KeyError(key)


def read_trace(contract: Contract, paths: Sequence[Path]) -> Trace:
    """Reads logs; a file that is no log of this contract is a problem, unless none is.

    Raises:
        TraceError: none of the files can be read.
    """
    logs, problems = [], []
    for path in paths:
        try:
            logs.append(Log(path, contract))
        except TraceError as error:
            problems.append(str(error))
    if not logs:
        raise TraceError("\n".join(problems) if problems else "There is no log to read.")
    zero = min(log.head.started_clock for log in logs)
    processes: list[Lives] = []
    folded: Counter[str] = Counter()
    key = 0
    for log in sorted(logs, key=lambda log: log.head.started_clock):
        lives = Lives(contract, log, zero, key)
        with _uncollected():
            for record in log.records():
                feed(lives, record)
        problems += log.problems
        if log.head.lost:
            problems.append(f"{log.path}: {log.head.lost} records are missing, because there was no room.")
        finish(lives)
        key += len(lives.lives)
        processes.append(lives)
        for kind, count in zip(("", *contract.short_kinds), log.folded()[0], strict=False):
            if kind and count:
                folded[kind] += count
    found = sorted((f for process in processes for f in process.findings), key=lambda f: f.time)
    return Trace(contract, tuple(processes), tuple(found), tuple(problems), folded)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """What is read all stays; looking for garbage in it would take as long as reading."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def diagnostics_line(contract: Contract, table: Counter[str]) -> str:
    """The diagnostics line: total and each column."""
    columns = contract.binding.columns
    counts = {column: table.get(column, 0) for column in columns}
    stray = sum(count for column, count in table.items() if column not in counts)
    if stray and "other" in counts:
        counts["other"] += stray
    listed = " ".join(f"{column}={count}" for column, count in counts.items())
    return f"[ffi-handles-diag] total={sum(table.values())} {listed}"
