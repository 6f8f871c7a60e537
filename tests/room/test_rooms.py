"""The generated client in rooms of a real server, with the official Python SDK at the other side.

Each scenario has a server, a network and a process of its own, and ends with a check by kind from the
recorder's log and a census of the library's table. A few run always; the others with GEN_BINDINGS_SLOW=1, as
in `make livekit`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import results
import room_lab
from room_lab import MOMENTS, Play
from server import why_not

from gen_bindings.report.trace_page import report_html
from gen_bindings.runtime.lanes import Lane

SLOW = bool(os.environ.get("GEN_BINDINGS_SLOW"))
SESSIONS_IN_A_ROUND = 20
# Bytes of a session; 0.6 MB under any client, see docs/livekit-findings.md.
LIBRARY_KEEPS = 3 << 19
# Handles that come and go while a session is at work.
FLEETING = ("audio_frames", "data_buffers", "byte_boxes")
SESSION = Path(__file__).resolve().parents[2] / "build" / "livekit" / "session.html"

pytestmark = [pytest.mark.skipif(bool(why_not()), reason=why_not()), pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Case:
    """A scenario with what holds for it alone.

    Attributes:
        name: for people.
        entry: `Class.Method`.
        args: for it.
        always: lanes on which it runs in every run of the tests.
        rounds: how often it runs in one process.
        microphones: how many threads of microphones the library may keep of a round.
        overdue: a callback may come after the end.
        deadline: in seconds.
    """

    name: str
    entry: str
    args: Mapping[str, Any] = field(default_factory=dict)
    always: tuple[Lane, ...] = ()
    rounds: int = 2
    microphones: int = 0
    overdue: bool = False
    deadline: float = 90.0


BOTH = tuple(Lane)
CASES = (
    Case("disconnect", "Sessions.Whole", {"end": "disconnect"}, BOTH),
    Case("dispose", "Sessions.Whole", {"end": "dispose"}),
    Case("room deleted", "Sessions.Whole", {"end": "room deleted"}, microphones=1),
    Case("participant removed", "Sessions.Whole", {"end": "participant removed"}, microphones=1),
    Case("same identity again", "Sessions.Whole", {"end": "the same identity again"}, microphones=1),
    Case("server stopped", "Edges.ServerGone", {"command": "stop_server"}, (Lane.CORECLR,), 1, microphones=1),
    Case("server killed", "Edges.ServerGone", {"command": "kill_server"}, (), 1, microphones=1, deadline=240),
    Case("publish again", "Tracks.Again"),
    Case("late joiners", "Tracks.LateJoiners"),
    Case("full reconnect", "Tracks.FullReconnect", {}, (Lane.CORECLR,)),
    Case("data", "Data.Exchange", {}, (Lane.MONO,)),
    Case("cancel", "Edges.Cancel", overdue=True),
    Case("leave at once", "Edges.AtOnce", {}, (Lane.MONO,)),
    Case("dispose during publish", "Edges.InMidPublish", microphones=3, overdue=True),
    Case("two rooms", "Edges.TwoRooms"),
    Case("forged token", "Edges.Refused", {"token": "forged"}, (Lane.MONO,)),
    Case("expired token", "Edges.Refused", {"token": "expired"}),
    Case("server ends before its answer", "Edges.Refused", {"gate": "request"}, (), 1),
    Case("server ends after its answer", "Edges.Refused", {"gate": "answer"}, (), 1),
    Case("100 sessions", "Edges.Cycles", {"times": SESSIONS_IN_A_ROUND}, rounds=5, deadline=600),
)
REFUSALS = {
    "forged token": "error in cryptographic primitive",
    "expired token": "token is expired",
    "server ends before its answer": "Handshake not finished",
    "server ends after its answer": "transport closed",
}


def _params() -> list[Any]:
    slow = pytest.mark.skipif(not SLOW, reason="`make livekit` runs it, or GEN_BINDINGS_SLOW=1")
    return [
        pytest.param(case, lane, id=f"{case.name}-{lane}", marks=() if lane in case.always else (slow,))
        for case in CASES
        for lane in Lane
    ]


@pytest.mark.parametrize(("case", "lane"), _params())
def test_a_room(case: Case, lane: Lane, tmp_path: Path) -> None:
    done = room_lab.play(
        lane,
        case.entry,
        tmp_path,
        case.args,
        rounds=case.rounds,
        microphones=case.microphones,
        deadline=case.deadline,
    )
    results.put("rooms", f"{case.name} on {lane}", _result(done))
    if case.name == "disconnect" and lane is Lane.MONO and done.trace is not None:
        SESSION.parent.mkdir(parents=True, exist_ok=True)
        SESSION.write_text(report_html(done.trace), "utf-8")
    done.outcome.value()
    assert [
        found for found in done.findings if not (case.overdue and found.startswith("GB917 (library)"))
    ] == []
    assert done.reported == ()
    assert done.microphones <= case.microphones
    # With a microphone the library keeps the threads of WebRTC that it runs on, and what these wait at.
    left = [told for told in done.left if not done.microphones or told.startswith("GB902")]
    assert left == []
    _counts_agree(done)
    _nothing_alive(done)
    if case.name in REFUSALS:
        assert REFUSALS[case.name] in done.facts["said"]
    if case.name == "cancel":
        assert done.facts["cancelled"] > 0
    if case.name == "100 sessions":
        _memory_settles(done)


def _result(done: Play) -> dict[str, Any]:
    return {
        "status": done.outcome.status,
        "seconds": round(done.outcome.seconds, 1),
        "table": {moment: done.table.get(moment, {}) for moment in MOMENTS if moment in done.table},
        "releases": done.releases,
        "facts": {name: _without_token(value) for name, value in done.facts.items()},
        "findings": done.findings if done.trace is not None else ["no log"],
        "left": done.left,
        "threads of microphones kept": done.microphones,
        "kept for good": done.kept,
        "unshared bytes by round": done.memory,
    }


def _without_token(value: Any) -> Any:
    """The server repeats a token that it refuses, which no result shall hold."""
    return re.sub(r"eyJ[\w.-]+", "eyJ…", value) if isinstance(value, str) else value


def _counts_agree(done: Play) -> None:
    """The binding counts what the recorder saw, at each moment and in each column."""
    for moment, table in done.table.items():
        counted = dict(pair.split("=") for pair in done.lines[moment].split())
        del counted["total"]
        own = {name: int(count) for name, count in counted.items() if int(count) and name not in FLEETING}
        assert own == {name: count for name, count in table.items() if name not in FLEETING}, moment


def _nothing_alive(done: Play) -> None:
    assert done.lines["end"].startswith("total=0 ")
    assert done.trace is not None
    (process,) = done.trace.processes
    assert process.table().total() == 0
    assert done.table["before"].total() == 0
    assert done.table["after"].total() == 0


def _memory_settles(done: Play) -> None:
    """Nothing managed stays, and of the process no more than the library keeps of each session."""
    managed = done.facts["managed bytes by round"]
    assert managed[-1] - managed[1] < 1 << 20, managed
    sessions = (len(done.memory) - 1) * SESSIONS_IN_A_ROUND
    assert (done.memory[-1] - done.memory[0]) / sessions < LIBRARY_KEEPS, done.memory
