"""Runs the sample on a Mono like the editor's: with Boehm's collector, and with domains that are unloaded."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
import unity_lab

import reference_lab
from gen_bindings.runtime.compile import compile_exe
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import Outcome, library_folder, run_child
from gen_bindings.runtime.scenario import lane_environment

HERE = Path(__file__).resolve().parent / "reload"


def run_with_reloads() -> Outcome:
    """Play mode in one domain after the other, each unloaded at its end."""
    mono = shutil.which("mono-boehm")
    if mono is None:
        pytest.skip("mono-boehm is not installed: `python tools/setup.py unity` does that")
    program = compile_exe(
        [*unity_lab.loop_sources(editor=True), HERE / "Main.cs"],
        unity_lab.BUILD / "editor" / "Reload.exe",
        defines=unity_lab.EDITOR,
    )
    with tempfile.TemporaryDirectory(prefix="gen-bindings-") as temporary:
        folder = Path(temporary)
        between = folder / "attach.so"
        made = ["-shared", "-fPIC", "-Wall", "-Werror", "-o", str(between), str(HERE / "attach.c")]
        subprocess.run(
            ["cc", *made, "-Wl,--no-as-needed", str(reference_lab.LIBRARY), "-ldl"],
            check=True,
        )
        environment = lane_environment(Lane.MONO, library_folder(folder, {"reference_ffi": between}))
        result = folder / "result.json"
        command = [mono, "--debug", str(program), str(result), json.dumps(str(unity_lab.SAMPLE))]
        dumps = [signal.SIGQUIT]
        return run_child("WithReload", "boehm", command, environment, folder, result, 120, dumps)
