"""What several tests need and only one makes, in whichever of a run's processes asks first."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Once = Callable[[str, Callable[[], Any]], Any]


def once_in(folder: Path) -> Once:
    """`once(name, make)`: what `make` gave, as JSON has it; made when a process of the run first asks.

    Others wait for it. What cannot be made is tried again by the next that asks.
    """

    def once(name: str, make: Callable[[], Any]) -> Any:
        folder.mkdir(exist_ok=True)
        made = folder / f"{name}.json"
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.is_file():
                part = made.with_suffix(".part")
                part.write_text(json.dumps(make()), "utf-8")
                part.replace(made)
        return json.loads(made.read_text("utf-8"))

    return once


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Shares results among the processes of this run."""
    base = tmp_path_factory.getbasetemp()
    # Each worker of pytest-xdist has a folder of its own in that of the run.
    return once_in((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared")
