"""Strings that name objects."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_schema import build

from gen_bindings.errors import AuditError, ConfigError
from gen_bindings.model.binding import KeyReference, MessageCall

pytestmark = pytest.mark.quick

TYPES = """
PokeRequest: thing_handle uint64!, thing_name string!, other_names string*, options Options?
Options: thing_name string?
PokeResponse: thing_name string!
Poked: thing_name string?
"""


def shown(keys: tuple[KeyReference, ...]) -> list[tuple[str, str, bool, bool]]:
    return [(str(key.path), key.kind, key.many, key.optional) for key in keys]


def test_patterns_in_requests_answers_and_events(tmp_path: Path) -> None:
    config = '[kinds.Thing]\nkey = "name"\nreferences = ["*_name", "other_names"]'
    binding = build(tmp_path, TYPES, config, top='not_keys = ["OpenRequest.name", "Renamed.name"]')
    poke = binding.operation("poke")
    assert shown(poke.keys) == [
        ("thing_name", "Thing", False, False),
        ("other_names[]", "Thing", True, False),
        ("options?.thing_name?", "Thing", False, True),
    ]
    assert isinstance(poke.call, MessageCall)
    assert shown(poke.call.response.keys) == [("thing_name", "Thing", False, False)]
    assert shown(binding.delivery("thing_event.poked").keys) == [("thing_name?", "Thing", False, True)]


def test_a_string_called_like_a_key_must_be_accounted_for(tmp_path: Path) -> None:
    config = '[kinds.Thing]\nkey = "name"\nreferences = ["thing_name"]'
    with pytest.raises(AuditError) as caught:
        build(tmp_path, TYPES, config)
    assert caught.value.problems == (
        "open: the key name has no kind: it ends like the key name, and no kind claims it. Add "
        '"OpenRequest.name" to references of its kind, or to not_keys.',
        "poke: the key other_names has no kind: it ends like the key names, and no kind claims it. Add "
        '"PokeRequest.other_names" to references of its kind, or to not_keys.',
        "thing_event.renamed: the key name has no kind: it ends like the key name, and no kind claims it. "
        "Add "
        '"Renamed.name" to references of its kind, or to not_keys.',
    )
    build(tmp_path, TYPES, config, top='not_keys = ["OpenRequest.name", "other_*", "Ren*.name"]')


def test_exact_fields_before_names_before_patterns(tmp_path: Path) -> None:
    types = (
        TYPES
        + """
OpenResponse: thing OwnedThing!, part OwnedPart!
OwnedPart: handle Handle!, info PartInfo!
PartInfo: name string!
"""
    )
    references = '["*_name", "other_names", "Renamed.name", "OpenRequest.name"]'
    thing = f'[kinds.Thing]\nkey = "name"\nreferences = {references}\n'
    part = '[kinds.Part]\nkey = "name"\nreferences = [{}]\n'

    def kind(references: str) -> str:
        binding = build(tmp_path, types, thing + part.format(references))
        (key,) = binding.delivery("thing_event.poked").keys
        return key.kind

    assert kind("") == "Thing"
    assert kind('"thing_name"') == "Part"
    assert kind('"Poked.thing_name"') == "Part"
    with pytest.raises(
        AuditError,
        match=r"thing_event.poked: the key thing_name has no kind: several kinds claim it: Thing and Part",
    ):
        kind('"thing_*"')


def test_the_field_that_defines_a_key_is_no_reference_unless_it_is_said(tmp_path: Path) -> None:
    top = 'not_keys = ["OpenRequest.name", "Renamed.name"]'
    config = '[kinds.Thing]\nkey = "name"\nreferences = ["*name"]'
    binding = build(tmp_path, "", config, top=top)
    open_ = binding.operation("open").call
    assert isinstance(open_, MessageCall)
    assert open_.response.keys == ()
    config = '[kinds.Thing]\nkey = "name"\nreferences = ["ThingInfo.name"]'
    open_ = build(tmp_path, "", config, top=top).operation("open").call
    assert isinstance(open_, MessageCall)
    assert [key.path.plain for key in open_.response.keys] == ["thing.info.name"]


def test_a_role_claims_keys_of_its_own(tmp_path: Path) -> None:
    config = """
[kinds.Thing]
key = "name"
references = ["*_name", "other_names", "OpenRequest.name", "Renamed.name"]
[kinds.Thing.roles.Big]
acquired = ["OpenResponse.thing"]
borrowed = ["PokeRequest.thing_name"]
"""
    poke = build(tmp_path, TYPES, config).operation("poke")
    assert [(key.path.plain, key.role) for key in poke.keys] == [
        ("thing_name", "Big"),
        ("other_names", None),
        ("options.thing_name", None),
    ]


def test_names_that_do_not_exist(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError,
        match=r'kinds.Thing.references\[0\]: no field of the schema is called "nme". Did you mean name?',
    ):
        build(tmp_path, "", '[kinds.Thing]\nkey = "name"\nreferences = ["nme"]')
    with pytest.raises(ConfigError, match=r'not_keys\[0\]: "Poked.nam": Poked has no field "nam"'):
        build(tmp_path, "", top='not_keys = ["Poked.nam"]')
    with pytest.raises(ConfigError, match=r'not_keys\[0\]: no field of the schema fits "Pok\*.nam"'):
        build(tmp_path, "", top='not_keys = ["Pok*.nam"]')
