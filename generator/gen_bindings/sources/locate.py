"""Where an input of the configuration is: a path beside it, or a file inside an installed Python package."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from gen_bindings.errors import SourceError

PYTHON_SCHEME = "python:"


def locate(spec: str, base: Path, search_path: Sequence[Path] = ()) -> Path:
    """The file or folder that an input of the configuration names.

    Args:
        spec: a path, relative to ``base`` unless absolute; or ``python:package/folder/file`` for a file
            that an installed Python package carries. The package is not imported.
        base: folder of the configuration file.
        search_path: folders looked at before ``sys.path`` for a ``python:`` spec, for a package that is
            unpacked somewhere else.

    Raises:
        SourceError: there is no such file.
    """
    if spec.startswith(PYTHON_SCHEME):
        return _in_package(spec, search_path)
    path = base / spec
    if not path.exists():
        raise SourceError(
            f"The input {spec!r} does not exist: looked for {path}. "
            "Paths are relative to the folder of the configuration file; correct it there."
        )
    return path


def _in_package(spec: str, search_path: Sequence[Path]) -> Path:
    inside = PurePosixPath(spec.removeprefix(PYTHON_SCHEME))
    if inside.is_absolute() or ".." in inside.parts or len(inside.parts) < 2:
        raise SourceError(
            f"The input {spec!r} does not name a file inside a Python package. "
            "Expected python:package/folder/file, with slashes, relative to where packages are installed."
        )
    for folder in python_path(search_path):
        candidate = folder / inside
        if candidate.exists():
            return candidate
    package = inside.parts[0]
    homes = [str(folder / package) for folder in python_path(search_path) if (folder / package).is_dir()]
    if homes:
        raise SourceError(
            f"The input {spec!r} does not exist: the package {package} is in {', '.join(homes)}, "
            f"without {PurePosixPath(*inside.parts[1:])}. Correct the path, or install a version that has it."
        )
    looked_in = ", ".join(str(folder) for folder in python_path(search_path))
    raise SourceError(
        f"The input {spec!r} does not exist: no Python package {package} in {looked_in}. "
        f"Install the package that provides it (for example: pip install {package})."
    )


def python_path(search_path: Sequence[Path] = ()) -> Iterator[Path]:
    """The folders in which Python packages are looked for, in order."""
    yield from search_path
    # An empty entry stands for the current folder.
    yield from (Path(entry or ".") for entry in sys.path)
