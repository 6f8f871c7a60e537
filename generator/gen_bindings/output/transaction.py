"""Changes many files of a folder as one: all of them, or none; and ends what a killed run left half done.

Everything new is first written into a stage inside the folder, where no compiler looks and no file has a
source file's name, and what is to be replaced is kept there. Then a journal is put there, the files change
places one by one, and removing the journal is the moment from which the new output counts. A run that finds
a stage puts back what its journal names, if there is one, and removes it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gen_bindings.errors import OutputError
from gen_bindings.output import disk
from gen_bindings.output.manifest import PREFIX, digest_of
from gen_bindings.output.paths import is_folder, is_plain, obstacle

STAGE = f"{PREFIX}stage"
_JOURNAL = "journal"


@dataclass(frozen=True, slots=True)
class Change:
    """A file that is to be created, replaced or, without content, removed."""

    path: str
    content: bytes | None
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """A change as the journal has it: the digest is that of the new content, or empty."""

    path: str
    digest: str
    replaces: bool


@dataclass(frozen=True, slots=True)
class _Journal:
    entries: list[_Entry]
    folders: list[str]


def apply(out: Path, changes: Sequence[Change], ended: Callable[[], None]) -> None:
    """Makes the changes in their order, or leaves ``out`` as it was.

    Args:
        out: a folder that is there, without a stage.
        ended: called between steps; what it raises undoes everything.

    Raises:
        OSError: a step failed; nothing is changed.
        OutputError: what was changed could not be put back; the next run will try again.
    """
    stage = out / STAGE
    try:
        disk.make_folder(stage)
        journal = _prepare(out, stage, changes, ended)
        try:
            _change_places(out, stage, journal, ended)
        except BaseException as error:
            _put_back_after(error, out, stage, journal)
            raise
    except OutputError:
        raise
    except BaseException:
        _clear(stage)
        raise
    _clear(stage)


def recover(out: Path) -> bool:
    """Ends what a killed run left; says whether there was anything.

    Raises:
        OutputError: the stage is none.
        OSError: it cannot be read or changed.
    """
    stage = out / STAGE
    if not is_folder(stage):
        if stage.is_symlink() or stage.exists():
            raise OutputError(f"{stage} is no folder of a run. Nothing was changed. Remove it.")
        return False
    if (stage / _JOURNAL).is_file():
        _put_back(out, stage, _read(out, stage))
    _clear(stage)
    return True


def make_folders(folder: Path) -> list[Path]:
    """Creates a folder and its parents; returns those that were not there, outermost first."""
    missing: list[Path] = []
    current = folder
    while not current.exists():
        missing.insert(0, current)
        current = current.parent
    made: list[Path] = []
    try:
        for one in missing:
            # Another run may be making the same folders.
            with contextlib.suppress(FileExistsError):
                disk.make_folder(one)
                made.append(one)
    except BaseException:
        remove_empty(made)
        raise
    return made


def remove_empty(folders: Sequence[Path]) -> None:
    """Removes those folders, innermost first, that nothing is in."""
    for folder in reversed(folders):
        with contextlib.suppress(OSError):
            disk.remove_folder(folder)


def _prepare(out: Path, stage: Path, changes: Sequence[Change], ended: Callable[[], None]) -> _Journal:
    entries = []
    for number, change in enumerate(changes):
        ended()
        if change.content is not None:
            disk.write(stage / f"new{number}", change.content)
        if change.replaces:
            disk.keep_copy(out / change.path, stage / f"old{number}")
        digest = digest_of(change.content) if change.content is not None else ""
        entries.append(_Entry(change.path, digest, change.replaces))
    journal = _Journal(entries, _missing_folders(out, [e.path for e in entries if e.digest]))
    disk.write(stage / f"{_JOURNAL}.new", json.dumps(asdict(journal)).encode())
    ended()
    disk.move(stage / f"{_JOURNAL}.new", stage / _JOURNAL)
    return journal


def _missing_folders(out: Path, paths: Sequence[str]) -> list[str]:
    """Folders that must be made for the files, outermost first."""
    found: dict[str, None] = {}
    for path in paths:
        parts = path.split("/")[:-1]
        for end in range(1, len(parts) + 1):
            found.setdefault("/".join(parts[:end]))
    return [folder for folder in found if not (out / folder).is_dir()]


def _change_places(out: Path, stage: Path, journal: _Journal, ended: Callable[[], None]) -> None:
    for folder in journal.folders:
        ended()
        disk.make_folder(out / folder)
    for number, entry in enumerate(journal.entries):
        ended()
        if entry.digest:
            disk.move(stage / f"new{number}", out / entry.path)
        else:
            disk.move(out / entry.path, stage / f"old{number}")
    for entry in journal.entries:
        if not entry.digest:
            ended()
            _remove_emptied(out, entry.path)
    ended()
    disk.remove(stage / _JOURNAL)


def _remove_emptied(out: Path, path: str) -> None:
    folder = (out / path).parent
    while folder != out and folder.is_dir() and not any(folder.iterdir()):
        disk.remove_folder(folder)
        folder = folder.parent


def _put_back_after(error: BaseException, out: Path, stage: Path, journal: _Journal) -> None:
    try:
        if (stage / _JOURNAL).exists():
            _put_back(out, stage, journal)
    except OSError as second:
        raise OutputError(
            f"{out} was being changed when this happened: {error or type(error).__name__}. Putting it back"
            f" failed as well: {second}. Make the folder writable and run the command again: that ends it."
        ) from error


def _put_back(out: Path, stage: Path, journal: _Journal) -> None:
    """Undoes what was done of the journal; may itself be ended anywhere, and be done again."""
    for number, entry in reversed(list(enumerate(journal.entries))):
        target, new, old = out / entry.path, stage / f"new{number}", stage / f"old{number}"
        if not entry.digest:
            if old.exists() and not target.exists():
                make_folders(target.parent)
                disk.move(old, target)
        elif not new.exists() and _holds(target, entry.digest):
            if entry.replaces and old.exists():
                disk.move(old, target)
            elif not entry.replaces:
                disk.remove(target)
    remove_empty([out / folder for folder in journal.folders])
    disk.remove(stage / _JOURNAL)


def _holds(target: Path, digest: str) -> bool:
    # What somebody changed since is theirs.
    return target.is_file() and digest_of(target.read_bytes()) == digest


def _read(out: Path, stage: Path) -> _Journal:
    try:
        content = json.loads((stage / _JOURNAL).read_bytes())
        entries = [_Entry(str(e["path"]), str(e["digest"]), bool(e["replaces"])) for e in content["entries"]]
        folders = [str(folder) for folder in content["folders"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _wrong(stage, str(error)) from error
    for path in (*(entry.path for entry in entries), *folders):
        if not is_plain(path):
            raise _wrong(stage, f'"{path}" is no path below the folder')
    for path in (*(entry.path for entry in entries), *(f"{folder}/{_JOURNAL}" for folder in folders)):
        if (why := obstacle(out, path)) is not None:
            raise _wrong(stage, why)
    return _Journal(entries, folders)


def _wrong(stage: Path, why: str) -> OutputError:
    return OutputError(
        f"An earlier run was ended while it changed files, and what it left in {stage} cannot be used: {why}."
        " Nothing was changed. Restore the generated files from version control and remove that folder."
    )


def _clear(stage: Path) -> None:
    """Removes the stage, or leaves it to the next run."""
    with contextlib.suppress(OSError):
        for file in sorted(stage.iterdir()):
            disk.remove(file)
        disk.remove_folder(stage)
