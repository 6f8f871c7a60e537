"""The pages keep up with the code: keys, folders, commands, links, rules."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from cli_runner import gen_bindings, lamp_project
from gen_bindings import __version__

pytestmark = pytest.mark.quick

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")))


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("config_reference", ROOT / "tools" / "config_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_configuration_page_is_current(reference: ModuleType) -> None:
    assert reference.PAGE.read_text() == reference.page(), "run python tools/config_reference.py"


def test_every_key_of_every_table_is_documented(reference: ModuleType) -> None:
    tables = reference.tables()
    assert len(tables) > 12
    missing = [
        f"{table.__name__}.{field.name}"
        for table in tables
        for field in msgspec.structs.fields(table)
        if field.name not in reference.documented(table) and not reference._subtable(field.type)
    ]
    assert missing == []


def test_nothing_is_documented_that_does_not_exist(reference: ModuleType) -> None:
    for table in reference.tables():
        known = {field.name for field in msgspec.structs.fields(table)}
        assert set(reference.documented(table)) <= known, table.__name__


def test_the_rules_are_all_there() -> None:
    rules = re.findall(r"^\*\*L(\d+)\.? ", (ROOT / "docs" / "lifetime-rules.md").read_text(), re.MULTILINE)
    assert sorted(map(int, rules)) == list(range(1, 25))


def test_the_layout_names_the_folders_that_are_emitted(tmp_path: Path) -> None:
    config = lamp_project(tmp_path)
    assert gen_bindings("generate", "--config", config, "--out", tmp_path / "cs").code == 0
    page = (ROOT / "docs" / "generated-csharp.md").read_text()
    listed = set(re.findall(r"^\| `(\w+)/` \|", page, re.MULTILINE))
    assert listed == {path.name for path in (tmp_path / "cs").iterdir() if path.is_dir()}


def test_the_model_page_names_its_parts(tmp_path: Path) -> None:
    import json

    shown = gen_bindings("model", "--config", lamp_project(tmp_path))
    page = (ROOT / "docs" / "reading-the-model.md").read_text()
    listed = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert set(json.loads(shown.out)) - {"name", "namespace", "columns", "reply_column"} <= listed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_exist(page: Path) -> None:
    for line in re.findall(r"gen-bindings ((?:[a-z]+)(?: +--?[\w-]+(?: +[^\s`-]\S*)?)*)", page.read_text()):
        command, *rest = line.split()
        if command not in {"generate", "model", "init", "doctor"}:
            continue
        shown = gen_bindings(command, "--help").out
        for option in (word for word in rest if word.startswith("--")):
            assert option in shown, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_targets_of_make_exist(page: Path) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake (demo|test|quick|lint|setup|bench|clean)\b", page.read_text())) <= targets


def test_the_output_is_claimed_by_nobody() -> None:
    assert "belongs to whoever runs it" in (ROOT / "NOTICE").read_text()
    assert "Version 2.0, January 2004" in (ROOT / "LICENSE").read_text()


def test_the_changelog_has_a_place_for_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert "## [Unreleased]" in text or f"## [{__version__}]" in text
