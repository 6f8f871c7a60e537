"""Clean bindings with defects put in: each defect is found alone, and all together give what is expected.

``UPDATE_EXPECTED=1`` rewrites the expected findings; read the difference before keeping it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from runs import Run

from gen_bindings.validate.collect import Source, collect

pytestmark = pytest.mark.quick

HERE = Path(__file__).parent
PLANTED = sorted((HERE / "planted").glob("*.json"))
EXPECTED = HERE / "planted" / "expected"


def _sources(name: str) -> list[Source]:
    folder = HERE / "clean" / name
    return [Source(str(Path(s.path).relative_to(folder)), s.text) for s in collect([folder])[0]]


def _with(sources: list[Source], plant: dict[str, str]) -> list[Source]:
    changed: list[Source] = []
    for source in sources:
        text = source.text.decode()
        if source.path == plant["file"]:
            assert text.count(plant["old"]) == 1, plant["what"]
            text = text.replace(plant["old"], plant["new"])
        changed.append(Source(source.path, text.encode()))
    return changed


@pytest.mark.parametrize("file", PLANTED, ids=lambda file: file.stem)
def test_planted_defects_are_found(file: Path, run: Run) -> None:
    sources = _sources(file.stem)
    plants = json.loads(file.read_text(encoding="utf-8"))["plants"]
    missed = [p["what"] for p in plants if p["id"] not in {f.id for f in run(_with(sources, p))}]
    for plant in plants:
        sources = _with(sources, plant)
    found = [[f.id, f.place.file, f.place.line, f.message] for f in run(sources)]
    expected = EXPECTED / file.name
    if os.environ.get("UPDATE_EXPECTED"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    assert missed == []
    assert found == json.loads(expected.read_text(encoding="utf-8"))
