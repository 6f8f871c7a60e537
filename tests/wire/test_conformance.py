"""Protobuf's own conformance test suite finds in the generated messages what is on a list, and no more."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from wire_schemas import NAMESPACE, STUB

from gen_bindings.output.write import put_files
from gen_bindings.passes.name_messages import name_messages
from gen_bindings.render.messages import render_messages
from gen_bindings.runtime.compile import compile_exe
from gen_bindings.runtime.toolchain import Toolchain
from gen_bindings.sources.proto_files import read_proto_files

HERE = Path(__file__).resolve().parent
SUITE = HERE.parents[1] / "build" / "toolchain" / "conformance"
# Of the pinned version: what is binary both ways runs, JSON and text are answered with "skipped".
BINARY, OTHER = 2805, 2762
_SUMMARY = re.compile(r"(\d+) successes, (\d+) skipped, 0 expected failures, (\d+) unexpected failures")

pytestmark = pytest.mark.skipif(
    not SUITE.is_dir(), reason="the conformance test runner is not there: python3 tools/setup.py conformance"
)


def _testee(folder: Path) -> Path:
    include = SUITE / "include"
    schema = read_proto_files(sorted(include.rglob("*.proto")), [include])
    files = render_messages(name_messages(schema, NAMESPACE))
    files["Stub.g.cs"] = STUB
    put_files(files, folder / "cs")
    sources = [*(folder / "cs" / path for path in sorted(files)), HERE / "Conformance.cs"]
    return compile_exe(sources, folder / "testee.exe")


def _runner() -> list[str]:
    libraries = SUITE / "lib"
    loader = [str(libraries / "ld-linux-x86-64.so.2"), "--library-path", str(libraries)]
    return [*(loader if libraries.is_dir() else []), str(SUITE / "runner")]


def test_the_suite_finds_what_is_expected_and_nothing_else(toolchain: Toolchain, tmp_path: Path) -> None:
    testee = _testee(tmp_path)
    command = [
        *_runner(),
        "--enforce_recommended",
        "--maximum_edition",
        "2023",
        "--output_dir",
        str(tmp_path),
    ]
    done = subprocess.run(
        [*command, str(toolchain.mono.path), str(testee)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )
    summary = _SUMMARY.search(done.stdout + done.stderr)
    assert summary is not None, done.stderr[-2000:]

    lists = tomllib.loads((HERE / "conformance_failures.toml").read_text("utf-8"))["expected"]
    expected = sorted(name for entry in lists for name in entry["tests"])
    failing = (tmp_path / "failing_tests.txt").read_text("utf-8").splitlines()
    assert sorted(line.partition(" ")[0] for line in failing if line) == expected
    assert all(entry["reason"] for entry in lists)

    passed, skipped, failed = (int(number) for number in summary.groups())
    assert (passed, skipped, failed) == (BINARY - len(expected), OTHER, len(expected))
