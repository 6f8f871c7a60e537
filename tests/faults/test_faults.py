"""The lifetime rules under each fault of the reference server, on both runtimes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults import faults_lab, matrix, race
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


# Rooms of each child process, because a library that aborts ends one process, and rooms in all.
ROOMS, ATTEMPTS = (25, 1000) if SLOW else (5, 5)


def _race(survives: bool) -> Iterator[object]:
    for combination in race.combinations():
        if combination.survives == survives:
            fault = "room_looked_up_late" if combination.faulty else matrix.NO_FAULT
            marks = matrix.marks([matrix.Cell("L6", fault, combination.lane)]) if survives else []
            yield pytest.param(combination, id=str(combination), marks=marks)


@pytest.mark.parametrize("combination", list(_race(survives=True)))
@pytest.mark.timeout(1800 if SLOW else 300)
def test_the_race_is_survived(combination: race.Combination) -> None:
    counts = race.measure(combination, ATTEMPTS, ROOMS)
    print(race.row(combination, counts))
    assert counts.aborted == 0


@pytest.mark.parametrize("combination", list(_race(survives=False)))
@pytest.mark.timeout(1800 if SLOW else 300)
def test_the_race_is_lost_when_the_room_is_dropped_at_once(combination: race.Combination) -> None:
    """The harness names the signal and the stage of each process that the library aborted."""
    # Unless the order is forced it is a race, which one room may win.
    counts = race.measure(combination, ATTEMPTS, ROOMS, force=not SLOW)
    print(race.row(combination, counts))
    assert counts.aborted >= 1
    assert counts.signals.total() == counts.stages.total() == counts.aborted
