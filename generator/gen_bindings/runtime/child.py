"""The child process of a scenario: loads one runtime, runs one scenario, writes one result, and is gone."""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import signal
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any, NoReturn

from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import RUNNING, STAGE_PREFIX, START_SECONDS

# Long after the parent's own deadline: it only matters when the parent is gone.
_ORPHAN_SECONDS = 30


def stage(name: str) -> None:
    """Names what the scenario does next, so that a crash or a hang can be placed."""
    os.write(2, f"{STAGE_PREFIX}{name}\n".encode())


def main(job_file: str) -> NoReturn:
    """Runs the job in the file; does not return."""
    job = json.loads(Path(job_file).read_text("utf-8"))
    signal.alarm(int(START_SECONDS + job["deadline"]) + _ORPHAN_SECONDS)
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    try:
        text = json.dumps({"status": "ok", "result": _run(job)})
    except BaseException as error:
        text = json.dumps({"status": "failed", "error": describe(error)})
    result = Path(job["result"])
    unfinished = result.with_suffix(".part")
    unfinished.write_text(text, "utf-8")
    unfinished.rename(result)
    sys.stdout.flush()
    sys.stderr.flush()
    # A normal exit can hang on Mono while a native thread calls managed code, and on both runtimes it
    # releases every handle, which would hide a leak from whoever counts later.
    os._exit(0)


def _run(job: dict[str, Any]) -> Any:
    lane = Lane(job["lane"])
    stage(f"loading the {lane} runtime")
    _load_runtime(lane, job)
    stage("loading the assemblies")
    assemblies = _load_assemblies(job["assemblies"])
    entry: str = job["entry"]
    if ":" in entry:
        sys.path[:0] = job["python_path"]
        module, _, function = entry.partition(":")
        run = getattr(importlib.import_module(module), function)
        stage(RUNNING)
        return run(lane, job["args"])
    type_name, _, method_name = entry.rpartition(".")
    method = _find_method(assemblies, type_name, method_name)
    stage(RUNNING)
    returned = method.Invoke(None, [json.dumps(job["args"])])
    return json.loads(str(returned))


def _load_runtime(lane: Lane, job: dict[str, Any]) -> None:
    import pythonnet

    if lane is Lane.MONO:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Hosting Mono versions before")
            # With debug information a managed stack has file and line.
            pythonnet.load("mono", libmono=job["libmono"], debug=True)
    else:
        pythonnet.load("coreclr", runtime_config=job["runtime_config"], dotnet_root=job["dotnet_root"])


def _load_assemblies(paths: list[str]) -> list[Any]:
    import clr
    from System.Reflection import Assembly

    loaded = []
    for path in paths:
        loaded.append(Assembly.LoadFrom(path))
        clr.AddReference(path)
    return loaded


def _find_method(assemblies: list[Any], type_name: str, method_name: str) -> Any:
    for assembly in assemblies:
        found = assembly.GetType(type_name)
        method = found.GetMethod(method_name) if found is not None else None
        if method is not None:
            return method
    raise LookupError(
        f"No assembly of the scenario has a public static method {type_name}.{method_name}(string): "
        f"looked in {[str(assembly.GetName().Name) for assembly in assemblies]}."
    )


def describe(error: Any) -> str:
    """What was thrown, by C# or by Python, with its stack."""
    from_python = "".join(traceback.format_exception(error))
    if not hasattr(error, "InnerException"):
        return from_python
    if error.GetType().Name == "TargetInvocationException":
        return str(error.InnerException.ToString())
    return f"{error.ToString()}\n{from_python}"


if __name__ == "__main__":
    main(sys.argv[1])
