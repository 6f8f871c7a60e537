"""Logs that are empty, foreign, newer, truncated or damaged: a clear error, and what is readable is shown."""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from trace_fixtures import CLIENTS, Recorded

from gen_bindings.trace.contract import TraceError
from gen_bindings.trace.log import Log
from gen_bindings.trace.trace import read_trace

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def whole(reference: Recorded, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The log of a clean session, without the room at its end."""
    folder = tmp_path_factory.mktemp("log")
    environment = {**os.environ, **reference.environment(folder / "run")}
    command = [sys.executable, str(CLIENTS), str(reference.recorder), "clean"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    (path,) = folder.glob("*.gblog")
    return path.read_bytes()[: Log(path, reference.contract).head.cursor]


def log_of(folder: Path, data: bytes) -> Path:
    path = folder / "x.gblog"
    path.write_bytes(data)
    return path


def test_empty(reference: Recorded, tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="is empty"):
        read_trace(reference.contract, [log_of(tmp_path, b"")])


def test_foreign(reference: Recorded, tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="is not a log of a recorder"):
        read_trace(reference.contract, [log_of(tmp_path, b"\x7fELF" + bytes(5000))])


def test_newer_version(reference: Recorded, tmp_path: Path, whole: bytes) -> None:
    newer = whole[:8] + struct.pack("<I", 2) + whole[12:]
    with pytest.raises(TraceError, match="newer format 2, this version reads format 1"):
        read_trace(reference.contract, [log_of(tmp_path, newer)])


def test_of_another_contract(depot: Recorded, tmp_path: Path, whole: bytes) -> None:
    with pytest.raises(TraceError, match="was recorded with the contract"):
        read_trace(depot.contract, [log_of(tmp_path, whole)])


def test_an_unreadable_log_does_not_hide_a_readable_one(
    reference: Recorded, tmp_path: Path, whole: bytes
) -> None:
    good, bad = tmp_path / "a.gblog", tmp_path / "b.gblog"
    good.write_bytes(whole)
    bad.write_bytes(b"")
    found = read_trace(reference.contract, [bad, good])
    assert len(found.processes) == 1
    assert len(found.problems) == 1


@pytest.mark.parametrize("keep", [20, 600, 5000])
def test_truncated_in_the_head(reference: Recorded, tmp_path: Path, whole: bytes, keep: int) -> None:
    path = log_of(tmp_path, whole[:keep])
    if keep < 656:
        with pytest.raises(TraceError, match="truncated inside its head"):
            read_trace(reference.contract, [path])
    else:
        found = read_trace(reference.contract, [path])
        assert any("truncated" in problem for problem in found.problems)


def test_truncated_anywhere_keeps_what_came_before(reference: Recorded, tmp_path: Path, whole: bytes) -> None:
    path = log_of(tmp_path, whole)
    everything = [record.offset for record in Log(path, reference.contract).records()]
    start = Log(path, reference.contract).head.size
    for cut in range(start, len(whole), 61):
        path.write_bytes(whole[:cut])
        found = read_trace(reference.contract, [path])
        kept = [record.offset for record in Log(path, reference.contract).records()]
        assert kept == everything[: len(kept)]
        assert len(kept) >= sum(offset <= cut for offset in everything) - 1
        assert any("truncated" in problem for problem in found.problems)
        assert not [f for f in found.findings if f.check.id == "GB901" and "disposed" not in f.message]


def test_damage_is_skipped_and_told(reference: Recorded, tmp_path: Path, whole: bytes) -> None:
    path = log_of(tmp_path, whole)
    offsets = [record.offset for record in Log(path, reference.contract).records()]
    hit = offsets[len(offsets) // 2]
    path.write_bytes(whole[:hit] + b"\xff" * 16 + whole[hit + 16 :])
    log = Log(path, reference.contract)
    assert [record.offset for record in log.records()] == [offset for offset in offsets if offset != hit]
    assert any("damaged" in problem for problem in log.problems)


def test_any_byte_may_be_wrong(reference: Recorded, tmp_path: Path, whole: bytes) -> None:
    """Nothing but the module's own error may come out, whatever the file holds."""
    size = Log(log_of(tmp_path, whole), reference.contract).head.size
    places = [*range(0, 656, 13), *range(size, len(whole), 61)]
    for place in places:
        data = bytearray(whole)
        data[place] ^= 0xA5
        path = log_of(tmp_path, bytes(data))
        with contextlib.suppress(TraceError):
            read_trace(reference.contract, [path])
