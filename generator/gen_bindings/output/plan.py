"""What a run has to do to an output folder, decided before anything changes; the check reads it too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import gen_bindings
from gen_bindings.errors import OutputError
from gen_bindings.output.fate import Fate, File, fate_of, is_old
from gen_bindings.output.manifest import Manifest, Owner, digest_of, other_owners, read_manifest
from gen_bindings.output.paths import is_plain, obstacle

_LARGEST = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to stand in an output folder.

    Attributes:
        files: text of each file by its path relative to the folder, with ``/``.
        inputs: hex digest of everything that they depend on.
        stubs: those that the user may make their own.
        beside: another binding may have files in the folder.
    """

    owner: Owner
    files: Mapping[str, str]
    inputs: str
    stubs: frozenset[str] = frozenset()
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of each file, and the manifest that will say so.

    Attributes:
        files: every file that is wanted or listed, sorted by path, with what becomes of it.
        obstacles: what cannot be written or removed, and why.
        manifest: the manifest's content; ``manifest_path`` its name; ``manifest_fate`` what becomes of it.
        left: files that a version without manifests generated and that are no longer wanted.
    """

    files: tuple[tuple[File, Fate], ...]
    obstacles: tuple[str, ...]
    manifest: bytes
    manifest_path: str
    manifest_fate: Fate
    left: tuple[str, ...]

    def paths(self, *fates: Fate) -> tuple[str, ...]:
        """The files that one of these becomes of."""
        return tuple(file.path for file, fate in self.files if fate in fates)


def make_plan(out: Path, wanted: Wanted) -> Plan:
    """Looks at the files that are wanted or listed, and at no others.

    Raises:
        OutputError: the folder is another binding's, or a manifest is damaged.
        OSError: a file cannot be read.
    """
    _check_paths(wanted.files)
    manifest = read_manifest(out, wanted.owner)
    if manifest is None and not wanted.beside:
        _check_alone(out, wanted.owner)
    listed = dict(manifest.files) if manifest is not None else {}
    texts = {path: text.encode("utf-8") for path, text in wanted.files.items()}
    obstacles: list[str] = []
    decided: list[tuple[File, Fate]] = []
    for path in sorted({*texts, *listed}):
        if (why := obstacle(out, path)) is not None:
            obstacles.append(why)
            continue
        twin = _twin(out, path, texts, listed)
        file = File(
            path,
            texts.get(path),
            None if twin else _read(out / path),
            listed.get(path),
            stub=path in wanted.stubs,
            adopts=manifest is None,
        )
        decided.append((file, fate_of(file)))
    return _with_manifest(out, wanted, decided, obstacles, adopts=manifest is None)


def _with_manifest(
    out: Path, wanted: Wanted, decided: Sequence[tuple[File, Fate]], obstacles: Sequence[str], *, adopts: bool
) -> Plan:
    theirs = {file.path for file, one in decided if one is Fate.THEIRS}
    digests = {
        path: digest_of(text.encode("utf-8")) for path, text in wanted.files.items() if path not in theirs
    }
    text = Manifest(gen_bindings.__version__, wanted.inputs, digests).text(wanted.owner)
    present = _read(out / wanted.owner.file)
    fate = fate_of(File(wanted.owner.file, text, present, digest_of(present or b"")))
    adopted = [out / file.path for file, one in decided if adopts and one is Fate.REPLACE]
    left = _left(out, adopted, wanted.files)
    return Plan(tuple(decided), tuple(obstacles), text, wanted.owner.file, fate, left)


def _check_paths(files: Mapping[str, str]) -> None:
    lowered: dict[str, str] = {}
    for path in files:
        if not is_plain(path):
            raise OutputError(f'"{path}" is no path below the output folder. Nothing was changed.')
        if (other := lowered.setdefault(path.casefold(), path)) != path:
            raise OutputError(
                f"{other} and {path} are one file where case does not count (Windows, macOS)."
                " Nothing was changed. Rename one of the two."
            )


def _check_alone(out: Path, owner: Owner) -> None:
    others = other_owners(out, owner)
    if not others:
        return
    what = "recorder" if owner.recorder else "binding"
    way_out = "" if owner.recorder else ", or keep both in it with --beside"
    raise OutputError(
        f"{out} holds the files of another {what}: {others[0]} lists them. Nothing was changed."
        f" Choose another folder with --out{way_out}. If it is the same one under an earlier name, rename"
        f" that file to {owner.file}."
    )


def _twin(out: Path, path: str, texts: Mapping[str, bytes], listed: Mapping[str, str]) -> bool:
    """Whether what stands there is a listed file of another case, which goes before this one comes."""
    if path not in texts or path in listed:
        return False
    for other in listed:
        if other not in texts and other.casefold() == path.casefold():
            here, there = out / path, out / other
            return here.exists() and there.exists() and here.samefile(there)
    return False


def _left(out: Path, adopted: Sequence[Path], files: Mapping[str, str]) -> tuple[str, ...]:
    """Files of a version without manifests beside those that are taken over from it."""
    found = []
    for folder in sorted({file.parent for file in adopted}):
        for file in sorted(folder.iterdir()):
            path = file.relative_to(out).as_posix()
            if path in files or obstacle(out, path) is not None:
                continue
            content = _read(file)
            if content is not None and file.suffix != ".md" and is_old(path, content, None):
                found.append(path)
    return tuple(found)


def _read(file: Path) -> bytes | None:
    try:
        with file.open("rb") as stream:
            return stream.read(_LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return None
