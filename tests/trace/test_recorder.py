"""The recorder under clients of the reference server: what passes through, and what the log says after."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from trace_fixtures import CLIENTS, Recorded

from gen_bindings.findings.finding import Side
from gen_bindings.report.trace_text import report_text
from gen_bindings.trace.lives import Lives
from gen_bindings.trace.log import Log, RecordKind
from gen_bindings.trace.read import feed
from gen_bindings.trace.trace import Trace, diagnostics_line

pytestmark = pytest.mark.quick


def run(
    reference: Recorded, folder: Path, script: str, *more: str, **options: str
) -> subprocess.CompletedProcess[str]:
    """Runs a script under the recorder."""
    return subprocess.run(
        [sys.executable, str(CLIENTS), str(reference.recorder), script, *more],
        env={**os.environ, **reference.environment(folder / "run", **options)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def trace(reference: Recorded, folder: Path, script: str) -> Trace:
    done = run(reference, folder, script)
    assert done.returncode == 0, done.stderr
    return reference.read(folder)


def told(found: Trace) -> list[tuple[str, str]]:
    return [(finding.check.id, finding.side.value if finding.side else "") for finding in found.findings]


@pytest.mark.parametrize("script", ["clean", "inside_callback", "threads", "again", "early_callback", "fork"])
def test_a_client_that_does_nothing_wrong_is_reported_silent(
    reference: Recorded, tmp_path: Path, script: str
) -> None:
    assert told(trace(reference, tmp_path, script)) == []


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("leak", [("GB901", "binding")]),
        ("leak_reply", [("GB901", "binding")]),
        ("release_twice", [("GB908", "binding")]),
        ("release_unknown", [("GB908", "binding")]),
        ("release_taken", [("GB908", "binding")]),
        ("use_after_release", [("GB916", "binding")]),
        ("release_parent_first", [("GB909", "binding")]),
        ("release_unclosed", [("GB308", "binding")]),
        ("ignore_event", [("GB915", "binding")]),
        ("call_after_dispose", [("GB919", "binding")]),
        ("refused", [("GB918", "library")]),
        ("wrong_handle", [("GB918", "binding")]),
        ("no_message", [("GB918", "binding")]),
        ("finalizer_thread", [("GB907", "binding")]),
    ],
)
def test_each_mistake_is_reported_and_nothing_else(
    reference: Recorded, tmp_path: Path, script: str, expected: list[tuple[str, str]]
) -> None:
    assert told(trace(reference, tmp_path, script)) == expected


def test_a_tree_hangs_together(reference: Recorded, tmp_path: Path) -> None:
    (process,) = trace(reference, tmp_path, "clean").processes
    by_kind = {life.kind: life for life in process.lives if life.kind != "buffer"}
    assert by_kind["Participant"].parent is by_kind["Room"]
    assert by_kind["TrackPublication"].parent is by_kind["Participant"]
    assert by_kind["Track"].parent is by_kind["TrackPublication"]
    assert [call.name for call in by_kind["Track"].uses] == ["publish_track"]
    assert by_kind["AudioSource"].path == "NewAudioSourceResponse.source"


@pytest.mark.parametrize(("script", "number"), [("abort", signal.SIGABRT), ("kill", signal.SIGKILL)])
def test_the_log_is_complete_up_to_a_sudden_end(
    reference: Recorded, tmp_path: Path, script: str, number: int
) -> None:
    done = run(reference, tmp_path, script)
    assert done.returncode == -number
    (process,) = reference.read(tmp_path).processes
    assert [mark.what for mark in process.marks] == ["initialize", "request", "release"]
    assert [life.label for life in process.lives if not life.gone] == ["AudioSource 1"]
    assert not process.exited


def test_a_log_that_breaks_off_in_a_call_says_so(reference: Recorded, tmp_path: Path) -> None:
    """Nobody told how the process ended: it was killed on a device, for example."""
    assert run(reference, tmp_path, "kill_in_handler").returncode == -signal.SIGKILL
    (finding,) = reference.read(tmp_path).findings
    assert (finding.check.id, finding.side) == ("GB910", Side.BINDING)
    assert finding.message.startswith("The recording breaks off while running: the handler of connect on ")


def test_a_history_is_told_in_order(reference: Recorded, tmp_path: Path) -> None:
    lines = report_text(trace(reference, tmp_path, "release_taken")).splitlines()
    times = [float(found[1]) for line in lines if (found := re.match(r" {4} *([\d.]+) ms ", line))]
    assert len(times) == 4
    assert times == sorted(times)
    assert "released again" in lines[-2]


@pytest.mark.parametrize("seed", range(6))
def test_the_table_agrees_with_the_servers_own_at_every_step(
    reference: Recorded, tmp_path: Path, seed: int
) -> None:
    done = run(reference, tmp_path, "random_script", str(seed))
    assert done.returncode == 0, done.stderr
    expected = json.loads(done.stdout)
    log = Log(next(tmp_path.glob("*.gblog")), reference.contract)
    lives = Lives(reference.contract, log, 0)
    tables = []
    for record in log.records():
        feed(lives, record)
        if record.kind is RecordKind.REQUEST and lives.calls[-1].name == "control_diagnostics":
            tables.append(counts(reference, lives.table()))
    assert tables == [{name: n for name, n in step.items() if name != "total"} for step in expected]
    assert len(tables) == 60
    brought = set().union(*tables)
    assert brought >= {"rooms", "participants", "tracks", "audio_sources", "video_sources", "other"}, brought


def counts(reference: Recorded, table: Counter[str]) -> dict[str, int]:
    line = diagnostics_line(reference.contract, table)
    return {name: int(n) for name, n in re.findall(r"(\w+)=(\d+)", line) if int(n) and name != "total"}


def test_every_registration_has_its_own_callback(reference: Recorded, tmp_path: Path) -> None:
    done = run(reference, tmp_path, "again")
    assert json.loads(done.stdout) == 40


def test_two_clients_in_a_process_are_told_apart(reference: Recorded, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    found = trace(reference, tmp_path, "two_clients")
    (process,) = found.processes
    held = {str(life.client) for life in process.lives if not life.gone}
    assert held == {"client 1", "client 2"}
    (room,) = (life for life in process.lives if life.kind == "Room")
    assert str(room.client) == "client 2"
    assert {phase.name for phase in process.phases} >= {"initialised", "client 1", "client 2"}
    text = report_text(found)
    assert ", for client 1" in text
    assert ", for client 2" in text
    assert ", for client" not in report_text(trace(reference, other, "leak"))


def test_a_forked_process_has_a_log_of_its_own(reference: Recorded, tmp_path: Path) -> None:
    parent, child = trace(reference, tmp_path, "fork").processes
    assert child.log.head.parent == parent.process
    assert [mark.what for mark in child.marks] == ["release"]


def test_a_bounded_log_folds_short_lives_and_loses_no_other(reference: Recorded, tmp_path: Path) -> None:
    done = run(reference, tmp_path, "frames", limit="65536")
    assert json.loads(done.stdout) == 3000, done.stderr
    found = reference.read(tmp_path)
    (process,) = found.processes
    born = Counter(life.kind for life in process.lives)
    assert born["AudioFrameBuffer"] + found.folded["AudioFrameBuffer"] == 3000
    assert found.folded["AudioFrameBuffer"] > 2000
    assert {
        kind: born[kind] for kind in ("Room", "Participant", "Track", "TrackPublication", "AudioStream")
    } == {
        "Room": 1,
        "Participant": 2,
        "Track": 1,
        "TrackPublication": 1,
        "AudioStream": 1,
    }
    assert all(life.gone == "released" for life in process.lives if life.lasting)
    leaked = [f for f in found.findings if f.check.id in ("GB901", "GB915")]
    assert len(leaked) == len(found.findings) == 2
    assert process.log.head.cursor - process.log.head.size < 65536


def test_only_the_owner_can_read_a_log(reference: Recorded, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        run(reference, tmp_path, "leak")
    finally:
        os.umask(old)
    assert stat.S_IMODE(next(tmp_path.glob("*.gblog")).stat().st_mode) == 0o600


def test_a_missing_real_library_is_one_sentence(reference: Recorded, tmp_path: Path) -> None:
    environment = {**os.environ, **reference.environment(tmp_path / "run")}
    environment["GEN_BINDINGS_RECORD_LIBRARY"] = str(tmp_path / "gone.so")
    command = [sys.executable, "-c", f"import ctypes; ctypes.CDLL({str(reference.recorder)!r})"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 127
    assert done.stderr.count("\n") == 1
    assert "the real library cannot be loaded" in done.stderr
    assert "gone.so" in done.stderr


@pytest.mark.parametrize("how", ["itself", "a copy"])
def test_it_refuses_to_record_a_recorder(reference: Recorded, tmp_path: Path, how: str) -> None:
    target = reference.recorder
    if how == "a copy":
        target = tmp_path / "copy.so"
        shutil.copy(reference.recorder, target)
    environment = {**os.environ, **reference.environment(tmp_path / "run")}
    environment["GEN_BINDINGS_RECORD_LIBRARY"] = str(target)
    command = [sys.executable, "-c", f"import ctypes; ctypes.CDLL({str(reference.recorder)!r})"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 127
    assert "is a recorder itself" in done.stderr


def test_other_exports_are_forwarded_with_all_arguments(tmp_path: Path, depot: Recorded) -> None:
    """A function that the contract ignores is found in the recorder and reaches the real one."""
    script = (
        f"import ctypes; r = ctypes.CDLL({str(depot.recorder)!r});"
        "r.depot_left_behind.restype = ctypes.c_uint32; print(r.depot_left_behind())"
    )
    environment = {**os.environ, **depot.environment(tmp_path / "run")}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr


def test_another_protocol_with_user_data_and_status_results(tmp_path: Path, depot: Recorded) -> None:
    script = f"""
import sys; sys.path.insert(0, {str(CLIENTS.parents[1])!r})
import ctypes, fixtures.depot as d
d.build_fixture = lambda name: {str(depot.recorder)!r}
depot = d.Depot()
depot.start(user=77)
box = depot.command("open_box", label="a").opened.grip.number
item = depot.command("put_item", box=box, facts={{'label': 'i'}}).item.grip.number
depot.command("ring_bell")
depot.wait("bell_heard")
assert depot.users[0] == 77, depot.users
assert depot.release(box) == 1
assert depot.release(item) == 1
assert depot.release(item) == 0
depot.stop()
"""
    environment = {**os.environ, **depot.environment(tmp_path / "run")}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert told(depot.read(tmp_path)) == [("GB909", "binding"), ("GB908", "binding")]


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("library", ["reference", "depot"])
def test_it_compiles_without_a_warning(
    compiler: str, library: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    files: dict[str, str] = request.getfixturevalue(library).files
    _write(files, tmp_path)
    (source,) = tmp_path.glob("*.c")
    options = ["-std=c11", "-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    done = subprocess.run(
        [compiler, *options, "-o", str(tmp_path / "made.so"), str(source), "-lpthread", "-ldl"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_its_build_file_takes_what_the_environment_will_not_name(reference: Recorded, tmp_path: Path) -> None:
    if shutil.which("cmake") is None:
        pytest.skip("cmake is not installed")
    _write(reference.files, tmp_path)
    named = [
        f"-DRECORDER_LIBRARY={reference.real}",
        f"-DRECORDER_LOG={tmp_path / 'run'}",
        "-DRECORDER_LIMIT=65536",
    ]
    build = tmp_path / "build"
    subprocess.run(["cmake", "-S", tmp_path, "-B", build, *named], check=True, capture_output=True)
    subprocess.run(["cmake", "--build", build], check=True, capture_output=True)
    command = [sys.executable, str(CLIENTS), str(build / "libreference_ffi.so"), "leak"]
    subprocess.run(command, check=True, capture_output=True)
    found = reference.read(tmp_path)
    assert told(found) == [("GB901", "binding")]
    assert found.processes[0].log.head.limit == 65536


@pytest.mark.parametrize(("log", "blocks"), [("gone/run", "unlimited"), ("run", "100")])
def test_a_log_that_cannot_be_made_stops_nobody(
    reference: Recorded, tmp_path: Path, log: str, blocks: str
) -> None:
    """No folder, or no room: the client works on, one sentence says that nothing is recorded."""
    client = [sys.executable, str(CLIENTS), str(reference.recorder), "leak"]
    done = subprocess.run(
        ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", *client],
        env={**os.environ, **reference.environment(tmp_path / log)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (0, 1), done.stderr
    assert "nothing is recorded, because the log cannot be made" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_it_builds_for_windows_and_forwards_by_name(reference: Recorded, tmp_path: Path) -> None:
    compiler = shutil.which("x86_64-w64-mingw32-gcc")
    if compiler is None:
        pytest.skip("mingw-w64 is not installed (Debian: gcc-mingw-w64-x86-64)")
    _write(reference.files, tmp_path)
    (source,), (definition,) = tmp_path.glob("*.c"), tmp_path.glob("*.def")
    made = tmp_path / "reference_ffi.dll"
    options = ["-std=c11", "-O2", "-shared", "-Wall", "-Wextra", "-Werror"]
    done = subprocess.run(
        [compiler, *options, "-o", str(made), str(source), str(definition)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    from gen_bindings.sources.exports import read_exports

    assert set(reference.contract.functions) <= set(read_exports(made).names)


@pytest.mark.parametrize("target", ["aarch64-linux-gnu", "arm-linux-gnueabihf"])
def test_it_compiles_for_devices(reference: Recorded, tmp_path: Path, target: str) -> None:
    if shutil.which("clang") is None or not Path(f"/usr/{target}/include").is_dir():
        pytest.skip(f"clang or the C library's headers for {target} are not installed")
    _write(reference.files, tmp_path)
    (source,) = tmp_path.glob("*.c")
    options = ["-std=c11", "-O2", "-fPIC", "-Wall", "-Wextra", "-Werror", f"--target={target}"]
    done = subprocess.run(
        [
            "clang",
            *options,
            "-isystem",
            f"/usr/{target}/include",
            "-c",
            "-o",
            str(tmp_path / "o"),
            str(source),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_it_builds_with_the_library_linked_in(reference: Recorded, tmp_path: Path) -> None:
    """As on iOS: no library to load, the real functions renamed."""
    _write(reference.files, tmp_path)
    (source,) = tmp_path.glob("*.c")
    options = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-DRECORDER_STATIC", "-c"]
    done = subprocess.run(
        ["cc", *options, "-o", str(tmp_path / "o"), str(source)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    symbols = subprocess.run(["nm", str(tmp_path / "o")], capture_output=True, text=True, check=True).stdout
    assert "U real_reference_ffi_request" in symbols
    assert "T reference_ffi_request" in symbols


def _write(files: dict[str, str], folder: Path) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")


def test_the_environment_is_not_needed_where_names_tell(reference: Recorded, tmp_path: Path) -> None:
    """A plugin: the recorder has the library's name, the real one lies beside it."""
    plugin = tmp_path / "libreference_ffi.so"
    shutil.copy(reference.recorder, plugin)
    shutil.copy(reference.real, tmp_path / "libreference_ffi_real.so")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GEN_BINDINGS_RECORD")}
    command = [sys.executable, str(CLIENTS), str(plugin), "leak"]
    subprocess.run(command, env=clean, check=True, capture_output=True)
    assert [path.name.split(".")[0] for path in tmp_path.glob("*.gblog")] == ["libreference_ffi"]
    assert told(reference.read(tmp_path)) == [("GB901", "binding")]


def test_results_pass_through_unchanged(reference: Recorded, tmp_path: Path) -> None:
    assert ctypes.sizeof(ctypes.c_bool) == 1
    done = run(reference, tmp_path, "clean")
    plain = subprocess.run(
        [sys.executable, str(CLIENTS), str(reference.real), "clean"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (plain.returncode, plain.stdout, plain.stderr)
