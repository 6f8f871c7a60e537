"""Runs one child process to its end or its deadline, and says which of the five ends it was."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from gen_bindings.errors import GenBindingsError
from gen_bindings.findings import catalogue
from gen_bindings.findings.finding import Finding

STAGE_PREFIX = "@stage "
# The stage with which a child says that its runtime is up; its deadline counts from there.
RUNNING = "running the scenario"
# How long a runtime may take until then: a hang while it starts is a hang as well.
START_SECONDS = 120.0
_TAIL = 16_000
# What a child prints of its threads is waited for as long, for each signal that makes it print.
_DUMP_SECONDS = 10.0
_QUIET_SECONDS = 0.5
_LOOK_SECONDS = 0.1


class Status(StrEnum):
    """How a scenario ended."""

    OK = "ok"
    FAILED = "failed"
    CRASHED = "crashed"
    HUNG = "hung"
    NO_RESULT = "no result"


class ScenarioError(GenBindingsError):
    """A scenario did not end well; the message is all that is known about it."""


@dataclass(frozen=True)
class Outcome:
    """What became of one scenario.

    Attributes:
        name: the scenario's.
        lane: mono, coreclr or aot.
        status: which of the five ends.
        result: what the scenario returned, for OK.
        stage: the last stage that the scenario named.
        error: the exception with its stack, for FAILED.
        signal: the signal's name, for CRASHED.
        dump: the stacks of all threads that could be had, for HUNG.
        exit_code: the process's; negative for a signal.
        stdout: its tail.
        stderr: its tail, without the stage lines.
        seconds: from start to end of the child.
    """

    name: str
    lane: str
    status: Status
    result: Any
    stage: str
    error: str
    signal: str
    dump: str
    exit_code: int
    stdout: str
    stderr: str
    seconds: float

    def value(self) -> Any:
        """The result.

        Raises:
            ScenarioError: the scenario ended in any other way than OK.
        """
        if self.status is not Status.OK:
            raise ScenarioError(self.describe())
        return self.result

    def finding(self) -> Finding | None:
        """GB910 for a crash, GB911 for a hang, GB912 for a missing result; an exception is none of these."""
        where = f"Scenario {self.name!r} on the {self.lane} lane"
        at = f"in stage {self.stage!r}" if self.stage else "before its first stage"
        stderr = tuple(self.stderr.splitlines()[-20:])
        if self.status is Status.CRASHED:
            return catalogue.CRASHED.seen(f"{where} was ended by {self.signal} {at}.", stderr)
        if self.status is Status.HUNG:
            message = f"{where} was still running at its deadline, {at}."
            return catalogue.HUNG.seen(message, tuple(self.dump.splitlines()))
        if self.status is Status.NO_RESULT:
            message = f"{where} ended with exit code {self.exit_code} and without its result, {at}."
            return catalogue.NO_RESULT.seen(message, stderr)
        return None

    def describe(self) -> str:
        """Everything that is known, for a person."""
        if finding := self.finding():
            return str(finding)
        at = f" in stage {self.stage!r}" if self.stage else ""
        first = (
            f"Scenario {self.name!r} on the {self.lane} lane: {self.status}{at} after {self.seconds:.1f} s."
        )
        if self.status is Status.OK:
            return first
        return f"{first}\n{self.error}\n{self.stderr}".rstrip()


def run_child(
    name: str,
    lane: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    result_file: Path,
    deadline: float,
    dump_signals: Sequence[signal.Signals],
) -> Outcome:
    """Runs a command in a process group of its own and reads what it left.

    Args:
        name: for the outcome.
        lane: for the outcome.
        command: program and arguments.
        environment: the child's whole environment.
        folder: an existing folder for the child's output files, which is also its current folder.
        result_file: where the child puts `{"status": "ok", "result": …}` or
            `{"status": "failed", "error": "…"}`.
        deadline: seconds from `RUNNING` on until the child counts as hung and its group is killed.
        dump_signals: what makes the child print the stacks of its threads.
    """
    stdout, stderr = folder / "stdout", folder / "stderr"
    start = time.monotonic()
    with stdout.open("wb") as out, stderr.open("wb") as err:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=dict(environment),
            # Mono's crash reporter writes files into the current folder.
            cwd=folder,
            start_new_session=True,
        )
    dump = ""
    hung = False
    try:
        _wait(child, stderr, deadline)
    except subprocess.TimeoutExpired:
        # A runtime that crashed may hang while it reports the crash: that is a crash.
        hung = _crash_report(_text(stdout) + _text(stderr)) is None
        if hung:
            dump = _dump_threads(child.pid, dump_signals, lambda: _text(stdout) + _text(stderr))
    finally:
        if child.returncode is None:
            _kill_group(child)
    seconds = time.monotonic() - start

    said = _text(stderr)
    crash = _crash_report(_text(stdout) + said)
    stages = [line[len(STAGE_PREFIX) :] for line in said.splitlines() if line.startswith(STAGE_PREFIX)]
    status, result, error = _read_result(result_file)
    signal_name = ""
    if hung:
        status = Status.HUNG
    elif status is Status.NO_RESULT and crash is not None:
        status, signal_name = Status.CRASHED, crash
    elif status is Status.NO_RESULT and child.returncode < 0:
        status, signal_name = Status.CRASHED, signal.Signals(-child.returncode).name
    return Outcome(
        name=name,
        lane=lane,
        status=status,
        result=result if status is Status.OK else None,
        stage=stages[-1] if stages else "",
        error=error,
        signal=signal_name,
        dump=dump,
        exit_code=child.returncode,
        stdout=_text(stdout)[-_TAIL:],
        stderr="\n".join(line for line in said.splitlines() if not line.startswith(STAGE_PREFIX))[-_TAIL:],
        seconds=seconds,
    )


def _wait(child: subprocess.Popen[bytes], stderr: Path, deadline: float) -> None:
    started = time.monotonic()
    begun = f"{STAGE_PREFIX}{RUNNING}\n"
    while begun not in _text(stderr) and time.monotonic() < started + START_SECONDS:
        with suppress(subprocess.TimeoutExpired):
            child.wait(_LOOK_SECONDS)
            return
    child.wait(deadline)


def library_folder(folder: Path, libraries: Mapping[str, Path]) -> Path:
    """A folder in which each library is found under the name that `DllImport` gives it.

    Raises:
        ScenarioError: a library that does not exist.
    """
    made = folder / "lib"
    made.mkdir()
    for name, path in libraries.items():
        if not path.is_file():
            raise ScenarioError(
                f"The native library {path}, which the C# imports as {name!r}, does not exist. "
                "Build it first; `make setup` builds those of a checkout."
            )
        (made / f"lib{name}.so").symlink_to(path.resolve())
    return made


def _read_result(path: Path) -> tuple[Status, Any, str]:
    if not path.is_file():
        return Status.NO_RESULT, None, ""
    answer = json.loads(path.read_text("utf-8"))
    if answer["status"] == "ok":
        return Status.OK, answer["result"], ""
    return Status.FAILED, None, answer["error"]


def _crash_report(said: str) -> str | None:
    """The signal that Mono's crash reporter names, if it ran."""
    if found := re.search(r"^Got a (SIG[A-Z]+) while executing", said, re.MULTILINE):
        return found[1]
    return None


def _dump_threads(pid: int, signals: Sequence[signal.Signals], said: Callable[[], str]) -> str:
    """What the runtimes print about their threads, and the system's own list of the threads."""
    listed = _system_threads(pid)
    before = seen = said()
    for number in signals:
        asked = seen
        os.kill(pid, number)
        end = time.monotonic() + _DUMP_SECONDS
        while time.monotonic() < end:
            time.sleep(_QUIET_SECONDS)
            now = said()
            if now != asked and now == seen:
                break
            seen = now
    return f"{listed}\n{seen[len(before) :] if seen.startswith(before) else seen}"


def _system_threads(pid: int) -> str:
    lines = []
    for task in sorted(Path(f"/proc/{pid}/task").iterdir(), key=lambda path: int(path.name)):
        try:
            state = (task / "stat").read_text().rpartition(")")[2].split()[0]
            waiting = (task / "wchan").read_text()
            lines.append(f"thread {task.name} {(task / 'comm').read_text().strip()!r} {state} {waiting}")
        except OSError:
            continue
    return "\n".join(lines)


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    # The child leads its own session and has not been waited for, so its id is still its group's.
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")
