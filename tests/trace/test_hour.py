"""The log of an hour-long session is bounded, and nothing in it is lost but what was folded into counts."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from clients import messages
from trace_fixtures import Recorded

pytestmark = pytest.mark.quick

SECONDS, FRAMES = 3600, 130
LIMIT = 4 << 20
ID = 1 << 28


def _with_id(message: Any) -> tuple[str, str]:
    """The encoded message, and where its id is."""
    data = message.SerializeToString()
    mark = bytes([0x80, 0x80, 0x80, 0x80, 0x01])
    assert data.count(mark) == 1
    return data.hex(), str(data.index(mark))


def _messages() -> dict[str, str]:
    classes = messages()
    event, make, made = (classes[name]() for name in ("FfiEvent", "FfiRequest", "FfiResponse"))
    received = event.audio_stream_event
    received.stream_handle = 3
    received.frame_received.frame.handle.id = ID
    _fill(received.frame_received.frame.info)
    make.new_audio_source.SetInParent()
    _fill(make.new_audio_source)
    made.new_audio_source.source.handle.id = ID
    _fill(made.new_audio_source.source.info)
    emit, emitted = classes["FfiRequest"](), classes["FfiResponse"]()
    emit.control_emit_frames.room_name = "lobby"
    _fill(emit.control_emit_frames)
    _fill(emitted.control_emit_frames)
    frame, frame_at = _with_id(event)
    source, source_at = _with_id(made)
    return {
        "FRAME": frame,
        "FRAME_AT": frame_at,
        "SOURCE": source,
        "SOURCE_AT": source_at,
        "MAKE": make.SerializeToString().hex(),
        "EMIT": emit.SerializeToString().hex(),
        "EMITTED": emitted.SerializeToString().hex(),
    }


def _fill(message: Any) -> None:
    """Gives required fields that have no value their zero."""
    for field in message.DESCRIPTOR.fields:
        if field.is_required and not message.HasField(field.name):
            setattr(message, field.name, field.default_value)


def _built(folder: Path) -> tuple[Path, Path]:
    source = Path(__file__).with_name("hour.c")
    library, client = folder / "libhour.so", folder / "hour"
    strict = ["-O2", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["cc", *strict, "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    subprocess.run(["cc", *strict, "-DCLIENT", "-o", str(client), str(source), "-ldl"], check=True)
    return library, client


def test_an_hour_of_frames(reference: Recorded, tmp_path: Path) -> None:
    library, client = _built(tmp_path)
    environment = {**os.environ, **_messages(), **reference.environment(tmp_path / "run", limit=str(LIMIT))}
    environment["GEN_BINDINGS_RECORD_LIBRARY"] = str(library)
    command = [str(client), str(reference.recorder), str(SECONDS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert int(done.stderr) == SECONDS * FRAMES
    held = {int(line) for line in done.stdout.split()}
    assert len(held) == SECONDS // 60

    (log,) = tmp_path.glob("*.gblog")
    assert log.stat().st_size < LIMIT
    found = reference.read(tmp_path)
    (process,) = found.processes
    born = Counter(life.kind for life in process.lives)
    assert born["AudioFrameBuffer"] + found.folded["AudioFrameBuffer"] == SECONDS * FRAMES
    assert found.folded["AudioFrameBuffer"] > SECONDS * FRAMES * 0.9
    assert born["buffer"] + found.folded["buffer"] == 2 * SECONDS
    sources = [life for life in process.lives if life.kind == "AudioSource"]
    assert len(sources) == SECONDS
    assert {life.id for life in sources if not life.gone} == held
    assert {f.check.id for f in found.findings} == {"GB901"}
    assert len(found.findings) == len(held)
    assert process.log.head.lost == 0
