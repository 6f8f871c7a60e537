"""The manifest: what a binding, or a recorder, wrote into a folder, and from what."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gen_bindings.errors import OutputError
from gen_bindings.output.paths import is_plain

# Unity, and the compilers that take all files of a folder, pass over what begins with a dot.
PREFIX = ".gen-bindings."
_FORMAT = 1
_ABOUT = "What gen-bindings wrote here. It replaces and removes only these files: keep this one with them."
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LARGEST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Owner:
    """To whom files belong: the binding of a name, or the recorder of a library."""

    name: str
    recorder: bool = False

    @property
    def file(self) -> str:
        """Name of the manifest."""
        return f"{PREFIX}recorder.{self.name}.json" if self.recorder else f"{PREFIX}{self.name}.json"

    @property
    def title(self) -> str:
        """For messages."""
        return f"the recorder of {self.name}" if self.recorder else f"the binding {self.name}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one owner wrote.

    Attributes:
        tool: version of this package.
        inputs: hex digest of everything that the files depend on.
        files: digest of each file by its path, as ``digest_of`` takes it.
    """

    tool: str
    inputs: str
    files: Mapping[str, str]

    def text(self, owner: Owner) -> bytes:
        """The manifest's content, one line for each file, so that versions of it merge."""
        content = {
            "about": _ABOUT,
            "format": _FORMAT,
            "recorder" if owner.recorder else "binding": owner.name,
            "tool": self.tool,
            "inputs": self.inputs,
            "files": dict(sorted(self.files.items())),
        }
        return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def digest_of(data: bytes) -> str:
    """Digest of a file's content; version control may have changed the line ends, which is no difference."""
    return hashlib.sha256(unix(data)).hexdigest()


def unix(data: bytes) -> bytes:
    """The content with the line ends that it was generated with."""
    return data.replace(b"\r\n", b"\n")


def read_manifest(out: Path, owner: Owner) -> Manifest | None:
    """The manifest of the owner, if the folder has one.

    Raises:
        OutputError: it is none that this version can read.
        OSError: the folder or the file cannot be read.
    """
    file = out / owner.file
    if not file.is_symlink() and not file.exists():
        return None
    if file.is_symlink() or not file.is_file() or file.stat().st_size > _LARGEST:
        raise _unreadable(file, "it is no regular file of a manifest's size")
    try:
        content = json.loads(file.read_bytes())
        files = {str(path): str(digest) for path, digest in content["files"].items()}
        manifest, written = Manifest(str(content["tool"]), str(content["inputs"]), files), content["format"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable(file, f"it is no manifest ({error})") from error
    if written != _FORMAT:
        raise _unreadable(file, f"it has the format {written}, and this version knows {_FORMAT}")
    for path, digest in files.items():
        if not is_plain(path) or not _DIGEST.fullmatch(digest):
            raise _unreadable(file, f'"{path}" in it is no path below the folder with a digest')
    return manifest


def other_owners(out: Path, owner: Owner) -> list[str]:
    """Names of the manifests that others of the same sort have in the folder, sorted."""
    pattern = re.escape(PREFIX) + (r"recorder\.(.+)\.json" if owner.recorder else r"([^.]+)\.json")
    names = [path.name for path in out.iterdir()] if out.is_dir() else []
    return sorted(name for name in names if re.fullmatch(pattern, name) and name != owner.file)


def _unreadable(file: Path, why: str) -> OutputError:
    return OutputError(
        f"The manifest {file} cannot be used: {why}. Nothing was changed. Restore it from version control; or"
        " delete it together with the files that were generated beside it, and generate anew."
    )
