"""The sample compiles for each library, and runs in a player loop without losing a handle."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import draw_pictures
import pytest
import unity_lab
from reload_lab import run_with_reloads

import reference_lab
from gen_bindings.runtime.aot import build_program, run_program
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import Status
from gen_bindings.runtime.roslyn import Settings, diagnose_each

_BACKENDS = {"reference": (), "livekit": ("MEET_LIVEKIT",)}
_NOTHING = "total=0 rooms=0 participants=0 tracks=0 publications=0"


def test_the_scripts_ask_for_no_symbol_but_the_switch() -> None:
    # So they are the same C# on each platform and in each Unity, and one compilation a library covers all.
    asked = {
        symbol
        for path in unity_lab.sample_sources()
        for line in re.findall(r"^\s*#(?:if|elif)(.*)$", path.read_text("utf-8"), re.MULTILINE)
        for symbol in re.findall(r"\w+", line)
    }
    assert asked == {"MEET_LIVEKIT"}


def _library(example: str, defines: tuple[str, ...]) -> tuple[Path, ...]:
    """The engine and the package's assembly."""
    engine = unity_lab.stub_assemblies(Lane.CORECLR, editor=True)[:1]
    library = compile_library(
        unity_lab.package_sources(example, editor=False),
        unity_lab.BUILD / "compiled" / example / f"{example}.Ffi.dll",
        Lane.CORECLR,
        defines=defines,
        references=engine,
    )
    return (*engine, library)


def test_the_first_script_of_the_page_compiles(tmp_path: Path) -> None:
    page = (unity_lab.ROOT / "docs" / "unity.md").read_text("utf-8")
    block = re.search(r"^   ```csharp\n(.*?)^   ```$", page, re.MULTILINE | re.DOTALL)
    assert block is not None
    script = tmp_path / "Connect.cs"
    script.write_text(block[1], "utf-8")
    references = _library("reference", unity_lab.PLAYER)
    compile_library(
        [script], tmp_path / "Page.dll", Lane.CORECLR, defines=unity_lab.PLAYER, references=references
    )


@pytest.mark.parametrize("example", _BACKENDS)
def test_the_scripts_compile_without_a_warning(example: str) -> None:
    defines = (*unity_lab.PLAYER, *_BACKENDS[example])
    references = _library(example, defines)
    scripts = unity_lab.sample_sources()
    compile_library(
        scripts,
        unity_lab.BUILD / "compiled" / example / "Meet.dll",
        Lane.CORECLR,
        defines=defines,
        references=references,
        unsafe=False,
    )
    # Without references: to compare one with another, this Roslyn needs an OpenSSL that may not be there.
    everything = (
        *unity_lab.stub_sources(editor=False),
        *unity_lab.package_sources(example, editor=False),
        *scripts,
    )
    for found in diagnose_each(everything, [Settings(version, defines) for version in ("7.3", "8")]):
        assert not [
            one for one in found if one.severity == "error" or one.file.startswith(str(unity_lab.SAMPLE))
        ]


@pytest.fixture(scope="module")
def in_player() -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = unity_lab.run("InPlayer", editor=False).value()
    return steps


def test_a_player_leaves_nothing(in_player: list[dict[str, Any]]) -> None:
    totals = [int(re.findall(r"total=(\d+)", step["handles"])[0]) for step in in_player]
    assert totals == [0, 8, 15, 8, 0, 8, 15, 0, 8, 15, 0]


def test_the_pictures_show_what_a_run_gives(in_player: list[dict[str, Any]]) -> None:
    for name, text in draw_pictures.pictures(in_player).items():
        assert (draw_pictures.PICTURES / name).read_text("utf-8") == text, (
            "run python tests/unity/draw_pictures.py"
        )


def test_bad_moments_leave_nothing() -> None:
    assert unity_lab.run("BadMoments", editor=False).value()[-1]["handles"].startswith(_NOTHING)


def test_without_the_native_library_one_sentence_says_so() -> None:
    console, panel = unity_lab.run("WithoutLibrary", editor=False, library=False).value()
    (line,) = console
    assert line.startswith("error: ReferenceClient could not start: the native library reference_ffi was not")
    assert panel[1] == "label Meeting: Apart  The client is not running; the console says why."
    assert "button Connect" in panel


def test_an_editor_that_keeps_its_domain_plays_twice() -> None:
    steps = unity_lab.run("WithoutReload", editor=True).value()
    ends = [step["handles"] for step in steps if step["step"] == "play mode was left"]
    assert len(ends) == 2
    assert all(end.startswith(_NOTHING) for end in ends)


def test_a_reload_in_the_middle_of_a_meeting_leaves_nothing() -> None:
    told = run_with_reloads().value()
    ends, after = told[::2], told[1::2]
    assert after == ["unloaded"] * 3
    assert all(end.startswith(_NOTHING) and end.endswith("other=0") for end in ends)


def test_a_player_runs_without_a_jit() -> None:
    program = build_program(
        unity_lab.loop_sources(editor=False),
        "UnityLoop.UnityScenarios.InPlayer",
        defines=unity_lab.PLAYER,
    )
    outcome = run_program(
        "InPlayer",
        program,
        args=str(unity_lab.SAMPLE),
        libraries={"reference_ffi": reference_lab.LIBRARY},
        deadline=120,
    )
    assert outcome.status is Status.OK, outcome.error
    assert outcome.value()[-1]["handles"].startswith(_NOTHING)
