"""The stub of Unity's API as assemblies, and the symbols that Unity defines."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane

ROOT = Path(__file__).resolve().parents[2]
STUB = ROOT / "tests" / "unity" / "stub"
BUILD = ROOT / "build" / "tests" / "unity"

_ALWAYS = ("UNITY_5_3_OR_NEWER", "UNITY_2021_3_OR_NEWER", "UNITY_2022_3_OR_NEWER")
_VERSIONS = {
    "2022.3": ("UNITY_2022", "UNITY_2022_3"),
    "6": ("UNITY_2023_1_OR_NEWER", "UNITY_2023_2_OR_NEWER", "UNITY_6000", "UNITY_6000_0_OR_NEWER"),
}
_PLATFORMS = {
    "editor": (
        "UNITY_EDITOR",
        "UNITY_EDITOR_LINUX",
        "UNITY_STANDALONE",
        "UNITY_STANDALONE_LINUX",
        "ENABLE_MONO",
    ),
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
