"""The widths of C's types on a target triple."""

from __future__ import annotations

from dataclasses import dataclass

from gen_bindings.errors import GenBindingsError

_POINTER = {
    "x86_64": 8,
    "amd64": 8,
    "aarch64": 8,
    "arm64": 8,
    "arm64e": 8,
    "riscv64": 8,
    "riscv64gc": 8,
    "wasm64": 8,
    "armv7": 4,
    "armv7a": 4,
    "armv7s": 4,
    "arm": 4,
    "thumbv7neon": 4,
    "i386": 4,
    "i586": 4,
    "i686": 4,
    "x86": 4,
    "wasm32": 4,
}


@dataclass(frozen=True, slots=True)
class Target:
    """A target; widths in bytes."""

    triple: str
    pointer: int
    long: int
    x86: bool
    windows: bool
    ios: bool


def target(triple: str) -> Target:
    """The target of a triple such as ``armv7-linux-androideabi``; a bare processor name will do.

    Raises:
        GenBindingsError: the processor is unknown.
    """
    processor = triple.lower().partition("-")[0]
    pointer = _POINTER.get(processor)
    if pointer is None:
        known = ", ".join(sorted(_POINTER))
        raise GenBindingsError(
            f'--target {triple}: the processor "{processor}" is unknown. Expected a triple that starts with '
            f"one of {known}."
        )
    windows = "windows" in triple
    return Target(
        triple,
        pointer,
        4 if windows or pointer == 4 else 8,
        processor in ("i386", "i586", "i686", "x86"),
        windows,
        "-ios" in triple,
    )


DEFAULT_TARGETS = (
    "x86_64-unknown-linux-gnu",
    "x86_64-pc-windows-msvc",
    "aarch64-apple-ios",
    "aarch64-linux-android",
    "armv7-linux-androideabi",
    "wasm32-unknown-emscripten",
)
