"""The benchmarks: what the generated layer costs, against the same thing without it.

    python bench/run.py [--processes N] [--tiny]

Every figure is a ratio or a difference taken within one process, the median over interleaved rounds and then
over processes. Results go to build/bench: results.json, results.md, chart.svg and threads.svg. A missed
goal is no failure: the exit code is 0.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import rows
from bindings import generate, schema_files
from calls import calls, recorder
from chart import Bar, Curve, bars, curves
from commands import command_line
from peer import NoPeerError, Peer, find_peer
from rooms import cascade, concurrency, events
from rows import FULL, LANES, TINY, Amount, Row, say
from schema import messages, size

from gen_bindings.errors import GenBindingsError
from gen_bindings.report.table import print_table

_COLUMNS = ("what", "lane", "result", "goal", "")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--processes", type=int, default=FULL.processes, help="processes per figure")
    parser.add_argument("--tiny", action="store_true", help="as little as possible, only to see that it runs")
    given = parser.parse_args()
    amount = TINY if given.tiny else replace(FULL, processes=given.processes)
    try:
        measured, notes = measure(amount)
    except GenBindingsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    table = [(r.what, r.lane, r.result, r.goal, r.verdict) for r in measured]
    print_table(_COLUMNS, table)
    for note in notes:
        print(note)
    print(f"\nThe same is in {', '.join(str(path) for path in write(measured, notes))}.")
    return 0


def measure(amount: Amount, lanes: Sequence[str] = LANES) -> tuple[list[Row], list[str]]:
    """Every row, and what should be said besides."""
    notes: list[str] = []
    say("generating both bindings")
    livekit = generate("livekit")
    reference = generate("reference")
    files = schema_files()
    peer: Peer | None = None
    try:
        peer = find_peer(files, rows.OUT / "peer")
    except (NoPeerError, OSError) as error:
        notes.append(f"Google.Protobuf was left out: {error}.")
    measured: list[Row] = []
    measured += calls(livekit, peer, amount, lanes)
    measured += events(reference, amount, lanes)
    measured += messages(livekit, files, peer, amount, lanes)
    measured += size(livekit, peer, amount)
    measured += cascade(reference, amount, lanes)
    measured += concurrency(reference, amount, lanes)
    measured += recorder(amount)
    measured += command_line(amount)
    return measured, notes


def write(measured: Sequence[Row], notes: Sequence[str]) -> list[Path]:
    """The results as JSON, as a table in Markdown, and as pictures."""
    machine = {"processor": _processor(), "cores": os.cpu_count(), "system": platform.platform()}
    results = {
        "machine": machine,
        "notes": notes,
        "rows": [{**asdict(r), "verdict": r.verdict} for r in measured],
    }
    named = [
        Bar(f"{r.what} ({r.lane})" if r.lane else r.what, r.result, r.of_goal)
        for r in measured
        if r.of_goal is not None
    ]
    points = [r for r in measured if "threads" in r.detail]
    threads = [
        Curve(lane, kind, [(r.detail["threads"], r.detail[kind] / 1e6) for r in points if r.lane == lane])
        for lane in dict.fromkeys(r.lane for r in points)
        for kind in ("raw", "generated")
    ]
    files = {
        "results.json": json.dumps(results, indent=1) + "\n",
        "results.md": _markdown(measured),
        "chart.svg": bars(named, "What the generated layer costs, as a part of its goal"),
        "threads.svg": curves(threads, "Million requests in a second, by threads"),
    }
    rows.OUT.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (rows.OUT / name).write_text(text, "utf-8")
    return [rows.OUT / name for name in files]


def _markdown(measured: Sequence[Row]) -> str:
    told = [(r.what, r.lane, r.result, r.goal, r.verdict) for r in measured]
    lines = [_COLUMNS, ("---",) * len(_COLUMNS), *told]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


if __name__ == "__main__":
    sys.exit(main())
