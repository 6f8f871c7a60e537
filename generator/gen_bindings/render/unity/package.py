"""Which files a Unity package has: the generated C#, Unity's glue, and everything around them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gen_bindings.model.binding import Binding
from gen_bindings.output.fate import MARKER
from gen_bindings.output.paths import on_every_system
from gen_bindings.render.environment import render
from gen_bindings.render.unity.metas import guid, metas
from gen_bindings.render.unity.plugins import PLATFORMS, PLUGINS, present, sections
from gen_bindings.render.unity.settings import Settings

OLDEST_UNITY = "2022.3"
SAMPLE = "Samples~/Minimal"
# What a person completes: each starts with a line that says how to make the file one's own.
STUBS = frozenset({"README.md", "CHANGELOG.md", "LICENSE.md"})
_DEFINITION = ".asmdef"


def package(chosen: Settings, binding: Binding, code: Mapping[str, str], out: Path) -> dict[str, str]:
    """Every file of the package by its path.

    Args:
        code: the plain layout's files, which go into ``Runtime/``.
        out: the package's folder: import settings are made for the native libraries that are there.
    """
    assembly = binding.namespace
    facts: dict[str, Any] = {
        "name": binding.name,
        "namespace": binding.namespace,
        "client": f"{binding.name}Client",
        "messages": binding.schema is not None,
        "package": chosen,
        "platforms": PLATFORMS,
        "plugins": PLUGINS,
        "oldest_unity": OLDEST_UNITY,
        "assembly": assembly,
    }
    client = facts["client"]
    runtime = f"Runtime/{on_every_system(assembly + _DEFINITION)}"
    reference = [f"GUID:{guid(chosen.package, runtime)}"]
    editor = f"{assembly}.Editor"
    sample = f"{assembly}.Samples.Minimal"
    files = {f"Runtime/{path}": text for path, text in code.items()} | {
        "package.json": _json(_manifest(chosen)),
        "README.md": render("unity/README.md.j2", **facts),
        "CHANGELOG.md": render("unity/CHANGELOG.md.j2", **facts),
        "LICENSE.md": render("unity/LICENSE.md.j2", **facts),
        runtime: _json(_assembly(assembly, [], unsafe=True)),
        f"Runtime/Unity/{client}Host.g.cs": render("csharp/Unity/ClientHost.cs.j2", **facts),
        f"Runtime/Unity/{client}Console.g.cs": render("csharp/Unity/ClientConsole.cs.j2", **facts),
        "Runtime/Unity/DiagnosticsReset.g.cs": render("csharp/Unity/DiagnosticsReset.cs.j2", **facts),
        f"{PLUGINS}/README.md": render("unity/Plugins.md.j2", **facts),
        f"Editor/{on_every_system(editor + _DEFINITION)}": _json(
            _assembly(editor, reference, platforms=["Editor"])
        ),
        f"Editor/{client}HostEditor.g.cs": render("csharp/Unity/ClientHostEditor.cs.j2", **facts),
        f"{SAMPLE}/{on_every_system(sample + _DEFINITION)}": _json(_assembly(sample, reference)),
        f"{SAMPLE}/MinimalSample.cs": render("csharp/Unity/MinimalSample.cs.j2", **facts),
    }
    libraries = {
        platform.path(chosen.library): sections(platform, chosen.ios_frameworks)
        for platform in present(out, chosen.library)
    }
    return files | metas(chosen.package, files, libraries)


def _manifest(chosen: Settings) -> dict[str, Any]:
    manifest: dict[str, Any] = {
        "name": chosen.package,
        "generator": MARKER,
        "version": chosen.version,
        "displayName": chosen.display_name,
        "description": chosen.description,
        "unity": OLDEST_UNITY,
    }
    if chosen.author:
        manifest["author"] = {"name": chosen.author}
    if chosen.license:
        manifest["license"] = chosen.license
    manifest["samples"] = [
        {
            "displayName": "Minimal",
            "description": "Writes once a second to the console what is alive in the native library.",
            "path": SAMPLE,
        }
    ]
    return manifest


def _assembly(
    name: str, references: list[str], *, unsafe: bool = False, platforms: list[str] | None = None
) -> dict[str, Any]:
    return {
        "name": name,
        "generator": MARKER,
        "rootNamespace": "",
        "references": references,
        "includePlatforms": platforms or [],
        "excludePlatforms": [],
        "allowUnsafeCode": unsafe,
        "overrideReferences": False,
        "precompiledReferences": [],
        "autoReferenced": True,
        "defineConstraints": [],
        "versionDefines": [],
        "noEngineReferences": False,
    }


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
