"""Compiles the explorer once, and a binding with its scenarios, rewritten so that the explorer runs it."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gen_bindings.cache import cache_folder
from gen_bindings.errors import ConfigError, ToolchainError
from gen_bindings.model.binding import Binding
from gen_bindings.output.write import put_files
from gen_bindings.render.emit import emit
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_exe, compile_library, made_once
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.toolchain import find_mono

CSHARP = Path(__file__).resolve().parent / "csharp"
_PROGRAM = "GenBindings.Explore.exe"
_REWRITER = "GenBindings.Rewrite.exe"


@dataclass(frozen=True, slots=True)
class Built:
    """What the explorer's process loads.

    Attributes:
        folder: the program, the rewritten assemblies, and the names of places and fields in them.
        program: the explorer.
        assemblies: rewritten, the binding before the scenarios.
    """

    folder: Path
    program: Path
    assemblies: tuple[Path, ...]


def compile_binding(binding: Binding) -> Path:
    """The generated C# as an assembly, with its lines."""
    return compile_files(emit(binding), binding.namespace)


def compile_files(files: dict[str, str], name: str) -> Path:
    """Emitted files as an assembly; the same files are never compiled twice."""
    content = "".join(f"{path}\0{text}\0" for path, text in sorted(files.items()))
    folder = cache_folder("explore") / f"binding-{hashlib.sha256(content.encode()).hexdigest()[:32]}"
    with made_once(folder) as filling:
        if filling is not None:
            put_files(files, filling / "csharp")
    sources = [folder / "csharp" / path for path in sorted(files)]
    return compile_library(sources, folder / f"{name}.dll", Lane.MONO)


def compile_scenarios(sources: Sequence[Path], assemblies: Sequence[Path]) -> Path:
    """Scenarios that somebody wrote, against the binding as it is and what ``World`` offers."""
    for path in sources:
        if not path.is_file():
            raise ConfigError(f"--scenario {path}: there is no such file. Name the scenarios' C# files.")
    program = _program()
    content = b"\0".join(path.read_bytes() for path in (*sources, *assemblies, program))
    folder = cache_folder("explore") / f"scenarios-{hashlib.sha256(content).hexdigest()[:32]}"
    folder.mkdir(parents=True, exist_ok=True)
    return compile_library(
        sources,
        folder / "Scenarios.dll",
        Lane.MONO,
        references=[*assemblies, program],
        warnings_as_errors=False,
    )


def rewrite(assemblies: Sequence[Path]) -> Built:
    """Copies of assemblies whose threading goes through the explorer.

    Args:
        assemblies: each after those that it refers to.

    Raises:
        ConfigError: an assembly cannot be read, or uses a threading member that is not controlled.
        ToolchainError: Mono or Mono.Cecil is missing.
    """
    for path in assemblies:
        if not path.is_file():
            raise ConfigError(f"{path}: there is no such assembly. Name a compiled binding (.dll).")
    program, rewriter = _program(), _rewriter()
    digest = hashlib.sha256(b"\0".join((program.read_bytes(), rewriter.read_bytes())))
    for path in assemblies:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    folder = cache_folder("explore") / f"run-{digest.hexdigest()[:32]}"
    with made_once(folder) as filling:
        if filling is not None:
            _run_rewriter(rewriter, program, assemblies, filling)
    return Built(folder, program, tuple(folder / path.name for path in assemblies))


def _run_rewriter(rewriter: Path, program: Path, assemblies: Sequence[Path], out: Path) -> None:
    (out / program.name).write_bytes(program.read_bytes())
    command = [find_mono().path, rewriter, out, program, *(path.absolute() for path in assemblies)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 2:
        raise ConfigError(f"{assemblies[-1].name} cannot be explored. {done.stderr.strip()}")
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        reason = said[0] if said else f"exit code {done.returncode}"
        raise ConfigError(
            f"{', '.join(path.name for path in assemblies)}: the assembly could not be rewritten: {reason}. "
            "Give an assembly that mcs or Roslyn wrote."
        )


def _program() -> Path:
    sources = [*sorted(CSHARP.glob("*.cs")), HARNESS_SOURCE]
    return compile_exe(sources, cache_folder("explore") / "program" / _PROGRAM)


def _rewriter() -> Path:
    sources = sorted((CSHARP / "rewriter").glob("*.cs"))
    references = [_gac("Mono.Cecil"), _gac("Mono.CompilerServices.SymbolWriter")]
    return compile_exe(sources, cache_folder("explore") / "program" / _REWRITER, references=references)


def _gac(name: str) -> Path:
    """The newest of an assembly's versions in Mono's own cache of assemblies."""
    roots = [find_mono().path.resolve().parents[1] / "lib", Path("/usr/lib"), Path("/usr/local/lib")]
    for root in roots:
        found = sorted((root / "mono" / "gac" / name).glob(f"*/{name}.dll"), key=_version)
        if found:
            return found[-1]
    raise ToolchainError(
        f"{name}.dll is not among Mono's assemblies (lib/mono/gac), and the explorer needs it. "
        "On Debian it is in the package mono-devel. `gen-bindings doctor` lists what else is needed."
    )


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.parent.name.partition("_")[0].split("."))
