"""The command ``model diff``: what differs between two models.

Exit codes of ``diff``: 0 the models are the same; 1 they differ; 2 wrong usage or bad input.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gen_bindings.cli import common
from gen_bindings.cli.model import decide
from gen_bindings.errors import ConfigError
from gen_bindings.input_file import unfit

if TYPE_CHECKING:
    from gen_bindings.diff.change import Item

# What every model has; by these a JSON file is known to be one.
_PARTS = ("name", "entry_points", "kinds", "acquisitions", "operations", "deliveries", "sessions", "memories")


class Format(StrEnum):
    """How differences are written."""

    TEXT = "text"
    JSON = "json"


def diff(
    before: Annotated[str, typer.Argument(metavar="OLD", help="The older model.", show_default=False)],
    after: Annotated[str, typer.Argument(metavar="NEW", help="The newer model.", show_default=False)],
    form: Annotated[Format, typer.Option("--format", help="How to write the differences.")] = Format.TEXT,
) -> None:
    """Say what came, went or changed between two models, and what that means for a binding.

    Each is a configuration (bindings.toml), one of the versions that it declares (bindings.toml@NAME), or
    what `gen-bindings model` printed (a file that ends in .json). Exit codes: 0 they are the same, 1 they
    differ, 2 bad input.
    """
    from gen_bindings.diff.compare import compare
    from gen_bindings.report.model_diff import to_json, to_text

    changes = compare(_model(before), _model(after))
    write = to_json if form is Format.JSON else to_text
    print(write(before, after, changes), end="")
    if changes:
        raise typer.Exit(common.FOUND)


def _model(name: str) -> Item:
    from gen_bindings.report.model import model_json

    path = Path(name)
    if path.suffix == ".json":
        return _saved(path)
    file, mark, version = name.rpartition("@")
    if not mark or path.exists():
        file, version = name, ""
    binding, messages = decide(Path(file), version or None)
    common.say(*messages)
    found: Item = json.loads(model_json(binding))
    return found


def _saved(path: Path) -> Item:
    try:
        if (why := unfit(path)) is not None:
            raise ConfigError(f"The model {path} {why}")
        found = json.loads(path.read_bytes())
    except (ValueError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"it is no JSON: {error}"
        raise ConfigError(f"The model {path} cannot be read: {reason}.") from error
    missing = [part for part in _PARTS if not isinstance(found, dict) or part not in found]
    if missing:
        raise ConfigError(
            f"{path} is no model: {missing[0]} is missing. Expected what `gen-bindings model --config FILE` "
            "prints, or a bindings.toml."
        )
    return dict(found)
