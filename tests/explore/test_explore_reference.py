"""The generated binding: derived scenarios find known defects, and the contract is as wide as the model.

A file of `defects` is one defect: `what` it is, the `actions` that happen at once (as `--list` names
them), with `context` the captured one, the property that `finds` it and what that `says` (a regular
expression), `pct` random schedules where one preemption would take long, and the edits of templates that
bring the defect back.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import explore_lab
import pytest

import reference_lab
from gen_bindings.explore.build import Built, compile_files, rewrite
from gen_bindings.explore.contract import contract_of
from gen_bindings.explore.run import Limits
from gen_bindings.explore.scenarios import actions_of, classes_of, pairs_of_classes, random_pairs
from gen_bindings.model.binding import Origin
from gen_bindings.render.folder import templates_folder

BREAKS = Path(__file__).resolve().parents[1] / "breaks"
DEFECTS = {path.stem: path for path in sorted((Path(__file__).parent / "defects").glob("*.toml"))}


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("name", DEFECTS)
def test_a_known_defect_is_found(name: str, tmp_path: Path) -> None:
    defect = tomllib.loads(DEFECTS[name].read_text("utf-8"))
    scenario = explore_lab.scenario(*defect["actions"], context=defect.get("context", False))
    random = defect.get("pct", 0)
    limits = Limits(bound=0 if random else 1, pct=random, seconds=60, go_on=not random)

    result = explore_lab.explore_reference([scenario], limits, _built(defect["edit"], tmp_path))

    said = [f"{found.kind}: {found.text}" for found in result.found]
    found = [
        one for one in result.found if one.kind == defect["finds"] and re.search(defect["says"], one.text)
    ]
    assert found, said


def _built(edits: list[dict[str, Any]], folder: Path) -> Built:
    if not edits:
        return explore_lab.reference()
    templates = folder / "templates"
    if not templates.is_dir():
        shutil.copytree(templates_folder(), templates)
        for edit in edits:
            path = templates / edit["file"]
            text = path.read_text("utf-8")
            assert text.count(edit["find"]) == 1, f"{edit['file']} has not once: {edit['find']}"
            path.write_text(text.replace(edit["find"], edit["replace"]), "utf-8")
    files = reference_lab.emit_files(templates=templates)
    return rewrite([compile_files(files, "Reference.Ffi")])


@pytest.mark.usefixtures("ready")
def test_a_session_that_is_looked_up_late_aborts_the_careless_client_only() -> None:
    limits = Limits(bound=1, deviations=1, seconds=60, go_on=True)

    careless = explore_lab.explore_reference([explore_lab.scenario("call Room.DisposeAtOnce")], limits)
    drained = explore_lab.explore_reference([explore_lab.scenario("dispose Room")], limits)
    awaited = explore_lab.explore_reference([explore_lab.scenario("call Room.DisconnectAsync")], limits)

    aborts = [found for found in careless.found if found.kind == "abort"]
    assert aborts
    assert aborts[0].schedule <= 100
    for remedy in (drained, awaited):
        assert [found for found in remedy.found if found.kind == "abort"] == []
        assert remedy.searched[0].whole
        assert ("looks up late", "disconnect") in remedy.coverage


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    "labels",
    [
        ("dispose the client", "call NewVideoSource"),
        ("call RemoteTrackPublication.SetSubscribed", "end Room"),
        ("call LocalParticipant.SetLocalMetadataAsync", "call Room.GetSessionStatsAsync"),
        ("dispose LocalTrackPublication", "call LocalParticipant.SetLocalMetadataAsync"),
    ],
)
def test_the_reduction_loses_no_order_of_the_generated_binding(labels: tuple[str, str]) -> None:
    scenario = explore_lab.scenario(*labels)
    limits = Limits(bound=1, seconds=100, go_on=True, orders=True)

    reduced = explore_lab.explore_reference([scenario], limits).searched[0]
    every = explore_lab.explore_reference([scenario], replace(limits, reduce=False)).searched[0]

    assert reduced.whole
    assert every.whole
    assert reduced.orders == every.orders
    assert reduced.schedules < every.schedules


@pytest.mark.quick
@pytest.mark.parametrize("example", ["reference", "livekit"])
def test_the_contract_brings_every_handle_that_the_model_knows(example: str) -> None:
    _, binding = reference_lab.model(example)
    contract = contract_of(binding)

    templates = [request[part] for request in contract["requests"] for part in ("response", "callback")]
    templates += [event["template"] for event in contract["events"]]
    brought = set(_labels(templates))

    expected = {a.id for a in binding.acquisitions if a.origin is not Origin.RETURN}
    assert expected - brought == set()


@pytest.mark.quick
def test_every_member_has_a_shape_and_every_pair_of_shapes_a_scenario() -> None:
    _, binding = reference_lab.model()
    actions = actions_of(binding)
    classes = classes_of(actions)
    pairs = {frozenset(action.shape for action in one.actions) for one in pairs_of_classes(actions)}

    methods = {action.name for action in actions if action.what == "call"}
    assert {o.method for o in binding.operations if o.role in ("", "open", "close")} <= methods
    for one in classes:
        for other in classes:
            if "collect" not in one + other and one != other:
                assert frozenset((one, other)) in pairs, (one, other)
    assert random_pairs(actions, 50, 3) == random_pairs(actions, 50, 3)
    assert random_pairs(actions, 50, 3) != random_pairs(actions, 50, 4)


def _labels(template: Any) -> list[str]:
    if not isinstance(template, list):
        return []
    if len(template) == 6 and template[0] == "h":
        return [template[4]]
    return [label for part in template for label in _labels(part)]


# Breaks of the rules' own tests that concern order or threads: what happens at once, and what finds them.
RULE_BREAKS = {
    "L04-double-drop": (("dispose LocalTrackPublication",), "released twice"),
    "L04-parents-first": (("call Room.DisconnectAsync",), "parent first"),
    "L05-ends-twice": (("end Room",), "end"),
    "L13-not-held": (("call LocalParticipant.PublishTrackAsync", "dispose LocalTrack"), "released too early"),
    "L14-registered-late": (("call ConnectAsync",), "left"),
}


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("name", RULE_BREAKS)
def test_a_break_of_a_rule_is_found(name: str, tmp_path: Path) -> None:
    labels, kind = RULE_BREAKS[name]
    edits = tomllib.loads((BREAKS / f"{name}.toml").read_text("utf-8"))["edit"]
    limits = Limits(bound=1, seconds=60, go_on=True)

    broken = explore_lab.explore_reference([explore_lab.scenario(*labels)], limits, _built(edits, tmp_path))
    whole = explore_lab.explore_reference([explore_lab.scenario(*labels)], limits)

    assert kind in {found.kind for found in broken.found}
    assert kind not in {found.kind for found in whole.found}
