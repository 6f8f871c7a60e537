"""`model diff` and declared versions on the command line: what it takes, says, and answers to bad input."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cli_runner import gen_bindings, lamp_project, replace_in
from warm_cache import WarmCache

pytestmark = pytest.mark.quick


@pytest.fixture(autouse=True)
def own_cache(warm_cache: WarmCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEN_BINDINGS_CACHE", str(warm_cache()))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration for two versions: in the newer one a lamp has a colour, and can be told to blink."""
    config = lamp_project(tmp_path)
    (tmp_path / "newer").mkdir()
    newer = tmp_path / "newer" / "lamp.proto"
    shutil.copy(tmp_path / "lamp.proto", newer)
    text = newer.read_text()
    newer.write_text(text + "\nmessage Colour { uint32 red = 1; }\n")
    replace_in(
        config,
        "[protocol]",
        '[[input.versions]]\nname = "1"\n'
        '[[input.versions]]\nname = "2"\nproto = ["newer/lamp.proto"]\n[protocol]',
    )
    return config


def test_the_same_the_other_and_a_saved_model(config: Path, tmp_path: Path) -> None:
    same = gen_bindings("model", "diff", config, f"{config}@1")
    assert same.code == 0, same.err
    assert "The models are the same" in same.out
    other = gen_bindings("model", "diff", f"{config}@1", f"{config}@2")
    assert other.code == 1
    assert "messages (1)\n  + lamp.Colour\n" in other.out
    saved = tmp_path / "saved.json"
    saved.write_text(gen_bindings("model", "--config", config, "--version", "2").out)
    assert gen_bindings("model", "diff", saved, f"{config}@2").code == 0
    as_json = gen_bindings("model", "diff", config, saved, "--format", "json")
    told = json.loads(as_json.out)
    assert (as_json.code, told["same"], told["impacts"]["new"]) == (1, False, 1)
    assert told["changes"][0]["section"] == "messages"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("missing.json", None, "missing.json cannot be read: No such file or directory."),
        ("broken.json", "{", "broken.json cannot be read: it is no JSON: "),
        ("list.json", "[]", "list.json is no model: name is missing."),
        ("other.json", '{"name": "x"}', "other.json is no model: entry_points is missing."),
        ("missing.toml", None, "missing.toml cannot be read"),
    ],
)
def test_what_is_no_model(
    config: Path, tmp_path: Path, name: str, content: str | None, expected: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    done = gen_bindings("model", "diff", config, tmp_path / name)
    assert (done.code, done.out) == (2, "")
    assert expected in done.err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("diff",), "OLD"),
        (("diff", "x"), "NEW"),
        ((), "--config"),
        (("--config", "x", "diff", "a", "b"), "arguments"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], expected: str) -> None:
    done = gen_bindings("model", *arguments)
    assert done.code == 2
    assert expected in done.err


def test_a_version_that_is_not_declared(config: Path) -> None:
    for done in (
        gen_bindings("model", "diff", config, f"{config}@3"),
        gen_bindings("model", "--config", config, "--version", "3"),
        gen_bindings("generate", "--config", config, "--version", "3", "--out", config.parent / "cs"),
    ):
        assert done.code == 2
        assert 'input.versions: there is no version "3". It declares 1, 2.' in done.err
    replace_in(config, 'name = "2"', 'name = "1"')
    assert 'two versions are called "1"' in gen_bindings("model", "--config", config, "--version", "1").err


def test_an_entry_for_another_version_is_looked_up_there(config: Path, tmp_path: Path) -> None:
    with config.open("a") as more:
        more.write('\n[[transfer]]\nwhere = "Colour"\nfield = "Nothing.at_all"\nkind = "Lamp"\n')
    done = gen_bindings("generate", "--config", config, "--out", tmp_path / "cs")
    assert done.code == 0
    assert "note" not in done.err
    replace_in(config, '"Colour"', '"Color"')
    for version in ([], ["--version", "1"], ["--version", "2"]):
        done = gen_bindings("generate", "--config", config, "--out", tmp_path / "other", *version)
        assert done.code == 2
        assert (
            f'{config}: transfer[0].where: no declared version has "Color" (there are [input], 1, 2).'
            in done.err
        )
        assert not (tmp_path / "other").exists()


def test_what_cannot_be_looked_up_is_said(config: Path, tmp_path: Path) -> None:
    with config.open("a") as more:
        more.write('\n[[transfer]]\nwhere = "Color"\nfield = "Nothing.at_all"\nkind = "Lamp"\n')
    (tmp_path / "newer" / "lamp.proto").unlink()
    done = gen_bindings("generate", "--config", config, "--out", tmp_path / "cs")
    assert done.code == 0
    assert "note versions: not checked: transfer[0].where. Version 2 cannot be read: " in done.err
    text = config.read_text()
    config.write_text(text[: text.index("[[input.versions]]")] + text[text.index("[protocol]") :])
    done = gen_bindings("generate", "--config", config, "--out", tmp_path / "cs")
    assert done.code == 0
    assert "no other version is declared: transfer[0].where." in done.err
