"""`gen-bindings trace` over the official Python SDK in a room: what it sees of every handle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import results
from server import livekit_server, why_not

from gen_bindings.runtime import network

HERE = Path(__file__).resolve().parent

pytestmark = [
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
    pytest.mark.skipif("GEN_BINDINGS_SLOW" not in os.environ, reason="set GEN_BINDINGS_SLOW=1"),
    pytest.mark.quick,
]


def test_the_sdk_releases_everything_but_parents_first(repo_root: Path, tmp_path: Path) -> None:
    with network.shared() as net, livekit_server(net, tmp_path) as server:
        command = [
            *(*net.prefix, sys.executable, "-m", "gen_bindings", "trace", "--census"),
            *("--config", str(repo_root / "examples/livekit/bindings.toml")),
            *("--variable", "LIVEKIT_LIB_PATH", "--report", str(tmp_path / "report.json"), "--"),
            *(sys.executable, str(HERE / "sdk_client.py")),
            *(server.url, server.token("one"), server.token("two")),
        ]
        done = subprocess.run(
            command, env=network.environment(), capture_output=True, text=True, check=False, timeout=120
        )
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    (process,) = report["processes"]
    found = Counter(f"{finding['id']} ({finding['side']})" for finding in report["findings"])
    kinds = Counter(handle["kind"] for handle in process["handles"])
    results.put(
        "trace", "official Python SDK", {"findings": found, "handles": kinds, "at the end": process["alive"]}
    )
    assert report["problems"] == []
    assert "total=0 " in process["alive"]
    assert (kinds["Room"], kinds["TrackPublication"], kinds["Track"]) == (2, 8, 8)
    # Rooms before their participants, publications before their tracks.
    assert set(found) == {"GB909 (binding)"}
