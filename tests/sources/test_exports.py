"""Reading export tables: the real library, each format, and files that are no libraries.

The files in ``libraries/`` are ``libraries/demo.c`` compiled with zig cc for each target
(``-Os -nostdlib -fvisibility=hidden -shared -s``, with ``-DIMPORTS`` where ``demo_uses`` is expected).
"""

from __future__ import annotations

import gzip
import platform
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gen_bindings.errors import SourceError
from gen_bindings.model.abi import Exports
from gen_bindings.sources.exports import read_exports
from gen_bindings.sources.exports_beside import read_exports_beside
from gen_bindings.sources.locate import locate
from gen_bindings.sources.processors import host_mismatch

pytestmark = pytest.mark.quick

LIBRARIES = Path(__file__).with_name("libraries")
FUNCTIONS = ("demo_close", "demo_open")


@pytest.fixture
def library(tmp_path: Path) -> Callable[[str], Path]:
    def library(name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(gzip.decompress((LIBRARIES / f"{name}.gz").read_bytes()))
        return path

    return library


def test_the_real_library() -> None:
    exports = read_exports(locate("python:livekit/rtc/resources/liblivekit_ffi.so", Path()))
    assert exports.format == "ELF"
    assert exports.architectures == ("x86_64",)
    assert [name for name in exports.names if name.startswith("livekit_ffi_")] == [
        "livekit_ffi_dispose",
        "livekit_ffi_drop_handle",
        "livekit_ffi_initialize",
        "livekit_ffi_request",
    ]
    # 499 symbols, 17 of them data.
    assert len(exports.names) == 482
    assert host_mismatch(exports) is None


@pytest.mark.parametrize(
    ("name", "format_", "architecture", "names"),
    [
        ("elf_x86_64.so", "ELF", "x86_64", (*FUNCTIONS, "demo_uses")),
        ("elf_aarch64.so", "ELF", "aarch64", FUNCTIONS),
        ("macho_arm64.dylib", "Mach-O", "aarch64", (*FUNCTIONS, "demo_uses")),
        ("macho_x86_64.dylib", "Mach-O", "x86_64", FUNCTIONS),
        ("pe_x86_64.dll", "PE", "x86_64", FUNCTIONS),
    ],
)
def test_exported_functions_only(
    library: Callable[[str], Path], name: str, format_: str, architecture: str, names: tuple[str, ...]
) -> None:
    path = library(name)
    assert read_exports(path) == Exports(str(path), format_, (architecture,), names)


def test_a_fat_library_exports_what_every_slice_exports(
    library: Callable[[str], Path], tmp_path: Path
) -> None:
    fat = tmp_path / "fat.dylib"
    slices = [
        (0x01000007, 3, library("macho_x86_64.dylib").read_bytes()),
        (0x0100000C, 0, library("macho_arm64.dylib").read_bytes()),
    ]
    header, body, offset = struct.pack(">II", 0xCAFEBABE, len(slices)), b"", 0x4000
    for processor, kind, content in slices:
        header += struct.pack(">IIIII", processor, kind, offset, len(content), 14)
        padded = content + bytes(-len(content) % 0x4000)
        body += padded
        offset += len(padded)
    fat.write_bytes(header.ljust(0x4000, b"\0") + body)

    exports = read_exports(fat)
    assert exports.architectures == ("x86_64", "aarch64")
    # demo_uses is in one of them.
    assert exports.names == FUNCTIONS


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read_exports(tmp_path / "libno.so")
    assert str(caught.value) == (
        f"The library {tmp_path}/libno.so cannot be read: No such file or directory. "
        "Build or install it, or correct its path in the configuration."
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"#include <stdint.h>\n", "a text file"),
        (b"!<arch>\n" + bytes(60), "a static archive"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer, not the file itself"),
        (bytes(100), "a file of an unknown format"),
        (b"\x7fELF\x02\x01\x01" + bytes(4), "a file in ELF format that is damaged or cut short"),
    ],
)
def test_not_a_library(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "lib.so"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read_exports(path)
    assert str(caught.value) == (
        f"{path} is not a shared library: it is {found}. "
        "Expected the compiled library itself (.so, .dylib or .dll)."
    )


def changed(path: Path, offset: int, content: bytes) -> Path:
    data = bytearray(path.read_bytes())
    data[offset : offset + len(content)] = content
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["elf_x86_64.so", "macho_arm64.dylib", "pe_x86_64.dll"])
@pytest.mark.parametrize("kept", [0.1, 0.5])
def test_a_library_that_is_cut_short(library: Callable[[str], Path], name: str, kept: float) -> None:
    path = library(name)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(
        SourceError, match=r"it is a file in (ELF|Mach-O|PE) format that is damaged or cut short"
    ):
        read_exports(path)


def test_programs_and_objects_are_not_libraries(library: Callable[[str], Path]) -> None:
    with pytest.raises(SourceError, match="it is an ELF program"):
        read_exports(changed(library("elf_x86_64.so"), 16, b"\x02\x00"))
    with pytest.raises(SourceError, match="it is an ELF object file"):
        read_exports(changed(library("elf_x86_64.so"), 16, b"\x01\x00"))
    with pytest.raises(SourceError, match="it is a Mach-O program"):
        read_exports(changed(library("macho_arm64.dylib"), 12, b"\x02\x00"))
    dll = library("pe_x86_64.dll")
    pe = struct.unpack_from("<I", dll.read_bytes(), 0x3C)[0]
    with pytest.raises(SourceError, match="it is a Windows program"):
        read_exports(changed(dll, pe + 22, b"\x22\x00"))


def test_a_position_independent_program_is_not_a_library() -> None:
    program = Path(sys.executable).resolve()
    # Some builds of Python are not position independent; they are programs all the same.
    with pytest.raises(SourceError, match="it is an ELF program"):
        read_exports(program)


@pytest.mark.parametrize(
    ("system", "machine", "given", "expected"),
    [
        ("Linux", "x86_64", Exports("a", "ELF", ("x86_64",), ()), None),
        ("Darwin", "arm64", Exports("a", "Mach-O", ("x86_64", "aarch64"), ()), None),
        ("Windows", "AMD64", Exports("a", "PE", ("x86_64",), ()), None),
        (
            "Linux",
            "x86_64",
            Exports("lib.dylib", "Mach-O", ("x86_64", "aarch64"), ()),
            "lib.dylib is a library in Mach-O format for x86_64 and aarch64; this machine runs Linux on "
            "x86_64 and loads ELF. Give the library that was built for Linux on x86_64.",
        ),
        (
            "Linux",
            "x86_64",
            Exports("lib.so", "ELF", ("aarch64",), ()),
            "lib.so is a library in ELF format for aarch64; this machine runs Linux on x86_64 and loads ELF. "
            "Give the library that was built for Linux on x86_64.",
        ),
        (
            "Plan9",
            "mips",
            Exports("lib.so", "ELF", ("aarch64",), ()),
            "lib.so is a library in ELF format for aarch64; this machine runs Plan9 on mips and loads "
            "another format. Give the library that was built for Plan9 on mips.",
        ),
    ],
)
def test_host_mismatch(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, given: Exports, expected: str | None
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert host_mismatch(given) == expected


def test_a_process_of_its_own_reads_the_same_and_says_the_same(
    library: Callable[[str], Path], tmp_path: Path
) -> None:
    path = library("elf_x86_64.so")
    assert read_exports_beside(path) == read_exports(path)
    with pytest.raises(SourceError) as here:
        read_exports(tmp_path / "libno.so")
    with pytest.raises(SourceError) as beside:
        read_exports_beside(tmp_path / "libno.so")
    assert str(beside.value) == str(here.value)
