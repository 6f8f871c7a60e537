"""Puts into unity_sample what is not kept with it: the native library of this machine, and LiveKit's package.

    python tools/unity_sample.py              the reference server
    python tools/unity_sample.py livekit      LiveKit, out of the installed PyPI package
    python tools/unity_sample.py reference --library FILE

Beside LiveKit's package the sample's scripts use that one; for the reference server it is taken away.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import shutil
import sys
from pathlib import Path

from gen_bindings.cli import run as gen_bindings
from gen_bindings.config import load_config
from gen_bindings.render.unity.plugins import PLATFORMS, Platform

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ROOT / "unity_sample" / "Packages"
EXAMPLES = ("reference", "livekit")
_FOLDERS = {
    ("Linux", "x86_64"): "Linux/x86_64",
    ("Darwin", "x86_64"): "macOS/x86_64",
    ("Darwin", "arm64"): "macOS/arm64",
    ("Windows", "AMD64"): "Windows/x86_64",
    ("Windows", "ARM64"): "Windows/arm64",
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="What the Unity sample needs.")
    parser.add_argument("example", nargs="?", choices=EXAMPLES, default="reference")
    parser.add_argument("--library", type=Path, help="the native library, when it is not in its usual place")
    chosen = parser.parse_args(arguments)
    here = this_platform()
    if here is None:
        print(f"Unity's editor does not run on {platform.system()} {platform.machine()}.", file=sys.stderr)
        return 2
    # The client of the reference server starts in any case, and would complain.
    for example in dict.fromkeys(("reference", chosen.example)):
        given = chosen.library if example == chosen.example else None
        if not _place_library(example, here, given) and example == chosen.example:
            return 2
    if chosen.example == "reference":
        shutil.rmtree(package("livekit"), ignore_errors=True)
    where = ["--config", str(configuration(chosen.example)), "--out", str(package(chosen.example))]
    return gen_bindings(["generate", *where, "--layout", "upm"])


def configuration(example: str) -> Path:
    """The configuration of an example."""
    return ROOT / "examples" / example / "bindings.toml"


def package(example: str) -> Path:
    """The folder of an example's package in the sample."""
    unity = load_config(configuration(example)).config.unity
    assert unity is not None, "the examples have the table [unity]"
    return PACKAGES / unity.package


def _place_library(example: str, here: Platform, given: Path | None) -> bool:
    import_name = str(load_config(configuration(example)).config.input.import_name)
    file = here.file.format(import_name)
    library = given or usual_place(example, file)
    if library is None or not library.is_file():
        print(
            f"The native library {library or file} is missing. "
            "Run `make setup`, or name the file with --library.",
            file=sys.stderr,
        )
        return False
    plugin = package(example) / here.path(import_name)
    plugin.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(library, plugin)
    return True


def this_platform() -> Platform | None:
    folder = _FOLDERS.get((platform.system(), platform.machine()))
    return next((one for one in PLATFORMS if one.folder == folder), None)


def usual_place(example: str, file: str) -> Path | None:
    """Where set-up leaves the library; nothing when LiveKit's package is not installed."""
    if example == "reference":
        return ROOT / "native" / "target" / "release" / file
    spec = importlib.util.find_spec("livekit")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return next((Path(folder) / "rtc" / "resources" / file for folder in folders), None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
