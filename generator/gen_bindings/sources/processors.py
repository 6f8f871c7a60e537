"""What processors are called, and whether this machine can load a library made for them."""

from __future__ import annotations

import platform

from gen_bindings.model.abi import Exports

# One name per processor, whatever the format or the operating system calls it.
_ARCHITECTURES = {
    "x86_64": "x86_64",
    "amd64": "x86_64",
    "aarch64": "aarch64",
    "arm64": "aarch64",
    "arm64ec": "aarch64",
    "i386": "x86",
    "i686": "x86",
    "x86": "x86",
    "arm": "arm",
    "armv7l": "arm",
    "armnt": "arm",
    "riscv": "riscv64",
    "riscv64": "riscv64",
}
_HOST_FORMATS = {"Linux": "ELF", "Darwin": "Mach-O", "Windows": "PE"}


def host_mismatch(exports: Exports) -> str | None:
    """Why this machine cannot load the library, as a sentence; ``None`` if nothing speaks against it."""
    system, machine = platform.system(), platform.machine()
    wanted = _HOST_FORMATS.get(system)
    architecture = architecture_name(machine)
    if exports.format == wanted and architecture in exports.architectures:
        return None
    return (
        f"{exports.file} is a library in {exports.format} format for {' and '.join(exports.architectures)}; "
        f"this machine runs {system} on {architecture} and loads {wanted or 'another format'}. "
        f"Give the library that was built for {system} on {architecture}."
    )


def architecture_name(name: str) -> str:
    return _ARCHITECTURES.get(name.lower(), name.lower())
