"""The lifetime rules under each fault of the reference server, on both runtimes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults import faults_lab, matrix
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import Status
from gen_bindings.runtime.toolchain import Toolchain
from rule_matrix import only

SLOW = os.environ.get("GEN_BINDINGS_SLOW") == "1"
GROUPS = sorted({name.partition(".")[0] for name in matrix.SCENARIOS})


@pytest.fixture(autouse=True, scope="session")
def ready(toolchain: Toolchain, reference_library: Path) -> None:
    """Compilers, runtimes and the server itself."""


def _groups() -> Iterator[object]:
    for group in GROUPS:
        for lane in Lane:
            cells = [
                cell
                for name in matrix.SCENARIOS
                if name.startswith(f"{group}.")
                for cell in matrix.scenario_cells(name, lane)
            ]
            yield pytest.param(group, lane, id=f"{group}-{lane}", marks=matrix.marks(cells))


@pytest.mark.parametrize(("group", "lane"), list(_groups()))
def test_scenarios(group: str, lane: Lane) -> None:
    entries = {name: None for name in matrix.SCENARIOS if name.startswith(f"{group}.")}
    assert set(faults_lab.run(lane, entries).value()) == set(entries)


@pytest.mark.parametrize(
    "lane",
    [pytest.param(lane, marks=matrix.marks(matrix.scenario_cells(matrix.WHOLE, lane))) for lane in Lane],
)
def test_a_whole_session_under_each_fault(lane: Lane, request: pytest.FixtureRequest) -> None:
    """Every rule that the session can check is checked, and holds."""
    outcome = faults_lab.run(lane, {matrix.WHOLE: {"faults": list(matrix.FAULTS)}})
    found = outcome.value()[matrix.WHOLE] if outcome.status is Status.OK else {}
    red = matrix.red_cells(found, lane)
    if red:
        only(request.node, red)
    assert red == frozenset(), (
        outcome.describe()
        if not found
        else {fault: said for fault, said in found.items() if isinstance(said, str)}
    )


# Rooms for each child process, and child processes: a library that aborts ends only one of them.
ROOMS, CHILDREN = (25, 40) if SLOW else (5, 1)


@pytest.mark.parametrize(
    ("faulty", "drop", "lane"),
    [
        pytest.param(
            faulty,
            drop,
            lane,
            id=f"{name}-{lane}",
            marks=matrix.marks(
                [matrix.Cell("L6", "room_looked_up_late" if faulty else matrix.NO_FAULT, lane)]
            ),
        )
        for name, faulty, drop in (
            ("faulty", True, False),
            ("repaired", False, False),
            ("repaired-drop", False, True),
        )
        for lane in Lane
    ],
)
@pytest.mark.timeout(1800 if SLOW else 300)
def test_the_race_is_survived(faulty: bool, drop: bool, lane: Lane) -> None:
    argument = {"rooms": ROOMS, "faulty": faulty, "drop": drop, "force": False}
    survived = [faults_lab.run(lane, {"Race.Rooms": argument}).value()["Race.Rooms"] for _ in range(CHILDREN)]
    assert sum(survived) == ROOMS * CHILDREN


# What the library says before it aborts.
GONE = "the room is gone"


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.timeout(1800 if SLOW else 300)
def test_the_race_is_lost_when_the_room_is_dropped_at_once(lane: Lane) -> None:
    """The harness names the signal and the stage of each process that the library aborted."""
    argument = {"rooms": ROOMS, "faulty": True, "drop": True, "force": not SLOW}
    outcomes = [faults_lab.run(lane, {"Race.Rooms": argument}) for _ in range(CHILDREN)]
    # Mono reports the abort itself, and may crash while it does.
    signals = {"SIGABRT", "SIGSEGV"} if lane is Lane.MONO else {"SIGABRT"}
    aborted = [outcome for outcome in outcomes if outcome.signal in signals and GONE in outcome.stderr]
    print(
        f"{len(aborted)} of {CHILDREN} processes aborted, each with {ROOMS} rooms that were dropped at once"
    )
    survivors = [outcome for outcome in outcomes if outcome not in aborted]
    assert all(outcome.status is Status.OK for outcome in survivors), [o.describe() for o in survivors]
    # Unless the order is forced it is a race, which one room may win.
    assert len(aborted) >= (1 if SLOW else CHILDREN), [o.describe() for o in survivors]
    for outcome in aborted:
        assert outcome.stage.startswith("room ") or outcome.stage == "all rooms end", outcome.describe()
        assert outcome.signal in outcome.describe()
