"""Compiles C# with mcs, once per content: the same sources and options are never compiled twice."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gen_bindings.cache import cache_folder
from gen_bindings.errors import ToolchainError
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.toolchain import find_mcs, find_netstandard

LANGUAGE_VERSION = "7.2"
# C# that a scenario may be compiled with: stages, waiting, garbage collection, JSON.
HARNESS_SOURCE = Path(__file__).resolve().parent / "Harness.cs"


def compile_library(
    sources: Sequence[Path],
    out: Path,
    lane: Lane,
    *,
    defines: Sequence[str] = (),
    references: Sequence[Path] = (),
    warnings_as_errors: bool = True,
    unsafe: bool = True,
    documentation: bool = False,
) -> Path:
    """Compiles a class library for one lane.

    One assembly cannot serve both lanes once it uses Span: Mono's is in mscorlib, CoreCLR's is
    reached through netstandard 2.1.

    Args:
        sources: the C# files.
        out: where the assembly goes; its stem is the assembly's name. Debug information for Mono
            (`.mdb`) is put beside it.
        lane: the runtime that will load it.
        defines: preprocessor symbols.
        references: assemblies beyond the base class library, compiled for the same lane.
        warnings_as_errors: refuse what compiles with a warning (level 4).
        unsafe: allow pointers.
        documentation: also compile the XML comments, which makes a missing one a warning (CS1591);
            the XML is put beside the assembly.

    Returns:
        `out`.

    Raises:
        ToolchainError: no compiler, or the compiler's errors, each with file and line.
    """
    return _compile(
        "library", sources, out, lane, defines, references, warnings_as_errors, unsafe, documentation
    )


def compile_exe(
    sources: Sequence[Path],
    out: Path,
    *,
    defines: Sequence[str] = (),
    references: Sequence[Path] = (),
    warnings_as_errors: bool = True,
    unsafe: bool = True,
) -> Path:
    """Compiles a program against Mono's own class libraries, for the full-AOT lane.

    Parameters, result and errors are those of `compile_library`.
    """
    return _compile("exe", sources, out, Lane.MONO, defines, references, warnings_as_errors, unsafe, False)


def place(made: Path, out: Path) -> None:
    """Copies a file so that a reader of `out` sees the old content or the new one, never a part."""
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    os.close(handle)
    shutil.copy(made, temporary)
    Path(temporary).replace(out)


@contextmanager
def made_once(folder: Path) -> Iterator[Path | None]:
    """Gives a folder to fill when `folder` is not made yet, and nothing when it is.

    Test processes run side by side: the second one that wants the same thing waits for the first.
    What was filled becomes `folder` in one step; when filling fails, nothing is left.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            yield None
            return
        filling = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            yield filling
            filling.rename(folder)
        finally:
            shutil.rmtree(filling, ignore_errors=True)


def _compile(
    target: str,
    sources: Sequence[Path],
    out: Path,
    lane: Lane,
    defines: Sequence[str],
    references: Sequence[Path],
    warnings_as_errors: bool,
    unsafe: bool,
    documentation: bool,
) -> Path:
    if not sources:
        raise ToolchainError(f"There is no C# source to compile into {out}.")
    compiler = find_mcs()
    options = [
        "-nologo",
        "-utf8output",
        "-codepage:utf8",
        "-debug",
        "-optimize+",
        "-warn:4",
        f"-langversion:{LANGUAGE_VERSION}",
        f"-target:{target}",
    ]
    if warnings_as_errors:
        options.append("-warnaserror")
    if unsafe:
        options.append("-unsafe")
    if defines:
        options.append(f"-define:{';'.join(defines)}")
    assemblies = list(references)
    if lane is Lane.CORECLR:
        options += ["-nostdlib", "-noconfig"]
        assemblies.append(find_netstandard())

    digest = hashlib.sha256("\0".join([compiler.version, *options, str(documentation), out.name]).encode())
    for path in (*sources, *assemblies):
        digest.update(f"\0{path.name}\0".encode() + _content(path))
    folder = cache_folder("cs") / digest.hexdigest()[:32]
    with made_once(folder) as filling:
        if filling is not None:
            outputs = [f"-out:{filling / out.name}"]
            if documentation:
                outputs.append(f"-doc:{filling / out.with_suffix('.xml').name}")
            inputs = [*(f"-r:{path.absolute()}" for path in assemblies), *(str(path) for path in sources)]
            _run_mcs(compiler.path, [*options, *outputs, *inputs], f"{out.name} ({lane} lane)")
    for made in sorted(folder.iterdir()):
        place(made, out.with_name(made.name))
    return out


def _run_mcs(mcs: Path, arguments: Sequence[str], what: str) -> None:
    done = subprocess.run([mcs, *arguments], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    said = (done.stdout + done.stderr).splitlines()
    problems = [
        line.strip() for line in said if ": error " in line or ": warning " in line or "error CS" in line
    ]
    listed = "\n".join(f"  {line}" for line in problems or said[-20:])
    raise ToolchainError(
        f"mcs refused {what} with exit code {done.returncode}. What it found, by file and line:\n{listed}"
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ToolchainError(
            f"{path} cannot be read for compiling: {error.strerror}. Check the path and its permissions."
        ) from None
