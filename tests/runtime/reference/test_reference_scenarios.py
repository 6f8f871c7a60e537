"""Every scenario against the reference server, on both runtimes, twice in one process.

The checks are in the scenarios, each with the rule that it is for. After each run the handle table is empty
by kind, every handle was dropped once, children first, and sockets, tasks and threads are back.
"""

from __future__ import annotations

from typing import Any

import pytest

import reference_lab
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario

SCENARIOS: dict[str, Any] = {
    "Sessions.ClientEnds": None,
    "Sessions.ServerEnds": None,
    "Sessions.ClientDisposed": None,
    "Sessions.RoomDisposed": None,
    "Sessions.Panic": None,
    "Sessions.FailedConnect": None,
    "Sessions.ConfigureThrows": None,
    "Sessions.LateJoin": None,
    "Sessions.Reconnect": None,
    "Sessions.RepublishedHandle": None,
    "Sessions.TwoRooms": None,
    "Sessions.SameIdentity": None,
    "Tree.Leaves": None,
    "Tree.Unpublished": None,
    "Tree.LeaveOpen": None,
    "Tree.State": None,
    "Media.Sound": None,
    "Media.Pictures": None,
    "Media.Memory": None,
    "Data.Packets": None,
    "Data.PacketsAtTheEnd": None,
    "Data.Readers": None,
    "Data.Writers": None,
    "Use.DisposeFromManyThreads": None,
    "Use.HandlersThrow": None,
    "Use.AfterDispose": None,
    "Use.DisposeDuringCalls": None,
    "Use.CallbackFirst": None,
    "Use.Refusals": None,
    "Use.Operations": None,
    "Use.CapturedContext": None,
    "Use.DispatchThread": None,
    "Use.CallbackIsRooted": None,
}


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize("entry", SCENARIOS)
def test_scenario(entry: str, lane: Lane) -> None:
    reference_lab.run(entry, lane, arguments=SCENARIOS[entry]).value()


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize("what", ["room", "client"])
def test_dispose_inside_a_callback_is_deferred(what: str, lane: Lane) -> None:
    reference_lab.run("Media.DisposeInside", lane, arguments={"what": what}).value()


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
            },
            libraries={"reference_ffi": reference_lab.LIBRARY},
            python_path=(reference_lab.WATCH,),
        )
    )
    held = outcome.value()
    # The scenario itself finds managed objects that are held; a thread's stack is more than this.
    assert (held["after"] - held["before"]) / 200 < 16 * 1024
