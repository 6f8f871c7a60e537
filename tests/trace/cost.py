"""What a request costs through a recorder, against the same request without it, within one run."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from trace_fixtures import Recorded

# FfiRequest.control_set_faults with no fault: the cheapest request that the reference server grants.
REQUEST = bytes.fromhex("aa0702" + "1200")


@dataclass(frozen=True)
class Cost:
    """Medians in nanoseconds, release of the response buffer included."""

    plain: float
    recorded: float

    @property
    def more(self) -> float:
        """What the recorder adds."""
        return self.recorded - self.plain


def measure(recorded: Recorded, request: bytes, prefix: str, rounds: int = 30, limit: int = 1 << 28) -> Cost:
    """Times a request that the library grants and that brings no handle.

    Args:
        rounds: of a thousand requests, each way in turn.
        limit: of the log; a small one measures folding.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = folder / "cost"
        source = Path(__file__).with_name("cost.c")
        subprocess.run(["cc", "-O2", "-o", str(program), str(source), "-ldl"], check=True)
        command = [
            str(program),
            str(recorded.real),
            str(recorded.recorder),
            request.hex(),
            prefix,
            str(rounds),
        ]
        environment = {**os.environ, **recorded.environment(folder / "run", limit=str(limit))}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        plain, through = map(float, done.stdout.split())
        return Cost(plain, through)
