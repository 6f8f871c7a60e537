"""Unity's API as a stub, the symbols that Unity defines, and the sample with its package on top of both."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import reference_lab
from gen_bindings.config import load_config
from gen_bindings.render.layout import Layout, lay_out
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library, made_once
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Outcome, Scenario, run_scenario

ROOT = Path(__file__).resolve().parents[2]
STUB = ROOT / "tests" / "unity" / "stub"
LOOP = ROOT / "tests" / "unity" / "loop"
SAMPLE = ROOT / "unity_sample"
BUILD = ROOT / "build" / "tests" / "unity"

_ALWAYS = ("UNITY_5_3_OR_NEWER", "UNITY_2021_3_OR_NEWER", "UNITY_2022_3_OR_NEWER")
_VERSIONS = {
    "2022.3": ("UNITY_2022", "UNITY_2022_3"),
    "6": ("UNITY_2023_1_OR_NEWER", "UNITY_2023_2_OR_NEWER", "UNITY_6000", "UNITY_6000_0_OR_NEWER"),
}
_PLATFORMS = {
    "editor": ("UNITY_EDITOR", "UNITY_EDITOR_LINUX", "UNITY_STANDALONE", "ENABLE_MONO"),
    # An editor that is switched to iOS defines both.
    "editor for iOS": ("UNITY_EDITOR", "UNITY_EDITOR_OSX", "UNITY_IOS", "ENABLE_MONO"),
    "desktop": ("UNITY_STANDALONE", "UNITY_STANDALONE_LINUX", "ENABLE_MONO"),
    "iOS": ("UNITY_IOS", "ENABLE_IL2CPP"),
    "Android": ("UNITY_ANDROID", "ENABLE_IL2CPP"),
}

# What Unity defines, by a name such as "iOS, Unity 6".
DEFINES: dict[str, tuple[str, ...]] = {
    f"{platform}, Unity {version}": (*_ALWAYS, *of_version, *of_platform)
    for platform, of_platform in _PLATFORMS.items()
    for version, of_version in _VERSIONS.items()
}
EDITOR = DEFINES["editor, Unity 2022.3"]
PLAYER = DEFINES["desktop, Unity 2022.3"]


def stub_sources(*, editor: bool) -> tuple[Path, ...]:
    """The stub as C#, to be compiled together with what runs on it."""
    folders = ["UnityEngine", "Engine", *(["UnityEditor"] if editor else [])]
    return tuple(path for folder in folders for path in sorted((STUB / folder).glob("*.cs")))


@cache
def stub_assemblies(lane: Lane, *, editor: bool) -> tuple[Path, ...]:
    """UnityEngine.dll, and UnityEditor.dll where there is an editor."""
    out = BUILD / "stub" / lane
    engine = [*sorted((STUB / "UnityEngine").glob("*.cs")), *sorted((STUB / "Engine").glob("*.cs"))]
    made = [compile_library(engine, out / "UnityEngine.dll", lane)]
    if editor:
        of_editor = sorted((STUB / "UnityEditor").glob("*.cs"))
        made.append(compile_library(of_editor, out / "UnityEditor.dll", lane, references=made))
    return tuple(made)


@cache
def package(example: str) -> Path:
    """The folder of an example's package, once per content."""
    inputs, binding = reference_lab.model(example)
    loaded = load_config(ROOT / "examples" / example / "bindings.toml")
    files = lay_out(Layout.UPM, loaded, binding, inputs.digest, BUILD / "nothing", beside=False).files
    digest = hashlib.sha256("\0".join(f"{name}\0{text}" for name, text in sorted(files.items())).encode())
    folder = BUILD / "packages" / digest.hexdigest()[:16]
    with made_once(folder) as filling:
        if filling is not None:
            for name, text in files.items():
                (filling / name).parent.mkdir(parents=True, exist_ok=True)
                (filling / name).write_text(text, "utf-8")
    return folder


def package_sources(example: str, *, editor: bool) -> tuple[Path, ...]:
    """The C# of an example's package."""
    folders = ["Runtime", *(["Editor"] if editor else [])]
    return tuple(path for folder in folders for path in sorted((package(example) / folder).rglob("*.cs")))


def sample_sources() -> tuple[Path, ...]:
    """The sample's scripts."""
    return tuple(sorted((SAMPLE / "Assets").rglob("*.cs")))


def loop_sources(*, editor: bool) -> tuple[Path, ...]:
    """Sample, package and stub, and the loop that runs them."""
    return (
        *stub_sources(editor=editor),
        *package_sources("reference", editor=editor),
        *sample_sources(),
        *sorted(LOOP.glob("*.cs")),
        HARNESS_SOURCE,
    )


def loop_assembly(*, editor: bool) -> Path:
    """The loop with everything that it runs, for Mono."""
    out = BUILD / ("editor" if editor else "player") / "Sample.dll"
    return compile_library(loop_sources(editor=editor), out, Lane.MONO, defines=EDITOR if editor else PLAYER)


def run(entry: str, *, editor: bool, library: bool = True) -> Outcome:
    """Runs a scenario of the loop on Mono, without the native library if need be."""
    return run_scenario(
        Scenario(
            name=entry,
            lane=Lane.MONO,
            entry=f"UnityLoop.UnityScenarios.{entry}",
            assemblies=(loop_assembly(editor=editor),),
            args=str(SAMPLE),
            libraries={"reference_ffi": reference_lab.LIBRARY} if library else {},
            deadline=120,
        )
    )
