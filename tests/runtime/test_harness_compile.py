"""mcs is asked once per content, refuses warnings, and names file and line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gen_bindings.errors import ToolchainError
from gen_bindings.runtime import compile as compiling
from gen_bindings.runtime import toolchain as finding
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.toolchain import Toolchain

SPAN = """
using System;

/// <summary>A library that says Span in its public surface.</summary>
public static class Sums
{
    /// <summary>The sum.</summary>
    public static int Sum(ReadOnlySpan<byte> values)
    {
        var sum = 0;
        for (var i = 0; i < values.Length; i++)
        {
            sum += values[i];
        }
        return sum;
    }
}
"""


@pytest.fixture(autouse=True)
def fresh_cache(toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of other tests must neither answer for these nor be filled by them."""
    cache = tmp_path / "cache"
    cache.mkdir()
    monkeypatch.setattr(compiling, "cache_folder", lambda kind: cache)
    return cache


def written(folder: Path, text: str, name: str = "Source.cs") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("lane", list(Lane))
def test_span_compiles_for_both_lanes(tmp_path: Path, lane: Lane) -> None:
    out = compile_library([written(tmp_path, SPAN)], tmp_path / lane / "Sums.dll", lane, documentation=True)
    assert out.is_file()
    assert out.with_name("Sums.dll.mdb").is_file()
    assert "The sum." in out.with_suffix(".xml").read_text()
    # The assembly that Span is taken from is what makes the lanes' assemblies differ.
    assert (b"netstandard" in out.read_bytes()) == (lane is Lane.CORECLR)


def test_an_error_names_file_and_line(tmp_path: Path) -> None:
    source = written(tmp_path, "class A\n{\n    int Wrong() { return missing; }\n}\n")
    with pytest.raises(ToolchainError, match=r"Source\.cs\(3,\d+\): error CS0103"):
        compile_library([source], tmp_path / "A.dll", Lane.MONO)
    assert not (tmp_path / "A.dll").exists()


def test_a_warning_is_an_error_unless_it_may_pass(tmp_path: Path) -> None:
    source = written(tmp_path, "class A { void F() { int unused = 1; } }")
    with pytest.raises(ToolchainError, match="CS0219"):
        compile_library([source], tmp_path / "A.dll", Lane.MONO)
    assert compile_library([source], tmp_path / "A.dll", Lane.MONO, warnings_as_errors=False).is_file()


def test_a_missing_comment_is_an_error_when_documentation_is_asked_for(tmp_path: Path) -> None:
    source = written(tmp_path, "public class A { }")
    assert compile_library([source], tmp_path / "A.dll", Lane.MONO).is_file()
    with pytest.raises(ToolchainError, match="CS1591"):
        compile_library([source], tmp_path / "A.dll", Lane.MONO, documentation=True)


def test_the_language_is_csharp_7_2(tmp_path: Path) -> None:
    source = written(tmp_path, "class A { unsafe void F<T>(T* p) where T : unmanaged { } }")
    with pytest.raises(ToolchainError, match=r"Source\.cs\(1"):
        compile_library([source], tmp_path / "A.dll", Lane.MONO)


def test_defines_and_references_reach_the_compiler(tmp_path: Path) -> None:
    base = compile_library([written(tmp_path, SPAN)], tmp_path / "Sums.dll", Lane.CORECLR)
    source = written(
        tmp_path,
        "#if WITH_SUMS\npublic class User { public int Use() { return Sums.Sum(new byte[3]); } }\n"
        "#else\n#error WITH_SUMS is not defined\n#endif\n",
        "User.cs",
    )
    with pytest.raises(ToolchainError, match="WITH_SUMS is not defined"):
        compile_library([source], tmp_path / "User.dll", Lane.CORECLR, references=[base])
    out = compile_library(
        [source], tmp_path / "User.dll", Lane.CORECLR, defines=["WITH_SUMS"], references=[base]
    )
    assert out.is_file()


def test_the_same_content_is_compiled_once(
    tmp_path: Path, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = written(tmp_path, SPAN)
    runs: list[str] = []
    run_mcs = compiling._run_mcs

    def counting(mcs: Path, arguments: list[str], what: str) -> None:
        runs.append(what)
        run_mcs(mcs, arguments, what)

    monkeypatch.setattr(compiling, "_run_mcs", counting)

    def compile_into(number: int) -> bytes:
        return compile_library([source], tmp_path / str(number) / "Sums.dll", Lane.MONO).read_bytes()

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(compile_into, range(4)))
    assert len(set(made)) == 1
    assert len(runs) == 1

    source.write_text(SPAN.replace("var sum = 0", "var sum = 1"))
    assert compile_into(5) != made[0]
    assert len(runs) == 2


def test_a_refused_source_leaves_nothing_in_the_cache(tmp_path: Path, fresh_cache: Path) -> None:
    source = written(tmp_path, "class {")
    for _ in range(2):
        with pytest.raises(ToolchainError):
            compile_library([source], tmp_path / "A.dll", Lane.MONO)
    assert [path for path in fresh_cache.iterdir() if path.is_dir()] == []


def test_an_unreadable_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match=r"Absent\.cs cannot be read"):
        compile_library([tmp_path / "Absent.cs"], tmp_path / "A.dll", Lane.MONO)


def test_no_compiler_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolchainError, match=r"`mcs` is not on the PATH.*mono-mcs.*gen-bindings doctor"):
        compile_library([written(tmp_path, SPAN)], tmp_path / "Sums.dll", Lane.MONO)


def test_no_runtime_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "dotnet_roots", lambda: iter(()))
    for find in (finding.find_coreclr, finding.find_roslyn, finding.find_netstandard):
        with pytest.raises(ToolchainError, match=r"make setup.*gen-bindings doctor"):
            find()


def test_a_wrong_dotnet_root_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(finding.DOTNET_ROOT_VARIABLE, str(tmp_path))
    with pytest.raises(ToolchainError, match=r"has no folder shared/Microsoft\.NETCore\.App"):
        finding.find_coreclr()
