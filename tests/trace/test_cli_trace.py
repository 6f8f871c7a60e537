"""The commands: what a command under trace can tell, and what is left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from forking import CommandLine
from trace_fixtures import CLIENTS, Recorded

pytestmark = pytest.mark.quick

LOAD = "import ctypes, sys; ctypes.CDLL('libreference_ffi.so');"


def arguments(reference: Recorded, *options: str) -> list[str]:
    return ["trace", "--config", str(reference.config), "--library", str(reference.real), *options]


def environment(folder: Path) -> dict[str, str]:
    (folder / "tmp").mkdir(exist_ok=True)
    return {**os.environ, "TMPDIR": str(folder / "tmp")}


def run(
    cli: CommandLine, reference: Recorded, folder: Path, *more: str, options: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return cli.run([*arguments(reference, *options), "--", *more], environment(folder))


def client(script: str) -> list[str]:
    return [sys.executable, str(CLIENTS), "libreference_ffi.so", script]


def left(folder: Path) -> list[str]:
    return [path.name for path in (folder / "tmp").iterdir() if path.name.startswith("gen-bindings")]


def test_the_commands_own_output_and_exit_code_pass_through(
    cli: CommandLine, reference: Recorded, tmp_path: Path
) -> None:
    done = run(cli, reference, tmp_path, sys.executable, "-c", LOAD + "print('out'); sys.exit(7)")
    assert (done.returncode, done.stdout) == (7, "out\n"), done.stderr
    assert "Nothing found" in done.stderr
    assert left(tmp_path) == []


def test_a_leak_is_told_with_its_history_and_every_report(
    cli: CommandLine, reference: Recorded, tmp_path: Path
) -> None:
    names = [tmp_path / f"r.{suffix}" for suffix in ("json", "xml", "sarif", "html", "txt")]
    options = ("--error-exitcode", "9", *(part for name in names for part in ("--report", str(name))))
    done = run(cli, reference, tmp_path, *client("leak"), options=options)
    assert done.returncode == 9, done.stderr
    assert (
        "error GB901 (binding): Handle AudioSource 1, brought by NewAudioSourceResponse.source" in done.stderr
    )
    found = json.loads(names[0].read_text())
    assert [finding["id"] for finding in found["findings"]] == ["GB901"]
    assert found["processes"][0]["status"] == 0
    (suite,) = ElementTree.parse(names[1]).getroot()
    assert (suite.tag, suite.get("failures"), suite.get("errors")) == ("testsuite", "1", "0")
    run_ = json.loads(names[2].read_text())["runs"][0]
    assert [(r["ruleId"], r["level"]) for r in run_["results"]] == [("GB901", "error")]
    assert {rule["id"] for rule in run_["tool"]["driver"]["rules"]} >= {"GB901"}
    assert "GB901" in names[3].read_text()
    assert "GB901" in names[4].read_text()


def test_no_payload_leaves_unless_asked(cli: CommandLine, reference: Recorded, tmp_path: Path) -> None:
    secret = b"lobby".hex()
    for options, expected in (((), False), (("--payloads",), True)):
        names = [tmp_path / f"r.{suffix}" for suffix in ("json", "xml", "sarif", "html", "txt")]
        more = tuple(part for name in names for part in ("--report", str(name)))
        done = run(cli, reference, tmp_path, *client("release_parent_first"), options=(*options, *more))
        texts = [done.stderr, *(name.read_text() for name in names)]
        assert not any("lobby" in text for text in texts)
        assert any(secret in text for text in texts) is expected
        private = {name.stat().st_mode & 0o077 == 0 for name in names}
        assert not expected or private == {True}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_signals_reach_the_command(
    cli: CommandLine, reference: Recorded, tmp_path: Path, number: signal.Signals
) -> None:
    ready = tmp_path / "ready"
    script = (
        f"import signal, time; signal.signal({int(number)}, lambda *_: sys.exit(33));"
        f"open({str(ready)!r}, 'w').close();\nwhile True: time.sleep(0.05)"
    )
    process = cli.start(
        [*arguments(reference), "--", sys.executable, "-c", LOAD + script], environment(tmp_path)
    )
    deadline = time.monotonic() + 30
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process, number)
    done = cli.wait()
    assert done.returncode == 33, done.stderr
    assert left(tmp_path) == []


@pytest.mark.parametrize("script", ["abort", "kill"])
def test_a_sudden_end_is_told_with_what_was_alive(
    cli: CommandLine, reference: Recorded, tmp_path: Path, script: str
) -> None:
    done = run(cli, reference, tmp_path, *client(script))
    number = {"abort": signal.SIGABRT, "kill": signal.SIGKILL}[script]
    assert done.returncode == 128 + number
    assert f"GB910 (binding): The process was ended by {number.name} while running: no call" in done.stderr
    assert "1 handle was alive" in done.stderr
    assert "GB901" not in done.stderr


def test_a_shell_tells_how_what_it_ran_was_ended(
    cli: CommandLine, reference: Recorded, tmp_path: Path
) -> None:
    script = " ".join(client("kill"))
    done = run(cli, reference, tmp_path, "sh", "-c", f"{script}; exit $?")
    assert done.returncode == 128 + signal.SIGKILL
    assert "GB910 (binding): The process was ended by SIGKILL" in done.stderr
    assert "GB901" not in done.stderr


def test_kept_logs_can_be_reported_later(cli: CommandLine, reference: Recorded, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    run(cli, reference, tmp_path, *client("leak"), options=("--keep", str(kept)))
    assert [path.stat().st_mode & 0o777 for path in kept.iterdir()] == [0o600]
    done = cli.run(["report", "--config", str(reference.config), str(kept)], environment(tmp_path))
    assert done.returncode == 1
    assert "error GB901" in done.stdout


def test_a_census_finds_nothing_more_where_all_is_named(
    cli: CommandLine, reference: Recorded, tmp_path: Path
) -> None:
    done = run(cli, reference, tmp_path, *client("leak"), options=("--census",))
    assert "the census found it alive" in done.stderr
    assert "GB920" not in done.stderr
    done = run(cli, reference, tmp_path, *client("clean"), options=("--census",))
    assert "Nothing found" in done.stderr


def test_a_census_finds_what_no_message_named(cli: CommandLine, reference: Recorded, tmp_path: Path) -> None:
    quiet = run(cli, reference, tmp_path, *client("hidden_publication"))
    assert "Nothing found" in quiet.stderr, quiet.stderr
    done = run(cli, reference, tmp_path, *client("hidden_publication"), options=("--census",))
    told = [line for line in done.stderr.splitlines() if line.startswith(("error", "warning"))]
    assert len(told) == 1, done.stderr
    pattern = r"holds an entry that no message named: \d+ \(handed out after LocalTrackPublication \d+,"
    assert told[0].startswith("error GB920 (library): The library's table ")
    assert re.search(pattern, told[0])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--report", "x.pdf"), "expected a name in .html"),
        (("--report", "gone/x.json"), "its folder is not there"),
        (("--keep", __file__), "is no folder"),
        (("--keep", "/sys/x"), "/sys/x: "),
        (("--variable", "A=B"), "is no name of an environment variable"),
        (("--plugin", "gone.so"), "the plugin is not there"),
    ],
)
def test_what_cannot_work_is_refused_before_the_command_runs(
    cli: CommandLine, reference: Recorded, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    done = run(cli, reference, tmp_path, "touch", str(tmp_path / "ran"), options=options)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert words in done.stderr
    assert not (tmp_path / "ran").exists()


def test_live(cli: CommandLine, reference: Recorded, tmp_path: Path) -> None:
    done = run(cli, reference, tmp_path, *client("leak"), options=("--live",))
    row = next(line for line in done.stderr.splitlines() if "AudioSource" in line and "│" in line)
    assert row.replace("│", " ").split() == ["AudioSource", "1", "1", "1"]
    assert "┘\nprocess" in done.stderr


def test_a_plugin_is_put_back(cli: CommandLine, reference: Recorded, tmp_path: Path) -> None:
    plugin = tmp_path / "libreference_ffi.so"
    plugin.write_bytes(reference.real.read_bytes())
    before = plugin.read_bytes()
    given = ["trace", "--config", str(reference.config), "--plugin", str(plugin), "--"]
    script = [sys.executable, str(CLIENTS), str(plugin), "leak"]
    done = cli.run([*given, *script], environment(tmp_path))
    assert "error GB901" in done.stderr, done.stderr
    assert plugin.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["libreference_ffi.so", "tmp"]


def test_a_command_that_never_loads_the_library_is_told(
    cli: CommandLine, reference: Recorded, tmp_path: Path
) -> None:
    done = run(cli, reference, tmp_path, sys.executable, "-c", "print(1)", options=("--error-exitcode", "9"))
    assert done.returncode == 9
    assert "never loaded the recorder" in done.stderr


def test_a_missing_library_or_command_is_one_message(
    cli: CommandLine, reference: Recorded, tmp_path: Path
) -> None:
    done = run(cli, reference, tmp_path, "true", options=("--library", str(tmp_path / "gone.so")))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    done = run(cli, reference, tmp_path, "true", options=("--library", str(reference.recorder)))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "is a recorder itself" in done.stderr
    done = run(cli, reference, tmp_path, str(tmp_path / "gone"))
    assert done.returncode == 2
    assert "cannot be run" in done.stderr


def test_the_recorder_is_written_as_source(reference: Recorded, tmp_path: Path) -> None:
    given = ["--config", str(reference.config), "--library", str(reference.real), "--out", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "gen_bindings", "recorder", *given],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()}
    assert {name: written[name] for name in reference.files} == reference.files
