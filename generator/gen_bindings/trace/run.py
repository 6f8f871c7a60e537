"""Runs a command with a recorder in place, its signals and its end passed through."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gen_bindings.trace.contract import Contract, TraceError
from gen_bindings.trace.log import Log, RecordKind, set_status

_POLL_SECONDS = 0.25
_FORWARDED = (
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGTERM",
    "SIGUSR1",
    "SIGUSR2",
    "SIGALRM",
    "SIGWINCH",
    "SIGCONT",
)
# What a terminal sends reaches its whole foreground group, the command included.
_FROM_KERNEL = 0x80


@dataclass(frozen=True, slots=True)
class Placement:
    """How a command comes to load the recorder instead of the real library.

    Attributes:
        variables: environment variables that are set to the recorder's path.
        plugin: file that is replaced by the recorder while the command runs.
    """

    recorder: Path
    real: Path
    variables: tuple[str, ...] = ()
    plugin: Path | None = None


def check_variables(names: Sequence[str]) -> None:
    """Refuses what cannot be the name of an environment variable.

    Raises:
        TraceError: a name is empty or holds ``=``.
    """
    for name in names:
        if not name or "=" in name or "\0" in name:
            raise TraceError(
                f"{name!r} is no name of an environment variable. Give the name alone with --variable."
            )


def environment(placement: Placement, log: Path, limit: int, census: bool) -> dict[str, str]:
    """The command's environment."""
    found = dict(os.environ)
    real = placement.real
    found["GEN_BINDINGS_RECORD_LIBRARY"] = str(real.resolve())
    found["GEN_BINDINGS_RECORD_LOG"] = str(log)
    found["GEN_BINDINGS_RECORD_LIMIT"] = str(limit)
    found["GEN_BINDINGS_RECORD_CENSUS"] = "1" if census else "0"
    for variable in placement.variables:
        found[variable] = str(placement.recorder)
    search = "DYLD_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
    found[search] = os.pathsep.join(filter(None, (str(placement.recorder.parent), found.get(search))))
    return found


def run(
    command: Sequence[str], variables: Mapping[str, str], watch: Callable[[], None] | None = None
) -> tuple[int, int]:
    """Runs a command and returns its process id and how it ended, as ``subprocess`` tells it.

    Signals that this process is sent go to the command; those that the terminal sends, it has already.

    Args:
        watch: called a few times a second while the command runs.

    Raises:
        TraceError: the command cannot be started.
    """
    passed = {getattr(signal, name) for name in _FORWARDED if hasattr(signal, name)}
    if not hasattr(signal, "sigtimedwait") or threading.current_thread() is not threading.main_thread():
        return _run_simply(command, variables, watch)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, passed | {signal.SIGCHLD})
    try:
        child = _start(command, variables, lambda: signal.pthread_sigmask(signal.SIG_SETMASK, before))
        while child.poll() is None:
            info = signal.sigtimedwait(passed | {signal.SIGCHLD}, _POLL_SECONDS)
            if info is not None and info.si_signo != signal.SIGCHLD and info.si_code != _FROM_KERNEL:
                with contextlib.suppress(ProcessLookupError):
                    child.send_signal(info.si_signo)
            if watch is not None:
                watch()
    finally:
        # A signal that came after the command had ended is meant for nobody.
        while signal.sigtimedwait(passed, 0) is not None:
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return child.pid, child.returncode


def _run_simply(
    command: Sequence[str], variables: Mapping[str, str], watch: Callable[[], None] | None
) -> tuple[int, int]:
    child = _start(command, variables, None)
    while True:
        try:
            return child.pid, child.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if watch is not None:
                watch()
        except KeyboardInterrupt:
            continue


def _start(
    command: Sequence[str], variables: Mapping[str, str], before: Callable[[], object] | None
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, env=dict(variables), preexec_fn=before)
    except OSError as error:
        raise TraceError(f"{command[0] or repr('')}: cannot be run: {error.strerror}.") from None


@contextlib.contextmanager
def plugged(placement: Placement) -> Iterator[None]:
    """Puts the recorder in the place of a plugin, and the plugin back afterwards.

    Raises:
        TraceError: the file is not there.
    """
    plugin = placement.plugin
    if plugin is None:
        yield
        return
    aside = beside(plugin)
    if aside.exists():
        raise TraceError(
            f"{aside}: is there already; a run that was killed left the real library in it. "
            f"Move it back to {plugin.name} first."
        )
    plugin.rename(aside)
    try:
        shutil.copy(placement.recorder, plugin)
        yield
    finally:
        aside.replace(plugin)


def beside(plugin: Path) -> Path:
    """Where the real library lies while a recorder has its name."""
    return plugin.with_name(f"{plugin.stem}_real{plugin.suffix}")


def note_status(contract: Contract, folder: Path, process: int, status: int) -> None:
    """Notes how the command ended in its own log, else in that of the program that it waited for.

    A shell tells with 128 + n that what it ran was ended by the signal n.
    """
    logs = sorted(folder.glob("*.gblog"))
    own = [path for path in logs if path.name.endswith(f".{process}.gblog")]
    if not own and 128 < status < 128 + signal.NSIG:
        own, status = [path for path in logs if not _exited(contract, path)], 128 - status
    if len(own) == 1:
        with contextlib.suppress(TraceError):  # reading tells what is wrong with it
            set_status(own[0], status)


def _exited(contract: Contract, path: Path) -> bool:
    try:
        return any(record.kind is RecordKind.EXIT for record in Log(path, contract).records())
    except TraceError:
        return False


def exit_code(status: int) -> int:
    """How a shell tells the end of a command."""
    return 128 - status if status < 0 else status
