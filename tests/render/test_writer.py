"""The writer writes what changed, all of it or nothing; the check says what differs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from gen_bindings.errors import OutputError
from gen_bindings.render import writer
from gen_bindings.render.environment import Header, render
from gen_bindings.render.writer import DifferenceKind, check_tree, write_tree

pytestmark = pytest.mark.quick


def generated(body: str, digest: str = "aa") -> str:
    """A file as the templates emit it."""
    return render("csharp/_header.cs.j2", header=Header("1.0", digest)) + body + "\n"


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below ``folder`` with its content and when it was written."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


FILES = {"Room.g.cs": generated("room"), "Messages/Track.g.cs": generated("tråck")}


def test_writes_a_new_tree(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    report = write_tree(FILES, out)
    assert report.written == ("Messages/Track.g.cs", "Room.g.cs")
    assert (report.unchanged, report.removed) == ((), ())
    assert (out / "Messages/Track.g.cs").read_bytes() == FILES["Messages/Track.g.cs"].encode("utf-8")
    assert sorted(snapshot(out)) == ["Messages/Track.g.cs", "Room.g.cs"]


def test_only_changed_files_are_written(tmp_path: Path) -> None:
    write_tree(FILES, tmp_path)
    before = snapshot(tmp_path)
    os.utime(tmp_path / "Room.g.cs", ns=(0, 0))
    report = write_tree({**FILES, "Messages/Track.g.cs": generated("new")}, tmp_path)
    assert (report.written, report.unchanged) == (("Messages/Track.g.cs",), ("Room.g.cs",))
    assert (tmp_path / "Room.g.cs").stat().st_mtime_ns == 0
    assert snapshot(tmp_path)["Messages/Track.g.cs"] != before["Messages/Track.g.cs"]


def test_line_ends_are_no_change(tmp_path: Path) -> None:
    write_tree(FILES, tmp_path)
    windows = FILES["Room.g.cs"].replace("\n", "\r\n").encode()
    (tmp_path / "Room.g.cs").write_bytes(windows)
    assert check_tree(FILES, tmp_path) == ()
    assert write_tree(FILES, tmp_path).written == ()
    assert (tmp_path / "Room.g.cs").read_bytes() == windows


def test_what_is_no_longer_produced_is_removed(tmp_path: Path) -> None:
    write_tree(FILES, tmp_path)
    report = write_tree({"Room.g.cs": FILES["Room.g.cs"]}, tmp_path)
    assert report.removed == ("Messages/Track.g.cs",)
    assert not (tmp_path / "Messages").exists()


def test_foreign_files_and_unity_companions_stay(tmp_path: Path) -> None:
    write_tree(FILES, tmp_path)
    (tmp_path / "Messages" / "Track.g.cs.meta").write_text("guid: 1")
    (tmp_path / "Mine.cs").write_text("class Mine {}")
    (tmp_path / "Other.g.cs").write_text("// made by another generator")
    write_tree({"Room.g.cs": FILES["Room.g.cs"]}, tmp_path)
    assert sorted(snapshot(tmp_path)) == ["Messages/Track.g.cs.meta", "Mine.cs", "Other.g.cs", "Room.g.cs"]


@pytest.mark.parametrize("fails_at", [0, 1, 2, 3])
def test_a_failure_midway_leaves_the_old_output_whole(
    tmp_path: Path, fails_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {**FILES, "Gone.g.cs": generated("gone")}
    write_tree(old, tmp_path)
    before = {path: content for path, (content, _) in snapshot(tmp_path).items()}
    new = {
        "Room.g.cs": generated("other room"),
        "Messages/Track.g.cs": generated("other track"),
        "New/Folder/File.g.cs": generated("new"),
    }
    steps = 0

    def failing(real: Any) -> Any:
        def step(path: Path, *args: Any, **options: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == fails_at + 1:
                raise OSError(28, "No space left on device")
            return real(path, *args, **options)

        return step

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", failing(Path.replace))
        patch.setattr(Path, "unlink", failing(Path.unlink))
        with pytest.raises(OutputError, match="No space left on device"):
            write_tree(new, tmp_path)
    assert steps > fails_at
    assert {path: content for path, (content, _) in snapshot(tmp_path).items()} == before
    assert not (tmp_path / "New").exists()
    assert write_tree(new, tmp_path).removed == ("Gone.g.cs",)


def test_a_failure_before_the_first_rename_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(OutputError):
        write_tree(FILES, tmp_path / "a" / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_rolls_back_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(FILES, tmp_path)
    before = {path: content for path, (content, _) in snapshot(tmp_path).items()}
    real = Path.replace
    calls = 0

    def replace(path: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return real(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            write_tree({path: generated("other") for path in FILES}, tmp_path)
    assert {path: content for path, (content, _) in snapshot(tmp_path).items()} == before


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("a file")
    with pytest.raises(OutputError, match=r"out cannot be written: .* choose another folder with --out"):
        write_tree(FILES, out)
    assert out.read_text() == "a file"


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "Room.g.cs").mkdir()
    with pytest.raises(OutputError, match=r"Room\.g\.cs is a folder"):
        write_tree(FILES, tmp_path)
    assert not (tmp_path / "Messages").exists()


def test_a_foreign_file_in_the_way_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "Room.g.cs").write_text("class Mine {}")
    with pytest.raises(OutputError, match=r"Room\.g\.cs is in the way.*Move it away"):
        write_tree(FILES, tmp_path)
    assert snapshot(tmp_path).keys() == {"Room.g.cs"}
    assert (tmp_path / "Room.g.cs").read_text() == "class Mine {}"


def test_paths_that_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="one file where case does not count"):
        write_tree({"Room.g.cs": generated("a"), "room.g.cs": generated("b")}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_check_finds_nothing_after_writing(tmp_path: Path) -> None:
    write_tree(FILES, tmp_path)
    before = snapshot(tmp_path)
    assert check_tree(FILES, tmp_path) == ()
    assert snapshot(tmp_path) == before


def test_check_tells_the_kinds_apart(tmp_path: Path) -> None:
    write_tree(
        {
            "Stale.g.cs": generated("old", digest="old"),
            "Edited.g.cs": generated("as generated"),
            "Orphan.g.cs": generated("orphan"),
            "Same.g.cs": generated("same"),
        },
        tmp_path,
    )
    edited = tmp_path / "Edited.g.cs"
    edited.write_text(edited.read_text().replace("as generated", "by hand"))
    wanted = {
        "Stale.g.cs": generated("old", digest="new"),
        "Edited.g.cs": generated("as generated"),
        "Missing.g.cs": generated("missing"),
        "Same.g.cs": generated("same"),
    }
    before = snapshot(tmp_path)
    differences = check_tree(wanted, tmp_path)
    assert [(d.path, d.kind) for d in differences] == [
        ("Edited.g.cs", DifferenceKind.EDITED),
        ("Missing.g.cs", DifferenceKind.MISSING),
        ("Orphan.g.cs", DifferenceKind.ORPHANED),
        ("Stale.g.cs", DifferenceKind.STALE),
    ]
    assert "-by hand\n+as generated" in differences[0].diff
    assert "-//     Inputs: sha256 old\n+//     Inputs: sha256 new" in differences[3].diff
    assert snapshot(tmp_path) == before


def test_check_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    differences = check_tree(FILES, tmp_path / "nowhere")
    assert [d.kind for d in differences] == [DifferenceKind.MISSING] * 2
    assert not (tmp_path / "nowhere").exists()


def test_the_diff_is_short(tmp_path: Path) -> None:
    write_tree({"Long.g.cs": generated("\n".join(f"a{n}" for n in range(100)))}, tmp_path)
    (difference,) = check_tree({"Long.g.cs": generated("\n".join(f"b{n}" for n in range(100)))}, tmp_path)
    assert len(difference.diff.splitlines()) == 13
    assert difference.diff.splitlines()[-1].endswith("more lines")


def test_the_header_is_what_the_writer_looks_for() -> None:
    assert writer.MARKER in generated("x").splitlines()[1]
