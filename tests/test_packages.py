"""How the packages of ``gen_bindings`` stand to each other, read from their sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

pytestmark = pytest.mark.quick


@pytest.fixture
def package(repo_root: Path) -> Path:
    return repo_root / "generator" / "gen_bindings"


def imports(file: Path) -> Iterator[str]:
    """What a module imports of the package, at its top, in a function or for types alone."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def rooms(package: Path) -> dict[str, set[str]]:
    """For each package, and each module beside them, those that it imports."""
    names = {path.stem for path in package.iterdir() if path.is_dir() or path.suffix == ".py"}
    found: dict[str, set[str]] = {name: set() for name in names - {"__init__", "__pycache__"}}
    for file in package.rglob("*.py"):
        here = file.relative_to(package).parts[0].removesuffix(".py")
        for name in imports(file):
            if match := re.match(r"gen_bindings\.(\w+)", name):
                found.setdefault(here, set()).update({match[1]} & found.keys() - {here})
    return found


def test_no_packages_import_each_other(package: Path) -> None:
    graph = rooms(package)
    assert "passes" in graph["project"]
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_only_the_command_line_reads_arguments(package: Path) -> None:
    readers = {
        file.relative_to(package).parts[0]
        for file in package.rglob("*.py")
        if any(name.split(".")[0] in ("typer", "argparse", "click") for name in imports(file))
    }
    assert readers == {"cli"}


def test_commands_open_a_configuration_in_one_way(package: Path) -> None:
    ways = ("gen_bindings.config", "gen_bindings.passes", "gen_bindings.project")
    taken = {
        name for file in (package / "cli").glob("*.py") for name in imports(file) if name.startswith(ways)
    }
    assert taken == {
        "gen_bindings.project.last_run.remember",
        "gen_bindings.project.last_run.still_stands",
        "gen_bindings.project.project.Project",
        "gen_bindings.project.project.open_project",
    }


def test_the_map_names_every_package(repo_root: Path, package: Path) -> None:
    text = (repo_root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    mapped = re.findall(r"^\| `(\w+)/` \|", text, re.MULTILINE)
    assert sorted(mapped) == sorted(
        path.name for path in package.iterdir() if (path / "__init__.py").is_file()
    )
