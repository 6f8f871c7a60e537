"""What the library keeps while every handle went back: sockets by address, tasks by name, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import reference_lab
from faults import faults_lab, matrix
from gen_bindings.findings import catalogue
from gen_bindings.runtime.check_close import Plan, judged
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Outcome, Scenario, run_scenario
from gen_bindings.runtime.toolchain import Toolchain
from rule_matrix import only

CYCLES = 3
ENTRY = f"Scenarios.{matrix.SOCKETS}"


@dataclass(frozen=True)
class Leak:
    """What a fault leaves of each session.

    Attributes:
        socket: its name.
        task: the name of the task on it.
        held_by: what the library's health check says holds them.
        not_done: the step of the library's check list that was not done, and what became of it.
    """

    socket: str
    task: str | None
    held_by: str
    not_done: tuple[str, str]


LEAKS: Mapping[str, Leak | None] = {
    matrix.NO_FAULT: None,
    "socket_candidate_cycle": Leak("media", None, "candidate_cycle", ("candidates", "Skipped")),
    "socket_checklist_kept": Leak("media", None, "checklist", ("checklist", "Skipped")),
    "socket_selected_pair_kept": Leak("media", None, "selected_pair", ("selected_pair", "Skipped")),
    "socket_mdns_query_kept": Leak("mdns", "mdns_query", "mdns_query", ("mdns_query", "Skipped")),
    "socket_dtls_task_stuck": Leak("dtls", "dtls", "dtls", ("dtls", "Unfinished")),
}


@pytest.fixture(autouse=True, scope="session")
def ready(toolchain: Toolchain, reference_library: Path) -> None:
    """Compilers, runtimes and the server itself."""


@pytest.mark.parametrize(
    "lane",
    [pytest.param(lane, marks=matrix.marks(matrix.scenario_cells(matrix.SOCKETS, lane))) for lane in Lane],
)
def test_each_fault_is_found_as_what_it_is(lane: Lane, request: pytest.FixtureRequest) -> None:
    outcome = run_scenario(
        Scenario(
            name=matrix.SOCKETS,
            lane=lane,
            entry="sockets_batch:run",
            assemblies=(faults_lab.compile_binding(lane),),
            args={"entry": ENTRY, "faults": list(LEAKS), "cycles": CYCLES},
            libraries={"reference_ffi": reference_lab.LIBRARY},
            python_path=(faults_lab.HERE, reference_lab.WATCH),
        )
    )
    told = outcome.value()
    wrong = {fault: found for fault in LEAKS if (found := _mistaken(lane, fault, told[fault], outcome))}
    if wrong:
        cells = matrix.scenario_cells(matrix.SOCKETS, lane)
        only(request.node, [cell for cell in cells if cell.fault in wrong])
    assert not wrong


def _mistaken(lane: Lane, fault: str, told: Mapping[str, Any], outcome: Outcome) -> str:
    """What was found instead of what the fault leaves."""
    leak = LEAKS[fault]
    plan = Plan(name=fault, lane=lane, entry=ENTRY, assemblies=(), libraries={})
    found = list(judged(plan, outcome, told["measured"]).findings)
    said = [(kind, name, held_by) for kind, name, _, held_by in told["health"]]
    if leak is None:
        return "" if (found, said, told["not_done"]) == ([], [], {}) else f"{found} {told}"
    addresses = [address for kind, _, address, _ in told["health"] if kind == "socket"]
    counts = f"remain after {CYCLES} cycles, growing ({', '.join(str(n + 1) for n in range(CYCLES))})."
    expected = [
        catalogue.SOCKETS_REMAIN.seen(
            f"{CYCLES} UDP sockets {counts}",
            tuple(sorted(f"udp {address}: 1" for address in addresses)),
        )
    ]
    things = [("socket", leak.socket, leak.held_by)]
    if leak.task is not None:
        message = f"{CYCLES} tasks of the library {counts}"
        expected.append(catalogue.TASKS_REMAIN.seen(message, (f"{leak.task}: {CYCLES}",)))
        things.append(("task", leak.task, leak.held_by))
    if (found, sorted(said)) != (expected, sorted(things * CYCLES)):
        return f"{found} {told}"
    # The last two steps look at what is there, and say so too.
    not_done = dict([leak.not_done, ("connection", "Unfinished"), ("sockets", "Unfinished")])
    return "" if told["not_done"] == not_done else str(told["not_done"])
