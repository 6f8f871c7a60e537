"""The disconnect race in numbers: rooms that end, the processes they end in, and how those went.

Run as ``python tests/faults/race.py 1000`` it prints the table of docs/disconnect-race.md.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults import faults_lab
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import Outcome, Status

GENERATED, AT_ONCE, CARELESS = "generated", "at once", "careless"
_CLIENTS = {GENERATED: "`DisconnectAsync`", AT_ONCE: "`DisposeAtOnce`", CARELESS: "dropped at once"}
# What the library says before it aborts.
GONE = "the room is gone"
# Mono reports an abort itself, and may crash while it does.
SIGNALS = {Lane.MONO: {"SIGABRT", "SIGSEGV"}, Lane.CORECLR: {"SIGABRT"}}
_STAGE = re.compile(r"room (\d+) ends|(all rooms end)")


@dataclass(frozen=True)
class Combination:
    """A server, a client of those that Race.cs knows, and a runtime."""

    faulty: bool
    client: str
    lane: Lane

    @property
    def server(self) -> str:
        """What the server is called."""
        return "faulty" if self.faulty else "repaired"

    @property
    def survives(self) -> bool:
        """Whether no process may end."""
        return not self.faulty or self.client == GENERATED

    def __str__(self) -> str:
        return f"{self.server}-{self.client}-{self.lane}".replace(" ", "-")


@dataclass
class Counts:
    """What came of the attempts of one combination."""

    attempts: int = 0
    processes: int = 0
    aborted: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    signals: Counter[str] = field(default_factory=Counter)


def combinations() -> Iterator[Combination]:
    """All of them but one: to dispose at once is for repaired servers."""
    for lane in Lane:
        yield Combination(False, GENERATED, lane)
        yield Combination(False, AT_ONCE, lane)
        yield Combination(False, CARELESS, lane)
        yield Combination(True, GENERATED, lane)
        yield Combination(True, CARELESS, lane)


def measure(combination: Combination, attempts: int, rooms: int, *, force: bool = False) -> Counts:
    """Runs child processes until enough rooms have ended.

    An attempt is a room whose end was asked for; of a process that the library aborts, those that it had
    begun count.

    Args:
        combination: what is measured.
        attempts: how many rooms at least.
        rooms: rooms of each child process.
        force: the server's look-up waits until the handle is dropped.

    Raises:
        AssertionError: a child ended in another way than these two.
    """
    counts = Counts()
    argument = {"rooms": rooms, "faulty": combination.faulty, "client": combination.client, "force": force}
    while counts.attempts < attempts:
        outcome = faults_lab.run(combination.lane, {"Race.Rooms": argument})
        counts.processes += 1
        if outcome.status is Status.OK:
            counts.attempts += rooms
            continue
        assert aborted(outcome, combination.lane), outcome.describe()
        counts.aborted += 1
        counts.signals[outcome.signal] += 1
        at = _STAGE.fullmatch(outcome.stage)
        assert at is not None, outcome.describe()
        counts.attempts += rooms if at[2] else int(at[1])
        counts.stages["all rooms end" if at[2] else "room n ends"] += 1
    return counts


def aborted(outcome: Outcome, lane: Lane) -> bool:
    """Whether the library aborted the process, as it does when the room is gone."""
    return outcome.signal in SIGNALS[lane] and GONE in outcome.stderr


def row(combination: Combination, counts: Counts) -> str:
    """A line of the table."""
    said = ", ".join(f"{name}: {number}" for name, number in sorted((counts.signals + counts.stages).items()))
    return (
        f"| {combination.server} | {_CLIENTS[combination.client]} | {combination.lane} "
        f"| {counts.attempts} | {counts.processes} | {counts.aborted} | {said} |"
    )


def main(attempts: int) -> None:
    """Prints the table."""
    print("| server | client | runtime | attempts | processes | aborted | signals and stages |")
    print("| --- | --- | --- | --: | --: | --: | --- |")
    for combination in combinations():
        print(row(combination, measure(combination, attempts, 25)), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
