"""Puts the package that the Unity sample needs, with the native library of this machine, into unity_sample.

    python tools/unity_sample.py              the reference server
    python tools/unity_sample.py livekit      LiveKit, out of the installed PyPI package
    python tools/unity_sample.py reference --library FILE

One package is there at a time: the one for LiveKit switches the sample's scripts to it.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import shutil
import sys
from pathlib import Path

from gen_bindings.cli import main as gen_bindings
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
    parser = argparse.ArgumentParser(description="The package of the Unity sample.")
    parser.add_argument("example", nargs="?", choices=EXAMPLES, default="reference")
    parser.add_argument("--library", type=Path, help="the native library, when it is not in its usual place")
    chosen = parser.parse_args(arguments)
    here = this_platform()
    if here is None:
        print(f"Unity's editor does not run on {platform.system()} {platform.machine()}.", file=sys.stderr)
        return 2
    configs = {name: ROOT / "examples" / name / "bindings.toml" for name in EXAMPLES}
    loaded = load_config(configs[chosen.example])
    import_name = str(loaded.config.input.import_name)
    library = chosen.library or usual_place(chosen.example, here.file.format(import_name))
    if library is None or not library.is_file():
        print(
            f"The native library {library or here.file.format(import_name)} is missing. "
            "Run `make setup`, or name the file with --library.",
            file=sys.stderr,
        )
        return 2
    for config in configs.values():
        unity = load_config(config).config.unity
        if unity is not None and config != configs[chosen.example]:
            shutil.rmtree(PACKAGES / unity.package, ignore_errors=True)
    unity = loaded.config.unity
    assert unity is not None, "the examples have the table [unity]"
    out = PACKAGES / unity.package
    plugin = out / here.path(import_name)
    plugin.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(library, plugin)
    sys.argv = ["gen-bindings", "generate", "--config", str(configs[chosen.example])]
    sys.argv += ["--layout", "upm", "--out", str(out)]
    gen_bindings()
    return 0


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
