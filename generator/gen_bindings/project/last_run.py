"""Whether the output of the last run still stands, so that a run with nothing changed costs next to nothing.

A note in the user's cache says what a run read and what it left in the output folder. Nothing that takes
time to import is imported here.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import gen_bindings
from gen_bindings.cache import cache_folder, keep
from gen_bindings.config import LoadedConfig
from gen_bindings.errors import GenBindingsError
from gen_bindings.output.manifest import PREFIX
from gen_bindings.project.places import places
from gen_bindings.render.unity.plugins import present as present_libraries
from gen_bindings.sources.includes import with_includes
from gen_bindings.sources.locate import python_path

# Above this size a file counts as unchanged by its size and times; a compiled library takes long to read.
_READ_WHOLE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LastRun:
    """What the last run did.

    Attributes:
        files: how many files the output has.
        messages: what it said besides, for the user to read again.
    """

    files: int
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Note:
    schema_files: list[str]
    inputs: dict[str, str]
    generated: dict[str, str]
    others: dict[str, str]
    messages: list[str]


def still_stands(loaded: LoadedConfig, out: Path, layout: str, *, beside: bool) -> LastRun | None:
    """The last run with these, if it would do nothing now, else ``None``."""
    try:
        note = _Note(**json.loads(_note_file(loaded, out, layout, beside).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    try:
        if note.inputs != _signatures(loaded, note.schema_files):
            return None
        generated, others = _output(loaded, out, note.generated)
    except (OSError, GenBindingsError):
        return None
    if generated != note.generated or others != note.others:
        return None
    return LastRun(files=len(note.generated), messages=tuple(note.messages))


def remember(
    loaded: LoadedConfig,
    out: Path,
    layout: str,
    schema_files: Sequence[str],
    generated: Iterable[str],
    messages: Sequence[str],
    *,
    beside: bool,
) -> None:
    """Notes that ``out`` holds what the inputs give.

    Args:
        schema_files: names of the protocol's files as the descriptors give them.
        generated: the files of the output, relative to ``out``.
        messages: what the run said besides.
    """
    present, others = _output(loaded, out, generated)
    note = _Note(list(schema_files), _signatures(loaded, schema_files), present, others, list(messages))
    keep(_note_file(loaded, out, layout, beside), json.dumps(asdict(note)).encode())


def _note_file(loaded: LoadedConfig, out: Path, layout: str, beside: bool) -> Path:
    name = f"{loaded.file.resolve()}\n{out.resolve()}\n{layout}\n{beside}".encode()
    return cache_folder("runs") / f"{hashlib.sha256(name).hexdigest()[:32]}.json"


def _signatures(loaded: LoadedConfig, schema_files: Sequence[str]) -> dict[str, str]:
    table = loaded.config.input
    at = places(loaded)
    roots = list(at.all(table.include))
    protos = at.all(table.proto)
    roots += [proto.parent for proto in protos]
    watched = [loaded.file, *protos]
    # Not the first hit only: a file that is put before it would be taken instead.
    watched += [root / name for name in schema_files for root in roots if table.proto]
    watched += at.all([spec for spec in (table.descriptor_set, table.library) if spec])
    if table.module:
        watched += _module_files(table.module, at.search)
    for header in at.all(table.headers):
        watched += (included.path for included in with_includes(header))
    signatures = {str(path): _signature(path) for path in watched}
    return {"tool": _tool(), **signatures}


def _module_files(module: str, search: Sequence[Path]) -> Iterator[Path]:
    from gen_bindings.sources.python_module import generated_modules

    name = module.removeprefix("python:")
    for _, source in generated_modules(name, [str(folder.absolute()) for folder in python_path(search)]):
        yield source
        yield source.with_suffix(".pyi")


def _signature(path: Path) -> str:
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            return "no file"
        if state.st_size > _READ_WHOLE:
            return f"{state.st_size} {state.st_mtime_ns} {state.st_ino}"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (FileNotFoundError, ValueError):
        # A header may include a name that no file can have.
        return "absent"


def _tool() -> str:
    """Changes with this package, its templates and the Python that runs it."""
    package = Path(gen_bindings.__file__).parent
    digest = hashlib.sha256(f"{gen_bindings.__version__}\n{sys.version}\n{sys.prefix}\n".encode())
    for folder in (package, package / "templates", package.parent.parent / "templates"):
        for path, state in _walk(folder):
            if path.endswith((".py", ".j2")):
                digest.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _output(
    loaded: LoadedConfig, out: Path, generated: Iterable[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Content of the generated files; and what else in the folder a run looks at.

    That is manifests, what a killed run left, and the native libraries of a package.
    """
    present = {path: _signature(out / path) for path in generated}
    own = [path for path in (out.iterdir() if out.is_dir() else ()) if path.name.startswith(PREFIX)]
    others = {path.name: _signature(path) for path in own}
    libraries = [platform.folder for platform in present_libraries(out, loaded.config.input.import_name)]
    return present, {**others, "": " ".join(libraries)}


def _walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda e: e.name):
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path))
            elif entry.is_file():
                yield entry.path, entry.stat()
