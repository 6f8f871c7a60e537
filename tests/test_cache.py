"""Only a cache that nobody else can write to is used: code is run from it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli_runner import lamp_project
from gen_bindings import cache

pytestmark = pytest.mark.quick


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(folder))
    cache._tell.cache_clear()
    return folder


def test_a_cache_is_made_for_its_user_alone(chosen: Path) -> None:
    before = os.umask(0)
    try:
        assert cache.cache_folder("runs") == chosen / "runs"
    finally:
        os.umask(before)
    assert chosen.stat().st_mode & 0o777 == 0o700
    assert (chosen / "runs").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o722])
@pytest.mark.parametrize("which", ["base", "kind"])
def test_a_cache_that_others_can_write_to_is_not_used(
    chosen: Path, mode: int, which: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.cache_folder("runs")
    spoilt = chosen if which == "base" else chosen / "runs"
    spoilt.chmod(mode)
    used = cache.cache_folder("runs")
    assert chosen not in used.parents
    assert used.stat().st_mode & 0o077 == 0 or used.parent.stat().st_mode & 0o077 == 0
    assert f"{spoilt} is not used, because others can write to it" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_nothing_is_run_from_a_cache_of_somebody_else(chosen: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    config = lamp_project(folder)
    # In a process of its own: this one may have loaded the templates already.
    command = [sys.executable, "-m", "gen_bindings", "generate", "--config", str(config)]
    subprocess.run([*command, "--out", str(tmp_path / "a")], check=True, capture_output=True)
    compiled = list((chosen / "templates").iterdir())
    assert compiled
    for path in compiled:
        path.write_bytes(b"spoilt")
    for path in (chosen, *chosen.rglob("*")):
        os.chown(path, 65534, 65534)
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "b")], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "it belongs to another user" in done.stderr
    assert all(path.read_bytes() == b"spoilt" for path in compiled)


def test_a_cache_that_cannot_be_made_is_one_for_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path / "file" / "below"))
    used = cache.cache_folder("runs")
    assert used.is_dir()
    assert tmp_path not in used.parents


def test_every_part_asks_the_same_place(chosen: Path) -> None:
    """Only one module decides where results are kept."""
    package = Path(cache.__file__).parent
    asking = [
        p for p in package.rglob("*.py") if "XDG_CACHE_HOME" in p.read_text() or '.cache"' in p.read_text()
    ]
    assert asking == [package / "cache.py"]
