"""The binding of the webrtc library, and its scenarios under check-close in a network of their own."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from gen_bindings.config import load_config
from gen_bindings.output.write import put_files
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.project.inputs import read_inputs
from gen_bindings.render.emit import emit
from gen_bindings.runtime.check_close import CloseReport, Plan, check_close
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library, made_once
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.network import why_not

ROOT = Path(__file__).resolve().parents[3]
CONFIG = ROOT / "examples" / "webrtc" / "bindings.toml"
SCENARIOS = ROOT / "tests" / "runtime" / "webrtc" / "scenarios"
BUILD = ROOT / "build" / "tests" / "webrtc"
_RELEASE = ROOT / "native" / "target" / "webrtc" / "release"
# One source, two versions of the crate.
CURRENT = _RELEASE / "libwebrtc_ffi.so"
OLDER = _RELEASE / "libwebrtc_ffi_0_9.so"
# The current crate without the FFI.
LEFT_SOCKETS = _RELEASE / "examples" / "left_sockets"


def missing() -> str:
    """Why the tests of this folder cannot run here; empty when they can."""
    for built in (CURRENT, OLDER, LEFT_SOCKETS):
        if not built.is_file():
            return (
                f"{built.relative_to(ROOT)} is not built: "
                "`python3 tools/setup.py webrtc` builds it where cargo can fetch its crates"
            )
    reason = why_not()
    return f"there is no private network here: {reason}" if reason else ""


def run(
    entry: str,
    lane: Lane,
    *,
    library: Path = CURRENT,
    cycles: int = 2,
    warm_up: int = 1,
    settle: float = 2.0,
    deadline: float = 120.0,
    arguments: Any = None,
) -> CloseReport:
    """Repeats one of the scenarios and says what is left."""
    return check_close(
        Plan(
            name=entry,
            lane=lane,
            entry=f"Scenarios.Sessions.{entry}",
            assemblies=(_assembly(lane),),
            libraries={"webrtc_ffi": library},
            arguments=arguments,
            cycles=cycles,
            warm_up=warm_up,
            private_network=True,
            settle=settle,
            deadline=deadline,
        )
    )


@cache
def _assembly(lane: Lane) -> Path:
    loaded = load_config(CONFIG)
    inputs = read_inputs(loaded)
    files = emit(build_binding(loaded, inputs.schema, inputs.header, inputs.exports))
    scenarios = sorted(SCENARIOS.glob("*.cs"))
    digest = hashlib.sha256("\0".join(files.values()).encode())
    for path in scenarios:
        digest.update(path.read_bytes())
    folder = BUILD / digest.hexdigest()[:16]
    with made_once(folder) as filling:
        if filling is not None:
            put_files(files, filling / "csharp")
    binding = [folder / "csharp" / name for name in sorted(files)]
    return compile_library([*binding, *scenarios, HARNESS_SOURCE], folder / lane / "WebRtc.dll", lane)
