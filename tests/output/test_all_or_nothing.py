"""A run that is killed, signalled or out of room at any step leaves the old output or the new one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from output_lab import Trouble, content, generated, in_child, trouble_at, wanted

from gen_bindings.errors import OutputError
from gen_bindings.output import disk, lock, write
from gen_bindings.output.transaction import STAGE
from gen_bindings.output.write import check_output, write_output

pytestmark = pytest.mark.quick

OLD = {name: generated(f"old {name}") for name in ("Room.g.cs", "Messages/Track.g.cs", "Gone/Gone.g.cs")}
NEW = {
    "Room.g.cs": generated("new room"),
    "Messages/Track.g.cs": generated("new track"),
    "New/Folder/File.g.cs": generated("new"),
}
MINE = {"Messages/Mine.cs": b"class Mine {}", "Gone.cs": b"class Gone {}"}


def prepared(folder: Path) -> Path:
    """An output of the old files among files of the user's."""
    out = folder / "out"
    write_output(out, wanted(OLD))
    for path, data in MINE.items():
        (out / path).write_bytes(data)
    return out


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], dict[str, bytes], int]:
    """The folder before and after, and how many steps are between."""
    out = prepared(tmp_path_factory.mktemp("states"))
    old = content(out)
    with trouble_at(-1, Trouble.FULL) as begun:
        write_output(out, wanted(NEW))
    new = content(out)
    assert new.keys() - {".gen-bindings.Lamp.json"} == {*NEW, *MINE}
    return old, new, begun()


def until_the_end(folder: Path, trouble: Trouble, start: int = 0) -> Iterator[tuple[Path, int]]:
    """The folder after the trouble at each step in turn, with how the process ended."""
    step = start
    while True:
        out = prepared(folder / f"{trouble.name}-{step}")
        reached = folder / f"reached-{trouble.name}-{step}"

        def run(out: Path = out, step: int = step, reached: Path = reached) -> None:
            with trouble_at(step, trouble) as begun:
                try:
                    write_output(out, wanted(NEW))
                finally:
                    if begun() > step:
                        reached.touch()

        ended = in_child(run)
        if ended == 0:
            return
        yield out, ended
        step += 1


@pytest.mark.parametrize("trouble", [Trouble.KILL, Trouble.HALF], ids=lambda trouble: trouble.name)
@pytest.mark.parametrize("next_run", ["check", "generate", "generate the old"])
def test_killed_at_any_step_the_next_run_finds_old_or_new(
    tmp_path: Path,
    states: tuple[dict[str, bytes], dict[str, bytes], int],
    trouble: Trouble,
    next_run: str,
) -> None:
    old, new, steps = states
    seen = []
    for out, ended in until_the_end(tmp_path, trouble):
        assert ended == signal.SIGKILL
        inside = [path.name for path in (out / STAGE).rglob("*")] if (out / STAGE).exists() else []
        assert not [name for name in inside if name.endswith((".cs", ".c", ".meta"))]
        if next_run == "check":
            check_output(out, wanted(NEW))
            found = content(out)
            assert found in (old, new)
            seen.append(found == new)
        elif next_run == "generate":
            write_output(out, wanted(NEW))
            assert content(out) == new
        else:
            write_output(out, wanted(OLD))
            assert content(out) == old
    if next_run == "check":
        assert len(seen) == steps
        assert seen == sorted(seen)
        assert {False, True} <= set(seen)


def test_killed_while_it_recovers_as_well(
    tmp_path: Path, states: tuple[dict[str, bytes], dict[str, bytes], int]
) -> None:
    old, new, steps = states
    for step in range(steps):
        again = 0
        while True:
            out = prepared(tmp_path / f"{step}-{again}")

            def first(out: Path = out, step: int = step) -> None:
                with trouble_at(step, Trouble.KILL):
                    write_output(out, wanted(NEW))

            def second(out: Path = out, again: int = again) -> None:
                with trouble_at(again, Trouble.KILL):
                    check_output(out, wanted(NEW))

            assert in_child(first) == signal.SIGKILL
            if in_child(second) == 0:
                assert content(out) in (old, new)
                break
            check_output(out, wanted(NEW))
            assert content(out) in (old, new)
            again += 1


@pytest.mark.parametrize(
    "trouble", [Trouble.TERM, Trouble.HANGUP, Trouble.INTERRUPT], ids=lambda trouble: trouble.name
)
def test_signalled_at_any_step_nothing_is_half_done(
    tmp_path: Path, states: tuple[dict[str, bytes], dict[str, bytes], int], trouble: Trouble
) -> None:
    old, new, steps = states
    ends = []
    for out, ended in until_the_end(tmp_path, trouble):
        assert ended == trouble.value
        found = content(out)
        assert found in (old, new)
        ends.append(found == new)
    assert len(ends) == steps
    assert ends == sorted(ends)
    assert ends[0] is False
    assert ends[-1] is True


def test_a_full_disk_at_any_step_changes_nothing_and_is_told(
    tmp_path: Path, states: tuple[dict[str, bytes], dict[str, bytes], int]
) -> None:
    old, new, steps = states
    failed = 0
    for step in range(steps):
        out = prepared(tmp_path / str(step))
        with trouble_at(step, Trouble.FULL):
            told = ""
            try:
                write_output(out, wanted(NEW))
            except OutputError as error:
                told = str(error)
        if told:
            failed += 1
            assert re.search(r"The disk that .*out is on is full\. Nothing was changed\.", told)
            assert content(out) == old
        check_output(out, wanted(NEW))
        assert content(out) in (old, new)
    # What comes after the journal is gone is cleaning up, which the next run does as well.
    assert failed > steps / 2


def test_a_failed_first_run_leaves_no_folder(tmp_path: Path) -> None:
    step = 0
    while True:
        with trouble_at(step, Trouble.FULL) as begun:
            try:
                write_output(tmp_path / "a" / "out", wanted(NEW))
            except OutputError:
                assert list(tmp_path.iterdir()) == []
            if (tmp_path / "a").exists():
                break
            assert begun() > step
        step += 1
    assert step > len(NEW)


def test_a_really_full_disk(tmp_path: Path) -> None:
    """On a file system of 64 kB, in a mount namespace of the test's own."""
    script = tmp_path / "full.py"
    script.write_text(
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\n"
        "from gen_bindings.errors import OutputError\n"
        "from gen_bindings.output.write import write_output\n"
        "from output_lab import content, wanted\n"
        "out = Path(sys.argv[1], 'out')\n"
        "write_output(out, wanted({'a.cs': 'old', 'b.cs': 'old'}))\n"
        "before = content(out)\n"
        "try:\n"
        "    write_output(out, wanted({'a.cs': 'new', 'b.cs': 'x' * 100_000, 'c.cs': 'new'}))\n"
        "except OutputError as error:\n"
        "    print(error)\n"
        "assert content(out) == before\n"
        "write_output(out, wanted({'a.cs': 'new'}))\n"
        "assert (out / 'a.cs').read_text() == 'new'\n"
    )
    mount = tmp_path / "mount"
    mount.mkdir()
    inside = 'mount -t tmpfs -o size=64k none "$0" || exit 77; exec "$@"'
    paths = [str(Path(write.__file__).parents[2]), str(Path(__file__).parent)]
    program = [sys.executable, str(script), str(mount), *paths]
    try:
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c", inside, str(mount), *program],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("no mount namespace can be made here")
    assert done.returncode == 0, done.stderr
    assert "is full. Nothing was changed." in done.stdout


def test_what_somebody_changed_after_the_kill_is_theirs(tmp_path: Path) -> None:
    for step in range(60):
        out = prepared(tmp_path / str(step))

        def run(out: Path = out, step: int = step) -> None:
            with trouble_at(step, Trouble.KILL):
                write_output(out, wanted(NEW))

        if in_child(run) == 0:
            assert step > 20
            return
        (out / "Room.g.cs").write_text("class Mine {}")
        new = out / "New/Folder/File.g.cs"
        if new.exists():
            new.write_text("class MineToo {}")
        created = new.exists()
        check_output(out, wanted(NEW))
        assert (out / "Room.g.cs").read_text() == "class Mine {}"
        assert not created or new.read_text() == "class MineToo {}"
    pytest.fail("it never came to its end")


@pytest.mark.parametrize(
    "journal",
    [
        "{",
        '{"entries": [{"path": "../../target", "digest": "", "replaces": false}], "folders": []}',
        '{"entries": [{"path": "link/target", "digest": "", "replaces": false}], "folders": []}',
        '{"entries": [], "folders": ["../elsewhere"]}',
        '{"entries": [], "folders": ["link/empty"]}',
    ],
)
def test_a_stage_that_no_run_left_reaches_nothing_outside(tmp_path: Path, journal: str) -> None:
    out = prepared(tmp_path)
    (tmp_path / "elsewhere" / "empty").mkdir(parents=True)
    (out / "link").symlink_to(tmp_path / "elsewhere")
    (out / STAGE).mkdir()
    (out / STAGE / "journal").write_text(journal)
    (out / STAGE / "old0").write_text("evil")
    before = content(tmp_path)
    with pytest.raises(OutputError, match=r"cannot be used: .*Nothing was changed"):
        write_output(out, wanted(NEW))
    assert content(tmp_path) == before


def test_the_second_run_waits_for_the_first(tmp_path: Path) -> None:
    out = prepared(tmp_path)
    inside, go = threading.Event(), threading.Event()
    original = disk.move

    def latched(file: Path, place: Path) -> None:
        if threading.current_thread() is first:
            inside.set()
            assert go.wait(60)
        original(file, place)

    first = threading.Thread(target=lambda: write_output(out, wanted(NEW)))
    results: list[object] = []
    second = threading.Thread(target=lambda: results.append(check_output(out, wanted(NEW))))
    tried = threading.Event()
    real_try = lock._try

    def trying(file: int) -> bool:
        got = real_try(file)
        if not got:
            tried.set()
        return got

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "move", latched)
        patch.setattr(lock, "_try", trying)
        first.start()
        assert inside.wait(60)
        second.start()
        assert tried.wait(60)
        assert results == []
        go.set()
        first.join(60)
        second.join(60)
    assert results == [()]


def test_a_run_that_waits_for_ever_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = prepared(tmp_path)
    before = content(out)
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.0)
    held = os.open(out, os.O_RDONLY)
    try:
        assert lock._try(held)
        with pytest.raises(OutputError, match=r"Another run has been at work in .*Nothing was changed"):
            write_output(out, wanted(NEW))
    finally:
        os.close(held)
    assert content(out) == before


def test_a_folder_that_goes_while_one_waits_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    real, times = lock._is_still, []

    def gone(file: int, folder: Path) -> bool:
        times.append(time.monotonic())
        if len(times) == 1:
            folder.rmdir()
        return real(file, folder)

    monkeypatch.setattr(lock, "_is_still", gone)
    write_output(out, wanted(NEW))
    assert len(times) == 2
    assert (out / "Room.g.cs").is_file()
