"""What events change: present state, and what leaves the tree."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_schema import build

from gen_bindings.errors import AuditError, ConfigError
from gen_bindings.model.binding import Binding, ThreadPolicy

pytestmark = pytest.mark.quick

TYPES = """
enum Mood: MOOD_GLAD, MOOD_GRIM
enum Other: OTHER_A, OTHER_B
ThingInfo: tag string!, title string!, mood Mood!, labels LabelsEntry~*, size uint32!, parts string*
LabelsEntry: key string?, value string?
Pair: key string!, value string!
OpenResponse: thing OwnedThing!, part OwnedPart!
OwnedPart: handle Handle!, info PartInfo!
PartInfo: title string!, worn bool!
"""
KINDS = """
[kinds.Thing]
key = "tag"
references = ["thing_tag?"]
[kinds.Part]
parents = ["Thing"]
"""


def updates(binding: Binding, arm: str = "poked") -> list[tuple[object, ...]]:
    return [
        (
            u.kind,
            str(u.reference or ""),
            *((f"whole {u.whole}",) if u.whole is not None else ()),
            *(f"{name} from {path}" for name, path in u.fields),
            *(f"{name} is {value}" for name, value in u.constants),
            *(f"state {name} from {path}" for name, path in u.state),
            *(("each",) if u.many else ()),
            *(("renews",) if u.renews_key else ()),
            *((f"through {u.through}",) if u.through else ()),
        )
        for u in binding.delivery(f"thing_event.{arm}").updates
    ]


def test_fields_of_the_same_name_and_type(tmp_path: Path) -> None:
    poked = "Poked: title string!, mood Other!, labels Pair*, size uint64!, parts string!, other string!"
    assert updates(build(tmp_path, f"{TYPES}\n{poked}", KINDS)) == [
        ("Thing", "", "title from title", "labels from labels[]")
    ]
    poked = "Poked: mood Mood!, size uint32?, parts string*"
    assert updates(build(tmp_path, f"{TYPES}\n{poked}", KINDS)) == [
        ("Thing", "", "mood from mood", "size from size?", "parts from parts[]")
    ]


def test_of_the_object_that_a_key_names(tmp_path: Path) -> None:
    types = f"{TYPES}\nPoked: thing_tag string!, title string!"
    assert updates(build(tmp_path, types, KINDS)) == [("Thing", "thing_tag", "title from title")]
    # The key field itself is no news.
    types = f"{TYPES}\nPoked: tag string!, title string!"
    config = KINDS.replace('"thing_tag?"', '"Poked.tag"')
    assert updates(build(tmp_path, types, config)) == [("Thing", "tag", "title from title")]


def test_the_last_key_whose_facts_share_a_field(tmp_path: Path) -> None:
    types = f"""{TYPES}
PartInfo: code string!, title string!
Poked: thing_tag string!, part_code string!, title string!, size uint32!
"""
    config = KINDS + 'key = "code"\nreferences = ["part_code"]\n'
    assert updates(build(tmp_path, types, config)) == [("Part", "part_code", "title from title")]
    config += '[deliveries."thing_event.poked"]\nupdates = "Thing"'
    assert updates(build(tmp_path, types, config)) == [
        ("Thing", "thing_tag", "title from title", "size from size")
    ]
    config = config.replace('updates = "Thing"', 'updates = "none"')
    assert updates(build(tmp_path, types, config)) == []


def test_whole_facts(tmp_path: Path) -> None:
    types = f"{TYPES}\nPoked: info ThingInfo!, title string!"
    assert updates(build(tmp_path, types, KINDS)) == [("Thing", "", "whole info")]
    types = f"{TYPES}\nPoked: thing_tag string!, info ThingInfo!"
    assert updates(build(tmp_path, types, KINDS)) == [("Thing", "thing_tag", "whole info", "renews")]
    types = f"{TYPES}\nPoked: infos ThingInfo*"
    assert updates(build(tmp_path, types, KINDS)) == [("Thing", "", "whole infos[]", "each")]
    types = f"{TYPES}\nThingEvent: thing_handle uint64!, poked ThingInfo?@m, renamed Renamed?@m"
    assert updates(build(tmp_path, types, KINDS)) == [("Thing", "", "whole ")]


def test_constants_and_other_names(tmp_path: Path) -> None:
    types = f"{TYPES}\nPoked: thing_tag string!, new_title string!"
    config = (
        KINDS
        + """
[deliveries."thing_event.poked"]
of = ["Thing", "Part"]
fields = { title = "new_title" }
"""
    )
    assert updates(build(tmp_path, types, config)) == [
        ("Thing", "thing_tag", "title from new_title"),
        ("Part", "thing_tag", "title from new_title", "through Thing"),
    ]
    config = KINDS + '[deliveries."thing_event.poked"]\nof = ["Part"]\nset = { worn = "true" }'
    assert updates(build(tmp_path, types, config)) == [("Part", "thing_tag", "worn is true", "through Thing")]


def test_state_outside_the_facts(tmp_path: Path) -> None:
    types = f"{TYPES}\nPoked: thing_tag string!, quality uint32!"
    config = KINDS + '[kinds.Thing.state]\nquality = "thing_event.poked.quality"'
    binding = build(tmp_path, types, config)
    assert updates(binding) == [("Thing", "thing_tag", "state quality from quality")]
    (state,) = binding.kind("Thing").state
    assert (state.name, state.delivery, str(state.path)) == ("quality", "thing_event.poked", "quality")
    config = KINDS.replace('parents = ["Thing"]', 'state = { worth = "thing_event.poked.times" }')
    with pytest.raises(AuditError, match=r"thing_event.poked: it sets Part.worth, but names no Part"):
        build(tmp_path, TYPES, config)


def test_detaches(tmp_path: Path) -> None:
    types = f"{TYPES}\nPoked: thing_tag string!"
    config = KINDS + '[deliveries."thing_event.poked"]\ndetaches = "{}"'
    poked = build(tmp_path, types, config.format("Thing")).delivery("thing_event.poked")
    assert (poked.detaches, str(poked.detach_key), poked.detach_through) == ("Thing", "thing_tag", None)
    poked = build(tmp_path, types, config.format("Part")).delivery("thing_event.poked")
    assert (poked.detaches, str(poked.detach_key), poked.detach_through) == ("Part", "thing_tag", "Thing")


def test_threads_names_and_ends(tmp_path: Path) -> None:
    config = """
[deliveries."thing_event.poked"]
name = "Prodded"
thread = "inline"
ends = "stream"
hidden = true
"""
    poked = build(tmp_path, "", config).delivery("thing_event.poked")
    assert (poked.event, poked.thread, poked.ends, poked.hidden) == (
        "Prodded",
        ThreadPolicy.INLINE,
        "stream",
        True,
    )


def test_targets(tmp_path: Path) -> None:
    types = f"{TYPES}\nEv: thing_event ThingEvent?@m, note Note?@m\nNote: thing_tag string!"
    note = build(tmp_path, types, KINDS).delivery("note")
    assert (note.event, note.target, note.route.arm, note.route.correlation) == ("Note", None, None, None)
    note = build(tmp_path, types, KINDS + '[deliveries.note]\ntarget = "Thing"').delivery("note")
    assert (note.target, str(note.target_key)) == ("Thing", "thing_tag")
    poked = build(tmp_path, types, KINDS).delivery("thing_event.poked")
    assert (poked.target, poked.route.correlation, poked.route.correlation_number) == (
        "Thing",
        "thing_handle",
        1,
    )
    assert (poked.route.arm, poked.route.arm_number, poked.target_key) == ("poked", 2, None)
    types += "\nNote: about uint64!"
    config = KINDS + '[deliveries.note]\ntarget = "Thing"\ncorrelation = "about"'
    note = build(tmp_path, types, config).delivery("note")
    assert (note.target, note.route.correlation) == ("Thing", "about")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('detaches = "Thin"', '.detaches: there is no kind "Thin". Did you mean Thing?'),
        ('detaches = "Thing"', ".detaches: the event names no Thing by a key, nor its parent."),
        ('updates = "Thin"', '.updates: there is no kind "Thin". Did you mean Thing?'),
        ('updates = "Thing"', ".updates: the event has no field that is called and typed like one of Thing."),
        ('updates = "Part"', ".updates: the event names no Part with facts."),
        ('set = { title = "x" }', ".of: set and fields need of"),
        ('of = ["Part"]', ".of: the event names no Part, nor its parent."),
        (
            'of = ["Thing"]\nset = { titel = "1" }',
            '.set.titel: "titel": ThingInfo has no field "titel". Did you mean title?',
        ),
        (
            'of = ["Thing"]\nset = { mood = "Mood.Sad" }',
            ".set.mood: mood cannot be Mood.Sad; expected one of Mood.Glad, Mood.Grim.",
        ),
        (
            'of = ["Thing"]\nfields = { title = "time" }',
            '.fields.title: "time": Poked has no field "time". Did you mean times?',
        ),
        ('target = "Thin"', '.target: there is no kind "Thin". Did you mean Thing?'),
        ('correlation = "thing"', '.correlation: "thing": ThingEvent has no field "thing".'),
    ],
)
def test_names_that_do_not_exist(tmp_path: Path, entry: str, message: str) -> None:
    config = KINDS.replace('parents = ["Thing"]', "") + f'[deliveries."thing_event.poked"]\n{entry}'
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, TYPES, config)
    assert f'deliveries."thing_event.poked"{message}' in str(caught.value)


def test_a_target_that_the_event_does_not_name(tmp_path: Path) -> None:
    types = f"{TYPES}\nEv: thing_event ThingEvent?@m, note Note?@m\nNote: text string!"
    with pytest.raises(
        ConfigError,
        match=r"deliveries.note.target: the event names no Thing, neither by an integer nor by a key",
    ):
        build(tmp_path, types, KINDS + '[deliveries.note]\ntarget = "Thing"')
    types += "\nNote: some_handle uint64!"
    with pytest.raises(
        AuditError,
        match=r"note: the handle some_handle of Note has no kind: no kind is called like some_handle",
    ):
        build(tmp_path, types, KINDS)


def test_a_state_that_no_event_sets(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r'kinds.Thing.state.worth: "thing_event.pokd.times" names no field of an event'
    ):
        build(tmp_path, TYPES, KINDS + '[kinds.Thing.state]\nworth = "thing_event.pokd.times"')
    with pytest.raises(ConfigError, match=r'kinds.Thing.state.worth: "time": Poked has no field "time"'):
        build(tmp_path, TYPES, KINDS + '[kinds.Thing.state]\nworth = "thing_event.poked.time"')
