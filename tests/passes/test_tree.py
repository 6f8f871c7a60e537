"""Where arriving handles go, and in which order kinds are released."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_schema import build

from gen_bindings.errors import AuditError, ConfigError
from gen_bindings.model.binding import Binding, Place

pytestmark = pytest.mark.quick


def place(binding: Binding, acquisition: str) -> tuple[Place, str | None, str]:
    placement = binding.acquisition(acquisition).placement
    return (placement.place, placement.parent, placement.via)


def test_without_parents(tmp_path: Path) -> None:
    types = """
PokeResponse: part OwnedPart!
Poked: part OwnedPart!
OwnedPart: handle Handle!
OwnedThing: handle Handle!, info ThingInfo!
"""
    binding = build(tmp_path, types)
    assert place(binding, "OpenResponse.thing") == (Place.CLIENT, None, "")
    assert place(binding, "PokeResponse.part") == (Place.RECEIVER, "Thing", "")
    assert place(binding, "Poked.part") == (Place.TARGET, "Thing", "")
    assert binding.kind("Part").parents == ("Thing",)
    assert [kind.name for kind in binding.children("Thing")] == ["Part"]


def test_the_same_kind_is_no_parent_unless_it_is_said(tmp_path: Path) -> None:
    types = "PokeResponse: copy OwnedThing!\nPoked: copy OwnedThing!"
    binding = build(tmp_path, types)
    assert place(binding, "PokeResponse.copy") == (Place.CLIENT, None, "")
    assert place(binding, "Poked.copy") == (Place.CLIENT, None, "")
    binding = build(tmp_path, types, '[kinds.Thing]\nparents = ["Thing"]')
    assert place(binding, "PokeResponse.copy") == (Place.RECEIVER, "Thing", "")
    assert place(binding, "Poked.copy") == (Place.TARGET, "Thing", "")
    assert place(binding, "OpenResponse.thing") == (Place.CLIENT, None, "")


SIBLINGS = """
OpenResponse: result Result?@r, error string?@r
Result: thing OwnedThing!, boss OwnedWorker!, teams Team*
Team: lead OwnedWorker!, tools OwnedTool*
OwnedWorker: handle Handle!
OwnedTool: handle Handle!
"""


def test_the_nearest_handle_of_the_same_answer(tmp_path: Path) -> None:
    config = '[kinds.Worker]\nparents = ["Thing"]\n[kinds.Tool]\nparents = ["Worker"]'
    binding = build(tmp_path, SIBLINGS, config)
    thing, lead = "OpenResponse.result.thing", "OpenResponse.result.teams.lead"
    assert place(binding, "OpenResponse.result.boss") == (Place.SIBLING, "Thing", thing)
    assert place(binding, lead) == (Place.SIBLING, "Thing", thing)
    # Of the lead in the same team, not of the boss of all.
    assert place(binding, "OpenResponse.result.teams.tools") == (Place.SIBLING, "Worker", lead)
    assert str(binding.acquisition(lead).path) == "result?.teams[].lead"
    assert binding.release_order == ("Tool", "Worker", "Thing")


def test_a_handle_inside_the_facts_of_another(tmp_path: Path) -> None:
    types = """
ThingInfo: name string!, motor OwnedMotor!
OwnedMotor: handle Handle!
"""
    binding = build(tmp_path, types, '[kinds.Motor]\nparents = ["Thing"]')
    assert place(binding, "OpenResponse.thing.info.motor") == (Place.SIBLING, "Thing", "OpenResponse.thing")
    # One of several in a list is no parent of what stands beside the list.
    types = """
OpenResponse: things OwnedThing*, motor OwnedMotor!
OwnedMotor: handle Handle!
"""
    binding = build(tmp_path, types, '[kinds.Motor]\nparents = ["Thing"]')
    assert place(binding, "OpenResponse.motor") == (Place.CLIENT, None, "")


def test_another_object_of_the_request_and_the_best_parent(tmp_path: Path) -> None:
    types = """
OpenResponse: thing OwnedThing!, shelf OwnedShelf!
OwnedShelf: handle Handle!
OwnedPart: handle Handle!
PokeRequest: thing_handle uint64!, shelf_handle uint64!
PokeResponse: part OwnedPart!
"""
    binding = build(tmp_path, types, '[kinds.Part]\nparents = ["Shelf"]')
    assert place(binding, "PokeResponse.part") == (Place.BORROWED, "Shelf", "shelf_handle")
    binding = build(tmp_path, types, '[kinds.Part]\nparents = ["Thing", "Shelf"]')
    assert place(binding, "PokeResponse.part") == (Place.RECEIVER, "Thing", "")


KEYED = """
ThingInfo: tag string!
OwnedPart: handle Handle!
Poked: thing_tag string!, part OwnedPart!
"""
BY_NAME = '[kinds.Thing]\nkey = "tag"\nreferences = ["thing_tag"]\n'


def test_a_key_before_the_target(tmp_path: Path) -> None:
    config = BY_NAME + '[kinds.Part]\nparents = ["Thing"]'
    assert place(build(tmp_path, KEYED, config), "Poked.part") == (Place.KEY, "Thing", "thing_tag")


def test_a_key_of_another_element_does_not_place(tmp_path: Path) -> None:
    types = """
ThingInfo: tag string!
OwnedPart: handle Handle!
Poked: old_names Named*, fresh Fresh*
Named: thing_tag string!
Fresh: thing_tag string!, part OwnedPart!
"""
    config = BY_NAME + '[kinds.Part]\nparents = ["Thing"]'
    binding = build(tmp_path, types, config)
    assert place(binding, "Poked.fresh.part") == (Place.KEY, "Thing", "fresh.thing_tag")


@pytest.mark.parametrize("lifetime", ["claimed", "frame"])
def test_short_lived_handles_go_under_the_target(tmp_path: Path, lifetime: str) -> None:
    types = """
OwnedPart: handle Handle!
OwnedShelf: handle Handle!
OpenResponse: thing OwnedThing!, shelf OwnedShelf!
Poked: part OwnedPart!
"""
    config = '[kinds.Part]\nparents = ["Shelf"]\nlifetime = "{}"'
    assert place(build(tmp_path, types, config.format(lifetime)), "Poked.part") == (Place.TARGET, "Thing", "")
    with pytest.raises(AuditError) as caught:
        build(tmp_path, types, config.format("tree"))
    assert str(caught.value) == (
        "Poked.part: the Part that thing_event.poked brings has no owner in the tree: the event names no "
        "Shelf. Add a "
        '[[place]] with acquired = "Poked.part", or change parents of [kinds.Part].'
    )


def test_a_rule_of_the_configuration_comes_first(tmp_path: Path) -> None:
    types = KEYED + "\nPoked: thing_tag string!, other_tag string!, part OwnedPart!"
    config = BY_NAME.replace('["thing_tag"]', '["*_tag"]') + '[kinds.Part]\nparents = ["Thing"]\n'
    by_key = config + '[[place]]\nacquired = "Poked.part"\nunder = "Thing"\nkey = "other_tag"'
    assert place(build(tmp_path, types, by_key), "Poked.part") == (Place.KEY, "Thing", "other_tag")
    by_target = config + '[[place]]\nacquired = "Poked.part"\nunder = "Thing"'
    assert place(build(tmp_path, types, by_target), "Poked.part") == (Place.TARGET, "Thing", "")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            'acquired = "Poked.times"\nunder = "Thing"',
            'place[0].acquired: no owned handle arrives at "Poked.times".',
        ),
        ('acquired = "OpenResponse.thing"\nunder = "Thin"', 'place[0].under: there is no kind "Thin".'),
        (
            'acquired = "OpenResponse.thing"\nunder = "Thing"\nkey = "nam"',
            'place[0].key: "nam": OpenResponse has no field "nam".',
        ),
    ],
)
def test_rules_that_do_not_fit(tmp_path: Path, entry: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, "", f"[[place]]\n{entry}")
    assert message in str(caught.value)


def test_a_rule_under_which_there_is_no_object(tmp_path: Path) -> None:
    types = "OwnedShelf: handle Handle!\nOpenResponse: thing OwnedThing!\nPokeResponse: shelf OwnedShelf!"
    with pytest.raises(AuditError, match=r"OpenResponse.thing: .* no Shelf at hand"):
        build(tmp_path, types, '[[place]]\nacquired = "OpenResponse.thing"\nunder = "Shelf"')


def test_parents_in_a_circle(tmp_path: Path) -> None:
    types = "OwnedPart: handle Handle!\nOpenResponse: thing OwnedThing!, part OwnedPart!"
    config = '[kinds.Part]\nparents = ["Thing"]\n[kinds.Thing]\nparents = ["Part"]'
    with pytest.raises(AuditError) as caught:
        build(tmp_path, types, config)
    assert str(caught.value) == (
        "Part: the parents form a circle, Part under Thing under Part: take one out of parents of "
        "[kinds.Part]."
    )


def test_handles_at_an_unlimited_depth(tmp_path: Path) -> None:
    types = "OpenResponse: thing OwnedThing!, rest Rest?\nRest: thing OwnedThing!, more Rest?"
    with pytest.raises(AuditError, match=r"Rest.more contains Rest again, and handles arrive inside"):
        build(tmp_path, types)


def test_a_transfer_with_new_facts_for_an_object(tmp_path: Path) -> None:
    types = "ThingInfo: tag string!\nPoked: new_handle uint64!, former_tag string!, info ThingInfo!"
    config = """
[kinds.Thing]
key = "tag"
references = ["former_tag"]
[[transfer]]
field = "Poked.new_handle"
kind = "Thing"
replaces = "former_tag"
info = "info"
"""
    binding = build(tmp_path, types, config)
    assert place(binding, "Poked.new_handle") == (Place.REPLACED, None, "former_tag")
    (update,) = binding.delivery("thing_event.poked").updates
    assert (update.kind, str(update.reference), str(update.whole), update.renews_key) == (
        "Thing",
        "former_tag",
        "info",
        True,
    )
