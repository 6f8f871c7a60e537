"""A wheel built from the tree works far from the checkout, with nothing but what it requires."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib.metadata import distribution
from pathlib import Path

import pytest

from cli_runner import LAMP
from gen_bindings import __version__

pytestmark = pytest.mark.quick

# What only the tests, the run-time checks or the examples need.
_UNWANTED = {
    "build", "cffi", "clr-loader", "hatchling", "hypothesis", "livekit", "mypy", "numpy", "pytest",
    "pythonnet", "ruff",
}  # fmt: skip


@dataclass(frozen=True)
class Installed:
    """A virtual environment with the wheel, and the environment variables of a user who has only that."""

    program: Path
    variables: dict[str, str]

    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.program, *arguments],
            cwd=folder,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def wheel(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, repo_root],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an empty environment, its requirements linked from this one."""
    home = tmp_path_factory.mktemp("user")
    place = home / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(place)}))
    python = str(place / "bin" / "python")
    installer = [sys.executable, "-m", "pip", "--python", python, "install"]
    subprocess.run([*installer, "--no-deps", "--no-index", "--quiet", wheel], check=True)
    for name in _closure(_requirements(wheel)):
        _link(name, packages)
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}
    return Installed(place / "bin" / "gen-bindings", variables)


def test_templates_types_and_licence_travel(wheel: Path, repo_root: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    templates = {path.relative_to(repo_root).as_posix() for path in (repo_root / "templates").rglob("*.j2")}
    assert templates
    assert {"gen_bindings/py.typed", *(f"gen_bindings/{path}" for path in templates)} <= names
    licences = {name.rpartition("/")[2] for name in names if ".dist-info/" in name}
    assert {"LICENSE", "NOTICE"} <= licences


def test_nothing_of_the_tests_travels(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert tops == {"gen_bindings", f"gen_bindings-{__version__}.dist-info"}


def test_it_requires_nothing_that_only_others_need(wheel: Path) -> None:
    required = set(_closure(_requirements(wheel)))
    assert {"protobuf", "jinja2", "typer"} <= required
    assert not required & _UNWANTED


def test_it_works_in_an_empty_folder(installed: Installed, tmp_path: Path) -> None:
    version = installed.run(tmp_path, "--version")
    assert (version.returncode, version.stdout) == (0, f"gen-bindings {__version__}\n"), version.stderr
    for file in LAMP.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    first = installed.run(
        tmp_path, "init", "--proto", "lamp.proto", "--header", "lamp.h", "--out", "bindings.toml"
    )
    assert first.returncode == 0, first.stderr
    made = installed.run(tmp_path, "generate", "--config", "bindings.toml", "--out", "cs")
    assert made.returncode == 0, made.stderr
    assert "class Lamp " in (tmp_path / "cs" / "Objects" / "Lamp.g.cs").read_text()
    checked = installed.run(tmp_path, "generate", "--config", "bindings.toml", "--out", "cs", "--check")
    assert checked.returncode == 0, checked.stderr
    shown = installed.run(tmp_path, "model", "--config", "bindings.toml", "--summary")
    assert shown.returncode == 0, shown.stderr


def test_doctor_works_without_the_extra_for_the_runtime(installed: Installed, tmp_path: Path) -> None:
    done = installed.run(tmp_path, "doctor")
    assert done.returncode == 1
    assert done.stderr == ""
    assert re.search(r"pythonnet +missing .*pip install 'gen-bindings\[runtime\]'", done.stdout)


def _requirements(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(archive.read(name).decode())
    return metadata.get_all("Requires-Dist") or []


def _closure(requirements: list[str]) -> Iterator[str]:
    """Names of everything that ``pip install`` would bring, as it is installed here; no extras."""
    waiting, seen = list(requirements), set()
    while waiting:
        requirement = waiting.pop()
        condition = requirement.partition(";")[2]
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")
        if "extra" in condition or "win32" in condition or "Windows" in condition or name in seen:
            continue
        if re.search(r"python(_full)?_version\s*<", condition):
            continue
        seen.add(name)
        yield name
        waiting += distribution(name).requires or []


def _link(name: str, packages: Path) -> None:
    found = distribution(name)
    for top in {file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "__pycache__")}:
        link = packages / top
        if not link.exists():
            link.symlink_to(Path(str(found.locate_file(top))))
