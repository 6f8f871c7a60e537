"""Plays a scenario in a room: server, director, child with recorder; and what is known of it afterwards."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import livekit_lab
from server import Server, livekit_server
from trace_fixtures import Recorded, recorded

from gen_bindings.runtime import network
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library, made_once
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.network import ADDRESS, Network
from gen_bindings.runtime.process import Outcome
from gen_bindings.runtime.scenario import Scenario, run_scenario
from gen_bindings.trace.trace import Trace

HERE = Path(__file__).resolve().parent
DIRECTOR_PORT = 7000
MOMENTS = ("before", "during", "after")


@dataclass(frozen=True)
class Play:
    """What a scenario left.

    Attributes:
        outcome: how the child ended.
        trace: what the recorder saw.
        logs: the folder with the recorder's logs.
        facts: what the scenario returned.
        lines: the binding's own count of live handles, by moment and at the end.
        table: the recorder's count at the same moments, by column.
        releases: `answers` of the drops, `threads` that dropped, and the `order` at the last session's end.
        reported: what the binding's diagnostics said.
        left: sockets, descriptors and threads that the last round left, as findings.
        kept: what library and runtime made once and for all in the first round.
        memory: unshared bytes of the process after each round.
        microphones: threads of microphones that the library kept of the last round.
    """

    outcome: Outcome
    trace: Trace | None
    logs: Path
    facts: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    table: dict[str, Counter[str]] = field(default_factory=dict)
    releases: dict[str, Any] = field(default_factory=dict)
    reported: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    kept: dict[str, Any] = field(default_factory=dict)
    memory: tuple[int, ...] = ()
    microphones: int = 0

    @property
    def findings(self) -> list[str]:
        """What the recorder's log shows to be wrong; nothing else is in a clean one."""
        assert self.trace is not None
        told = [f"{f.check.id} ({f.side and f.side.value}): {f.message}" for f in self.trace.findings]
        return told + list(self.trace.problems)


@cache
def recorder() -> Recorded:
    """The recorder of the published library, built."""
    return recorded(livekit_lab.CONFIGURATION, livekit_lab.prepare().library)


@cache
def assembly(lane: Lane) -> Path:
    """The binding with the scenarios of this folder."""
    lab = livekit_lab.prepare()
    sources = [*sorted(HERE.glob("*.cs")), livekit_lab.HERE / "Lab.cs", HARNESS_SOURCE]
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    with made_once(lab.folder / f"room-{lane}-{digest}") as filling:
        if filling is not None:
            compile_library([*lab.sources, *sources], filling / "LiveKitRoom.dll", lane)
    return lab.folder / f"room-{lane}-{digest}" / "LiveKitRoom.dll"


def play(
    lane: Lane,
    scenario: str,
    folder: Path,
    args: Mapping[str, Any] | None = None,
    *,
    rounds: int = 2,
    microphones: int = 0,
    deadline: float = 90.0,
) -> Play:
    """Plays one scenario with a server and a director of its own.

    Args:
        lane: the runtime.
        scenario: `Class.Method` in the namespace LiveKitLab.
        folder: for logs.
        args: for the scenario, beside `url` and `director`; `token` can be forged or expired.
        rounds: how often it runs in the one child.
        microphones: for how many threads of microphones the end is not waited for.
        deadline: in seconds.
    """
    made = recorder()
    logs = folder / "record"
    logs.mkdir(parents=True, exist_ok=True)
    moments: dict[str, Any] = {}
    with (
        network.shared() as net,
        livekit_server(net, folder / "server") as server,
        director(net, server, moments),
    ):
        outcome = run_scenario(
            Scenario(
                name=scenario,
                lane=lane,
                entry="room_driver:run",
                assemblies=(assembly(lane),),
                args={
                    "scenario": scenario,
                    "rounds": rounds,
                    "microphones": microphones,
                    "args": {
                        "url": server.url,
                        "director": f"{ADDRESS}:{DIRECTOR_PORT}",
                        **(args or {}),
                        **_bad_token(server, args or {}),
                    },
                },
                libraries={livekit_lab.IMPORT_NAME: made.recorder},
                deadline=deadline,
                python_path=(HERE,),
                environment=made.environment(logs / "log", census="1"),
                shared_network=net,
            )
        )
    return _play(outcome, made.read(logs) if list(logs.glob("*.gblog")) else None, logs, moments)


def _bad_token(server: Server, args: Mapping[str, Any]) -> dict[str, str]:
    match args.get("token"):
        case "forged":
            return {"token": server.token("unity", secret=server.secret[::-1])}
        case "expired":
            return {"token": server.token("unity", lifetime=timedelta(hours=-1))}
        case _:
            return {}


@contextmanager
def director(net: Network, server: Server, moments: dict[str, Any]) -> Iterator[None]:
    """The process that holds the other participants; at its end the moments that it noted are put down."""
    settings = {
        "url": server.url,
        "key": server.key,
        "secret": server.secret,
        "server": server.process,
        "address": ADDRESS,
        "port": DIRECTOR_PORT,
    }
    process = subprocess.Popen(
        [*net.prefix, sys.executable, str(HERE / "director.py"), json.dumps(settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=network.environment(),
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("the director did not start; its words are above")
        yield
        said, _ = process.communicate("", 30)
        moments.update(json.loads(said))
    finally:
        process.kill()
        process.wait()


def _play(outcome: Outcome, trace: Trace | None, logs: Path, moments: dict[str, Any]) -> Play:
    lines = {moment: noted["line"] for moment, noted in moments.items()}
    table = {} if trace is None else {name: _alive(trace, noted["time"]) for name, noted in moments.items()}
    releases = {} if trace is None else _releases(trace, moments)
    if not isinstance(outcome.result, dict):
        return Play(outcome, trace, logs, lines=lines, table=table, releases=releases)
    answer = outcome.result
    return Play(
        outcome,
        trace,
        logs,
        answer["facts"] or {},
        {**lines, "end": answer["alive"]},
        table,
        releases,
        tuple(answer["reported"]),
        tuple(answer["left"]),
        answer["kept"],
        tuple(answer["memory"]),
        answer["microphones"],
    )


def _alive(trace: Trace, time: int) -> Counter[str]:
    """Handles by column at a moment of the machine's monotonic clock."""
    (process,) = trace.processes
    at = time - process.log.head.started
    return Counter(
        life.column for life in process.lives if life.born <= at and (not life.gone or life.ended > at)
    )


def _releases(trace: Trace, moments: Mapping[str, Any]) -> dict[str, Any]:
    """How the binding let go of everything: the order is that of the lasting handles."""
    (process,) = trace.processes
    released = sorted(
        (life for life in process.lives if life.gone == "released"), key=lambda life: life.ended
    )
    since = max((noted["time"] for name, noted in moments.items() if name != "after"), default=0)
    since -= process.log.head.started
    return {
        "answers": Counter(str(life.answered).lower() for life in released),
        "threads": Counter(life.released_on.name for life in released if life.released_on is not None),
        "order": [life.role or life.kind for life in released if life.lasting and life.ended > since],
    }
