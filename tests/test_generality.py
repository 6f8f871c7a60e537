"""Nothing in the package or in the templates knows a library by name: what is particular is configuration."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.quick

NAMES = re.compile(r"livekit|reference[ _-]?(server|ffi)|depot|plainc", re.IGNORECASE)


def named(folder: Path) -> list[str]:
    """Where text files below a folder, or their paths, hold one of the names."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        where = path.relative_to(folder.parent)
        if NAMES.search(str(where)):
            found.append(str(where))
        lines = path.read_text("utf-8").splitlines()
        found += [
            f"{where}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if NAMES.search(line)
        ]
    return found


@pytest.mark.parametrize("tree", ["generator", "templates"])
def test_no_library_is_named(tree: str, repo_root: Path) -> None:
    folder = repo_root / tree
    assert any(folder.rglob("*.py" if tree == "generator" else "*.j2"))
    assert named(folder) == []


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_text('x = 1\nNAME = "LiveKit"\n')
    (tmp_path / "tree" / "livekit_rules.py").write_text("")
    (tmp_path / "tree" / "b.j2").write_text("// for the Reference Server\n")
    assert named(tmp_path / "tree") == [
        'tree/a.py:2: NAME = "LiveKit"',
        "tree/b.j2:1: // for the Reference Server",
        "tree/livekit_rules.py",
    ]
