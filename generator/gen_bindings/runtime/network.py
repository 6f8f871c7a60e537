"""Gives commands a network of their own: one interface with an address, and nothing that they send leaves it.

It is a network namespace of Linux, made before the first command starts and gone with its last process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn

from gen_bindings.errors import ToolchainError

# What to put before a command; it replaces itself by the command, so the process stays the same.
PREFIX = (sys.executable, "-P", "-m", "gen_bindings.runtime.network")
ADDRESS = "10.77.0.1"
INTERFACE = "gb0"

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_REFUSED = 125
_JOIN = "--join"
# Ends with its starter, however that ends: then nobody holds the other end of its input.
_HOLDER = "import sys; print(flush=True); sys.stdin.read()"
# Both ends of the pair are inside. Link-local addresses would come seconds later, and differ in every run.
_INTERFACES = f"""\
link set lo up
link add {INTERFACE} type veth peer name gb1
link set {INTERFACE} addrgenmode none
link set gb1 addrgenmode none
address add {ADDRESS}/24 dev {INTERFACE}
link set {INTERFACE} up
link set gb1 up
route add default dev {INTERFACE}
"""


@dataclass(frozen=True)
class Network:
    """A network that several commands share.

    Attributes:
        holder: the process that keeps it while no command is inside.
    """

    holder: int

    @property
    def prefix(self) -> tuple[str, ...]:
        """What to put before a command to run it inside; it is killed when who started it ends."""
        return (*PREFIX, _JOIN, str(self.holder))


@cache
def why_not() -> str:
    """The reason why this process cannot have such a network; empty when it can."""
    if shutil.which("ip") is None:
        return "`ip` is missing: install iproute2"
    tried = subprocess.run([*PREFIX, "true"], env=environment(), capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else tried.stderr.strip()


def environment() -> dict[str, str]:
    """This process's environment, in which a prefix finds this module."""
    package_parent = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([package_parent, os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path}


@contextmanager
def shared() -> Iterator[Network]:
    """A network for several commands, gone with the last of them.

    Raises:
        ToolchainError: this process cannot have one.
    """
    if reason := why_not():
        raise ToolchainError(f"A private network cannot be had here: {reason}.")
    command = [*PREFIX, sys.executable, "-c", _HOLDER]
    # A session of its own: what the terminal sends must not end it before what is inside.
    with subprocess.Popen(
        command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as holder:
        assert holder.stdout is not None
        if not holder.stdout.readline():
            raise ToolchainError("A private network was made a moment ago and is refused now.")
        yield Network(holder.pid)


def main(command: Sequence[str]) -> NoReturn:
    """Becomes the command, inside."""
    if command[0] == _JOIN:
        _join(int(command[1]))
        command = command[2:]
    else:
        _make()
    os.execvp(command[0], list(command))


def _join(holder: int) -> None:
    """Enters the network of another process, and ends with the starter of this one."""
    c = ctypes.CDLL(None, use_errno=True)
    c.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for kind in ("user", "net"):
        theirs = Path(f"/proc/{holder}/ns/{kind}")
        try:
            if theirs.readlink() == Path(f"/proc/self/ns/{kind}").readlink():
                continue
            descriptor = os.open(theirs, os.O_RDONLY)
        except OSError as error:
            _refuse(f"the private network cannot be entered: {error.strerror}")
        if c.setns(descriptor, 0) != 0:
            _refuse(f"the private network cannot be entered: {os.strerror(ctypes.get_errno())}")
        os.close(descriptor)


def _make() -> None:
    try:
        _unshare()
        made = subprocess.run(
            ["ip", "-batch", "-"], input=_INTERFACES, capture_output=True, text=True, check=False
        )
    except OSError as error:
        _refuse(
            f"a private network was refused: {error.strerror}. It is made by root, or by anybody where "
            "user.max_user_namespaces and user.max_net_namespaces allow it"
        )
    if made.returncode != 0:
        _refuse(f"the interfaces of a private network were refused: {made.stderr.strip()}")


def _unshare() -> None:
    """Enters a new namespace; who is not root becomes it, in a user namespace."""
    user, group = os.getuid(), os.getgid()
    if _unshared(_CLONE_NEWNET):
        return
    if not _unshared(_CLONE_NEWUSER | _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")


def _unshared(flags: int) -> bool:
    ctypes.set_errno(0)
    if ctypes.CDLL(None, use_errno=True).unshare(flags) == 0:
        return True
    if ctypes.get_errno() not in (errno.EPERM, errno.EINVAL, errno.ENOSPC):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return False


def _refuse(reason: str) -> NoReturn:
    print(reason, file=sys.stderr)
    sys.exit(_REFUSED)


if __name__ == "__main__":
    main(sys.argv[1:])
