"""`gen-bindings trace` over the official Python SDK in a room: what it sees of every handle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import results
from server import livekit_server, why_not

from gen_bindings.runtime import network

HERE = Path(__file__).resolve().parent

pytestmark = [
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
    pytest.mark.skipif(
        "GEN_BINDINGS_SLOW" not in os.environ, reason="`make livekit` runs it, or GEN_BINDINGS_SLOW=1"
    ),
    pytest.mark.quick,
]

# Rooms before their participants, publications before their tracks.
PARENTS_FIRST = "GB909 (binding)"


def test_the_sdk_releases_everything_but_parents_first(repo_root: Path, tmp_path: Path) -> None:
    report = trace(repo_root, tmp_path)
    (process,) = report["processes"]
    kinds = Counter(handle["kind"] for handle in process["handles"])
    found = findings(report)
    results.put(
        "trace", "official Python SDK", {"findings": found, "handles": kinds, "at the end": process["alive"]}
    )
    assert "total=0 " in process["alive"]
    assert (kinds["Room"], kinds["TrackPublication"], kinds["Track"]) == (2, 8, 8)
    assert set(found) == {PARENTS_FIRST}


def test_a_source_that_a_script_forgets_is_found(repo_root: Path, tmp_path: Path) -> None:
    report = trace(repo_root, tmp_path, forgotten=1)
    (process,) = report["processes"]
    assert "total=1 " in process["alive"]
    assert " audio_sources=1 " in process["alive"]
    found = findings(report)
    assert (found["GB901 (binding)"], set(found)) == (1, {PARENTS_FIRST, "GB901 (binding)"})


def findings(report: dict[str, Any]) -> Counter[str]:
    return Counter(f"{finding['id']} ({finding['side']})" for finding in report["findings"])


def trace(repo_root: Path, tmp_path: Path, forgotten: int = 0) -> dict[str, Any]:
    """The report of two participants in a room; it has no payload, and so no token."""
    with network.shared() as net, livekit_server(net, tmp_path) as server:
        command = [
            *(*net.prefix, sys.executable, "-m", "gen_bindings", "trace", "--census"),
            *("--config", str(repo_root / "examples/livekit/bindings.toml")),
            *("--variable", "LIVEKIT_LIB_PATH", "--report", str(tmp_path / "report.json"), "--"),
            *(sys.executable, str(HERE / "sdk_client.py")),
            *(server.url, server.token("one"), server.token("two"), str(forgotten)),
        ]
        done = subprocess.run(
            command, env=network.environment(), capture_output=True, text=True, check=False, timeout=120
        )
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "report.json").read_text("utf-8")
    assert "eyJ" not in text
    report: dict[str, Any] = json.loads(text)
    assert report["problems"] == []
    return report
