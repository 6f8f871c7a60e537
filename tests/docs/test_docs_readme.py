"""The README's first five minutes, carried out as they are written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from cli_runner import LAMP, gen_bindings
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane
from warm_cache import WarmCache

README = Path(__file__).resolve().parents[2] / "README.md"


def _blocks() -> list[tuple[str, str]]:
    """What precedes each marked block (``file: NAME`` or ``run``), and its text."""
    pattern = r"^<!-- (file: \S+|run) -->\n```\w*\n(.*?)^```$"
    return re.findall(pattern, README.read_text(), re.MULTILINE | re.DOTALL)


def test_the_files_are_those_of_the_small_project() -> None:
    files = {what.removeprefix("file: "): text for what, text in _blocks() if what != "run"}
    assert files.keys() == {"lamp.proto", "lamp.h", "Program.cs"}
    for name in ("lamp.proto", "lamp.h"):
        assert files[name] == (LAMP / name).read_text()


@pytest.mark.parametrize("lane", list(Lane), ids=lambda lane: lane.value)
def test_what_it_says_can_be_done(
    tmp_path: Path, warm_cache: WarmCache, monkeypatch: pytest.MonkeyPatch, lane: Lane
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEN_BINDINGS_CACHE", str(warm_cache()))
    ran = 0
    for what, text in _blocks():
        if what != "run":
            (tmp_path / what.removeprefix("file: ")).write_text(text)
            continue
        for line in text.splitlines():
            program, *arguments = shlex.split(line)
            assert program == "gen-bindings"
            done = gen_bindings(*arguments)
            assert done.code == 0, f"{line}\n{done.err}"
            ran += 1
    assert ran == 4
    sources = [*sorted((tmp_path / "Lamp").rglob("*.cs")), tmp_path / "Program.cs"]
    assert compile_library(sources, tmp_path / "lamp.dll", lane).is_file()
