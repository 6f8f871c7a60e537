"""What can be said of emitted C# without running it: declarations, warnings, the same bytes on every run."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import reference_lab
from gen_bindings.model.abi import CType, Primitive
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.roslyn import Compilation, Settings, diagnose_all
from shared_results import Once

EXAMPLES = ("reference", "livekit")
VERSIONS = ("7.3", "8")

# What each C type must be in C#, so that nothing is marshalled.
_CSHARP = {
    Primitive.VOID: "void",
    Primitive.BOOL: "byte",
    Primitive.CHAR: "byte",
    Primitive.UINT8: "byte",
    Primitive.UINT64: "ulong",
    Primitive.SIZE: "UIntPtr",
}
_IMPORT = re.compile(
    r"\[DllImport\(Library, (.*)\)\]\n +internal static extern (\S+) (\w+)\((.*)\);", re.MULTILINE
)
_DIGEST = """
import hashlib, sys
from reference_lab import emit_files
digest = hashlib.sha256()
for name, text in emit_files(sys.argv[1]).items():
    digest.update(f"{name}\\0{text}\\0".encode())
print(digest.hexdigest())
"""


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_declaration_matches_the_header(example: str) -> None:
    inputs, binding = reference_lab.model(example)
    text = reference_lab.emit_files(example)["Native/NativeMethods.g.cs"]
    imports = {
        name: (options, result, parameters) for options, result, name, parameters in _IMPORT.findall(text)
    }
    declared = {function.name: function.type for function in inputs.header.functions}

    assert set(imports) == {function.name for function in binding.entry_points.functions}
    assert set(declared) <= set(imports)
    assert len(declared) >= 2
    if inputs.exports is not None:
        assert set(imports) <= set(inputs.exports.names)
    for name, (options, result, parameters) in imports.items():
        assert f'EntryPoint = "{name}"' in options
        assert "CallingConvention = CallingConvention.Cdecl" in options
        assert "ExactSpelling = true" in options
        assert "SetLastError" not in options
        assert not re.search(r"\b(bool|string|out|ref|in)\b|\[", f"{result} {parameters}")
        if name in declared:
            assert result == _csharp(declared[name].result)
            types = [parameter.rpartition(" ")[0] for parameter in parameters.split(", ") if parameter]
            assert types == [_csharp(parameter.type) for parameter in declared[name].parameters]


def _csharp(ctype: CType) -> str:
    if ctype.function is not None:
        return "IntPtr"
    if ctype.pointee is not None:
        return f"{_csharp(ctype.pointee)}*"
    assert ctype.primitive is not None
    return _CSHARP[ctype.primitive]


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize("example", EXAMPLES)
def test_mcs_has_nothing_to_say(example: str, lane: Lane, tmp_path: Path) -> None:
    compile_library(reference_lab.sources(example), tmp_path / "Binding.dll", lane, documentation=True)


@pytest.mark.parametrize("langversion", VERSIONS)
@pytest.mark.parametrize("example", EXAMPLES)
def test_roslyn_has_nothing_to_say(example: str, langversion: str, once: Once) -> None:
    assert once("roslyn-examples", _diagnosed)[example][langversion] == []


def _diagnosed() -> dict[str, dict[str, list[str]]]:
    settings = [Settings(version) for version in VERSIONS]
    found = diagnose_all([Compilation(reference_lab.sources(name), settings) for name in EXAMPLES])
    return {
        name: {version: [str(one) for one in said] for version, said in zip(VERSIONS, each, strict=True)}
        for name, each in zip(EXAMPLES, found, strict=True)
    }


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_run_gives_the_same_bytes(example: str) -> None:
    digest = hashlib.sha256()
    for name, text in reference_lab.emit_files(example).items():
        digest.update(f"{name}\0{text}\0".encode())
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST, example],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == digest.hexdigest()


def test_nothing_wants_a_jit_or_reflection() -> None:
    wants = re.compile(
        r"System\.Reflection|System\.Linq\.Expressions|Emit\.|Activator\.|MakeGeneric|\bdynamic\b"
    )
    found = [
        f"{path.name}: {line.strip()}"
        for example in EXAMPLES
        for path in reference_lab.sources(example)
        for line in path.read_text("utf-8").splitlines()
        if wants.search(line) and not line.lstrip().startswith("//")
    ]
    assert found == []
