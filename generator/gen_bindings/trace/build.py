"""Builds a recorder with the machine's C compiler, once per content."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gen_bindings.cache import cache_folder
from gen_bindings.errors import ToolchainError

_FLAGS = ("-std=c11", "-O2", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror")


def build_recorder(files: dict[str, str], name: str, compiler: str | None = None) -> Path:
    """Compiles the C file of a recorder to a shared library of the given file name.

    Args:
        compiler: command of the compiler; ``$CC``, else the first of cc, gcc and clang that is there.

    Raises:
        ToolchainError: there is no compiler, or it refuses the source; its words are in the message.
    """
    if sys.platform == "win32":
        raise ToolchainError(
            "On Windows the recorder is built with the CMakeLists.txt that `recorder` writes."
        )
    named = compiler or os.environ.get("CC") or next(filter(shutil.which, ("cc", "gcc", "clang")), "cc")
    command = shlex.split(named)
    if not command or shutil.which(command[0]) is None:
        raise ToolchainError(
            f"The recorder cannot be built: {named} is not on the PATH. Install gcc or clang."
        )
    (source,) = (file for file in files if file.endswith(".c"))
    options: Sequence[str] = ("-dynamiclib",) if sys.platform == "darwin" else ("-shared",)
    digest = hashlib.sha256("\0".join((files[source], *command, *_FLAGS, *options)).encode()).hexdigest()[:24]
    library = cache_folder("recorder") / digest / name
    if library.is_file():
        return library
    library.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        (Path(folder) / source).write_text(files[source], "utf-8")
        made = Path(folder) / name
        libraries = () if sys.platform == "darwin" else ("-lpthread", "-ldl")
        result = subprocess.run(
            [*command, *_FLAGS, *options, "-o", str(made), str(Path(folder) / source), *libraries],
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise ToolchainError(f"{named} does not compile the recorder:\n{result.stderr.strip()}")
        made.replace(library)
    return library
