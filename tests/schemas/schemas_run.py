"""Puts other people's schemas through the generator, and says how many of each package's files come through.

    python tests/schemas/schemas_run.py [--examples N] [PACKAGE …]

Each file is carried by a small protocol, generated, compiled with mcs, and its messages are sent through the
C# and back. Ends with 1 when a package has less than 95 %, with 2 when the packages are not there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The modules of the tests are found from there.
sys.path.insert(0, str(ROOT / "tests"))

from gen_bindings.report.table import print_table  # noqa: E402
from schemas.bulk import Outcome, check  # noqa: E402
from schemas.packages import names, package  # noqa: E402

ENOUGH = 0.95


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("packages", nargs="*", help="names; every fetched one when none is given")
    parser.add_argument("--examples", type=int, default=3, help="fillings of each message")
    given = parser.parse_args()
    chosen = [package(name) for name in names() if not given.packages or name in given.packages]
    if not chosen:
        print("error: no such package was fetched: run python3 tools/setup.py schemas", file=sys.stderr)
        return 2
    rows = []
    total = Outcome()
    short = False
    with tempfile.TemporaryDirectory(prefix="gen-bindings-") as folder:
        for each in chosen:
            outcome = check(each, each.own, Path(folder) / each.name, given.examples)
            total.add(outcome)
            short = short or outcome.share < ENOUGH
            rows.append(_row(each.name, outcome))
            print(" ".join(rows[-1]), flush=True)
            for name, reason in outcome.missed.items():
                print(f"  {name}: {reason}", flush=True)
            for name in each.unlinked:
                print(f"  {name} is not counted: it imports what no package has", flush=True)
    rows.append(_row(f"{len(chosen)} packages", total))
    print_table(("package", "files", "of", "share", "messages"), rows, numbers=(1, 2, 3, 4))
    return 1 if short else 0


def _row(name: str, outcome: Outcome) -> tuple[str, ...]:
    files = len(outcome.passed) + len(outcome.missed)
    return (name, str(len(outcome.passed)), str(files), f"{outcome.share:.1%}", str(outcome.messages))


if __name__ == "__main__":
    sys.exit(main())
