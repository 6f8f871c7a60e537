"""Defects of older releases: a careless client meets them, the generated one does not; a census names one.

In every run a few attempts on the release that has them; with GEN_BINDINGS_SLOW=1, as in `make livekit`,
fifty of each kind on every release.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import history_lab
import pytest
import results
from history_lab import VERSIONS
from server import Server, livekit_server
from server import why_not as why_no_room

from gen_bindings.findings.catalogue import UNNAMED
from gen_bindings.findings.finding import Side
from gen_bindings.runtime import network
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.network import Network
from gen_bindings.runtime.process import Status

SLOW = bool(os.environ.get("GEN_BINDINGS_SLOW"))
ATTEMPTS = 50 if SLOW else 3
# A child is not kept for longer than this; a crash costs only its own.
IN_ONE_CHILD = 10
LANES = tuple(Lane) if SLOW else (Lane.MONO,)
WITH_RACE = ("1.1.7",)
TRIED = VERSIONS if SLOW else WITH_RACE
LAST_WORDS = 'called `Result::unwrap()` on an `Err` value: InvalidRequest("handle not found")'

pytestmark = [
    pytest.mark.skipif(bool(history_lab.why_not()), reason=history_lab.why_not()),
    pytest.mark.skipif(bool(why_no_room()), reason=why_no_room()),
    pytest.mark.timeout(1200),
]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Network, Server]]:
    """A network with a server, for all tests of this file."""
    folder = tmp_path_factory.mktemp("server")
    with network.shared() as net, livekit_server(net, folder) as server:
        yield net, server


@pytest.mark.parametrize("version", TRIED)
def test_a_careless_client_aborts_where_the_race_is(room: tuple[Network, Server], version: str) -> None:
    found = history_lab.careless(*room, version, ATTEMPTS)
    results.put("history", f"disconnect race, careless client, livekit {version}", found)
    ends = Counter(found["ends"])
    assert ends.total() == ATTEMPTS
    if version in WITH_RACE:
        assert set(ends) <= {"SIGABRT", "ended"}
        assert ends["SIGABRT"] > 0
        assert all(LAST_WORDS in words for words in found["last words"])
    else:
        assert ends == {"ended": ATTEMPTS}


@pytest.mark.parametrize("version", TRIED)
@pytest.mark.parametrize("lane", LANES, ids=str)
def test_the_generated_client_does_not(room: tuple[Network, Server], lane: Lane, version: str) -> None:
    ends: Counter[str] = Counter()
    told = []
    for start in range(0, ATTEMPTS, IN_ONE_CHILD):
        attempts = min(IN_ONE_CHILD, ATTEMPTS - start)
        done = history_lab.generated(*room, version, lane, "History.LeaveAtOnce", attempts)
        if done.status is Status.OK:
            ends["ended"] += done.result["facts"]["ended"]
            told += done.result["reported"]
        else:
            ends[done.signal or done.status.value] += attempts
            told.append(done.describe())
    results.put("history", f"disconnect race, generated client on {lane}, livekit {version}", {"ends": ends})
    assert (ends, told) == ({"ended": ATTEMPTS}, [])


@pytest.mark.parametrize("version", TRIED)
@pytest.mark.parametrize("lane", LANES, ids=str)
def test_the_census_finds_the_publication_that_no_message_names(
    room: tuple[Network, Server], lane: Lane, version: str, tmp_path: Path
) -> None:
    done = history_lab.generated(*room, version, lane, "History.Publish", log=tmp_path / "log")
    assert done.value()["reported"] == []
    trace = history_lab.release(version).recorded.read(tmp_path)
    assert trace.problems == ()
    told = [(finding.check, finding.side) for finding in trace.findings]
    said = [
        f"{finding.check.id} ({finding.side and finding.side.value}): {finding.message}"
        for finding in trace.findings
    ]
    results.put("history", f"hidden publication on {lane}, livekit {version}", said)
    if version in WITH_RACE:
        assert told == [(UNNAMED, Side.LIBRARY)]
        (process,) = trace.processes
        # The library hands it out with the publication that it does name, in the next number.
        assert "PublishTrackCallback.publication" in said[0]
        assert process.table().total() == 0, "the binding released everything that it was given"
    else:
        assert told == []
