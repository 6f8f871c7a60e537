"""The sample's project files: well-formed, and every reference resolves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import unity_lab
import yaml

from gen_bindings.config import load_config

pytestmark = pytest.mark.quick

ASSETS = unity_lab.SAMPLE / "Assets"
SETTINGS = unity_lab.SAMPLE / "ProjectSettings"
_LIBRARIES = ("reference", "livekit")
_GUID = re.compile(r"guid: (\S+)")
_SCRIPT = "fileID: 11500000"
# Fields that every script has.
_OWN = re.compile(r"^  (_\w+):", re.MULTILINE)


class _Loader(yaml.SafeLoader):
    """Reads Unity's tags, which are classes by number, as plain data; a key twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key twice among {keys}"
        return super().construct_mapping(node, deep)


_Loader.add_multi_constructor(
    "tag:unity3d.com,2011:", lambda loader, _tag, node: loader.construct_mapping(node, deep=True)
)


def _documents(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of a file with its id: the anchor, which PyYAML keeps for itself."""
    text = path.read_text("utf-8")
    ids = re.findall(r"^--- !u!\d+ &(\d+)$", text, re.MULTILINE)
    # Unity declares its tag once for all documents of a file, YAML wants it for each.
    spelled = re.sub(r"^--- !u!(\d+)", r"--- !<tag:unity3d.com,2011:\1>", text, flags=re.MULTILINE)
    found = list(yaml.load_all(spelled, _Loader))
    assert len(found) == len(ids)
    assert len(set(ids)) == len(ids), f"{path.name} has an id twice"
    return iter(zip(ids, found, strict=True))


def _yaml_files() -> list[Path]:
    return sorted([*ASSETS.rglob("*.unity"), *SETTINGS.glob("*.asset")])


def _guids(*folders: Path) -> dict[str, Path]:
    guids: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.meta")):
            data = yaml.safe_load(path.read_text("utf-8"))
            assert re.fullmatch(r"[0-9a-f]{32}", str(data["guid"])), path
            assert data["guid"] not in guids, f"{path} has the GUID of {guids[data['guid']]}"
            guids[data["guid"]] = path.with_suffix("")
    return guids


def test_every_asset_has_its_meta_and_every_meta_its_asset() -> None:
    assets = {path for path in ASSETS.rglob("*") if path.suffix != ".meta"}
    metas = {path.with_suffix("") for path in ASSETS.rglob("*.meta")}
    assert assets == metas
    assert assets


def test_no_guid_is_there_twice() -> None:
    guids = _guids(ASSETS, unity_lab.package("reference"))
    assert len(guids) > 100


@pytest.mark.parametrize("path", _yaml_files(), ids=lambda path: path.name)
def test_references_resolve(path: Path) -> None:
    objects = dict(_documents(path))
    text = path.read_text("utf-8")
    guids = _guids(ASSETS)
    for guid in _GUID.findall(text):
        assert guid.strip(",}") in guids, f"{path.name} refers to {guid}"
    for inside in re.findall(r"\{fileID: (\d+)\}", text):
        assert inside == "0" or inside in objects, f"{path.name} refers to {inside}"


def test_scripts_of_scenes_are_scripts_and_have_the_fields_that_are_set() -> None:
    guids = _guids(ASSETS)
    seen = 0
    for scene in ASSETS.rglob("*.unity"):
        for part in re.split(r"^--- ", scene.read_text("utf-8"), flags=re.MULTILINE):
            if _SCRIPT not in part:
                continue
            script = guids[_GUID.search(part)[1].strip(",")]  # type: ignore[index]
            source = script.read_text("utf-8")
            assert f"class {script.stem} : MonoBehaviour" in source
            for field in _OWN.findall(part):
                assert re.search(rf"private \S+ {field}\b", source), f"{script.name} has no {field}"
            seen += 1
    assert seen == 6


def test_every_component_knows_its_object_and_the_other_way_round() -> None:
    for scene in ASSETS.rglob("*.unity"):
        objects = dict(_documents(scene))
        for key, document in objects.items():
            thing = document.get("GameObject")
            if thing is None:
                continue
            for component in thing["m_Component"]:
                held = next(iter(objects[str(component["component"]["fileID"])].values()))
                assert str(held["m_GameObject"]["fileID"]) == key


def test_the_scenes_of_the_build_are_those_of_the_project() -> None:
    (_, document), *_ = _documents(SETTINGS / "EditorBuildSettings.asset")
    guids = _guids(ASSETS)
    scenes = document["EditorBuildSettings"]["m_Scenes"]
    assert [scene["path"] for scene in scenes] == ["Assets/Scenes/Meet.unity", "Assets/Scenes/Lobby.unity"]
    assert all(guids[scene["guid"]] == unity_lab.SAMPLE / scene["path"] for scene in scenes)


def test_the_scripts_refer_to_the_assemblies_of_the_packages() -> None:
    meet = json.loads((ASSETS / "Scripts" / "Meet.asmdef").read_text("utf-8"))
    configs = [
        load_config(unity_lab.ROOT / "examples" / name / "bindings.toml").config for name in _LIBRARIES
    ]
    assert meet["references"] == [config.binding.namespace for config in configs]
    switch = configs[1].unity
    assert switch is not None
    assert [one["name"] for one in meet["versionDefines"]] == [switch.package]
    made = unity_lab.package("reference") / "Runtime" / f"{configs[0].binding.namespace}.asmdef"
    assert json.loads(made.read_text("utf-8"))["name"] == configs[0].binding.namespace


def test_the_version_and_the_packages_are_named() -> None:
    assert "m_EditorVersion: 2022.3." in (SETTINGS / "ProjectVersion.txt").read_text("utf-8")
    manifest = json.loads((unity_lab.SAMPLE / "Packages" / "manifest.json").read_text("utf-8"))
    assert "com.unity.modules.audio" in manifest["dependencies"]
    assert "com.unity.modules.imgui" in manifest["dependencies"]


def test_a_key_twice_is_found() -> None:
    with pytest.raises(AssertionError, match="a key twice"):
        yaml.load("{a: 1, a: 2}", _Loader)
