"""Plays any number of cycles on a runtime, in batches of child processes, and collects what they leave."""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import soak_faults
import soak_lab
from soak_growth import Growth, growth

from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import Outcome, Status

# Long enough to see memory grow, short enough that a crash costs little.
BATCH = 2500
# Samples of memory for each process; each costs a full collection.
_SAMPLES = 50
# A defect that shows in every cycle is told often enough.
MOST_FAILURES = 10
# Seconds for anything that must happen; short where a cycle leaks on purpose, and waits in vain.
_PATIENCE, _LEAKS_SOON = 20.0, 3.0
MEASURES = ("managed", "native", "process")
# Bytes per cycle that are not judged: Mono keeps some of every thread that has ended (docs/endurance.md).
_OWN = {(Lane.MONO, "native"): 64.0}
# Told every second, and after each process.
Progress = Callable[["Tally"], None]


@dataclass(frozen=True)
class Leak:
    """What a run keeps on purpose, to see that it is found: in each cycle from one on."""

    kind: str
    cycle: int

    def __str__(self) -> str:
        return f"{self.kind}@{self.cycle}"


@dataclass(frozen=True)
class Plan:
    """What is played.

    Attributes:
        lane: the runtime.
        seed: everything is a function of it.
        cycles: how many; None for as many as the time allows.
        seconds: no cycle begins later; None for as long as it takes.
        first: number of the first cycle.
        batch: cycles for each process.
        leak: what is kept on purpose.
    """

    lane: Lane
    seed: int
    cycles: int | None
    seconds: float | None = None
    first: int = 0
    batch: int = BATCH
    leak: Leak | None = None

    def command(self, first: int, cycles: int) -> str:
        """What plays some of the cycles again."""
        leak = f" LEAK={self.leak}" if self.leak else ""
        return f"make soak SEED={self.seed} FIRST={first} CYCLES={cycles} LANE={self.lane}{leak}"


@dataclass(frozen=True)
class Failure:
    """What a cycle left, or how it ended the process.

    Attributes:
        lane: the runtime.
        seed: of the run.
        cycle: its number; the first one, when it is about many.
        kind: handles, drops, sockets, files, threads, tasks, operations, ends, reports, exception, crash,
            hang, or memory.
        faults: that were switched on.
        text: all that is known.
        replay: the command that plays it again.
    """

    lane: str
    seed: int
    cycle: int
    kind: str
    faults: tuple[str, ...]
    text: str
    replay: str


@dataclass(frozen=True)
class Tally:
    """How far a run is."""

    lane: Lane
    wanted: int | None
    played: int
    failures: tuple[Failure, ...]
    seconds: float


@dataclass(frozen=True)
class Report:
    """What a run found.

    Attributes:
        plan: what was asked for.
        played: cycles.
        seconds: for all of it.
        faults: in how many cycles each was switched on.
        seen: in how many cycles something happened of which only handlers, or the server, can tell.
        growth: by what is measured.
        failures: in the order in which they were found.
        samples: of memory, for each process.
    """

    plan: Plan
    played: int
    seconds: float
    faults: dict[str, int]
    seen: dict[str, int]
    growth: dict[str, Growth]
    failures: tuple[Failure, ...]
    samples: tuple[list[dict[str, int]], ...]

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        told["lane"] = str(self.plan.lane)
        told["seed"] = self.plan.seed
        told["plan"] = {
            key: str(value) if key == "leak" and value else value for key, value in told["plan"].items()
        }
        return told


def run(plan: Plan, progress: Progress) -> Report:
    """Plays the plan's cycles; a failure ends a process, and the next cycle goes on in another."""
    started = time.monotonic()
    soak_lab.assembly(plan.lane)
    begun = time.monotonic()
    faults: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    failures: list[Failure] = []
    processes: list[tuple[int, int, list[dict[str, int]]]] = []
    at = plan.first

    def tell(more: int) -> None:
        now = time.monotonic() - started
        progress(Tally(plan.lane, plan.cycles, at - plan.first + more, tuple(failures), now))

    while len(failures) < MOST_FAILURES and (plan.cycles is None or at < plan.first + plan.cycles):
        left = None if plan.seconds is None else plan.seconds - (time.monotonic() - begun)
        if left is not None and left <= 0:
            break
        end = at + plan.batch if plan.cycles is None else min(at + plan.batch, plan.first + plan.cycles)
        outcome = _batch(plan, range(at, end), left, tell)
        failure, played = _judged(plan, at, outcome)
        if outcome.status is Status.OK:
            seen.update(outcome.result["seen"])
            processes.append((at, played, outcome.result["samples"]))
        if failure is not None:
            failures.append(failure)
        for number in range(at, at + played):
            faults.update(fault.name for fault in soak_faults.faults_of(plan.seed, number))
        at += played
        tell(0)
    grown = {
        measure: growth(
            [_points(samples, measure) for _, _, samples in processes], _OWN.get((plan.lane, measure), 0.0)
        )
        for measure in MEASURES
    }
    if processes and any(found.leaks for found in grown.values()):
        failures.append(_memory(plan, processes, grown))
    return Report(
        plan=plan,
        played=at - plan.first,
        seconds=time.monotonic() - started,
        faults={row.name: faults[row.name] for row in soak_faults.TABLE},
        seen=dict(sorted(seen.items())),
        growth=grown,
        failures=tuple(failures),
        samples=tuple(samples for _, _, samples in processes),
    )


def _batch(plan: Plan, cycles: range, seconds: float | None, tell: Callable[[int], None]) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="gen-bindings-soak-") as name:
        file = Path(name) / "played"
        over = threading.Event()

        def watch() -> None:
            while not over.wait(1.0):
                # It may be read while it is written.
                if file.is_file() and (text := file.read_text()):
                    tell(int(text))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            return soak_lab.run_batch(
                plan.lane,
                [_cycle(plan, number) for number in cycles],
                file,
                max(1, len(cycles) // _SAMPLES),
                seconds,
                _LEAKS_SOON if plan.leak else _PATIENCE,
            )
        finally:
            over.set()
            watcher.join()


def _cycle(plan: Plan, number: int) -> dict[str, Any]:
    faults = soak_faults.faults_of(plan.seed, number)
    leaks = plan.leak is not None and number >= plan.leak.cycle
    return {
        "number": number,
        "arguments": {
            "seed": soak_faults.cycle_seed(plan.seed, number),
            "faults": [
                {"fields": dict(fault.fields), "process": fault.process, "needs": list(fault.needs)}
                for fault in faults
            ],
            "repair": any(fault.repair for fault in faults),
            "patience": round(1000 * (_LEAKS_SOON if leaks else _PATIENCE)),
            "leak": plan.leak.kind if plan.leak and leaks else None,
        },
    }


def _judged(plan: Plan, first: int, outcome: Outcome) -> tuple[Failure | None, int]:
    """What went wrong, and how many cycles were played, the failed one included."""
    if outcome.status is Status.OK:
        left = outcome.result["left"]
        played = outcome.result["played"]
        if left is None:
            return None, played
        text = f"{left['text']}\nsteps: {left['script']}"
        return _failure(plan, left["cycle"], left["kind"], text), played
    word, _, number = outcome.stage.partition(" ")
    cycle = int(number) if word == "cycle" else first
    kind = {Status.CRASHED: "crash", Status.HUNG: "hang", Status.FAILED: "exception"}.get(
        outcome.status, "crash"
    )
    return _failure(plan, cycle, kind, outcome.describe()), cycle - first + 1


def _failure(plan: Plan, cycle: int, kind: str, text: str) -> Failure:
    names = tuple(fault.name for fault in soak_faults.faults_of(plan.seed, cycle))
    return Failure(plan.lane, plan.seed, cycle, kind, names, text, plan.command(cycle, 1))


def _memory(
    plan: Plan, processes: list[tuple[int, int, list[dict[str, int]]]], grown: dict[str, Growth]
) -> Failure:
    text = "; ".join(
        f"{measure}: {found.slope:.0f} bytes per cycle, give or take {found.error:.0f}"
        for measure, found in grown.items()
        if found.leaks
    )
    first, played, _ = processes[0]
    return Failure(plan.lane, plan.seed, first, "memory", (), text, plan.command(first, played))


def _points(samples: list[dict[str, int]], measure: str) -> list[tuple[int, int]]:
    return [(sample["cycle"], sample[measure]) for sample in samples]
