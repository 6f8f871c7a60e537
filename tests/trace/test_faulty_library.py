"""What the library did wrong is laid at the library's door."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from trace_fixtures import CLIENTS, Recorded

from gen_bindings.findings.finding import Side
from gen_bindings.trace.checks import requests

pytestmark = pytest.mark.quick

SCRIPT = """
import ctypes, sys, threading
library = ctypes.CDLL(sys.argv[1])
came = threading.Event()
CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t)
callback = CALLBACK(lambda data, size: came.set())
library.reference_ffi_initialize(callback, False, b"", b"")
library.reference_ffi_request.restype = ctypes.c_uint64
library.reference_ffi_drop_handle.argtypes = [ctypes.c_uint64]
request = bytes.fromhex("d20100")
reply, size = ctypes.c_void_p(), ctypes.c_size_t()
buffer = library.reference_ffi_request(request, 3, ctypes.byref(reply), ctypes.byref(size))
library.reference_ffi_drop_handle(buffer)
library.reference_ffi_drop_handle(1)
library.reference_ffi_dispose()
came.wait(5 if sys.argv[2] == "late" else 0)
"""


@pytest.mark.parametrize(
    ("fault", "expected", "words"),
    [
        ("none", [], ""),
        ("late", ["GB914"], "ms after the library was disposed of"),
        ("forgets", ["GB908"], "the library no longer knew it"),
        (
            "hidden",
            ["GB920"],
            "holds an entry that no message named: 2 (handed out after AudioSource 1",
        ),
        ("abort", ["GB910"], "SIGABRT while running: reference_ffi_drop_handle of 1 on "),
    ],
)
def test_a_library(reference: Recorded, tmp_path: Path, fault: str, expected: list[str], words: str) -> None:
    real = tmp_path / "libfaulty.so"
    source = Path(__file__).with_name("faulty.c")
    options = ["-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["cc", *options, "-o", str(real), str(source), "-lpthread"], check=True)
    environment = {**os.environ, **reference.environment(tmp_path / "run", census="1"), "FAULT": fault}
    environment["GEN_BINDINGS_RECORD_LIBRARY"] = str(real)
    # Exports that this library lacks are only missed when they are called.
    command = [sys.executable, "-c", SCRIPT, str(reference.recorder), fault]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == (-6 if fault == "abort" else 0), done.stderr
    if fault == "abort":
        from gen_bindings.trace.log import set_status

        (log,) = tmp_path.glob("*.gblog")
        set_status(log, -6)
    findings = reference.read(tmp_path).findings
    assert [finding.check.id for finding in findings] == expected, [f.message for f in findings]
    assert all(finding.side is Side.LIBRARY for finding in findings)
    assert all(words in finding.message for finding in findings)


def test_a_callback_that_never_came(depot: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"""
import sys; sys.path.insert(0, {str(CLIENTS.parents[1])!r})
import fixtures.depot as d
d.build_fixture = lambda name: {str(depot.recorder)!r}
depot = d.Depot()
depot.start()
box = depot.command("open_box", label="a").opened.grip.number
depot.command("pack_box", box=box, item_labels=["plate"], delay_ms=600_000)
depot.release(box)
depot.stop()
"""
    environment = {**os.environ, **depot.environment(tmp_path / "run")}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    assert depot.read(tmp_path).findings == ()
    monkeypatch.setattr(requests, "OVERDUE_NS", 0)
    (finding,) = depot.read(tmp_path).findings
    assert (finding.check.id, finding.side) == ("GB917", Side.LIBRARY)
    assert finding.message.startswith("The callback of pack_box did not come within")
