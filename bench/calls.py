"""Requests through the generated API, and through the recorder, against the same bytes sent raw."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bindings import Binding, prepare
from peer import Peer
from rows import CSHARP, REFERENCE_LIBRARY, ROOT, Amount, Row, medians, say, worst

from gen_bindings.project.project import open_project
from gen_bindings.runtime import aot
from gen_bindings.runtime.lanes import Lane

_PUSH_GOAL = 1.02
_NS_GOALS = {Lane.CORECLR.value: 80.0, Lane.MONO.value: 100.0, aot.LANE: 100.0}


def calls(binding: Binding, peer: Peer | None, amount: Amount, lanes: Sequence[str]) -> list[Row]:
    """Requests through the generated API against the same bytes, sent raw."""
    real = open_project(ROOT / "examples" / "livekit" / "bindings.toml").library
    assert real is not None
    library = {"livekit_ffi": real}
    arguments = {"rounds": amount.rounds, "times": amount.times}
    rows = []
    for lane in lanes:
        say(f"calls, {lane}")
        with_peer = peer if lane != aot.LANE else None
        sources = [CSHARP / "Measure.cs", CSHARP / "Calls.cs"] + (
            [CSHARP / "PeerCalls.cs"] if with_peer else []
        )
        run = prepare(binding, sources, "Bench.Calls.Run", lane, with_peer)
        found = medians(run(arguments, library) for _ in range(amount.processes))
        push = found["push"]["generated"]
        rows.append(
            Row(
                "push of 10 ms of audio",
                lane,
                f"{push['ratio']:.3f} x, {push['bytes']:g} bytes",
                f"{_PUSH_GOAL} x, 0 bytes",
                worst(push["ratio"] / _PUSH_GOAL, push["bytes"]),
                found["push"],
            )
        )
        goal = _NS_GOALS[lane]
        for what in ("mute", "empty push", "clear", "capture"):
            own = found[what]["generated"]
            beside = ""
            if "peer" in found[what]:
                more = found[what]["peer"]["more"]
                beside = f"; Google.Protobuf {more:.0f} ns, {found[what]['peer']['bytes']:g} bytes"
            rows.append(
                Row(
                    f"{what}, above the raw call",
                    lane,
                    f"{own['more']:.0f} ns, {own['bytes']:g} bytes{beside}",
                    f"{goal:.0f} ns, 0 bytes",
                    worst(own["more"] / goal, own["bytes"]),
                    found[what],
                )
            )
            if "peer" in found[what]:
                times = found[what]["peer"]["more"] / max(1.0, own["more"])
                rows.append(
                    Row(
                        f"{what}, Google.Protobuf against ours",
                        lane,
                        f"{times:.1f} x",
                        "at least 5 x",
                        5 / times,
                    )
                )
    return rows


def recorder(amount: Amount) -> list[Row]:
    """A request through the recorder of `gen-bindings trace`, against the same without it."""
    say("the recorder")
    sys.path.append(str(ROOT / "tests" / "trace"))
    from cost import REQUEST
    from cost import measure as cost_of
    from trace_fixtures import recorded

    library = recorded(ROOT / "examples" / "reference" / "bindings.toml", REFERENCE_LIBRARY)
    found = []
    for _ in range(amount.processes):
        cost = cost_of(library, REQUEST, "reference_ffi_", rounds=max(3, amount.rounds // 4))
        found.append({"more": cost.more, "plain": cost.plain})
    middle = medians(found)
    return [
        Row(
            "request through the recorder",
            "",
            f"{middle['more']:.0f} ns more (without {middle['plain']:.0f})",
            "1000 ns",
            middle["more"] / 1000,
            middle,
        )
    ]
