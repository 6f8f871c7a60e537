"""Encoding, decoding, the size and the compile time of a whole schema, against Google.Protobuf."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import rows
from bindings import Binding, netstandard, prepare
from google.protobuf import descriptor_pb2
from messages import Case, csharp, largest
from peer import DEFINE, Peer
from rows import CSHARP, ROOT, TINY, Amount, Row, medians, say

from gen_bindings.passes.surface.lay_out_messages import lay_out_messages
from gen_bindings.project.project import open_project
from gen_bindings.runtime import aot
from gen_bindings.runtime.toolchain import find_mcs

# protoc's C# for the same schema and its runtime, as measured once with csc: what counts without a peer.
_PEER_BYTES = 1_900_000
_PEER_LINES = 139_085
_PEER_SECONDS = 3.4


def messages(
    binding: Binding,
    files: descriptor_pb2.FileDescriptorSet,
    peer: Peer | None,
    amount: Amount,
    lanes: Sequence[str],
) -> list[Row]:
    """Encode and decode of the largest messages."""
    project = open_project(ROOT / "examples" / "livekit" / "bindings.toml")
    layer = lay_out_messages(project.binding)
    assert layer is not None
    cases: list[Case] = largest(files, layer)
    source = rows.OUT / "Messages.cs"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(csharp(cases, project.config.binding.namespace), "utf-8")
    table = []
    for lane in lanes:
        say(f"messages, {lane}")
        with_peer = peer if lane != aot.LANE else None
        run = prepare(binding, [CSHARP / "Measure.cs", source], "Bench.Messages.Run", lane, with_peer)
        arguments = {"rounds": max(2, amount.rounds // 8), "times": amount.times}
        found = medians(run(arguments, {}) for _ in range(amount.processes))
        for way in ("encode", "decode"):
            mine = {name: both for name, both in found.items() if name.startswith(way)}
            ns = sum(both["generated"]["ns"] for both in mine.values())
            allocated = sum(both["generated"]["bytes"] for both in mine.values())
            strings = sum(case.strings for case in cases)
            what = f"{way} of the ten largest messages"
            if with_peer is None:
                table.append(Row(what, lane, f"{ns:.0f} ns, {allocated:.0f} bytes", "", None, mine))
                continue
            faster = statistics.geometric_mean([both["peer"]["ratio"] for both in mine.values()])
            theirs = sum(both["peer"]["bytes"] for both in mine.values())
            part = allocated / theirs
            told = f"; {allocated:,.0f} of {theirs:,.0f}, strings alone {strings:,}" if allocated else ""
            slowest = min(both["peer"]["ratio"] for both in mine.values())
            table.append(
                Row(
                    what,
                    lane,
                    f"{faster:.1f} x faster (least {slowest:.1f}), {part:.2f} of the bytes{told}",
                    "2 x faster, 0.5 of the bytes",
                    max(2 / faster, part / 0.5),
                    mine,
                )
            )
    return table


def size(binding: Binding, peer: Peer | None, amount: Amount) -> list[Row]:
    """Compiled bytes and the time to compile."""
    say("size and compile time")
    times = 1 if amount is TINY else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = folder / "own.dll"
        theirs = folder / "peer.dll"
        seconds: list[float] = []
        peers: list[float] = []
        for _ in range(times):
            seconds.append(_compile(binding.sources, own, ["-unsafe"]))
            if peer is not None:
                options = [
                    f"-define:{DEFINE}",
                    f"-r:{peer.assembly}",
                    f"-r:{netstandard()}",
                    "-nowarn:612,618",
                ]
                peers.append(_compile(peer.sources, theirs, options))
        compiled = own.stat().st_size
        against = theirs.stat().st_size + peer.assembly.stat().st_size if peer is not None else _PEER_BYTES
    lines = peer.lines if peer is not None else _PEER_LINES
    mine = statistics.median(seconds)
    other = statistics.median(peers) if peers else _PEER_SECONDS
    once = "" if peers else " (measured once, with csc)"
    return [
        Row(
            "size of LiveKit's binding, compiled",
            "",
            f"{compiled:,} bytes, {binding.lines:,} lines; protoc's {against:,}, {lines:,}{once}",
            "1/3",
            compiled / against * 3,
        ),
        Row(
            "time to compile it",
            "",
            f"{mine:.2f} s; protoc's {other:.2f} s{once}",
            "1/2",
            mine / other * 2,
        ),
    ]


def _compile(sources: Sequence[Path], out: Path, options: Sequence[str]) -> float:
    mcs = find_mcs().path
    started = time.monotonic()
    common = ["-nologo", "-optimize+", "-target:library", "-langversion:7.2", f"-out:{out}"]
    subprocess.run([mcs, *common, *options, *sources], check=True, capture_output=True)
    return time.monotonic() - started
