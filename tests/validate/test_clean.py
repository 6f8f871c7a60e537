"""On realistic code, and on what gen-bindings itself emits, every check is silent; and it is fast."""

from __future__ import annotations

from pathlib import Path

import pytest
from runs import Run

from gen_bindings.model.binding import Binding
from gen_bindings.project.inputs import Inputs
from gen_bindings.render.emit import emit
from gen_bindings.validate.collect import Source, collect

pytestmark = pytest.mark.quick

CLEAN = sorted(path for path in (Path(__file__).parent / "clean").iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def generated(binding: Binding, inputs: Inputs) -> tuple[Source, ...]:
    files = emit(binding)
    return tuple(Source(path, text.encode()) for path, text in sorted(files.items()) if path.endswith(".cs"))


@pytest.mark.parametrize("folder", CLEAN, ids=lambda folder: folder.name)
def test_realistic_code_is_silent(folder: Path, run: Run) -> None:
    sources, losses = collect([folder])
    assert not losses
    assert [(f.id, str(f.place), f.message) for f in run(sources)] == []


def test_generated_bindings_are_silent(generated: tuple[Source, ...], run: Run) -> None:
    assert len(generated) > 100
    assert [(f.id, str(f.place), f.message) for f in run(generated)] == []
