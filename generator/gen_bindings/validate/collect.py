"""Finds and reads C# sources; what cannot be read is listed, not passed over."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gen_bindings.errors import SourceError
from gen_bindings.validate.facts import Loss

LARGEST = 8 * 1024 * 1024
_SKIPPED_FOLDERS = {".git", "bin", "obj", "Library", "Temp", "node_modules", ".vs"}


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one file; ``path`` as findings name it."""

    path: str
    text: bytes


def collect(folders: Sequence[Path]) -> tuple[list[Source], list[Loss]]:
    """The C# files under the folders (or the files themselves), in a stable order.

    Raises:
        SourceError: a folder does not exist, or holds no C# at all.
    """
    sources: list[Source] = []
    losses: list[Loss] = []
    for folder in folders:
        if not folder.exists():
            raise SourceError(
                f"--csharp {folder}: there is no such folder. Name the folder of the C# sources."
            )
        files = [folder] if folder.is_file() else _walk(folder, losses)
        if not files:
            raise SourceError(
                f"--csharp {folder}: no .cs file was found in it. Name the folder of the C# sources."
            )
        for file in files:
            source = _read(file, losses)
            if source is not None:
                sources.append(source)
    return sources, losses


def _walk(folder: Path, losses: list[Loss]) -> list[Path]:
    found: list[Path] = []
    seen: set[tuple[int, int]] = set()
    for root, folders, names in os.walk(folder, followlinks=True, onerror=lambda e: _unreadable(e, losses)):
        status = Path(root).stat()
        key = (status.st_dev, status.st_ino)
        if key in seen:
            # A symbolic link leads back to a folder that was read already.
            folders[:] = []
            continue
        seen.add(key)
        folders[:] = sorted(f for f in folders if f not in _SKIPPED_FOLDERS)
        found += [Path(root) / name for name in sorted(names) if name.endswith(".cs")]
    return found


def _unreadable(error: OSError, losses: list[Loss]) -> None:
    losses.append(Loss(str(error.filename), 0, 0, f"the folder ({error.strerror})"))


def _read(file: Path, losses: list[Loss]) -> Source | None:
    try:
        status = file.stat()
        size = status.st_size
        if not stat.S_ISREG(status.st_mode):
            # Opening a pipe would wait for its writer.
            losses.append(Loss(str(file), 0, 0, "the file: it is no regular file"))
            return None
        if size > LARGEST:
            losses.append(Loss(str(file), 0, 0, f"the file: it has {size} bytes, more than {LARGEST}"))
            return None
        text = file.read_bytes()
    except OSError as error:
        losses.append(Loss(str(file), 0, 0, f"the file ({error.strerror})"))
        return None
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = text.decode("utf-16", "replace").encode()
    if b"\0" in text[:4096]:
        losses.append(Loss(str(file), 0, 0, "the file: it is binary, no C# source"))
        return None
    if text.startswith(b"\xef\xbb\xbf"):
        text = b"   " + text[3:]
    return Source(str(file), text)
