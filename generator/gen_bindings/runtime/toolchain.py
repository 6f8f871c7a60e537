"""Where the C# compiler, the runtimes and the reference assemblies are on this machine."""

from __future__ import annotations

import ctypes.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gen_bindings.errors import ToolchainError

DOTNET_ROOT_VARIABLE = "GEN_BINDINGS_DOTNET_ROOT"
_WAY_OUT = "`gen-bindings doctor` lists what the run-time checks need and how to get it."


@dataclass(frozen=True)
class Tool:
    """A program with the first line of what it says about its version."""

    path: Path
    version: str


@dataclass(frozen=True)
class CoreClr:
    """A folder with `host/fxr` and `shared/Microsoft.NETCore.App`, and the runtime version in it."""

    root: Path
    version: str


@dataclass(frozen=True)
class Roslyn:
    """The folder with `Microsoft.CodeAnalysis.CSharp.dll` and the runtime that came with it."""

    folder: Path
    coreclr: CoreClr


@dataclass(frozen=True)
class Toolchain:
    """Everything that the three lanes and the compiler check need."""

    mcs: Tool
    mono: Tool
    coreclr: CoreClr
    roslyn: Roslyn
    netstandard: Path


def find_toolchain() -> Toolchain:
    """All of it.

    Raises:
        ToolchainError: the first piece that is missing, with the way out.
    """
    return Toolchain(find_mcs(), find_mono(), find_coreclr(), find_roslyn(), find_netstandard())


def find_mcs() -> Tool:
    """Mono's C# compiler, the one that emits."""
    return _tool("mcs", "compile C#", "mono-mcs and mono-devel", os.environ.get("PATH"))


def find_mono() -> Tool:
    """The Mono runtime as a program: it runs mcs and the full-AOT lane."""
    return _tool("mono", "run C# as Unity does", "mono-runtime", os.environ.get("PATH"))


def find_libmono() -> str:
    """The name of the Mono runtime as a library, which is what pythonnet loads."""
    name = ctypes.util.find_library("monosgen-2.0")
    if name is None:
        raise ToolchainError(
            "The Mono runtime library (libmonosgen-2.0) is not on this machine, and the mono lane loads it. "
            f"On Debian it is in the package libmonosgen-2.0-1. {_WAY_OUT}"
        )
    return name


def find_coreclr() -> CoreClr:
    """The CoreCLR runtime, from the first of `dotnet_roots` that has one."""
    for root in dotnet_roots():
        if found := _coreclr_in(root):
            return found
    raise ToolchainError(_not_found("The CoreCLR runtime (shared/Microsoft.NETCore.App and host/fxr)"))


def find_roslyn() -> Roslyn:
    """Roslyn, from the first of `dotnet_roots` that has it together with a runtime."""
    for root in dotnet_roots():
        folders = [dll.parent for dll in root.glob("sdk/*/Roslyn/bincore/Microsoft.CodeAnalysis.CSharp.dll")]
        coreclr = _coreclr_in(root)
        if folders and coreclr:
            return Roslyn(max(folders, key=lambda folder: _version(folder.parents[1].name)), coreclr)
    raise ToolchainError(_not_found("Roslyn (sdk/*/Roslyn/bincore)"))


def find_netstandard() -> Path:
    """The .NET Standard 2.1 reference assembly, which is Unity's API profile."""
    for root in dotnet_roots():
        folder = root / "packs" / "NETStandard.Library.Ref"
        if found := sorted(folder.glob("*/ref/netstandard2.1/netstandard.dll")):
            return found[-1]
    raise ToolchainError(
        _not_found("The .NET Standard 2.1 reference assembly (packs/NETStandard.Library.Ref)")
    )


def dotnet_roots() -> Iterator[Path]:
    """Folders that may hold .NET: the one asked for, then the fetched one, then installed ones."""
    if asked := os.environ.get(DOTNET_ROOT_VARIABLE):
        if not (Path(asked) / "shared" / "Microsoft.NETCore.App").is_dir():
            raise ToolchainError(
                f"{DOTNET_ROOT_VARIABLE} is {asked!r}, which has no folder shared/Microsoft.NETCore.App. "
                "Set it to the folder of a .NET installation, or unset it."
            )
        yield Path(asked)
    if fetched := build_folder():
        yield fetched / "toolchain" / "dotnet"
    if installed := os.environ.get("DOTNET_ROOT"):
        yield Path(installed)
    if program := shutil.which("dotnet"):
        yield Path(program).resolve().parent
    yield from (Path("/usr/share/dotnet"), Path("/usr/lib/dotnet"))


def build_folder() -> Path | None:
    """The `build` folder of the checkout that was set up, looked for from here upwards, else none."""
    for start in (Path.cwd(), Path(__file__).resolve().parent):
        for folder in (start, *start.parents):
            if (folder / "build" / "toolchain").is_dir():
                return folder / "build"
    return None


def _coreclr_in(root: Path) -> CoreClr | None:
    versions = [found.parent.name for found in root.glob("shared/Microsoft.NETCore.App/*/libcoreclr.so")]
    if not versions or not (root / "host" / "fxr").is_dir():
        return None
    return CoreClr(root, max(versions, key=_version))


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


@cache
def _tool(name: str, purpose: str, packages: str, search_path: str | None) -> Tool:
    path = shutil.which(name, path=search_path)
    if path is None:
        raise ToolchainError(
            f"`{name}` is not on the PATH, and it is needed to {purpose}. "
            f"On Debian it is in the packages {packages}. {_WAY_OUT}"
        )
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return Tool(Path(path), (done.stdout or done.stderr).strip().partition("\n")[0])


def _not_found(what: str) -> str:
    return (
        f"{what} was found neither in {DOTNET_ROOT_VARIABLE}, nor in build/toolchain/dotnet of a checkout, "
        f"nor in an installed .NET. In a checkout, `make setup` fetches it. {_WAY_OUT}"
    )
