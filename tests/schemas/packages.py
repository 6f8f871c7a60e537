"""The schemas inside the fetched packages: every `.proto` file, and the descriptors in Python modules."""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from google.protobuf import descriptor_pb2 as pb

ROOT = Path(__file__).resolve().parents[2]
WHEELS = ROOT / "build" / "schemas"
# What protoc itself brings, under the names by which everybody imports it.
_WELL_KNOWN = "protobuf"


@dataclass(frozen=True)
class Package:
    """One distribution and the files of its schemas, by name, each with all that it imports in ``files``.

    Attributes:
        own: names of the files that it ships, sorted.
        files: those and everything that they import, wherever that comes from.
        unlinked: names of files that import what no package has.
    """

    name: str
    own: tuple[str, ...]
    files: Mapping[str, pb.FileDescriptorProto]
    unlinked: tuple[str, ...]


def names() -> tuple[str, ...]:
    """Of the fetched packages, sorted; none when they were not fetched."""
    return tuple(wheel.name.partition("-")[0] for wheel in sorted(WHEELS.glob("*.whl")))


@cache
def package(name: str) -> Package:
    """The fetched package with this name."""
    own = _shipped(name)
    # Its own first: packages ship copies of each other's files. Most need no other package.
    others = [_WELL_KNOWN, *(other for other in names() if other not in (name, _WELL_KNOWN))]
    known = dict(own)

    def find(file: str) -> bool:
        for other in others:
            if file not in known and file in _shipped(other):
                known[file] = _shipped(other)[file]
        return file in known

    def links(file: str, above: frozenset[str] = frozenset()) -> bool:
        return find(file) and all(
            dependency not in above and links(dependency, above | {file})
            for dependency in known[file].dependency
        )

    linked = tuple(file for file in sorted(own) if links(file))
    files = {file: known[file] for file in closure(linked, known)}
    return Package(name, linked, files, tuple(file for file in sorted(own) if file not in files))


def closure(names: Iterable[str], files: Mapping[str, pb.FileDescriptorProto]) -> list[str]:
    """The files and their imports, imports first."""
    ordered: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in ordered:
            for dependency in files[name].dependency:
                visit(dependency)
            ordered[name] = None

    for name in names:
        visit(name)
    return list(ordered)


@cache
def _shipped(package: str) -> dict[str, pb.FileDescriptorProto]:
    wheel = next(WHEELS.glob(f"{package}-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        members = archive.namelist()
        modules = [member for member in members if member.endswith("_pb2.py")]
        embedded = [file for member in modules for file in _embedded(archive.read(member).decode("utf-8"))]
        found = {file.name: file for file in embedded}
        protos = [member for member in members if member.endswith(".proto")]
        roots = _roots(protos, found)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            archive.extractall(folder, protos)
            by_root: dict[str, list[str]] = {}
            for proto in protos:
                root = next((r for r in roots if proto.startswith(r)), "")
                by_root.setdefault(root, []).append(proto.removeprefix(root))
            for root, files in by_root.items():
                # With its comments, which a module has not.
                found.update(_compiled(folder, [root, *roots], files))
    return found


def _embedded(source: str) -> Iterator[pb.FileDescriptorProto]:
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "AddSerializedFile"
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, bytes)
        ):
            yield pb.FileDescriptorProto.FromString(node.args[0].value)


def _roots(protos: Iterable[str], known: Iterable[str]) -> list[str]:
    """Folders from which the names of files count, the longest first."""
    known = set(known)
    found = set()
    for proto in protos:
        parts = proto.split("/")
        for start in range(len(parts)):
            if "/".join(parts[start:]) in known:
                found.add("".join(f"{part}/" for part in parts[:start]))
                break
    return sorted(found, key=lambda root: (-len(root), root))


def _compiled(folder: Path, roots: list[str], files: list[str]) -> dict[str, pb.FileDescriptorProto]:
    out = folder / "compiled.binpb"
    include = [f"-I{folder / root}" for root in dict.fromkeys(roots)]
    others = [f"-I{path}" for path in _unpacked_roots()]
    command = [sys.executable, "-m", "grpc_tools.protoc", *include, *others, "--include_source_info"]
    done = subprocess.run([*command, f"-o{out}", *files], cwd=folder, capture_output=True, check=False)
    if done.returncode == 0:
        return {file.name: file for file in pb.FileDescriptorSet.FromString(out.read_bytes()).file}
    half = len(files) // 2
    # Some packages ship files that protoc refuses, next to all the others.
    parts = (files[:half], files[half:]) if half else ()
    return {name: file for part in parts for name, file in _compiled(folder, roots, part).items()}


@cache
def _unpacked_roots() -> tuple[Path, ...]:
    """Where the `.proto` files are that other packages import."""
    apis = next(WHEELS.glob("googleapis_common_protos-*.whl"), None)
    if apis is None:
        return ()
    folder = WHEELS / "googleapis"
    if not folder.is_dir():
        with zipfile.ZipFile(apis) as archive:
            archive.extractall(folder, [m for m in archive.namelist() if m.endswith(".proto")])
    return (folder,)
