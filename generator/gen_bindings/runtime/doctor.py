"""What the run-time checks need, what of it is here, and how to get the rest."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gen_bindings.errors import ToolchainError
from gen_bindings.runtime import toolchain


@dataclass(frozen=True)
class Check:
    """One thing that is needed.

    Attributes:
        name: what it is.
        found: its version or place, or none.
        needed_for: what does not work without it.
        how_to_get: what to do when it is missing.
        optional: only tests of a checkout need it; without it they are skipped.
    """

    name: str
    found: str | None
    needed_for: str
    how_to_get: str
    optional: bool = False


def checks() -> list[Check]:
    """Every check, those that are needed first and most at the start."""
    fetched = "`make setup` in a checkout fetches it; or install a .NET SDK, or set GEN_BINDINGS_DOTNET_ROOT"
    return [
        Check(
            "mcs",
            _found(lambda: toolchain.find_mcs().version),
            "compiling the generated C#",
            "Debian: apt-get install mono-mcs mono-devel",
        ),
        Check(
            "mono",
            _found(lambda: toolchain.find_mono().version),
            "running mcs, and the full-AOT lane",
            "Debian: apt-get install mono-runtime mono-devel",
        ),
        Check(
            "libmonosgen",
            _found(toolchain.find_libmono),
            "the mono lane",
            "Debian: apt-get install libmonosgen-2.0-1",
        ),
        Check(
            "pythonnet",
            _module("pythonnet"),
            "the mono and coreclr lanes",
            "pip install 'gen-bindings[runtime]'",
        ),
        Check("CoreCLR", _found(_coreclr), "the coreclr lane", fetched),
        Check(
            "netstandard 2.1",
            _found(lambda: str(toolchain.find_netstandard())),
            "compiling for the coreclr lane, and the check with Roslyn",
            fetched,
        ),
        Check("Roslyn", _found(_roslyn), "the check that Unity's compiler accepts the C#", fetched),
        Check(
            "as, ld",
            shutil.which("as") and shutil.which("ld"),
            "the full-AOT lane",
            "Debian: apt-get install binutils",
        ),
        Check(
            "gcc",
            _program("gcc") or _program("clang"),
            "the recorder of `trace`, and small native libraries of the tests",
            "Debian: apt-get install gcc libc6-dev",
        ),
        Check(
            "clang",
            _program("clang"),
            "tests of the recorder: a second compiler, and the one for devices",
            "`python tools/setup.py trace`; or Debian: apt-get install clang",
            optional=True,
        ),
        Check(
            "mingw-w64",
            _program("x86_64-w64-mingw32-gcc"),
            "tests of the recorder: the build for Windows",
            "`python tools/setup.py trace`; or Debian: apt-get install gcc-mingw-w64-x86-64",
            optional=True,
        ),
        Check(
            "headers for arm",
            _arm_headers(),
            "tests of the recorder: the builds for devices",
            "`python tools/setup.py trace`; or Debian: apt-get install libc6-dev-arm64-cross "
            "libc6-dev-armhf-cross",
            optional=True,
        ),
        Check(
            "chromium",
            _program("chromium") and _program("chromedriver"),
            "tests of the HTML page that `trace` writes",
            "`python tools/setup.py trace`; or Debian: apt-get install chromium chromium-driver",
            optional=True,
        ),
        Check(
            "ip",
            shutil.which("ip") or _sbin("ip"),
            "tests in a private network",
            "Debian: apt-get install iproute2",
            optional=True,
        ),
        Check(
            "cargo",
            _program("cargo"),
            "the native libraries of a checkout that are in Rust",
            "install Rust with rustup",
        ),
    ]


def _found(look: Callable[[], str]) -> str | None:
    try:
        return look()
    except ToolchainError:
        return None


def _coreclr() -> str:
    found = toolchain.find_coreclr()
    return f"{found.version} in {found.root}"


def _roslyn() -> str:
    return str(toolchain.find_roslyn().folder)


def _arm_headers() -> str | None:
    folders = [Path(f"/usr/{name}/include") for name in ("aarch64-linux-gnu", "arm-linux-gnueabihf")]
    return str(folders[0]) if all(folder.is_dir() for folder in folders) else None


def _sbin(name: str) -> str | None:
    return shutil.which(name, path="/usr/sbin:/sbin")


def _module(name: str) -> str | None:
    spec = importlib.util.find_spec(name)
    return spec.origin if spec else None


def _program(name: str) -> str | None:
    path = shutil.which(name)
    if path is None:
        return None
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return said.stdout.partition("\n")[0] or path
