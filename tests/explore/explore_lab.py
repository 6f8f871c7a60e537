"""Bindings for the explorer, compiled once per content, and scenarios run on them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import reference_lab
from gen_bindings.explore.build import Built, compile_files, compile_scenarios, rewrite
from gen_bindings.explore.contract import contract_of
from gen_bindings.explore.run import Exploration, Limits, explore
from gen_bindings.explore.scenarios import Scenario, actions_of, world_of
from gen_bindings.model.binding import Binding
from gen_bindings.project.project import open_project
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "explore"
BUILD = ROOT / "build" / "tests" / "explore"


@cache
def lamp_model() -> Binding:
    """The model of the library that the hand-written binding is for."""
    return open_project(EXAMPLE / "bindings.toml").binding


def lamps(edits: Sequence[tuple[str, str]] = ()) -> Path:
    """The hand-written binding, with places of its text replaced."""
    text = (EXAMPLE / "Lamps.cs").read_text("utf-8")
    for old, new in edits:
        assert text.count(old) == 1, f"Lamps.cs has not once: {old}"
        text = text.replace(old, new)
    folder = BUILD / hashlib.sha256(text.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "Lamps.cs"
    source.write_text(text, "utf-8")
    return compile_library([source], folder / "Lamps.dll", Lane.MONO, warnings_as_errors=False)


def explore_lamps(
    assembly: Path, entries: Sequence[str], limits: Limits, replay: str | None = None
) -> Exploration:
    """Runs scenarios of the example on a hand-written binding."""
    scenarios = compile_scenarios([EXAMPLE / "Scenarios.cs"], [assembly])
    documents = [{"name": name, "entry": name} for name in entries]
    return explore(
        rewrite([assembly, scenarios]), contract_of(lamp_model()), None, documents, limits, None, replay
    )


@cache
def reference() -> Built:
    """The generated binding of the reference protocol, rewritten."""
    _, binding = reference_lab.model()
    return rewrite([compile_files(reference_lab.emit_files(), binding.namespace)])


def explore_reference(
    scenarios: Sequence[Scenario], limits: Limits, built: Built | None = None, replay: str | None = None
) -> Exploration:
    """Runs derived scenarios on the reference protocol's binding."""
    _, binding = reference_lab.model()
    documents: list[dict[str, Any]] = [one.document() for one in scenarios]
    return explore(
        built or reference(), contract_of(binding), world_of(binding), documents, limits, None, replay
    )


def scenario(*labels: str, context: bool = False) -> Scenario:
    """The derived scenario of actions, each named as reports name it."""
    _, binding = reference_lab.model()
    actions = {action.label: action for action in actions_of(binding)}
    return Scenario(tuple(actions[label] for label in labels), context)
