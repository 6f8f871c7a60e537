"""Plays random scripts under random faults for a given time or count, and says what they leave.

    python tests/soak/soak_run.py [--cycles N | --seconds N] [--seed N] [--lane mono|coreclr|all] [--first N]
                                  [--leak KIND@CYCLE] [--out FOLDER]

The summary goes to a folder, build/soak when none is named. Ends with 0 when nothing is left, with 1 when
something is, with 2 on wrong usage or when something that is needed is missing.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The module that emits the binding is shared with the tests.
sys.path.insert(0, str(ROOT / "tests"))

import soak_summary as summary  # noqa: E402
from soak_campaign import Leak, Plan, Tally, run  # noqa: E402

from gen_bindings.errors import GenBindingsError  # noqa: E402
from gen_bindings.runtime.lanes import Lane  # noqa: E402

_CYCLES = 10_000
_LEAKS = "handle, socket, thread, managed, memory, crash"
# Seconds between two lines where nothing can be written over.
_PAUSE = 30.0


def main() -> int:
    given = _arguments()
    seed = random.SystemRandom().randrange(1_000_000) if given.seed is None else given.seed
    cycles = given.cycles if given.cycles or given.seconds else _CYCLES
    lanes = list(Lane) if given.lane == "all" else [Lane(given.lane)]
    print(f"seed {seed}", flush=True)
    try:
        reports = [
            run(Plan(lane, seed, cycles, given.seconds, given.first, leak=given.leak), _Shown())
            for lane in lanes
        ]
        files = summary.write(reports, given.out)
    except GenBindingsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n" + summary.text(reports))
    print(f"The same is in {' and '.join(map(str, files))}.")
    return 1 if any(report.failures for report in reports) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    much = parser.add_mutually_exclusive_group()
    much.add_argument("--cycles", type=_count, help=f"how many; {_CYCLES} when no time is given either")
    much.add_argument("--seconds", type=_count, help="for each runtime; no cycle begins later")
    parser.add_argument("--seed", type=int, help="of everything; a random one when absent")
    parser.add_argument("--lane", choices=[*Lane, "all"], default="all")
    parser.add_argument("--first", type=int, default=0, help="number of the first cycle, to play some again")
    parser.add_argument(
        "--leak", type=_leak, help=f"do it on purpose from a cycle on: {_LEAKS}, as handle@12"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "soak", help="where the summary goes")
    return parser.parse_args()


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def _leak(text: str) -> Leak:
    kind, _, cycle = text.partition("@")
    if kind not in _LEAKS.split(", ") or not cycle.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {_LEAKS} with @ and the number of a cycle")
    return Leak(kind, int(cycle))


class _Shown:
    """Writes progress on one line of a terminal, or now and then a line elsewhere; failures at once."""

    def __init__(self) -> None:
        self._last = 0.0
        self._told = 0

    def __call__(self, tally: Tally) -> None:
        of = f" of {tally.wanted}" if tally.wanted else ""
        line = (
            f"{tally.lane}: {tally.played}{of} cycles, {len(tally.failures)} failures, {tally.seconds:.0f} s"
        )
        now = time.monotonic()
        done = tally.played == tally.wanted
        for found in tally.failures[self._told :]:
            print(f"\n{found.kind} in cycle {found.cycle}: {found.replay}\n{found.text}", file=sys.stderr)
        self._told = len(tally.failures)
        if sys.stderr.isatty():
            print(f"\r{line}", end="\n" if done else "", file=sys.stderr, flush=True)
        elif now - self._last >= _PAUSE or done:
            print(line, file=sys.stderr, flush=True)
            self._last = now


if __name__ == "__main__":
    sys.exit(main())
