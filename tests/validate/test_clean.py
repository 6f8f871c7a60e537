"""On realistic code, and on what gen-bindings itself emits, every check is silent; and it is fast."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from conftest import Run
from gen_bindings.inputs import Inputs
from gen_bindings.model.binding import Binding
from gen_bindings.render.emit import emit
from gen_bindings.validate.collect import Source, collect

pytestmark = pytest.mark.quick

CLEAN = sorted(path for path in (Path(__file__).parent / "clean").iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def generated(binding: Binding, inputs: Inputs) -> tuple[Source, ...]:
    files = emit(binding, inputs.digest)
    return tuple(Source(path, text.encode()) for path, text in sorted(files.items()) if path.endswith(".cs"))


@pytest.mark.parametrize("folder", CLEAN, ids=lambda folder: folder.name)
def test_realistic_code_is_silent(folder: Path, run: Run) -> None:
    sources, losses = collect([folder])
    assert not losses
    assert [(f.id, str(f.place), f.message) for f in run(sources)] == []


def test_generated_bindings_are_silent(generated: tuple[Source, ...], run: Run) -> None:
    assert len(generated) > 100
    assert [(f.id, str(f.place), f.message) for f in run(generated)] == []


def test_thirty_thousand_lines_take_seconds(generated: tuple[Source, ...], run: Run) -> None:
    lines = sum(source.text.count(b"\n") for source in generated)
    start = time.process_time()
    run(generated)
    per_thousand = (time.process_time() - start) / (lines / 1000)
    # The goal is 2 s for 30 000 lines on one idle core; a busy machine gets twice that.
    assert per_thousand * 30 < 4
