"""Runs one scenario in one child process on one lane."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gen_bindings.runtime import network
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.network import Network
from gen_bindings.runtime.process import Outcome, ScenarioError, Status, library_folder, run_child
from gen_bindings.runtime.toolchain import CoreClr, find_coreclr, find_libmono

__all__ = ["Outcome", "Scenario", "ScenarioError", "Status", "lane_environment", "run_scenario"]


@dataclass(frozen=True)
class Scenario:
    """One run of C# in a process of its own.

    Attributes:
        name: for reports.
        lane: the runtime.
        entry: `Namespace.Class.Method`, a static C# method that takes the arguments as JSON and returns
            its result as JSON, or `module:function`, a Python function called as `function(lane, args)`
            once the runtime and the assemblies are loaded, whose result must be representable in JSON.
        assemblies: compiled for the lane; the C# entry is looked for in them in this order.
        args: anything that JSON can hold; paths absolute, because the child has a current folder of its own.
        libraries: native libraries by the name that `DllImport` gives them.
        deadline: seconds, from when the runtime and the assemblies are loaded.
        python_path: folders in which the module of a Python entry is looked for first.
        environment: added to the child's environment.
        private_network: give the child a network of its own (see `network`).
        shared_network: run the child in this network instead.
    """

    name: str
    lane: Lane
    entry: str
    assemblies: tuple[Path, ...] = ()
    args: Any = None
    libraries: Mapping[str, Path] = field(default_factory=dict)
    deadline: float = 60.0
    python_path: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    private_network: bool = False
    shared_network: Network | None = None


def run_scenario(scenario: Scenario, coreclr: CoreClr | None = None) -> Outcome:
    """Runs it and tells success, exception, crash, hang and missing result apart.

    Args:
        scenario: what to run.
        coreclr: the runtime for the CoreCLR lane, when it must not be the one that is found first.

    Raises:
        ToolchainError: the lane's runtime is missing.
        ScenarioError: a native library is missing.
    """
    with tempfile.TemporaryDirectory(prefix="gen-bindings-") as name:
        folder = Path(name)
        libraries = library_folder(folder, scenario.libraries)
        job: dict[str, Any] = {
            "lane": scenario.lane,
            "entry": scenario.entry,
            "assemblies": [str(path.absolute()) for path in scenario.assemblies],
            "args": scenario.args,
            "deadline": scenario.deadline,
            "python_path": [str(path.absolute()) for path in scenario.python_path],
            "result": str(folder / "result.json"),
        }
        dumps = [signal.SIGUSR1]
        if scenario.lane is Lane.CORECLR:
            runtime = coreclr or find_coreclr()
            job["dotnet_root"] = str(runtime.root.resolve())
            job["runtime_config"] = str(_write_runtime_config(folder, runtime))
        else:
            job["libmono"] = find_libmono()
            dumps.append(signal.SIGQUIT)
        (folder / "job.json").write_text(json.dumps(job), "utf-8")
        command = [sys.executable, "-P", "-m", "gen_bindings.runtime.child", str(folder / "job.json")]
        return run_child(
            scenario.name,
            scenario.lane,
            [*_network_prefix(scenario), *command],
            {**lane_environment(scenario.lane, libraries), **scenario.environment},
            folder,
            folder / "result.json",
            scenario.deadline,
            dumps,
        )


def _network_prefix(scenario: Scenario) -> tuple[str, ...]:
    if scenario.shared_network is not None:
        return scenario.shared_network.prefix
    return network.PREFIX if scenario.private_network else ()


def lane_environment(lane: Lane, libraries: Path) -> dict[str, str]:
    """The environment in which a lane's runtime is started, with native libraries found in a folder first."""
    environment = dict(os.environ)
    package_parent = str(Path(__file__).resolve().parents[2])
    environment["PYTHONPATH"] = _joined(package_parent, os.environ.get("PYTHONPATH"))
    environment["LD_LIBRARY_PATH"] = _joined(str(libraries), os.environ.get("LD_LIBRARY_PATH"))
    if lane is Lane.MONO:
        # Hybrid suspension deadlocks when Mono is embedded (mono/mono#21466).
        environment["MONO_THREADS_SUSPEND"] = "preemptive"
    else:
        environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1"
        # The diagnostics server is a thread and a socket that the watcher would see.
        environment["COMPlus_EnableDiagnostics"] = "0"
        environment["DOTNET_EnableDiagnostics"] = "0"
    return environment


def _write_runtime_config(folder: Path, runtime: CoreClr) -> Path:
    path = folder / "runtimeconfig.json"
    options = {
        "framework": {"name": "Microsoft.NETCore.App", "version": runtime.version},
        "configProperties": {"System.Globalization.Invariant": True},
    }
    path.write_text(json.dumps({"runtimeOptions": options}), "utf-8")
    return path


def _joined(first: str, rest: str | None) -> str:
    # The child has another current folder, so what was relative to this one is made absolute.
    return os.pathsep.join(
        [first, *(str(Path(entry).absolute()) for entry in (rest or "").split(os.pathsep) if entry)]
    )
