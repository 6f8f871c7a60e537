"""Runs commands of the command line in this process."""

from __future__ import annotations

import contextlib
import io
import shutil
from dataclasses import dataclass
from pathlib import Path

from gen_bindings.cli import run

LAMP = Path(__file__).resolve().parent / "fixtures" / "lamp"

LAMP_CONFIG = """\
[binding]
name = "Lamp"
namespace = "Lamps"

[input]
proto = ["lamp.proto"]
headers = ["lamp.h"]
import_name = "lamp"

[protocol]
request = "LampRequest"
response = "LampResponse"
event = "LampEvent"
owned_handle = "OwnedHandle"

[entry_points]
prefix = "lamp_"
release = "lamp_drop_handle"
dispose = "lamp_dispose"

[entry_points.initialize]
function = "lamp_initialize"

[entry_points.request]
function = "lamp_request"
release = "lamp_drop_handle"
"""


@dataclass(frozen=True)
class Outcome:
    """What a command answered."""

    code: int
    out: str
    err: str


def gen_bindings(*arguments: str | Path) -> Outcome:
    """``gen-bindings`` with these arguments."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([str(argument) for argument in arguments])
    return Outcome(code, out.getvalue(), err.getvalue())


def lamp_project(folder: Path) -> Path:
    """The smallest project, in ``folder``; its configuration."""
    for file in LAMP.iterdir():
        shutil.copy(file, folder)
    config = folder / "bindings.toml"
    config.write_text(LAMP_CONFIG)
    return config


def replace_in(file: Path, old: str, new: str) -> None:
    """Changes a file; ``old`` must be in it."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
