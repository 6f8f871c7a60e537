"""The other commands, exit codes, and how fast help is."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gen_bindings as package
from cli_runner import gen_bindings, replace_in
from gen_bindings.report import progress
from gen_bindings.runtime import doctor

pytestmark = pytest.mark.quick


def test_version() -> None:
    done = gen_bindings("--version")
    assert (done.code, done.out) == (0, f"gen-bindings {package.__version__}\n")


@pytest.mark.parametrize("command", [(), ("generate",), ("model",), ("init",), ("doctor",)])
def test_help_of_every_command(command: tuple[str, ...]) -> None:
    done = gen_bindings(*command, "--help")
    assert done.code == 0
    assert "Usage: gen-bindings" in done.out


def test_help_tells_the_exit_codes() -> None:
    assert "0 done, 1 something was found, 2 wrong usage or bad input" in " ".join(
        gen_bindings("--help").out.split()
    )


def test_help_comes_at_once() -> None:
    """Counted in processor time, which other work on the machine does not stretch."""

    def best(*arguments: str) -> float:
        def once() -> float:
            process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0
            return used.ru_utime + used.ru_stime

        return min(once() for _ in range(7))

    assert best("-m", "gen_bindings", "--help") - best("-c", "pass") < 0.2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("generate",), "--config"),
        (("generate", "--config", "x.toml"), "--out"),
        (("generate", "--config", "x.toml", "--out", "y", "--fast"), "--fast"),
        (("polish",), "polish"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], expected: str) -> None:
    done = gen_bindings(*arguments)
    assert done.code == 2
    assert expected in done.err
    assert "Traceback" not in done.err


def test_model_is_json_in_a_stable_order(config: Path) -> None:
    first, second = gen_bindings("model", "--config", config), gen_bindings("model", "--config", config)
    assert first.code == 0, first.err
    assert first.out == second.out
    model = json.loads(first.out)
    assert [kind["name"] for kind in model["kinds"]] == ["Lamp"]
    assert [operation["name"] for operation in model["operations"]] == ["new_lamp", "dim"]


def test_model_summary(config: Path) -> None:
    done = gen_bindings("model", "--config", config, "--summary")
    assert done.code == 0, done.err
    rows = {" ".join(line.split()[:-1]): line.split()[-1] for line in done.out.splitlines() if line.split()}
    assert rows["requests"] == "2"
    assert rows["kinds"] == "1"


def test_doctor_is_content_when_everything_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "checks", lambda: [doctor.Check("mcs", "6.12", "compiling", "install it")])
    done = gen_bindings("doctor")
    assert done.code == 0
    assert "6.12" in done.out
    assert "install it" not in done.out
    assert "Everything is there." in done.out


def test_doctor_names_what_is_missing_and_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    there = doctor.Check("mcs", "6.12", "compiling", "install mcs")
    missing = doctor.Check("CoreCLR", None, "the coreclr lane", "fetch it")
    monkeypatch.setattr(doctor, "checks", lambda: [there, missing])
    done = gen_bindings("doctor")
    assert done.code == 1
    assert "fetch it" in done.out
    assert "Missing: CoreCLR." in done.out


def test_progress_is_told_only_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    with progress.Progress() as quick:
        quick.step("reading")
    assert said.getvalue() == ""
    monkeypatch.setattr(progress, "_QUIET_SECONDS", 0.01)
    with progress.Progress() as slow:
        slow.step("reading")
        deadline = time.monotonic() + 10
        while "\n" not in said.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
        slow.step("deciding")
    assert said.getvalue() == "reading …\ndeciding …\n"


def test_an_interrupted_command_ends_with_130(config: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    replace_in(config, 'proto = ["lamp.proto"]', 'module = "slow_pb2"\nmodule_path = ["."]')
    (config.parent / "slow_pb2.py").write_text(f"open({str(pipe)!r}).read()\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "gen_bindings", "model", "--config", str(config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A background job of a shell ignores the signal, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    # Opening succeeds once the module is imported; the import then waits for the text.
    with pipe.open("w"):
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
