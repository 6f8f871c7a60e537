"""The function symbols that a compiled library (ELF, Mach-O, PE) exports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import lief

from gen_bindings.errors import SourceError
from gen_bindings.input_file import BINARY_LIMIT, unfit
from gen_bindings.model.abi import Exports
from gen_bindings.sources.processors import architecture_name

# The reader warns on standard error about parts of a file that nothing here looks at.
lief.logging.disable()

_DF_1_PIE = 0x08000000
_DAMAGED = "a file in {} format that is damaged or cut short"


def read_exports(path: Path) -> Exports:
    """The exported functions of a shared library.

    Data symbols, imports and hidden symbols are left out. Of a fat Mach-O only the names that every
    architecture exports are returned.

    Raises:
        SourceError: the file is missing or is not a shared library; the message says what it is.
    """
    try:
        if (why := unfit(path, BINARY_LIMIT)) is not None:
            raise SourceError(f"The library {path} {why}")
        with path.open("rb") as stream:
            start = stream.read(512)
    except OSError as error:
        raise SourceError(
            f"The library {path} cannot be read: {error.strerror}. "
            "Build or install it, or correct its path in the configuration."
        ) from error
    for name, recognise, read in (
        ("ELF", lief.is_elf, _read_elf),
        ("Mach-O", lief.is_macho, _read_macho),
        ("PE", lief.is_pe, _read_pe),
    ):
        if recognise(str(path)):
            return _exports(path, name, read)
    raise _not_a_library(path, _describe(start))


def _exports(path: Path, name: str, read: Callable[[Path], list[tuple[str, set[str]]]]) -> Exports:
    slices = read(path)
    common = set[str].intersection(*(names for _, names in slices))
    return Exports(
        file=str(path),
        format=name,
        architectures=tuple(dict.fromkeys(architecture for architecture, _ in slices)),
        names=tuple(sorted(common)),
    )


def _read_elf(path: Path) -> list[tuple[str, set[str]]]:
    options = lief.ELF.ParserConfig()
    options.parse_relocations = False
    options.parse_notes = False
    options.parse_overlay = False
    binary = lief.ELF.parse(str(path), options)
    if binary is None:
        raise _not_a_library(path, _DAMAGED.format("ELF"))
    kind = binary.header.file_type.name
    if kind == "EXEC" or (kind == "DYN" and _is_executable_elf(binary)):
        raise _not_a_library(path, "an ELF program")
    if kind == "REL":
        raise _not_a_library(path, "an ELF object file")
    if kind != "DYN":
        raise _not_a_library(path, _DAMAGED.format("ELF"))
    parts = [(int(s.file_offset), int(s.physical_size)) for s in binary.segments]
    # The table of sections is the last thing in a file, whatever the reader made of the segments.
    parts.append((int(binary.header.section_header_offset), 1))
    _refuse_if_cut(path, "ELF", parts)
    names = {
        str(symbol.name) for symbol in binary.dynamic_symbols if symbol.exported and _is_elf_function(symbol)
    }
    return [(architecture_name(binary.header.machine_type.name), names)]


def _is_executable_elf(binary: Any) -> bool:
    # A position-independent program has the file type of a library; only this flag tells them apart.
    flags = (entry.value for entry in binary.dynamic_entries if entry.tag.name == "FLAGS_1")
    return any(value & _DF_1_PIE for value in flags)


def _is_elf_function(symbol: Any) -> bool:
    return bool(symbol.is_function) or symbol.type.name == "GNU_IFUNC"


def _read_macho(path: Path) -> list[tuple[str, set[str]]]:
    fat = lief.MachO.parse(str(path))
    if fat is None or fat.size == 0:
        raise _not_a_library(path, _DAMAGED.format("Mach-O"))
    slices = []
    for binary in fat:
        kind = binary.header.file_type.name
        if kind not in {"DYLIB", "BUNDLE"}:
            found = {"OBJECT": "a Mach-O object file", "EXECUTE": "a Mach-O program"}.get(
                kind, f"a Mach-O file of type {kind.lower()}"
            )
            raise _not_a_library(path, found)
        start = int(binary.fat_offset)
        _refuse_if_cut(
            path, "Mach-O", ((start + int(s.file_offset), int(s.file_size)) for s in binary.segments)
        )
        code = _ranges(s for s in binary.sections if _holds_code(s))
        names = {
            str(symbol.name).removeprefix("_")
            for symbol in binary.exported_symbols
            if _within(int(symbol.value), code)
        }
        slices.append((architecture_name(binary.header.cpu_type.name), names))
    return slices


def _read_pe(path: Path) -> list[tuple[str, set[str]]]:
    binary = lief.PE.parse(str(path))
    if binary is None:
        raise _not_a_library(path, _DAMAGED.format("PE"))
    if not any(flag.name == "DLL" for flag in binary.header.characteristics_list):
        raise _not_a_library(path, "a Windows program")
    _refuse_if_cut(path, "PE", ((int(s.offset), int(s.size)) for s in binary.sections))
    code = _ranges(
        s for s in binary.sections if any(flag.name == "MEM_EXECUTE" for flag in s.characteristics_lists)
    )
    table = binary.get_export() if binary.has_exports else None
    names = {
        str(entry.name)
        for entry in (table.entries if table is not None else ())
        if entry.name and (entry.is_forwarded or _within(int(entry.address), code))
    }
    return [(architecture_name(binary.header.machine.name), names)]


def _refuse_if_cut(path: Path, name: str, parts: Iterable[tuple[int, int]]) -> None:
    """Raise unless there are parts (offset and size) and the file is long enough for all of them."""
    end = max((offset + size for offset, size in parts), default=0)
    if end == 0 or end > path.stat().st_size:
        raise _not_a_library(path, _DAMAGED.format(name))


def _holds_code(section: Any) -> bool:
    return any("INSTRUCTIONS" in flag.name for flag in section.flags_list)


def _ranges(sections: Iterable[Any]) -> list[tuple[int, int]]:
    return [
        (
            int(s.virtual_address),
            int(s.virtual_address) + max(int(s.size), int(getattr(s, "virtual_size", 0))),
        )
        for s in sections
    ]


def _within(address: int, ranges: list[tuple[int, int]]) -> bool:
    return any(start <= address < end for start, end in ranges)


def _describe(start: bytes) -> str:
    if not start:
        return "an empty file"
    if start.startswith(b"!<arch>\n"):
        return "a static archive"
    if start.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer, not the file itself"
    if b"\0" not in start:
        return "a text file"
    return "a file of an unknown format"


def _not_a_library(path: Path, found: str) -> SourceError:
    return SourceError(
        f"{path} is not a shared library: it is {found}. "
        "Expected the compiled library itself (.so, .dylib or .dll)."
    )
