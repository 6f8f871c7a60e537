"""Peer connections of the real webrtc crate, run from generated C#: what their ends leave, on both runtimes.

Everything runs in a network of its own. Handles, sockets, descriptors, threads and tasks are counted after
each cycle; what the scenarios themselves check is in `scenarios/`. Each scenario always runs on one of the
runtimes; the others, and the many sessions, with GEN_BINDINGS_SLOW=1, as in `make webrtc`.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import webrtc_lab

from gen_bindings.findings import catalogue
from gen_bindings.report.close import to_text
from gen_bindings.runtime.check_close import CloseReport
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.network import ADDRESS

SLOW = pytest.mark.skipif(
    os.environ.get("GEN_BINDINGS_SLOW") != "1", reason="`make webrtc` runs it, or GEN_BINDINGS_SLOW=1"
)
SCENARIOS = {
    "TwoPeers": Lane.MONO,
    "ClosedByOneSide": Lane.CORECLR,
    "ClosedBeforeAnswer": Lane.MONO,
    "NeverAnswered": Lane.CORECLR,
    "Trickled": Lane.MONO,
    "MulticastName": Lane.CORECLR,
    "Abandoned": Lane.MONO,
}


def always_on(always: Lane) -> list[Any]:
    """Both lanes, of which the other one takes its turn only in a long run."""
    return [pytest.param(lane, marks=() if lane is always else SLOW) for lane in Lane]


@pytest.mark.parametrize(
    ("entry", "lane"),
    [
        pytest.param(entry, *param.values, marks=param.marks)
        for entry, always in SCENARIOS.items()
        for param in always_on(always)
    ],
)
def test_the_current_crate_leaves_nothing(entry: str, lane: Lane) -> None:
    report = webrtc_lab.run(entry, lane)
    assert report.clean, to_text([report])


@pytest.mark.parametrize("lane", always_on(Lane.MONO))
def test_the_older_crate_leaves_two_sockets_per_name_that_nobody_answers(lane: Lane) -> None:
    report = webrtc_lab.run("MulticastName", lane, library=webrtc_lab.OLDER, cycles=3, settle=0.5)

    assert not report.failure, report.failure
    assert [cycle.udp_sockets for cycle in report.cycles] == [2, 4, 6]
    assert [cycle.handles for cycle in report.cycles] == [0, 0, 0]
    left = {finding.id: finding for finding in report.findings}
    assert "growing (2, 4, 6)" in left[catalogue.SOCKETS_REMAIN.id].message
    sockets = left[catalogue.SOCKETS_REMAIN.id].details
    assert "udp 224.0.0.251:5353 (multicast): 3" in sockets
    assert sum(line.startswith(f"udp {ADDRESS}:") for line in sockets) == 3
    assert [cycle.tasks for cycle in report.cycles] == [2, 4, 6]
    assert catalogue.TASKS_REMAIN.id in left


@pytest.mark.parametrize("lane", always_on(Lane.CORECLR))
def test_closing_while_gathering_leaves_at_most_a_candidate_each(lane: Lane) -> None:
    """The race `gathering` of test_left_sockets.py: a candidate that is gathered after the close stays."""
    report = webrtc_lab.run("ClosedWhileGathering", lane, cycles=5, settle=0.1)

    assert not report.failure, report.failure
    assert lost_transports(report), to_text([report])
    assert report.cycles[-1].udp_sockets <= len(report.cycles)
    assert report.cycles[-1].tasks <= len(report.cycles)


@SLOW
@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize("at_once", [1, 8])
def test_two_hundred_sessions_leave_nothing(at_once: int, lane: Lane) -> None:
    arguments = {"sessions": 200, "at_once": at_once, "trickle": 0}
    report = webrtc_lab.run("Many", lane, cycles=1, warm_up=0, arguments=arguments, deadline=400)
    assert not report.failure, report.failure
    (cycle,) = report.cycles
    assert (cycle.handles, cycle.udp_sockets, cycle.tasks) == (0, 0, 0), to_text([report])


def lost_transports(report: CloseReport) -> bool:
    """Whether nothing is left but sockets of candidates and tasks."""
    found = {finding.check: finding.details for finding in report.findings}
    sockets = found.get(catalogue.SOCKETS_REMAIN, ())
    return (
        set(found) <= {catalogue.SOCKETS_REMAIN, catalogue.TASKS_REMAIN}
        and all(line.startswith(f"udp {ADDRESS}:") for line in sockets)
        and all(cycle.handles == cycle.threads == cycle.other_descriptors == 0 for cycle in report.cycles)
    )
