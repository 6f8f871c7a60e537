"""The record: what contradicts is found."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from livekit_lab import Lab, prepare
from livekit_record import Record

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def prepared() -> Lab:
    return prepare()


def entry(kind: str, answer: bool, handle: int = 0, message: Any = None) -> bytes:
    data = message.SerializeToString() if message is not None else b""
    return struct.pack("<cBxxIQQ", kind.encode(), answer, len(data), handle, 1) + data


def written(lab: Lab, folder: Path, *entries: bytes) -> Record:
    file = folder / "record"
    file.write_bytes(b"".join(entries))
    return Record(file, lab.descriptors)


def source(lab: Lab, folder: Path, handle: int) -> bytes:
    """The answer to new_audio_source, in the buffer above the new handle."""
    response = Record.classes(lab.descriptors)["FfiResponse"]()
    response.new_audio_source.source.handle.id = handle
    response.new_audio_source.source.info.type = 0
    return entry("R", True, handle + 1, response)


def test_a_life_without_fault(prepared: Lab, tmp_path: Path) -> None:
    asked = Record.classes(prepared.descriptors)["FfiRequest"]()
    asked.new_audio_source.type = 0
    record = written(
        prepared,
        tmp_path,
        entry("Q", True, message=asked),
        source(prepared, tmp_path, 1),
        entry("D", True, 2),
        entry("D", True, 1),
    )
    assert record.faults() == []
    assert record.held == frozenset()
    assert record.verdicts() == {"new_audio_source": {"ok"}}


def test_every_fault_is_found(prepared: Lab, tmp_path: Path) -> None:
    record = written(
        prepared,
        tmp_path,
        source(prepared, tmp_path, 1),
        source(prepared, tmp_path, 1),
        source(prepared, tmp_path, 5),
        entry("D", True, 2),
        entry("D", False, 2),
        entry("D", True, 9),
        entry("D", False, 1 << 40),
    )
    path = "response.new_audio_source.source.handle"
    buffer = "answer buffer of new_audio_source"
    assert record.faults(1 << 40) == [
        f"handle 2 was handed out twice: by {buffer} and {buffer}",
        f"handle 1 was handed out twice: by {path} and {path}",
        f"handle 1 of {path} and {path} was never dropped",
        f"handle 5 of {path} was never dropped",
        f"handle 6 of {buffer} was never dropped",
        "handle 2 was dropped 2 times",
        "the drop of handle 2 was answered with false",
        "handle 9 was dropped and never handed out",
    ]


def test_an_unfinished_record_is_read_up_to_there(prepared: Lab, tmp_path: Path) -> None:
    whole = entry("D", True, 1)
    assert len(written(prepared, tmp_path, whole, source(prepared, tmp_path, 3)[:-1]).entries) == 1
