"""Bad input: one clear message on standard error, exit code 2, no traceback, nothing written."""

from __future__ import annotations

import contextlib
import gzip
import os
import platform
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_runner import Outcome, gen_bindings, replace_in
from gen_bindings.errors import ToolchainError
from gen_bindings.runtime import toolchain
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane

pytestmark = pytest.mark.quick

LIBRARIES = Path(__file__).resolve().parents[1] / "sources" / "libraries"


def _generate(config: Path, out: Path) -> Outcome:
    return gen_bindings("generate", "--config", config, "--out", out)


def _refused(done: Outcome, out: Path, *parts: str) -> None:
    assert done.code == 2
    assert "Traceback" not in done.err
    # On a slow machine progress is told before it.
    assert re.search(r"^error: ", done.err, re.MULTILINE)
    for part in parts:
        assert part in done.err
    assert not out.exists()


@contextlib.contextmanager
def _as_nobody(file: Path) -> Iterator[None]:
    """Root may read everything; within, this process may only read what others may."""
    if os.geteuid() != 0:
        yield
        return
    for folder in file.parents:
        if folder.stat().st_mode & 0o055 != 0o055:
            folder.chmod(folder.stat().st_mode | 0o055)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_missing_configuration(tmp_path: Path, out: Path) -> None:
    file = tmp_path / "nowhere.toml"
    done = _generate(file, out)
    _refused(
        done, out, f"The configuration {file} cannot be read: No such file or directory.", "gen-bindings init"
    )


def test_configuration_that_is_a_folder(tmp_path: Path, out: Path) -> None:
    _refused(_generate(tmp_path, out), out, f"The configuration {tmp_path} cannot be read: Is a directory.")


@pytest.mark.parametrize(
    ("key", "old"), [("proto", '"lamp.proto"'), ("headers", '"lamp.h"')], ids=["protocol", "header"]
)
def test_missing_input(config: Path, out: Path, key: str, old: str) -> None:
    replace_in(config, old, '"gone.file"')
    missing = config.parent / "gone.file"
    _refused(_generate(config, out), out, f"The input 'gone.file' does not exist: looked for {missing}.")


def test_unreadable_input(config: Path, out: Path) -> None:
    assert _generate(config, out).code == 0  # everything that a run needs is imported now
    proto = config.parent / "lamp.proto"
    config.chmod(0o644)
    proto.chmod(0)
    with _as_nobody(proto):
        done = _generate(config, out)
    assert done.code == 2
    assert f"error: The protocol file {proto} cannot be read: Permission denied." in done.err


@pytest.mark.parametrize("name", ["lamp.proto", "lamp.h"])
def test_input_that_is_a_folder(config: Path, out: Path, name: str) -> None:
    file = config.parent / name
    file.unlink()
    file.mkdir()
    _refused(_generate(config, out), out, f"{file} cannot be read: Is a directory.")


def test_syntax_error_in_a_proto_file(config: Path, out: Path) -> None:
    proto = config.parent / "lamp.proto"
    replace_in(proto, "uint32 level = 2;", "uint32 level 2;")
    line = proto.read_text().splitlines().index("  uint32 level 2;") + 1
    done = _generate(config, out)
    _refused(done, out, f"{proto}:{line}:16: protoc refuses the protocol:", "Missing field number")


def test_missing_import_of_a_proto_file(config: Path, out: Path) -> None:
    proto = config.parent / "lamp.proto"
    replace_in(proto, "package lamp;", 'package lamp;\nimport "bulb.proto";')
    _refused(_generate(config, out), out, f"{proto}:3:1: imports 'bulb.proto'", "include folders")


def test_header_that_does_not_parse(config: Path, out: Path) -> None:
    header = config.parent / "lamp.h"
    replace_in(header, "void lamp_dispose(void);", "void lamp_dispose(void;")
    line = header.read_text().splitlines().index("void lamp_dispose(void;") + 1
    _refused(_generate(config, out), out, f"{header}:{line}:", "expected ')'")


def test_library_that_is_none(config: Path, out: Path) -> None:
    (config.parent / "liblamp.so").write_text("lamp")
    replace_in(config, "import_name", 'library = "liblamp.so"\nimport_name')
    _refused(_generate(config, out), out, "liblamp.so is not a shared library: it is a text file.")


def test_library_for_another_platform(config: Path, out: Path) -> None:
    """The C# is written all the same; each run says that the library cannot be loaded here."""
    names = ("initialize", "request", "drop_handle", "dispose")
    source = config.parent / "lamp.c"
    source.write_text("".join(f"void lamp_{name}(void) {{}}\n" for name in names))
    library = config.parent / "liblamp.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source], check=True)
    binary = bytearray(library.read_bytes())
    machine = 8 if platform.machine() != "mips" else 183
    binary[18:20] = machine.to_bytes(2, "little")
    library.write_bytes(binary)
    replace_in(config, "import_name", 'library = "liblamp.so"\nimport_name')
    for _ in range(2):
        done = _generate(config, out)
        assert done.code == 0, done.err
        assert f"warning: {library} is a library in ELF format for mips; this machine runs" in done.err
        assert "Give the library that was built for" in done.err


def test_library_without_an_entry_point(config: Path, out: Path) -> None:
    (config.parent / "demo.so").write_bytes(gzip.decompress((LIBRARIES / "elf_x86_64.so.gz").read_bytes()))
    replace_in(config, "import_name", 'library = "demo.so"\nimport_name')
    _refused(
        _generate(config, out),
        out,
        "entry_points.initialize.function:",
        "demo.so does not export lamp_initialize.",
        "Use the library that fits the header, or another function.",
    )


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ('import_name = "lamp"', 'import_name = "lamp"\nheader = "lamp.h"',
         ("input.header is no known key.", "Did you mean headers")),
        ('import_name = "lamp"', "", ("input.import_name is missing. Expected a string.",)),
        ('headers = ["lamp.h"]', 'headers = "lamp.h"', ('input.headers is "lamp.h". Expected a list',)),
        ('[binding]', '[binding', ("bindings.toml:1:9: the configuration is not valid TOML",)),
    ],
    ids=["unknown", "missing", "type", "syntax"],
)  # fmt: skip
def test_wrong_configuration_key(config: Path, out: Path, old: str, new: str, parts: tuple[str, ...]) -> None:
    replace_in(config, old, new)
    _refused(_generate(config, out), out, str(config), *parts)


@pytest.mark.parametrize(
    ("entry", "parts"),
    [
        ("[operations.dimm]\nhidden = true", ("operations.dimm: the schema has no request of this name.",)),
        ("[deliveries.burned_out]\nhidden = true", ("deliveries.burned_out:", "Did you mean burnt_out?")),
        ("[kinds.Lamb]\ncolumn = \"other\"", ("kinds.Lamb: the schema has no such kind; it has Lamp.",)),
        ('[[memory]]\npointer = "DimRequest.ptr"\nsize = "level"',
         ('memory[0].pointer: "DimRequest.ptr": DimRequest has no field "ptr".',)),
    ],
)  # fmt: skip
def test_entry_that_matches_nothing(config: Path, out: Path, entry: str, parts: tuple[str, ...]) -> None:
    config.write_text(f"{config.read_text()}\n{entry}\n")
    _refused(_generate(config, out), out, str(config), *parts)


def test_owned_handle_with_no_place_in_the_tree(config: Path, out: Path) -> None:
    proto = config.parent / "lamp.proto"
    replace_in(proto, "BurntOut burnt_out = 1;", "BurntOut burnt_out = 1;\n    BulbMade bulb_made = 2;")
    proto.write_text(
        f"{proto.read_text()}\nmessage OwnedBulb {{ OwnedHandle handle = 1; }}\n"
        "message BulbMade { OwnedBulb bulb = 1; }\n"
    )
    config.write_text(f'{config.read_text()}\n[kinds.Bulb]\nparents = ["Lamp"]\n')
    _refused(
        _generate(config, out),
        out,
        "the model is incomplete; nothing was generated.",
        "  - BulbMade.bulb: the Bulb that bulb_made brings has no owner in the tree:",
        "the event names no Lamp.",
        'Add a [[place]] with acquired = "BulbMade.bulb", or change parents of [kinds.Bulb].',
    )


@pytest.mark.parametrize("clash", ["class", "member"])
def test_two_objects_that_want_one_name(config: Path, out: Path, clash: str) -> None:
    proto = config.parent / "lamp.proto"
    if clash == "class":
        config.write_text(f'{config.read_text()}\n[kinds.Lamp]\nname = "LampClient"\n')
        expected = (
            "the kind Lamp and the client would both be the C# class LampClient: set name under [kinds.Lamp]."
        )
    else:
        replace_in(
            proto,
            "string place = 1;\n}\n\nmessage New",
            "string place = 1;\n  uint32 dim = 2;\n}\n\nmessage New",
        )
        expected = "would both be the member Dim of Lamp: set name under [operations.dim]."
    _refused(_generate(config, out), out, expected)


@pytest.mark.parametrize("place", ["/sys/gen-bindings", "lamp.h/cs"])
def test_output_folder_that_is_not_writable(config: Path, place: str) -> None:
    """Nobody may make a folder in /sys, and none can be made in a file."""
    out = config.parent / place
    done = _generate(config, out)
    assert done.code == 2
    assert f"error: The output folder {out} cannot be written: " in done.err
    assert "Nothing was changed. Make it writable or choose another folder with --out." in done.err
    assert "Traceback" not in done.err


def test_output_that_is_a_file(config: Path, out: Path) -> None:
    out.write_text("mine")
    done = _generate(config, out)
    assert done.code == 2
    assert f"error: The output folder {out} cannot be written: " in done.err
    assert out.read_text() == "mine"


def test_a_file_of_another_origin_in_the_way(config: Path, out: Path) -> None:
    mine = out / "Objects" / "Lamp.g.cs"
    mine.parent.mkdir(parents=True)
    mine.write_text("class Lamp { }\n")
    done = _generate(config, out)
    assert done.code == 2
    assert f"Objects/Lamp.g.cs in {out} is in the way" in done.err
    assert [path for path in out.rglob("*") if path.is_file()] == [mine]


@pytest.fixture
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing is installed."""
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    monkeypatch.setenv("PATH", str(nothing))
    monkeypatch.setenv(toolchain.DOTNET_ROOT_VARIABLE, str(nothing))
    monkeypatch.setattr(toolchain, "build_folder", lambda: None)
    monkeypatch.chdir(nothing)


@pytest.mark.usefixtures("empty_machine")
def test_no_compiler(tmp_path: Path) -> None:
    source = tmp_path / "a.cs"
    source.write_text("class A { }")
    with pytest.raises(ToolchainError, match=re.escape("`mcs` is not on the PATH")) as raised:
        compile_library([source], tmp_path / "a.dll", Lane.MONO)
    assert "mono-mcs" in str(raised.value)
    assert "gen-bindings doctor" in str(raised.value)


@pytest.mark.usefixtures("empty_machine")
def test_no_runtime() -> None:
    with pytest.raises(ToolchainError, match=re.escape("`mono` is not on the PATH")):
        toolchain.find_mono()
    with pytest.raises(ToolchainError, match=r"has no folder shared/Microsoft\.NETCore\.App") as raised:
        toolchain.find_coreclr()
    assert toolchain.DOTNET_ROOT_VARIABLE in str(raised.value)


@pytest.mark.usefixtures("empty_machine")
def test_doctor_on_an_empty_machine() -> None:
    done = gen_bindings("doctor")
    assert done.code == 1
    assert re.search(r"mcs +missing +compiling the generated C# +Debian: apt-get install mono-mcs", done.out)
    assert re.search(r"CoreCLR +missing +the coreclr lane", done.out)
    assert "Missing: mcs, mono, " in done.out
