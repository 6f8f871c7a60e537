"""A binding and a scenario compiled as one assembly, so that a scenario may look at what is internal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from gen_bindings.cache import cache_folder
from gen_bindings.errors import ConfigError
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library, made_once
from gen_bindings.runtime.lanes import Lane


def check_sources(scenario: Sequence[Path]) -> None:
    """The scenario's files are there.

    Raises:
        ConfigError: one of them is not.
    """
    for path in scenario:
        if not path.is_file():
            raise ConfigError(f"--scenario {path}: there is no such file. Name the scenario's C# files.")


def compile_scenario(binding: Mapping[str, str], scenario: Sequence[Path], lane: Lane) -> Path:
    """The assembly, from an earlier run where that had the same sources.

    Args:
        binding: the generated files by path.
        scenario: C# files.

    Raises:
        ToolchainError: the compiler is missing.
        CompileError: it refuses the sources.
    """
    digest = hashlib.sha256(json.dumps(binding, sort_keys=True).encode()).hexdigest()[:32]
    folder = cache_folder("check-close") / digest
    with made_once(folder) as filling:
        if filling is not None:
            for name, text in binding.items():
                file = filling / "csharp" / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
    generated = [folder / "csharp" / name for name in sorted(binding)]
    content = b"\0".join(path.read_bytes() for path in scenario)
    out = folder / f"{lane}-{hashlib.sha256(content).hexdigest()[:16]}" / "CheckClose.dll"
    return compile_library([*generated, *scenario, HARNESS_SOURCE], out, lane)
