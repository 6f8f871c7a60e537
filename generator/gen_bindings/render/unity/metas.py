"""The companion file that Unity keeps beside every asset: its GUID and how it is imported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from gen_bindings.render.environment import render
from gen_bindings.render.unity.plugins import Section

_IMPORTERS = {
    ".cs": "MonoImporter",
    ".asmdef": "AssemblyDefinitionImporter",
    ".md": "TextScriptImporter",
}


def guid(package: str, path: str) -> str:
    """The GUID of an asset: the same on every run and machine, so that references to it stay good."""
    return hashlib.md5(f"{package}/{path}".encode(), usedforsecurity=False).hexdigest()


def metas(package: str, paths: Iterable[str], libraries: Mapping[str, tuple[Section, ...]]) -> dict[str, str]:
    """The companions of files and of the folders above them.

    Args:
        package: the package's name.
        paths: the files of the package, relative to it.
        libraries: native libraries with their import settings.
    """
    files = {*paths, *libraries}
    folders = {str(folder) for path in files for folder in PurePosixPath(path).parents} - {"."}
    found = {folder: _meta(package, folder, "folder") for folder in folders if _is_asset(folder)}
    for path in files:
        found[path] = (
            _meta(package, path, "plugin", sections=libraries[path])
            if path in libraries
            else _meta(package, path, "file", importer=_importer(path))
        )
    return {f"{path}.meta": text for path, text in sorted(found.items())}


def _meta(package: str, path: str, kind: str, **settings: object) -> str:
    return render(f"unity/meta/{kind}.meta.j2", guid=guid(package, path), **settings)


def _importer(path: str) -> str:
    if path == "package.json":
        return "PackageManifestImporter"
    return _IMPORTERS.get(PurePosixPath(path).suffix, "DefaultImporter")


def _is_asset(folder: str) -> bool:
    # Unity does not look into a folder whose name ends so; what is in it counts once it is copied out.
    return not folder.endswith("~")
