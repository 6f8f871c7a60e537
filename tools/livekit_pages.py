"""Writes the parts of docs/ that are made from LiveKit's schemas.

python tools/livekit_pages.py

The example of docs/model-diff.md needs an older release: python tools/setup.py livekit-wheels
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from gen_bindings.config import load_config
from gen_bindings.diff.compare import compare
from gen_bindings.inputs import read_inputs
from gen_bindings.model.binding import Binding
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.report.model import model_json
from gen_bindings.report.model_diff import to_text
from gen_bindings.versions import select_version

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = ROOT / "examples" / "livekit" / "bindings.toml"
DIFF_PAGE = ROOT / "docs" / "model-diff.md"
OLD, NEW = "1.1.7", "1.2.0"
_BEGIN = "<!-- example: written by tools/livekit_pages.py -->"
_END = "<!-- end of the example -->"


@cache
def binding(version: str | None = None) -> Binding:
    """LiveKit's model, of the installed release or of one that the configuration declares."""
    loaded = select_version(load_config(CONFIGURATION), version)
    inputs = read_inputs(loaded)
    return build_binding(loaded, inputs.schema, inputs.header, inputs.exports)


def diff_page() -> str:
    """docs/model-diff.md with its example brought up to date."""
    before, after = (json.loads(model_json(binding(version))) for version in (OLD, NEW))
    report = to_text(f"bindings.toml@{OLD}", f"bindings.toml@{NEW}", compare(before, after))
    head, _, rest = DIFF_PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    tail = rest.partition(_END)[2]
    return f"{head}{_BEGIN}\n\n```\n{report}```\n\n{_END}{tail}"


if __name__ == "__main__":
    DIFF_PAGE.write_text(diff_page(), encoding="utf-8")
