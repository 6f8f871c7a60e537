"""Single operations on the disk, each done or not done: whatever writes output does it through them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Creates one folder, which must not be there."""
    folder.mkdir()


def write(file: Path, data: bytes) -> None:
    """Creates a file, which must not be there."""
    with file.open("xb") as stream:
        stream.write(data)


def keep_copy(file: Path, copy: Path) -> None:
    """A second name for a file, or a copy of it where the file system has no second names."""
    try:
        os.link(file, copy, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(file, copy, follow_symlinks=False)


def move(file: Path, place: Path) -> None:
    """Renames a file; what stood in its new place is replaced in the same moment."""
    file.replace(place)


def remove(file: Path) -> None:
    """Removes a file."""
    file.unlink()


def remove_folder(folder: Path) -> None:
    """Removes a folder, which must be empty."""
    folder.rmdir()
