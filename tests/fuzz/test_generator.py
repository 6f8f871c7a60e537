"""Whatever the inputs say, the generator gives code that compiles, or one clear error and nothing else."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli_runner import Outcome, gen_bindings, lamp_project
from fuzz.mutations import mutated
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.toolchain import Toolchain

pytestmark = pytest.mark.timeout(3600)

SLOW = os.environ.get("GEN_BINDINGS_SLOW") == "1"
EXAMPLES = 1500 if SLOW else 15
# Of the outputs that differ from the unchanged project's, how many are compiled.
COMPILED = 200 if SLOW else 1
# Seconds in which the smallest projects are generated some hundred times over.
HANGS = 120
DEPOT = Path(__file__).resolve().parents[1] / "fixtures" / "depot"

_settings = settings(
    max_examples=EXAMPLES,
    derandomize=not SLOW,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


class Project:
    """A project whose files change, with the output of the last run that succeeded."""

    def __init__(self, config: Path, out: Path) -> None:
        self.config = config
        self.out = out
        self.texts = {path: path.read_text("utf-8") for path in sorted(_inputs(config.parent))}
        self.expected = self.generate()
        assert self.expected.code == 0, self.expected.err
        self.before = _content(out)
        self.compiled: set[str] = {_digest(self.before)}

    def generate(self) -> Outcome:
        """Runs the command; one that does not come back is a failure."""
        with _alarm(HANGS):
            return gen_bindings("generate", "--config", self.config, "--out", self.out)

    def check(self, changed: dict[Path, str]) -> None:
        """Generates from changed texts: a clear error, or output that compiles."""
        for path, text in self.texts.items():
            path.write_bytes(changed.get(path, text).encode("utf-8", "surrogatepass"))
        outcome = self.generate()
        after = _content(self.out)
        assert "Traceback" not in outcome.err
        if outcome.code:
            assert outcome.code == 2, outcome
            assert "error: " in outcome.err, outcome.err
            assert after == self.before, "a run that fails changed the output"
            return
        self.before = after
        digest = _digest(after)
        if digest not in self.compiled and len(self.compiled) <= COMPILED:
            self.compiled.add(digest)
            compile_library(sorted(self.out.rglob("*.cs")), self.out.parent / f"{digest}.dll", Lane.MONO)


def _inputs(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.suffix in {".proto", ".h", ".toml"})


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _digest(content: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, data in sorted(content.items()):
        # The header of each file names the digest of the inputs.
        whole.update(name.encode() + b"\0" + b"\n".join(data.split(b"\n")[8:]))
    return whole.hexdigest()[:16]


@contextlib.contextmanager
def _alarm(seconds: int) -> Iterator[None]:
    def late(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"no answer after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(params=["lamp", "depot"])
def project(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    toolchain: Toolchain,
) -> Project:
    """A small protocol with its header and configuration, generated once."""
    folder = tmp_path / "project"
    if request.param == "lamp":
        folder.mkdir()
        config = lamp_project(folder)
    else:
        shutil.copytree(DEPOT, folder, ignore=shutil.ignore_patterns("*.py", "*.c", "__pycache__"))
        config = folder / "bindings.toml"
    return Project(config, tmp_path / "out")


@pytest.mark.parametrize("kind", [".proto", ".h", ".toml"])
def test_changed_inputs_give_an_error_or_code_that_compiles(project: Project, kind: str) -> None:
    paths = [path for path in project.texts if path.suffix == kind]

    @_settings
    @given(st.data())
    def check(data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(paths))
        project.check({path: data.draw(mutated(project.texts[path]))})

    check()


@pytest.mark.parametrize("project", ["lamp"], indirect=True)
@pytest.mark.parametrize("kind", [".proto", ".h", ".toml"])
def test_random_text_gives_an_error_or_code_that_compiles(project: Project, kind: str) -> None:
    paths = [path for path in project.texts if path.suffix == kind]

    @_settings
    @given(st.text())
    def check(text: str) -> None:
        project.check({paths[0]: text})

    check()


@pytest.mark.parametrize("project", ["lamp"], indirect=True)
def test_an_include_may_have_a_name_that_no_file_has(project: Project) -> None:
    header = project.config.parent / "lamp.h"

    project.check({header: project.texts[header].replace("stdbool.h", "stdbool.\x00")})
