"""The command generate: what it writes, when it does nothing, what the check says."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from cli_runner import gen_bindings, replace_in

pytestmark = pytest.mark.quick

MANIFEST = ".gen-bindings.Lamp.json"
# Files that only an actual run needs; a run that finds nothing changed must not import them.
_HEAVY = ("gen_bindings.project.inputs", "gen_bindings.render.emit", "clang", "lief", "jinja2")


def _forget_imports() -> dict[str, object]:
    names = [name for name in sys.modules if name.startswith(_HEAVY)]
    return {name: sys.modules.pop(name) for name in names}


def _state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_writes_one_file_per_object_and_counts_them(config: Path, out: Path) -> None:
    done = gen_bindings("generate", "--config", config, "--out", out)
    assert done.code == 0, done.err
    files = _state(out)
    assert {
        "Objects/Lamp.g.cs",
        "Client/LampClient.g.cs",
        "Handles/LampHandle.g.cs",
        MANIFEST,
    } <= files.keys()
    assert done.out == f"{out}: {len(files) - 1} written, 0 unchanged, 0 removed\n"


def test_a_second_run_changes_nothing_and_reads_nothing_anew(config: Path, out: Path) -> None:
    gen_bindings("generate", "--config", config, "--out", out)
    before = _state(out)
    saved = _forget_imports()
    again = gen_bindings("generate", "--config", config, "--out", out)
    imported = [name for name in sys.modules if name.startswith(_HEAVY)]
    sys.modules.update(saved)  # type: ignore[arg-type]
    assert again.out == f"{out}: 0 written, {len(before) - 1} unchanged, 0 removed\n"
    assert _state(out) == before
    assert imported == []


def test_without_a_cache_a_second_run_still_writes_nothing(config: Path, out: Path, own_cache: Path) -> None:
    gen_bindings("generate", "--config", config, "--out", out)
    before = _state(out)
    shutil.rmtree(own_cache)
    again = gen_bindings("generate", "--config", config, "--out", out)
    assert "0 written" in again.out
    assert _state(out) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("lamp.proto", "  // Where it stands.", "  uint32 watts = 2;\n  // Where it stands."),
        ("lamp.h", "lamp_dispose(void);", "lamp_dispose(void);\nvoid lamp_blow(void);"),
        ("bindings.toml", '"Lamps"', '"Lights"'),
        ("lamp.proto", "// Sets how bright a lamp is.", "// Makes a lamp brighter."),
    ],
    ids=["protocol", "header", "configuration", "comment"],
)  # fmt: skip
def test_a_changed_input_is_noticed(config: Path, out: Path, file: str, old: str, new: str) -> None:
    gen_bindings("generate", "--config", config, "--out", out)
    replace_in(config.parent / file, old, new)
    checked = gen_bindings("generate", "--config", config, "--out", out, "--check")
    assert checked.code == 1
    again = gen_bindings("generate", "--config", config, "--out", out)
    assert again.code == 0, again.err
    assert " 0 written" not in again.out
    assert gen_bindings("generate", "--config", config, "--out", out, "--check").code == 0


def test_a_changed_include_and_import_are_noticed(config: Path, out: Path) -> None:
    folder = config.parent
    replace_in(folder / "lamp.h", "#include <stdbool.h>", '#include <stdbool.h>\n#include "more.h"')
    (folder / "more.h").write_text("#define LAMP_LIMIT 3\n")
    replace_in(folder / "lamp.proto", "package lamp;", 'package lamp;\nimport "more.proto";')
    (folder / "more.proto").write_text('syntax = "proto3"; package lamp; message More { string a = 1; }')
    gen_bindings("generate", "--config", config, "--out", out)
    assert "0 written" in gen_bindings("generate", "--config", config, "--out", out).out
    replace_in(folder / "more.h", "3", "4")
    assert " 0 written" not in gen_bindings("generate", "--config", config, "--out", out).out
    replace_in(folder / "more.proto", "string a = 1", "string b = 1")
    assert " 0 written" not in gen_bindings("generate", "--config", config, "--out", out).out


def test_two_folders_with_one_configuration_are_kept_apart(config: Path, tmp_path: Path) -> None:
    gen_bindings("generate", "--config", config, "--out", tmp_path / "a")
    other = gen_bindings("generate", "--config", config, "--out", tmp_path / "b")
    assert " 0 written" not in other.out
    assert _state(tmp_path / "b").keys() == _state(tmp_path / "a").keys()


@pytest.mark.parametrize("spoil", ["edited", "missing", "orphaned", "stale"])
def test_check_names_the_file_and_the_difference(config: Path, out: Path, spoil: str) -> None:
    gen_bindings("generate", "--config", config, "--out", out)
    lamp = out / "Objects/Lamp.g.cs"
    if spoil == "edited":
        replace_in(lamp, "class Lamp ", "class Lantern ")
    elif spoil == "missing":
        lamp.unlink()
    elif spoil == "orphaned":
        replace_in(config, "[entry_points.request]", '[kinds.Lamp]\nname = "Torch"\n\n[entry_points.request]')
    else:
        replace_in(config, '"Lamps"', '"Lights"')
    before = _state(out)
    done = gen_bindings("generate", "--config", config, "--out", out, "--check")
    assert done.code == 1
    assert f"{spoil:<9} Objects/Lamp.g.cs\n" in done.out
    assert (f"stale     {MANIFEST}\n" in done.out) == (spoil in ("orphaned", "stale"))
    if spoil == "edited":
        assert "-    public sealed unsafe class Lantern " in done.out
        assert "+    public sealed unsafe class Lamp " in done.out
    if spoil == "stale":
        assert "more files that differ" in done.out
    assert f" {spoil}" in done.out.splitlines()[-1]
    assert "Run generate without --check." in done.out
    assert _state(out) == before


def test_check_of_an_output_that_is_current(config: Path, out: Path) -> None:
    gen_bindings("generate", "--config", config, "--out", out)
    count = len(_state(out)) - 1
    (out / "Objects" / "Mine.cs").write_text("// written by hand\n")
    done = gen_bindings("generate", "--config", config, "--out", out, "--check")
    assert (done.code, done.out) == (0, f"{out} is current: {count} files.\n")


def test_line_ends_are_no_difference(config: Path, out: Path) -> None:
    gen_bindings("generate", "--config", config, "--out", out)
    lamp = out / "Objects/Lamp.g.cs"
    lamp.write_bytes(lamp.read_bytes().replace(b"\n", b"\r\n"))
    assert gen_bindings("generate", "--config", config, "--out", out, "--check").code == 0
    assert "0 written" in gen_bindings("generate", "--config", config, "--out", out).out


def test_check_before_the_first_run(config: Path, out: Path) -> None:
    done = gen_bindings("generate", "--config", config, "--out", out, "--check")
    assert done.code == 1
    assert "missing   Client/LampClient.g.cs" in done.out
    assert not out.exists()


def test_what_is_no_longer_produced_is_removed(config: Path, out: Path) -> None:
    gen_bindings("generate", "--config", config, "--out", out)
    mine = out / "Objects" / "Mine.cs"
    mine.write_text("// written by hand\n")
    replace_in(config, "[entry_points.request]", '[kinds.Lamp]\nname = "Light"\n\n[entry_points.request]')
    done = gen_bindings("generate", "--config", config, "--out", out)
    assert done.code == 0, done.err
    assert "removed   Objects/Lamp.g.cs\n" in done.out
    assert not (out / "Objects/Lamp.g.cs").exists()
    assert (out / "Objects/Light.g.cs").exists()
    assert mine.read_text() == "// written by hand\n"


def test_a_failed_run_leaves_the_old_output_whole(config: Path, out: Path) -> None:
    gen_bindings("generate", "--config", config, "--out", out)
    before = _state(out)
    replace_in(config.parent / "lamp.proto", "message DimRequest {", "message DimRequest {{")
    assert gen_bindings("generate", "--config", config, "--out", out).code == 2
    assert _state(out) == before


_PARTS = """syntax = "proto2";
package parts;
message Set { option message_set_wire_format = true; extensions 4 to max; }
message Far { optional Set set = 1; extensions 100 to 199; }
extend Far { optional int32 near = 100; }
message Near { optional group Inside = 1 { optional int32 value = 2; } }
"""


def test_only_what_is_sent_has_to_be_representable(config: Path, out: Path) -> None:
    proto = config.with_name("lamp.proto")
    config.with_name("parts.proto").write_text(_PARTS)
    replace_in(proto, "package lamp;", 'package lamp;\nimport "parts.proto";')
    replace_in(proto, "string place = 1;\n}", "string place = 1;\n  parts.Near near = 2;\n}")
    done = gen_bindings("generate", "--config", config, "--out", out)
    assert done.code == 0, done.err

    replace_in(proto, "parts.Near near = 2;", "parts.Far far = 2;")
    done = gen_bindings("generate", "--config", config, "--out", out)
    assert done.code == 2
    assert "Far.set is a message set (parts.Set), which bindings cannot represent" in done.err
