"""Every scenario against the reference server, on both runtimes, twice; those of a class share a process.

The checks are in the scenarios, each with the rule that it is for. After each run the handle table is empty
by kind, every handle was dropped once, children first, and sockets, tasks and threads are back.
"""

from __future__ import annotations

import pytest

import reference_lab
from faults import matrix
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario
from shared_results import Once


@pytest.mark.parametrize(
    ("entry", "lane"),
    [
        pytest.param(entry, lane, marks=matrix.marks(matrix.scenario_cells(entry, lane)))
        for lane in Lane
        for entry in reference_lab.SCENARIOS
    ],
)
def test_scenario(entry: str, lane: Lane, once: Once, request: pytest.FixtureRequest) -> None:
    group = entry.partition(".")[0]

    def run() -> dict[str, str]:
        # Those of the group that this run has chosen as well.
        chosen = [
            str(item.callspec.params["entry"])
            for item in request.session.items
            if isinstance(item, pytest.Function)
            and item.function is request.function
            and item.callspec.params["lane"] is lane
        ]
        return reference_lab.run_each_twice([one for one in chosen if one.startswith(f"{group}.")], lane)

    assert once(f"reference-{group}-{lane}", run)[entry] == ""


# Bytes that 200 cycles may leave.
LIMIT = 200 * 16 * 1024


@pytest.mark.parametrize("lane", list(Lane))
def test_200_cycles_leave_nothing_and_do_not_grow(lane: Lane) -> None:
    outcome = run_scenario(
        Scenario(
            name="200 cycles",
            lane=lane,
            entry="reference_watch:grow",
            assemblies=(reference_lab.compile_binding(reference_lab.sources(), lane),),
            args={
                "entry": "Scenarios.Sessions.Cycles",
                "warm": {"cycles": 200},
                "arguments": {"cycles": 200},
                "rounds": 4,
                "limit": LIMIT,
            },
            libraries={"reference_ffi": reference_lab.LIBRARY},
            python_path=(reference_lab.WATCH,),
        )
    )
    # The scenario itself finds managed objects that are held; a thread's stack is more than this.
    assert min(outcome.value()) <= LIMIT
