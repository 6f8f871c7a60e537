"""Gives a command a network of its own: one interface with an address, and nothing that it sends leaves it.

It is a network namespace of Linux, made before the command starts and gone with its last process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NoReturn

# What to put before a command; it replaces itself by the command, so the process stays the same.
PREFIX = (sys.executable, "-P", "-m", "gen_bindings.runtime.network")
ADDRESS = "10.77.0.1"

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_REFUSED = 125
# Both ends of the pair are inside. Link-local addresses would come seconds later, and differ in every run.
_INTERFACES = f"""\
link set lo up
link add gb0 type veth peer name gb1
link set gb0 addrgenmode none
link set gb1 addrgenmode none
address add {ADDRESS}/24 dev gb0
link set gb0 up
link set gb1 up
route add default dev gb0
"""


@cache
def why_not() -> str:
    """The reason why this process cannot have such a network; empty when it can."""
    if shutil.which("ip") is None:
        return "`ip` is missing: install iproute2"
    package_parent = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([package_parent, os.environ.get("PYTHONPATH", "")])
    tried = subprocess.run(
        [*PREFIX, "true"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if tried.returncode == 0 else tried.stderr.strip()


def main(command: Sequence[str]) -> NoReturn:
    """Becomes the command, inside."""
    try:
        _unshare()
        made = subprocess.run(
            ["ip", "-batch", "-"], input=_INTERFACES, capture_output=True, text=True, check=False
        )
    except OSError as error:
        _refuse(f"a private network was refused: {error.strerror}")
    if made.returncode != 0:
        _refuse(f"the interfaces of a private network were refused: {made.stderr.strip()}")
    os.execvp(command[0], list(command))


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
