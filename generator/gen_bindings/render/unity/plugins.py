"""Where the native library of each platform stands in a Unity package, and for what Unity loads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PLUGINS = "Runtime/Plugins"


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform that Unity builds players for, or whose editor runs.

    Attributes:
        folder: below ``Runtime/Plugins``.
        file: the library's file name, ``{}`` is its import name.
        target: Unity's name of the build target.
        cpu: Unity's name of the processor.
        editor: Unity's name of the editor's system, empty where no editor runs.
        note: what a person should know about it.
    """

    folder: str
    file: str
    target: str
    cpu: str
    editor: str = ""
    note: str = ""

    def path(self, import_name: str) -> str:
        """Where the library stands in the package."""
        return f"{PLUGINS}/{self.folder}/{self.file.format(import_name)}"


PLATFORMS = (
    Platform("Windows/x86_64", "{}.dll", "Win64", "x86_64", "Windows"),
    Platform("Windows/arm64", "{}.dll", "Win64", "ARM64", "Windows", "players from Unity 6 on"),
    Platform("macOS/x86_64", "lib{}.dylib", "OSXUniversal", "x86_64", "OSX"),
    Platform("macOS/arm64", "lib{}.dylib", "OSXUniversal", "ARM64", "OSX"),
    Platform("Linux/x86_64", "lib{}.so", "Linux64", "x86_64", "Linux"),
    Platform("Android/arm64-v8a", "lib{}.so", "Android", "ARM64"),
    Platform("Android/armeabi-v7a", "lib{}.so", "Android", "ARMv7"),
    Platform("Android/x86_64", "lib{}.so", "Android", "X86_64", "", "emulators and Chromebooks"),
    Platform("iOS", "lib{}.a", "iOS", "ARM64", "", "static, linked into the player"),
)


@dataclass(frozen=True, slots=True)
class Section:
    """The settings for one target in the import settings of a library."""

    group: str
    target: str
    enabled: bool
    settings: tuple[tuple[str, str], ...]


def present(out: Path, import_name: str) -> tuple[Platform, ...]:
    """The platforms whose library is in the package: Unity deletes import settings that have no file."""
    return tuple(p for p in PLATFORMS if (out / p.path(import_name)).is_file())


def sections(platform: Platform, frameworks: Iterable[str]) -> tuple[Section, ...]:
    """Import settings for every target, so that none is left to a default.

    Args:
        frameworks: Apple's frameworks that the static library needs.
    """
    linked = "".join(f"{name};" for name in frameworks)
    apple = (("AddToEmbeddedBinaries", "false"), ("CompileFlags", ""), ("FrameworkDependencies", linked))
    editor = (("DefaultValueInitialized", "true"), ("OS", platform.editor or "AnyOS"))
    return (
        _section(platform, "Android", "Android", "ARMv7"),
        Section("Editor", "Editor", bool(platform.editor), _with_cpu(_editor_cpu(platform), editor)),
        _section(platform, "Standalone", "Linux64", "None"),
        _section(platform, "Standalone", "OSXUniversal", "None"),
        _section(platform, "Standalone", "Win", "None"),
        _section(platform, "Standalone", "Win64", "None"),
        _section(platform, "iPhone", "iOS", "AnyCPU", apple if platform.target == "iOS" else ()),
    )


def _section(
    platform: Platform, group: str, target: str, unused_cpu: str, settings: tuple[tuple[str, str], ...] = ()
) -> Section:
    enabled = platform.target == target
    return Section(group, target, enabled, _with_cpu(platform.cpu if enabled else unused_cpu, settings))


def _editor_cpu(platform: Platform) -> str:
    return platform.cpu if platform.editor else "AnyCPU"


def _with_cpu(cpu: str, settings: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((("CPU", cpu), *settings)))
