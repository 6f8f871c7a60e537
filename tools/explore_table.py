"""Explores every pair of shapes of an example's model, and writes what was searched into docs/explore.md.

What is done is kept under build/explore: a run that was ended goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "generator"))

from gen_bindings.explore.build import compile_binding, rewrite  # noqa: E402
from gen_bindings.explore.contract import contract_of  # noqa: E402
from gen_bindings.explore.run import Limits, explore  # noqa: E402
from gen_bindings.explore.scenarios import actions_of, classes_of, pairs_of_classes, world_of  # noqa: E402
from gen_bindings.project.project import open_project  # noqa: E402

PAGE = ROOT / "docs" / "explore.md"
AT_ONCE = 25


def main() -> None:
    """Explores, then writes the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--example", action="append", help="reference, livekit; both by default")
    parser.add_argument("--bound", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20, help="for one scenario")
    parser.add_argument("--time", type=float, default=7200, help="for everything")
    options = parser.parse_args()
    deadline = time.monotonic() + options.time
    rows = [
        _explored(example, options.bound, options.seconds, deadline)
        for example in options.example or ["reference", "livekit"]
    ]
    _write(rows, options.bound)


def _explored(example: str, bound: int, seconds: float, deadline: float) -> dict[str, Any]:
    binding = open_project(ROOT / "examples" / example / "bindings.toml").binding
    built = rewrite([compile_binding(binding)])
    actions = actions_of(binding)
    scenarios = pairs_of_classes(actions)
    kept = ROOT / "build" / "explore" / f"{example}-{bound}-{built.folder.name}.jsonl"
    kept.parent.mkdir(parents=True, exist_ok=True)
    done = {}
    if kept.is_file():
        done = {one["name"]: one for one in map(json.loads, kept.read_text("utf-8").splitlines())}
    todo = [one for one in scenarios if one.name not in done]
    with kept.open("a", encoding="utf-8") as out:
        while todo and time.monotonic() < deadline:
            batch, todo = todo[:AT_ONCE], todo[AT_ONCE:]
            result = explore(
                built,
                contract_of(binding),
                world_of(binding),
                [one.document() for one in batch],
                Limits(bound=bound, seconds=seconds, go_on=True, orders=True),
            )
            for name, why in result.left_out:
                done[name] = {"name": name, "left out": why}
                out.write(json.dumps(done[name]) + "\n")
            for one in result.searched:
                kinds = [found.kind for found in result.found if found.scenario == one.scenario]
                done[one.scenario] = {
                    "name": one.scenario,
                    "schedules": one.schedules,
                    "orders": one.orders,
                    "whole": one.whole,
                    "seconds": one.seconds,
                    "kinds": kinds,
                }
                out.write(json.dumps(done[one.scenario]) + "\n")
            out.flush()
            print(f"{example}: {len(done)} of {len(scenarios)}", file=sys.stderr, flush=True)
    searched = [one for one in done.values() if "schedules" in one]
    return {
        "example": example,
        "members": len(actions),
        "shapes": len(classes_of(actions)),
        "pairs": len(scenarios),
        "searched": len(searched),
        "left out": len(done) - len(searched),
        "whole": sum(one["whole"] for one in searched),
        "schedules": sum(one["schedules"] for one in searched),
        "orders": sum(one["orders"] for one in searched),
        "seconds": round(sum(one["seconds"] for one in searched)),
        "clean": sum(not one["kinds"] for one in searched),
        "races only": sum(bool(one["kinds"]) and set(one["kinds"]) == {"race"} for one in searched),
    }


def _write(rows: list[dict[str, Any]], bound: int) -> None:
    columns = list(rows[0])
    table = [
        "| " + " | ".join(columns) + " |",
        "| " + " | ".join("---" for _ in columns) + " |",
        *("| " + " | ".join(str(row[column]) for column in columns) + " |" for row in rows),
    ]
    text = PAGE.read_text("utf-8")
    before, begin, rest = text.partition("<!-- table -->\n")
    _, end, after = rest.partition("<!-- end of the table -->")
    note = f"Every pair of shapes, up to {bound} preemption{'s' * (bound != 1)}:\n\n"
    PAGE.write_text(before + begin + note + "\n".join(table) + "\n" + end + after, "utf-8")


if __name__ == "__main__":
    main()
