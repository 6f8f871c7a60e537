"""LiveKit's one configuration with the schema of every release that it declares."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from gen_bindings.config import load_config
from gen_bindings.errors import ConfigError
from gen_bindings.model.schema import Schema
from gen_bindings.project.versions import check_versions, select_version
from gen_bindings.render.emit import emit

pytestmark = pytest.mark.quick

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "examples" / "livekit" / "bindings.toml"
VERSIONS = [version.name for version in load_config(CONFIGURATION).config.input.versions]
# What the installed release is; the others are unpacked beside each other.
INSTALLED = "1.2.0"


def available(version: str) -> bool:
    return version == INSTALLED or (ROOT / "build" / "livekit" / "wheels" / version).is_dir()


needs_all = pytest.mark.skipif(
    not all(map(available, VERSIONS)),
    reason="older releases of livekit are not there: python tools/setup.py livekit-wheels",
)


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("livekit_pages", ROOT / "tools" / "livekit_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_versions_are_declared() -> None:
    assert VERSIONS == ["1.1.7", "1.1.9", "1.1.16", INSTALLED]


@needs_all
@pytest.mark.parametrize("version", VERSIONS)
def test_each_release_has_a_binding_of_its_own(pages: ModuleType, version: str) -> None:
    binding = pages.binding(version)
    files = emit(binding)
    assert "Objects/Room.g.cs" in files
    handshake = {session.kind: session.handshake for session in binding.sessions}["Room"]
    assert handshake == (None if version == "1.1.7" else "ready_for_room_event")
    assert ("Objects/CaptureSource.g.cs" in files) is (version == INSTALLED)


@needs_all
def test_every_entry_is_for_one_of_them(pages: ModuleType) -> None:
    loaded = select_version(load_config(CONFIGURATION), VERSIONS[0])
    assert check_versions(loaded, schema(pages, VERSIONS[0])) == []


@needs_all
def test_an_entry_for_none_of_them_is_an_error(pages: ModuleType, tmp_path: Path) -> None:
    text = CONFIGURATION.read_text().replace("../../build", str(ROOT / "build"))
    assert '"LocalTrackRepublished.publication_handle?"' in text
    broken = tmp_path / "bindings.toml"
    broken.write_text(text.replace('publication_handle?"', 'publication_handel?"'))
    with pytest.raises(ConfigError) as caught:
        check_versions(load_config(broken), schema(pages, None))
    key = "kinds.TrackPublication.roles.LocalTrackPublication.acquired[1]"
    assert f'{broken}: {key}: no declared version has "LocalTrackRepublished.publication_handel"' in str(
        caught.value
    )


@needs_all
def test_the_example_of_the_page_is_current(pages: ModuleType) -> None:
    assert pages.DIFF_PAGE.read_text() == pages.diff_page(), "run python tools/livekit_pages.py"


def schema(pages: ModuleType, version: str | None) -> Schema:
    found = pages.binding(version).schema
    assert isinstance(found, Schema)
    return found
