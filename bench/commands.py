"""How long the commands take: generating a large binding from nothing and again, and the start alone."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rows import ROOT, TINY, Amount, Row, say


def command_line(amount: Amount) -> list[Row]:
    """Generating from nothing and again, and the command's start."""
    say("the command line")
    times = 1 if amount is TINY else 5
    config = ROOT / "examples" / "livekit" / "bindings.toml"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, "GEN_BINDINGS_CACHE": str(folder / "cache")}
        command = ["-m", "gen_bindings", "generate", "--config", str(config), "--out", str(folder / "out")]

        def clear() -> None:
            shutil.rmtree(folder / "cache", ignore_errors=True)
            shutil.rmtree(folder / "out", ignore_errors=True)

        first = _seconds(command, environment, times, clear)
        again = _seconds(command, environment, times)
        imports = (
            "import gen_bindings.cli, gen_bindings.project.inputs, gen_bindings.passes.pipeline, "
            "gen_bindings.render.emit, gen_bindings.output.write"
        )
        start = _seconds(["-c", imports], environment, times)
        nothing = _seconds(["-c", "pass"], environment, times)
        help_ = _seconds(["-m", "gen_bindings", "--help"], environment, times)
    return [
        Row(
            "generating LiveKit's binding from nothing",
            "",
            f"{first:.2f} s (imports alone {start:.2f} s)",
            "1.5 s",
            first / 1.5,
        ),
        Row("again with nothing changed", "", f"{again:.2f} s", "0.5 s", again / 0.5),
        Row(
            "gen-bindings --help, above python -c pass",
            "",
            f"{help_ - nothing:.2f} s",
            "0.2 s",
            (help_ - nothing) / 0.2,
        ),
    ]


def _seconds(
    arguments: Sequence[str],
    environment: dict[str, str],
    times: int,
    before: Callable[[], None] | None = None,
) -> float:
    found = []
    for _ in range(times):
        if before is not None:
            before()
        started = time.monotonic()
        subprocess.run([sys.executable, *arguments], env=environment, check=True, capture_output=True)
        found.append(time.monotonic() - started)
    return statistics.median(found)
