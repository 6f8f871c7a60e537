"""The full-AOT lane: compiles C# ahead of time, class libraries included, and runs it without a JIT.

It stands for IL2CPP and iOS: a native-to-managed callback without `MonoPInvokeCallback`, and any code that
wants a JIT, ends in an ExecutionEngineException here, as on a device.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gen_bindings.cache import cache_folder
from gen_bindings.errors import ToolchainError
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_exe, made_once
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import RUNNING, Outcome, library_folder, run_child
from gen_bindings.runtime.scenario import lane_environment
from gen_bindings.runtime.toolchain import find_mono

LANE = "aot"

# What every program runs code of.
_CLASS_LIBRARIES = ("mscorlib", "System", "System.Core")
# What those refer to, and run code of only for a program that refers to it as well.
_FURTHER_LIBRARIES = (
    "System.Xml",
    "System.Configuration",
    "System.Security",
    "System.Numerics",
    "Mono.Security",
)

_MAIN = """
using System;
using System.IO;
using System.Runtime.InteropServices;
using GenBindings.Harness;

internal static class AotMain
{
    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void ExitNow(int code);

    private static int Main(string[] arguments)
    {
        string answer;
        Scenario.Stage("@RUNNING@");
        try
        {
            answer = Json.Object("status", "ok", "result", new Json.Raw(@ENTRY@(arguments[1])));
        }
        catch (Exception error)
        {
            answer = Json.Object("status", "failed", "error", error.ToString());
        }
        File.WriteAllText(arguments[0] + ".part", answer);
        File.Move(arguments[0] + ".part", arguments[0]);
        ExitNow(0);
        return 1;
    }
}
"""


def build_program(
    sources: Sequence[Path],
    entry: str,
    *,
    defines: Sequence[str] = (),
    references: Sequence[Path] = (),
    warnings_as_errors: bool = True,
) -> Path:
    """Builds a program around a scenario, and native code for all of it; once per content.

    Args:
        sources: the scenario and the binding; `Harness.cs` is added when it is not among them.
        entry: `Namespace.Class.Method`, the static method that the other lanes call as well.
        defines: preprocessor symbols.
        references: assemblies beyond the base class library, compiled for the Mono lane.
        warnings_as_errors: as in `compile_library`.

    Returns:
        The program, in the cache, with its native code beside it.

    Raises:
        ToolchainError: the C# compiler or the AOT compiler refused; its output is in the message.
    """
    with tempfile.TemporaryDirectory(prefix="gen-bindings-") as name:
        main = Path(name) / "AotMain.cs"
        main.write_text(_MAIN.replace("@ENTRY@", entry).replace("@RUNNING@", RUNNING), "utf-8")
        with_harness = [*sources] if HARNESS_SOURCE in sources else [*sources, HARNESS_SOURCE]
        exe = compile_exe(
            [*with_harness, main],
            Path(name) / "scenario.exe",
            defines=defines,
            references=references,
            warnings_as_errors=warnings_as_errors,
        )
        libraries = _class_libraries([exe, *references])
        digest = hashlib.sha256(libraries.name.encode())
        for path in (exe, *references):
            digest.update(path.name.encode() + path.read_bytes())
        folder = cache_folder("aot") / f"program-{digest.hexdigest()[:32]}"
        with made_once(folder) as filling:
            if filling is not None:
                for path in (*references, exe):
                    shutil.copy(path, filling)
                for path in (*references, exe):
                    _compile_ahead(filling / path.name, [libraries, filling])
    return folder / exe.name


def run_program(
    name: str,
    program: Path,
    *,
    args: Any = None,
    libraries: Mapping[str, Path] | None = None,
    deadline: float = 60.0,
) -> Outcome:
    """Runs what `build_program` built; the outcome is that of a scenario.

    Args:
        name: for reports.
        program: from `build_program`.
        args: anything that JSON can hold; the scenario gets it as JSON; paths absolute.
        libraries: native libraries by the name that `DllImport` gives them.
        deadline: seconds.
    """
    with tempfile.TemporaryDirectory(prefix="gen-bindings-") as temporary:
        folder = Path(temporary)
        environment = lane_environment(Lane.MONO, library_folder(folder, libraries or {}))
        environment["MONO_PATH"] = _search_path(
            [_class_libraries([*program.parent.glob("*.exe"), *program.parent.glob("*.dll")]), program.parent]
        )
        result = folder / "result.json"
        return run_child(
            name,
            LANE,
            [str(find_mono().path), "--full-aot", str(program.absolute()), str(result), json.dumps(args)],
            environment,
            folder,
            result,
            deadline,
            [signal.SIGQUIT],
        )


def _class_libraries(assemblies: Sequence[Path]) -> Path:
    """A folder with copies of the class libraries that assemblies need, and their native code."""
    mono = find_mono()
    source = _class_library_source(mono.path)
    contents = [path.read_bytes() for path in assemblies]
    further = any(f"\0{name}\0".encode() in content for name in _FURTHER_LIBRARIES for content in contents)
    names = (*_CLASS_LIBRARIES, *_FURTHER_LIBRARIES) if further else _CLASS_LIBRARIES
    digest = hashlib.sha256(mono.version.encode())
    for name in names:
        stat = (source / f"{name}.dll").stat()
        digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}".encode())
    folder = cache_folder("aot") / f"class-libraries-{digest.hexdigest()[:32]}"
    with made_once(folder) as filling:
        if filling is not None:
            for name in names:
                shutil.copy(source / f"{name}.dll", filling)
            with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
                list(pool.map(lambda name: _compile_ahead(filling / f"{name}.dll", [filling]), names))
    return folder


def _class_library_source(mono: Path) -> Path:
    folder = mono.resolve().parents[1] / "lib" / "mono" / "4.5"
    for name in (*_CLASS_LIBRARIES, *_FURTHER_LIBRARIES):
        if not (folder / f"{name}.dll").is_file():
            raise ToolchainError(
                f"Mono's class library {name}.dll is not in {folder}, and full AOT compiles it. "
                "On Debian, the package mono-devel brings all of them."
            )
    return folder


def _compile_ahead(assembly: Path, search: Sequence[Path]) -> None:
    missing = [tool for tool in ("as", "ld") if shutil.which(tool) is None]
    if missing:
        raise ToolchainError(
            f"`{missing[0]}` is not on the PATH, and Mono's AOT compiler needs it. "
            "On Debian it is in the package binutils."
        )
    done = subprocess.run(
        [find_mono().path, "--aot=full", assembly],
        env={**os.environ, "MONO_PATH": _search_path(search)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not assembly.with_name(f"{assembly.name}.so").is_file():
        said = "\n".join(f"  {line}" for line in (done.stdout + done.stderr).splitlines()[-20:])
        raise ToolchainError(
            f"The AOT compiler refused {assembly.name} with exit code {done.returncode}. It said:\n{said}"
        )


def _search_path(folders: Sequence[Path]) -> str:
    return os.pathsep.join(str(folder.absolute()) for folder in folders)
