"""Keeps the results of the tests in rooms in one file, build/livekit/results.json."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[2] / "build" / "livekit" / "results.json"


def put(section: str, name: str, result: Any) -> None:
    """Replaces one result; tests that run at once do not lose each other's.

    Args:
        section: a part of the file.
        name: of the result in it.
        result: anything that JSON can hold.
    """
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with FILE.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}
        found.setdefault(section, {})[name] = result
        whole = FILE.with_suffix(".new")
        whole.write_text(json.dumps(found, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
        whole.replace(FILE)
