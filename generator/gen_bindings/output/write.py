"""Brings an output folder up to date, all or nothing; or says how it departs and changes nothing."""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from gen_bindings.errors import OutputError
from gen_bindings.output.fate import Fate
from gen_bindings.output.lock import locked
from gen_bindings.output.manifest import unix
from gen_bindings.output.plan import Plan, Wanted, make_plan
from gen_bindings.output.signals import held
from gen_bindings.output.transaction import Change, apply, make_folders, recover, remove_empty

_DIFF_LINES = 12
_NAMED = 20
_FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What a run did, as paths relative to the output folder, sorted.

    Attributes:
        manifest: the manifest was written, if only because the inputs changed.
        left: files that a version without manifests generated and that are no longer produced.
    """

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    manifest: bool
    left: tuple[str, ...]


class DifferenceKind(Enum):
    """How a file on disk departs from what would be generated.

    STALE: generated from other inputs or by another version. EDITED: changed since it was generated.
    MISSING: not there. ORPHANED: generated once, and no longer produced. FOREIGN: of somebody else, where a
    file is to be generated.
    """

    STALE = "stale"
    MISSING = "missing"
    ORPHANED = "orphaned"
    EDITED = "edited"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that is not as it would be generated; ``diff`` is a short unified diff, or empty."""

    path: str
    kind: DifferenceKind
    diff: str = ""


_KINDS = {
    Fate.CREATE: DifferenceKind.MISSING,
    Fate.REPLACE: DifferenceKind.STALE,
    Fate.REMOVE: DifferenceKind.ORPHANED,
    Fate.EDITED: DifferenceKind.EDITED,
    Fate.FOREIGN: DifferenceKind.FOREIGN,
}


def put_files(files: Mapping[str, str], folder: Path) -> None:
    """Writes files into a folder that nobody else has, without a manifest."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8"))


def write_output(out: Path, wanted: Wanted) -> WriteReport:
    """Makes ``out`` hold what is wanted, and of what its manifest lists no other file.

    A file that is not listed, or not as it is listed, is never changed; nor is anything when one of these
    stands in the way, when a step fails, or when a signal ends the run.

    Raises:
        OutputError: the folder cannot be written, a file in it was edited or is somebody else's, or another
            run is at work there.
    """
    with _told(out, "written", "Make it writable or choose another folder with --out."), held() as ended:
        while True:
            made = make_folders(out)
            try:
                with locked(out, ended) as there:
                    if there:
                        recover(out)
                        plan = make_plan(out, wanted)
                        _refuse(out, plan)
                        changes = _changes(plan)
                        if changes:
                            apply(out, changes, ended)
                        return _report(plan)
            except BaseException:
                remove_empty(made)
                raise


def check_output(out: Path, wanted: Wanted) -> tuple[Difference, ...]:
    """How ``out`` departs from what ``write_output`` would leave, sorted by path.

    Nothing is written, except that what a killed run left half done is put back.

    Raises:
        OutputError: the folder cannot be read, or is another binding's.
    """
    with _told(out, "read", "Make it readable."):
        if not out.is_dir():
            return _differences(make_plan(out, wanted))
        with held() as ended, locked(out, ended):
            recover(out)
            return _differences(make_plan(out, wanted))


def _changes(plan: Plan) -> list[Change]:
    removed = [Change(file.path, None) for file, fate in plan.files if fate is Fate.REMOVE]
    written = [
        Change(file.path, file.wanted, replaces=fate is Fate.REPLACE)
        for file, fate in plan.files
        if fate in (Fate.CREATE, Fate.REPLACE)
    ]
    changes = removed + written
    if plan.manifest_fate is not Fate.UNCHANGED:
        # Last: what is new then is either listed or equals what will be generated.
        changes.append(Change(plan.manifest_path, plan.manifest, replaces=plan.manifest_fate is Fate.REPLACE))
    return changes


def _refuse(out: Path, plan: Plan) -> None:
    problems = []
    if edited := plan.paths(Fate.EDITED):
        problems.append(
            f"{_listed(edited)} in {out} changed since it was generated. Undo the change, or move or delete"
            " the file, and it is generated anew. What is to differ belongs into a file of your own, or into"
            " the configuration."
        )
    if foreign := plan.paths(Fate.FOREIGN):
        problems.append(
            f"{_listed(foreign)} in {out} is in the way: no manifest of this binding lists it, so somebody"
            " else wrote it. Move it away, or choose another folder with --out."
        )
    problems += [f"{why}. Move it away, or choose another folder with --out." for why in plan.obstacles]
    if problems:
        raise OutputError("\n".join([*problems, "Nothing was changed."]))


def _listed(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return ", ".join(paths[:_NAMED]) + more


def _report(plan: Plan) -> WriteReport:
    return WriteReport(
        written=plan.paths(Fate.CREATE, Fate.REPLACE),
        unchanged=plan.paths(Fate.UNCHANGED, Fate.KEPT, Fate.THEIRS),
        removed=plan.paths(Fate.REMOVE),
        manifest=plan.manifest_fate is not Fate.UNCHANGED,
        left=plan.left,
    )


def _differences(plan: Plan) -> tuple[Difference, ...]:
    found = [
        Difference(file.path, _KINDS[fate], _diff(file.path, file.present, file.wanted))
        for file, fate in plan.files
        if fate in _KINDS
    ]
    found += [Difference(why, DifferenceKind.FOREIGN) for why in plan.obstacles]
    if plan.manifest_fate is not Fate.UNCHANGED:
        found.append(Difference(plan.manifest_path, _KINDS[plan.manifest_fate]))
    return tuple(sorted(found, key=lambda difference: difference.path))


def _diff(path: str, present: bytes | None, wanted: bytes | None) -> str:
    if present is None or wanted is None:
        return ""
    lines = list(
        difflib.unified_diff(
            unix(present).decode("utf-8", errors="replace").splitlines(),
            wanted.decode("utf-8").splitlines(),
            f"{path} (on disk)",
            f"{path} (generated)",
            lineterm="",
            n=1,
        )
    )
    if len(lines) > _DIFF_LINES:
        lines = [*lines[:_DIFF_LINES], f"… {len(lines) - _DIFF_LINES} more lines"]
    return "\n".join(lines)


@contextmanager
def _told(out: Path, what: str, way_out: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise OutputError(
                f"The disk that {out} is on is full. Nothing was changed. Make room, or choose a folder on"
                " another disk with --out."
            ) from error
        raise OutputError(
            f"The output folder {out} cannot be {what}: {error}. Nothing was changed. {way_out}"
        ) from error
