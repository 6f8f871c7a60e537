"""The official Python SDK under trace, untouched and without a server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gen_bindings.sources.exports import read_exports

pytest.importorskip("livekit.rtc", reason="the PyPI package livekit is not installed")

pytestmark = pytest.mark.quick

CLOSED = """
import asyncio
from livekit import rtc
async def main():
    source = rtc.AudioSource(48000, 1)
    track = rtc.LocalAudioTrack.create_audio_track("mic", source)
    frame = rtc.AudioFrame(bytes(960), 48000, 1, 480)
    for _ in range(10):
        await source.capture_frame(frame)
    resampler = rtc.AudioResampler(48000, 24000)
    resampler.push(frame)
    room = rtc.Room()
    try:
        await room.connect("ws://127.0.0.1:9", "token")
    except rtc.ConnectError:
        print("refused")
    {end}
    # Log callbacks that enter while the interpreter shuts down end the process: the library is given time.
    await asyncio.sleep(0.5)
asyncio.run(main())
"""


def run(repo_root: Path, tmp_path: Path, end: str) -> subprocess.CompletedProcess[str]:
    command = [
        *(sys.executable, "-m", "gen_bindings", "trace"),
        *("--config", str(repo_root / "examples/livekit/bindings.toml"), "--variable", "LIVEKIT_LIB_PATH"),
        *("--", sys.executable, "-c", CLOSED.replace("{end}", end)),
    ]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_a_source_that_is_not_closed_is_the_one_finding(repo_root: Path, tmp_path: Path) -> None:
    done = run(repo_root, tmp_path, "")
    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith(("error", "warning"))]
    assert len(told) == 1, told
    assert told[0].startswith(
        "error GB901 (binding): Handle AudioSource 1, brought by NewAudioSourceResponse.source"
    )
    assert "used by create_audio_track" in done.stderr


def test_a_script_that_closes_everything_is_silent(repo_root: Path, tmp_path: Path) -> None:
    done = run(repo_root, tmp_path, "await source.aclose()")
    assert "Nothing found" in done.stderr, done.stderr


def test_every_other_export_is_there(repo_root: Path, tmp_path: Path) -> None:
    from livekit.rtc import resources
    from trace_fixtures import recorded

    real = Path(resources.__file__).parent / "liblivekit_ffi.so"
    made = recorded(repo_root / "examples/livekit/bindings.toml", real)
    wanted = set(read_exports(real).names)
    assert len(wanted) > 100
    assert wanted <= set(read_exports(made.recorder).names)
    # A forwarded call whose signature the recorder does not know.
    script = (
        "import ctypes, sys; r = ctypes.CDLL(sys.argv[1]);"
        "f = r.ffi_livekit_ffi_uniffi_contract_version; f.restype = ctypes.c_uint32; print(f())"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", script, str(library)],
            env={**os.environ, **made.environment(tmp_path / "run")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for library in (real, made.recorder)
    ]
    assert answers[0] == answers[1]
    assert int(answers[0]) > 0
