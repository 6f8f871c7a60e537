"""Runs the explorer's processes and gathers what they tell, also when they are interrupted."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gen_bindings.errors import ConfigError, ToolchainError
from gen_bindings.explore.build import Built
from gen_bindings.runtime.toolchain import find_mono


@dataclass(frozen=True, slots=True)
class Limits:
    """How far the search goes.

    Attributes:
        bound: preemptions of a schedule; everything within it is tried.
        deviations: unusual things that the library may do in a schedule, and timers that ring early.
        pct: random schedules after that, with priorities (PCT).
        depth: of PCT: the number of orders that must be hit for a defect.
        seed: of PCT.
        seconds: for one scenario.
        total: for all of them together, or None.
        reduce: skip what was reached before in an order that makes no difference.
        go_on: search on after the first finding of a scenario.
        orders: count distinct orders.
    """

    bound: int = 1
    deviations: int = 0
    pct: int = 0
    depth: int = 3
    seed: int = 1
    seconds: float = 60.0
    total: float | None = None
    reduce: bool = True
    go_on: bool = False
    orders: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A property that some schedule breaks.

    Attributes:
        kind: which property: left, race, deadlock, …
        scenario: in which scenario.
        text: what happened.
        choices: leads there again, with ``--replay``.
        schedule: how many schedules had been tried.
        steps: thread, what it did, and where; one entry per step.
    """

    kind: str
    scenario: str
    text: str
    choices: str
    schedule: int
    steps: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """How far one scenario was searched: ``whole`` when nothing within the bound is left."""

    scenario: str
    schedules: int
    orders: int
    bound: int
    whole: bool
    seconds: float


@dataclass
class Exploration:
    """What an exploration found so far.

    Attributes:
        left_out: scenarios that could not be played, with the reason.
        coverage: (what the library did, for which message) and how often.
        interrupted: it was ended before it was done.
    """

    found: list[Found] = field(default_factory=list)
    searched: list[Searched] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    coverage: dict[tuple[str, str], int] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def schedules(self) -> int:
        """All that were tried."""
        return sum(one.schedules for one in self.searched)


# Called now and then with what is known, the scenario under way and its number of schedules.
Tell = Callable[[Exploration, str, int], None]


def explore(
    built: Built,
    contract: dict[str, Any],
    world: dict[str, Any] | None,
    scenarios: Sequence[dict[str, Any]],
    limits: Limits,
    tell: Tell | None = None,
    replay: str | None = None,
) -> Exploration:
    """Searches the schedules of every scenario in a process of its own.

    Args:
        built: what is run.
        contract: what the library may do (``contract_of``).
        world: how scripts get what they need (``world_of``); None when no scenario is a script.
        scenarios: documents of ``Scenario``, or ``{"name": …, "entry": "Class.Method"}``.
        limits: how far the search goes.
        tell: is told of progress.
        replay: choices that were reported; the scenarios are run once with them.

    Raises:
        ConfigError: a scenario does not exist.
        ToolchainError: the explorer's process ended by itself.
    """
    result = Exploration()
    with tempfile.TemporaryDirectory(prefix="gen-bindings-") as name:
        folder = Path(name)
        (folder / "contract.json").write_text(json.dumps(contract), "utf-8")
        job = {
            "folder": str(built.folder),
            "contract": str(folder / "contract.json"),
            "assemblies": [str(path) for path in built.assemblies],
            "world": world,
            "scenarios": list(scenarios),
            "bound": limits.bound,
            "deviations": limits.deviations,
            "pct": limits.pct,
            "depth": limits.depth,
            "seed": limits.seed,
            "milliseconds": round(limits.seconds * 1000),
            "unreduced": not limits.reduce,
            "all": limits.go_on,
            "orders": limits.orders,
            "replays": replay is not None,
            "replay": replay or "",
        }
        (folder / "job.json").write_text(json.dumps(job), "utf-8")
        _run(built, folder, limits, result, tell)
    return result


def _run(built: Built, folder: Path, limits: Limits, result: Exploration, tell: Tell | None) -> None:
    program = built.folder / built.program.name
    errors = (folder / "errors").open("w+b")
    process = subprocess.Popen(
        [find_mono().path, program, folder / "job.json"],
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        encoding="utf-8",
        # Ctrl-C is this process's to deal with: what was found is to be kept.
        start_new_session=True,
    )
    timer = None if limits.total is None else threading.Timer(limits.total, process.kill)
    if timer is not None:
        timer.daemon = True
        timer.start()
    started = time.monotonic()
    done = False
    try:
        assert process.stdout is not None
        for line in process.stdout:
            # Where the process was ended, its last line may be a part of one.
            if line.endswith("\n"):
                done = _take(json.loads(line), result, tell) or done
    except KeyboardInterrupt:
        result.interrupted = True
    finally:
        if timer is not None:
            timer.cancel()
        process.kill()
        process.wait()
        errors.seek(0)
        said = errors.read().decode(errors="replace")
        errors.close()
    if done or result.interrupted:
        return
    if limits.total is not None and time.monotonic() - started >= limits.total:
        result.interrupted = True
        return
    tail = "\n".join(said.strip().splitlines()[:12])
    raise ToolchainError(f"The explorer's process ended with exit code {process.returncode}.\n{tail}")


def _take(told: dict[str, Any], result: Exploration, tell: Tell | None) -> bool:
    """Takes one line of the process in; whether it was the last."""
    if "error" in told:
        raise ConfigError(f"{told['error']} Name the scenarios with --entry.")
    if "progress" in told:
        if tell is not None:
            tell(result, told["progress"], told["schedules"])
    elif "finding" in told:
        steps = tuple(tuple(step.split("\t")) for step in told["trace"])
        result.found.append(
            Found(
                told["finding"],
                told["scenario"],
                told["text"],
                told["choices"],
                told["schedule"],
                tuple((step[0], step[1], step[2]) for step in steps),
            )
        )
    elif "left out" in told:
        result.left_out.append((told["left out"], told["why"]))
    elif "covered" in told:
        key = (told["covered"], told["message"])
        result.coverage[key] = result.coverage.get(key, 0) + told["times"]
    elif "scenario" in told:
        result.searched.append(
            Searched(
                told["scenario"],
                told["schedules"],
                told["orders"],
                told["bound"],
                told["whole"],
                told["milliseconds"] / 1000,
            )
        )
        if tell is not None:
            tell(result, told["scenario"], 0)
    return "done" in told
