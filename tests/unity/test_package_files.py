"""The Unity package: companions, GUIDs, references, import settings; and what generate leaves alone."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import reference_lab
from cli_runner import gen_bindings, lamp_project, replace_in
from gen_bindings.config import parse_config
from gen_bindings.errors import ConfigError
from gen_bindings.render.unity.settings import settings
from warm_cache import WarmCache

pytestmark = pytest.mark.quick

PACKAGE = "com.acme.lamp"
IMPORTERS = {
    ".cs": "MonoImporter",
    ".asmdef": "AssemblyDefinitionImporter",
    ".md": "TextScriptImporter",
}
# Place of the library → target, its processor, and the system of the editor that loads it too.
LIBRARIES = {
    "Windows/x86_64/lamp.dll": ("Win64", "x86_64", "Windows"),
    "Windows/arm64/lamp.dll": ("Win64", "ARM64", "Windows"),
    "macOS/x86_64/liblamp.dylib": ("OSXUniversal", "x86_64", "OSX"),
    "macOS/arm64/liblamp.dylib": ("OSXUniversal", "ARM64", "OSX"),
    "Linux/x86_64/liblamp.so": ("Linux64", "x86_64", "Linux"),
    "Android/arm64-v8a/liblamp.so": ("Android", "ARM64", None),
    "Android/armeabi-v7a/liblamp.so": ("Android", "ARMv7", None),
    "Android/x86_64/liblamp.so": ("Android", "X86_64", None),
    "iOS/liblamp.a": ("iOS", "ARM64", None),
}


@pytest.fixture(autouse=True)
def own_cache(warm_cache: WarmCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run remembers stays with the test."""
    monkeypatch.setenv("GEN_BINDINGS_CACHE", str(warm_cache()))


@pytest.fixture(scope="module")
def made(warm_cache: WarmCache, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project and its package, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "project").mkdir()
    with lamp_project(folder / "project").open("a") as text:
        text.write(f'\n[unity]\npackage = "{PACKAGE}"\nios_frameworks = ["Metal", "Network"]\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEN_BINDINGS_CACHE", str(warm_cache()))
        generate(folder / "project" / "bindings.toml", folder / "package")
    return folder


@pytest.fixture
def config(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "project", tmp_path / "project")) / "bindings.toml"


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """The package."""
    return Path(shutil.copytree(made / "package", tmp_path / "package"))


def generate(config: Path, out: Path, *more: str, layout: str = "upm") -> str:
    done = gen_bindings("generate", "--config", config, "--out", out, "--layout", layout, *more)
    assert done.code == 0, done.err + done.out
    return done.out


MANIFEST = ".gen-bindings.Lamp.json"


def check(config: Path, out: Path, layout: str = "upm") -> list[str]:
    """What --check lists besides the manifest, without its diffs."""
    done = gen_bindings("generate", "--config", config, "--out", out, "--layout", layout, "--check")
    found = re.findall(r"^((?:stale|missing|orphaned|edited) +\S+)$", done.out, re.MULTILINE)
    assert done.code == (1 if found else 0), done.err
    return [" ".join(line.split()) for line in found if MANIFEST not in line]


def assets(out: Path) -> set[str]:
    """What has a companion: every file and folder but those that Unity does not look into."""
    found = (path.relative_to(out).as_posix() for path in out.rglob("*"))
    return {path for path in found if not path.endswith((".meta", "~")) and not path.startswith(".")}


def meta(out: Path, asset: str) -> dict[str, Any]:
    text = (out / f"{asset}.meta").read_text()
    # Unity's own way to write an empty key, which is no YAML.
    read = yaml.safe_load(text.replace("      : Any\n", '      "": Any\n'))
    assert isinstance(read, dict)
    return read


def guids(out: Path) -> dict[str, str]:
    return {asset: meta(out, asset)["guid"] for asset in assets(out)}


def test_every_file_and_folder_has_a_companion_and_nothing_else_has(out: Path) -> None:
    companions = {p.relative_to(out).as_posix().removesuffix(".meta") for p in out.rglob("*.meta")}
    assert companions == assets(out)
    assert {"package.json", "Runtime", "Runtime/Lamps.asmdef", "Samples~/Minimal", "Editor"} <= companions


def test_companions_name_the_importer(out: Path) -> None:
    for asset in assets(out):
        read = meta(out, asset)
        assert read["fileFormatVersion"] == 2
        path = out / asset
        if path.is_dir():
            importer = "DefaultImporter"
            assert read["folderAsset"] is True
        elif asset == "package.json":
            importer = "PackageManifestImporter"
        else:
            importer = IMPORTERS[path.suffix]
        others = set(read) - {"fileFormatVersion", "guid", "folderAsset"}
        assert others == {importer}, asset


def test_no_guid_twice_and_the_same_on_every_run(config: Path, out: Path, tmp_path: Path) -> None:
    found = guids(out)
    assert len(set(found.values())) == len(found)
    assert all(re.fullmatch("[0-9a-f]{32}", guid) for guid in found.values())
    again = tmp_path / "elsewhere"
    generate(config, again)
    assert guids(again) == found
    replace_in(config, f'"{PACKAGE}"', '"com.acme.other"')
    other = tmp_path / "other"
    generate(config, other)
    assert not set(guids(other).values()) & set(found.values())


def test_every_reference_resolves(out: Path) -> None:
    assets_by_guid = {guid: asset for asset, guid in guids(out).items()}
    definitions = {path: json.loads(path.read_text()) for path in out.rglob("*.asmdef")}
    names = [definition["name"] for definition in definitions.values()]
    assert sorted(names) == ["Lamps", "Lamps.Editor", "Lamps.Samples.Minimal"]
    for path, definition in definitions.items():
        assert path.stem == definition["name"]
        for reference in definition["references"]:
            assert assets_by_guid[reference.removeprefix("GUID:")] == "Runtime/Lamps.asmdef"
        assert definition["allowUnsafeCode"] == (definition["name"] == "Lamps")
        assert definition["includePlatforms"] == (["Editor"] if definition["name"] == "Lamps.Editor" else [])
    assert [len(d["references"]) for d in definitions.values() if d["name"] != "Lamps"] == [1, 1]
    manifest = json.loads((out / "package.json").read_text())
    assert (manifest["name"], manifest["unity"]) == (PACKAGE, "2022.3")
    for sample in manifest["samples"]:
        assert list((out / sample["path"]).glob("*.cs"))


def test_unity_is_named_only_in_the_glue_and_where_native_code_is_met(out: Path) -> None:
    naming = {
        path.relative_to(out).as_posix()
        for path in out.rglob("*.cs")
        if re.search("UNITY_|UnityEngine|UnityEditor", path.read_text())
    }
    glue = {name for name in naming if name.startswith(("Runtime/Unity/", "Editor/", "Samples~/"))}
    native = {"Native/NativeMethods", "Core/MonoPInvokeCallback", "Core/ProcessEnd"}
    assert naming - glue == {f"Runtime/{name}.g.cs" for name in native}
    assert len(glue) == 5


def test_a_library_is_imported_for_its_platform_and_no_other(config: Path, out: Path) -> None:
    plugins = out / "Runtime/Plugins"
    folders = set()
    for place in LIBRARIES:
        (plugins / place).parent.mkdir(parents=True, exist_ok=True)
        (plugins / place).write_bytes(b"native")
        folders |= {p.relative_to(out) for p in (plugins / place).parents if plugins in p.parents}
    new = [*(f"Runtime/Plugins/{place}" for place in LIBRARIES), *(p.as_posix() for p in folders)]
    assert check(config, out) == sorted(f"missing {asset}.meta" for asset in new)
    generate(config, out)
    assert check(config, out) == []
    found = guids(out)
    assert len(set(found.values())) == len(found)
    for place, (target, cpu, editor) in LIBRARIES.items():
        data = meta(out, f"Runtime/Plugins/{place}")["PluginImporter"]["platformData"]
        enabled = {
            name: entry["second"]["settings"]
            for entry in data
            for name in entry["first"].values()
            if entry["second"]["enabled"]
        }
        assert set(enabled) == ({target, "Editor"} if editor else {target}), place
        assert enabled[target]["CPU"] == cpu
        if editor:
            assert (enabled["Editor"]["CPU"], enabled["Editor"]["OS"]) == (cpu, editor)
        if target == "iOS":
            assert enabled[target]["FrameworkDependencies"] == "Metal;Network;"
        excluded = data[0]["second"]["settings"]
        assert {name for name, is_out in excluded.items() if not is_out} == {f"Exclude {n}" for n in enabled}
        listed = {name for entry in data for name in entry["first"].values()} - {"Any", None}
        assert {f"Exclude {name}" for name in listed} <= set(excluded)


def test_import_settings_go_with_their_library(config: Path, out: Path) -> None:
    library = out / "Runtime/Plugins/iOS/liblamp.a"
    library.parent.mkdir()
    library.write_bytes(b"native")
    generate(config, out)
    assert {path.name for path in library.parent.iterdir()} == {"liblamp.a", "liblamp.a.meta"}
    library.unlink()
    # Unity complains of import settings without a file, and deletes them.
    generate(config, out)
    assert not library.parent.exists()
    assert {path.name for path in library.parents[1].iterdir()} == {"README.md", "README.md.meta"}


def test_the_places_are_listed_for_people(out: Path) -> None:
    listed = re.findall(r"`Runtime/Plugins/(\S+)`", (out / "Runtime/Plugins/README.md").read_text())
    assert listed == list(LIBRARIES)


def test_a_second_run_writes_nothing(config: Path, out: Path) -> None:
    count = len([path for path in out.rglob("*") if path.is_file()]) - 1
    assert generate(config, out) == f"{out}: 0 written, {count} unchanged, 0 removed\n"
    assert generate(config, out, "--check") == f"{out} is current: {count} files.\n"


def test_the_layouts_replace_each_other_and_leave_the_rest(config: Path, tmp_path: Path) -> None:
    plain, out = tmp_path / "plain", tmp_path / "changing"
    generate(config, plain, layout="plain")
    generate(config, out)
    package = files(out)
    for place in ("Runtime", "Objects"):
        (out / place).mkdir(exist_ok=True)
        (out / place / "Mine.cs").write_text("// by hand")
        (out / place / "Mine.cs.meta").write_text("guid: 0123456789abcdef0123456789abcdef\n")
    mine = files(out).keys() - package.keys()
    assert len(mine) == 4
    assert check(config, out, "plain") != []
    generate(config, out, layout="plain")
    assert files(out).keys() == files(plain).keys() | mine
    assert check(config, out, "plain") == []
    generate(config, out)
    assert {path: text for path, text in files(out).items() if path not in mine} == package
    assert check(config, out) == []


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_stubs_and_companions_become_the_users(config: Path, out: Path) -> None:
    readme = out / "README.md"
    readme.write_text("# Ours\n")
    companion = out / "Runtime/Objects/Lamp.g.cs.meta"
    companion.write_text("fileFormatVersion: 2\nguid: 0123456789abcdef0123456789abcdef\n")
    assert check(config, out) == []
    replace_in(config, '"Lamps"', '"Lights"')
    generate(config, out)
    assert readme.read_text() == "# Ours\n"
    assert "0123456789abcdef" in companion.read_text()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("README.md", "# LampClient", "# Other"),
        ("package.json", '"2022.3"', '"2019.4"'),
        ("Runtime/Lamps.asmdef", '"allowUnsafeCode": true', '"allowUnsafeCode": false'),
        ("Runtime/Unity/LampClientHost.g.cs", "Start()", "Begin()"),
    ],
)
def test_check_sees_a_change_and_generate_refuses_to_undo_it(
    config: Path, out: Path, name: str, old: str, new: str
) -> None:
    replace_in(out / name, old, new)
    assert check(config, out) == [f"edited {name}"]
    changed = files(out)
    done = gen_bindings("generate", "--config", config, "--out", out, "--layout", "upm")
    assert done.code == 2
    assert f"{name} in {out} changed since" in done.err
    assert files(out) == changed
    (out / name).unlink()
    generate(config, out)
    assert check(config, out) == []


def test_a_companion_that_unity_rewrote_is_current(config: Path, out: Path) -> None:
    companion = out / "Runtime/Objects/Lamp.g.cs.meta"
    replace_in(companion, "executionOrder: 0", "executionOrder: 5")
    rewritten = companion.read_bytes()
    assert check(config, out) == []
    assert " 0 written" in generate(config, out)
    assert companion.read_bytes() == rewritten


def test_check_sees_what_is_missing_and_what_is_left(config: Path, out: Path) -> None:
    (out / "Editor.meta").unlink()
    replace_in(config, "[entry_points.request]", '[kinds.Lamp]\nname = "Torch"\n\n[entry_points.request]')
    found = check(config, out)
    assert {"missing Editor.meta", "orphaned Runtime/Objects/Lamp.g.cs.meta"} <= set(found)
    generate(config, out)
    assert check(config, out) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (f'[unity]\npackage = "{PACKAGE}"\nios_frameworks = ["Metal", "Network"]', "", ": unity is missing."),
        (f'package = "{PACKAGE}"', "", "unity.package is missing. Expected a string."),
        (PACKAGE, "Lamp", 'unity.package: "Lamp" is no name of a package. Expected lower-case words'),
        (PACKAGE, "com.acme." + "x" * 210, "at most 214 characters"),
        ("[unity]", '[unity]\nversion = "1.2"', 'unity.version: "1.2" is no semantic version.'),
        ("[unity]", '[unity]\ndisplay = "x"', "unity.display is no known key."),
        ('"Metal"', '"Metal.framework"', 'unity.ios_frameworks[0]: "Metal.framework" is no name'),
        ("[unity]", '[unity]\ninitialize = { logs = "true" }', "unity.initialize.logs: the library's start"),
        ("[unity]", '[unity]\nlogs = { event = "burntout" }', "Did you mean burnt_out?"),
        (
            "[unity]",
            '[unity]\nlogs = { event = "burnt_out" }',
            '"burnt_out" is no public event of the client',
        ),
    ],
)
def test_wrong_settings_are_told_and_nothing_is_written(
    config: Path, tmp_path: Path, old: str, new: str, message: str
) -> None:
    replace_in(config, old, new)
    target = tmp_path / "nothing"
    done = gen_bindings("generate", "--config", config, "--out", target, "--layout", "upm")
    assert done.code == 2
    assert message in done.err
    assert str(config) in done.err
    assert not target.exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('warnings = ["LOG_WARN"]', 'warnings = ["LOG_ERROR"]', '"LOG_ERROR" is in logs.errors already.'),
        (
            '"LOG_DEBUG", "LOG_TRACE"',
            '"DEBUG"',
            "unity.logs.hidden[0]: reference.proto.LogLevel has no value",
        ),
        ('\nlevel = "level"\n', "\n", "unity.logs.errors: needs level"),
        ('\nmessage = "message"\n', '\nmessage = "level"\n', 'unity.logs.message: "level" is no string.'),
        ('\nrecords = "records"\n', '\nrecords = "record"\n', "Did you mean records?"),
        ('{ capture_logs = "true" }', '{ capture_logs = "" }', "unity.initialize.capture_logs: is empty."),
    ],
)
def test_wrong_settings_of_logs_and_start_are_told(old: str, new: str, message: str) -> None:
    _, binding = reference_lab.model()
    file = reference_lab.ROOT / "examples" / "reference" / "bindings.toml"
    head, table, unity = file.read_text("utf-8").partition("[unity]")
    assert unity.count(old) == 1
    text = head + table + unity.replace(old, new)
    with pytest.raises(ConfigError, match=re.escape(message)):
        settings(parse_config(file, text.encode()), binding)


def test_an_unknown_layout_is_refused_and_help_tells_the_known(config: Path, tmp_path: Path) -> None:
    done = gen_bindings("generate", "--config", config, "--out", tmp_path / "x", "--layout", "nuget")
    assert done.code == 2
    said = " ".join(gen_bindings("generate", "--help").out.split())
    assert "--layout" in said
    assert "upm: a package for Unity 2022.3 or newer" in said
    assert "[unity] names it" in said
