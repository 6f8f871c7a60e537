"""Fields of requests as parameters, memory, and values that the library must never see."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_schema import build

from gen_bindings.errors import AuditError, ConfigError
from gen_bindings.model.binding import Binding, Direction, MessageCall, RequestField

pytestmark = pytest.mark.quick


def shown(field: RequestField) -> str:
    text = f"{field.source.value} {field.path.plain}"
    text += f" as {field.parameter}" if field.parameter else ""
    text += f" = {field.default}" if field.default else ""
    return text + (f" <- {field.value}" if field.value else "")


def fields(binding: Binding, operation: str = "poke") -> list[str]:
    return [shown(field) for field in binding.operation(operation).fields]


def test_sources_names_and_defaults(tmp_path: Path) -> None:
    types = """
enum Mood: MOOD_GLAD, MOOD_GRIM
OpenResponse: thing OwnedThing!, part OwnedPart!
OwnedPart: handle Handle!
PokeRequest: thing_handle uint64!, how_often uint32!, part_handle uint64?, tags string*, options Options!,
    mood Mood!, event string?, request_async_id uint64?
Options: deep bool?
"""
    config = '[operations.poke]\ndefaults = { mood = "Mood.Grim", how_often = "3" }'
    assert fields(build(tmp_path, types, config)) == [
        "receiver thing_handle",
        "argument how_often as howOften = 3",
        "object part_handle as part = null",
        "argument tags as tags = null",
        "argument options as options",
        "argument mood as mood = Mood.Grim",
        "argument event as @event = null",
        "async_id request_async_id",
    ]


def test_keys_as_objects(tmp_path: Path) -> None:
    types = """
ThingInfo: tag string!
OpenResponse: thing OwnedThing!, pub OwnedTrackPublication!
OwnedTrackPublication: handle Handle!, info PubInfo!
PubInfo: sid string!
PokeRequest: thing_handle uint64!, track_sid string!, sender_tag string!, tag string!, other_tags string*,
    options Options?
Options: thing_tag string?
"""
    config = """
[kinds.Thing]
key = "tag"
references = ["*tag", "*_tags"]
[kinds.TrackPublication]
key = "sid"
references = ["track_sid"]
"""
    assert fields(build(tmp_path, types, config)) == [
        "receiver thing_handle",
        "key track_sid as trackPublication",
        "key sender_tag as sender",
        "key tag as thing",
        "argument other_tags as otherTags = null",
        "argument options as options = null",
    ]
    config += '[operations.poke]\nstrings = ["sender_tag"]'
    assert "argument sender_tag as senderTag" in fields(build(tmp_path, types, config))


BUFFER = """
PokeRequest: thing_handle uint64!, buffer Buffer!, rate uint32!
Buffer: data_ptr uint64!, channels uint32!, rate uint32!, per_channel uint32!
OpenRequest: name string!, channels uint32!
"""
BUFFER_MEMORY = (
    '[[memory]]\npointer = "Buffer.data_ptr"\nelement = "short"\ncount = "channels * per_channel"\n'
)


def test_a_message_with_memory_is_dissolved(tmp_path: Path) -> None:
    binding = build(tmp_path, BUFFER, BUFFER_MEMORY)
    assert fields(binding) == [
        "receiver thing_handle",
        "memory buffer.data_ptr as data",
        "argument buffer.channels as channels",
        "argument buffer.rate as bufferRate",
        "argument buffer.per_channel as perChannel",
        "argument rate as rate",
    ]
    (memory,) = binding.memories
    assert (memory.message, memory.pointer, memory.element) == ("t.Buffer", "data_ptr", "short")
    assert (memory.direction, memory.count, memory.size_field) == (
        Direction.IN,
        "channels * per_channel",
        None,
    )


def test_values_that_the_caller_does_not_give(tmp_path: Path) -> None:
    config = (
        BUFFER_MEMORY
        + """
[operations.poke.values]
"buffer.channels" = "@channels"
"buffer.per_channel" = "length(buffer.data_ptr) / @channels"
"buffer.rate" = "rate * 2"
rate = "48000"
"""
    )
    with pytest.raises(
        ConfigError,
        match=r'poke.values."buffer.rate": "rate" is no parameter of the method; there are buffer.data_ptr.',
    ):
        build(tmp_path, BUFFER, config)
    binding = build(tmp_path, BUFFER, config.replace('rate = "48000"\n', ""))
    assert fields(binding) == [
        "receiver thing_handle",
        "memory buffer.data_ptr as data",
        "creation buffer.channels <- channels",
        "expression buffer.rate <- rate * 2",
        "expression buffer.per_channel <- {span}.Length / {channels}",
        "argument rate as rate",
    ]
    assert [(r.name, r.operation, r.path.plain) for r in binding.kind("Thing").remembered] == [
        ("channels", "open", "channels")
    ]
    config = BUFFER_MEMORY + '[operations.poke.values]\nrate = "Rate.Default"'
    assert "constant rate <- Rate.Default" in fields(build(tmp_path, BUFFER, config))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            'values = { rat = "1" }',
            'operations.poke.values: the request has no field "rat"; it has thing_handle, buffer.data_ptr',
        ),
        ('defaults = { rat = "1" }', 'operations.poke.defaults: the request has no field "rat"'),
        (
            'defaults = { rate = "fast" }',
            "operations.poke.defaults.rate: rate cannot be fast; expected a whole number.",
        ),
        ('strings = ["rat"]', 'operations.poke.strings: the request has no field "rat"'),
        (
            'adopts = "rate"',
            'operations.poke.adopts: "rate" is no handle of the request; it has thing_handle.',
        ),
        (
            'values = { rate = "length(buffer.dat_ptr)" }',
            '"length(buffer.dat_ptr)" names no span: expected the only pointer of the request; it has '
            "buffer.data_ptr.",
        ),
        (
            'values = { rate = "@rate" }',
            'operations.poke.values: "@rate": Thing is created by open, which has no parameter rate.',
        ),
        (
            'values = { rate = "speed * 2" }',
            'operations.poke.values.rate: "speed" is no parameter of the method',
        ),
    ],
)
def test_values_that_do_not_fit(tmp_path: Path, config: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, BUFFER, f"{BUFFER_MEMORY}[operations.poke]\n{config}")
    assert message in str(caught.value)


def test_a_clients_method_has_no_object_to_remember(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"asks for what an object was created with; the method has none"):
        build(tmp_path, "", '[operations.open]\nvalues = { name = "@name" }')


def test_an_enum_default_must_be_a_member(tmp_path: Path) -> None:
    types = "enum Mood: MOOD_GLAD, MOOD_GRIM\nPokeRequest: thing_handle uint64!, mood Mood!"
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, types, '[operations.poke]\ndefaults = { mood = "Mood.Sad" }')
    assert (
        "operations.poke.defaults.mood: mood cannot be Mood.Sad; expected one of Mood.Glad, Mood.Grim."
        in str(caught.value)
    )


def test_two_fields_of_one_parameter(tmp_path: Path) -> None:
    types = "PokeRequest: thing_handle uint64!, a_b uint32!, aB uint32!"
    with pytest.raises(AuditError, match=r"poke: the fields a_b and aB would both be the parameter ab"):
        build(tmp_path, types)


def test_sizes_and_structures(tmp_path: Path) -> None:
    types = """
PokeRequest: thing_handle uint64!, data_ptr uint64!, data_len uint64!, picture Picture?
Picture: data_ptr uint64!, width uint32!, planes Plane*
Plane: data_ptr uint64!, size uint32!
"""
    config = """
[[memory]]
pointer = "PokeRequest.data_ptr"
direction = "inout"
size = "data_len"
[[memory]]
pointer = "Picture.data_ptr"
count = "width"
[[memory]]
pointer = "Plane.data_ptr"
size = "size"
"""
    binding = build(tmp_path, types, config)
    assert fields(binding) == [
        "receiver thing_handle",
        "memory data_ptr as data",
        "memory_size data_len",
        "struct picture as picture = null",
    ]
    assert [memory.direction for memory in binding.memories] == [Direction.INOUT, Direction.IN, Direction.IN]
    assert binding.operation("poke").fields[2].memory == binding.memories[0]


def test_memory_that_comes_out(tmp_path: Path) -> None:
    types = "PokeResponse: output_ptr uint64!, size uint32!, left uint32!"
    memory = '[[memory]]\npointer = "PokeResponse.output_ptr"\nsize = "size"\n'
    with pytest.raises(
        AuditError,
        match=r"poke: nothing owns the memory behind output_ptr: put it into .*, or set owner = ",
    ):
        build(tmp_path, types, memory)
    poke = build(tmp_path, types, memory + 'owner = "receiver"').operation("poke").call
    assert isinstance(poke, MessageCall)
    assert poke.response.values == ("left",)
    assert [m.pointer for m in poke.response.memories] == ["output_ptr"]


def test_memory_that_goes_both_ways_has_two_entries(tmp_path: Path) -> None:
    types = BUFFER + "OwnedThing: handle Handle!, info Buffer!"
    binding = build(tmp_path, types, BUFFER_MEMORY)
    assert [memory.direction for memory in binding.memories] == [Direction.IN, Direction.OUT]


@pytest.mark.parametrize(
    ("types", "message"),
    [
        (
            "PokeRequest: thing_handle uint64!, data_ptr uint64!",
            "PokeRequest.data_ptr: a pointer in requests would reach the public surface: add a [[memory]] "
            'with pointer = "PokeRequest.data_ptr".',
        ),
        (
            "Poked: data Data!\nData: base_address uint64!",
            "Data.base_address: a pointer in what the native side sends would reach the public surface",
        ),
    ],
)
def test_pointers_must_be_accounted_for(tmp_path: Path, types: str, message: str) -> None:
    with pytest.raises(AuditError) as caught:
        build(tmp_path, types)
    assert message in str(caught.value)


def test_a_pointer_covered_only_one_way(tmp_path: Path) -> None:
    types = BUFFER + "OwnedThing: handle Handle!, info Buffer!"
    with pytest.raises(AuditError, match=r"Buffer.data_ptr: a pointer in what the native side sends"):
        build(tmp_path, types, BUFFER_MEMORY + 'direction = "in"')


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            'pointer = "Buffer.dat_ptr"\nsize = "rate"',
            'memory[0].pointer: "Buffer.dat_ptr": Buffer has no field "dat_ptr". Did you mean data_ptr?',
        ),
        (
            'pointer = "OpenRequest.name"\nsize = "channels"',
            'memory[0].pointer: "OpenRequest.name" is no integer',
        ),
        (
            'pointer = "Buffer.data_ptr"\nsize = "rat"',
            'memory[0].size: "rat": Buffer has no field "rat". Did you mean rate?',
        ),
        ('pointer = "Buffer.data_ptr"', "memory[0]: expected either size or count"),
        (
            'pointer = "Buffer.data_ptr"\nsize = "rate"\ncount = "rate"',
            "memory[0]: expected either size or count",
        ),
        (
            'pointer = "Buffer.data_ptr"\ncount = "rate * chanels"',
            'memory[0].count: "chanels": Buffer has no field "chanels". Did you mean channels or',
        ),
    ],
)
def test_memory_that_does_not_exist(tmp_path: Path, entry: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, BUFFER, f"[[memory]]\n{entry}")
    assert message in str(caught.value)


def test_handles_inside_options(tmp_path: Path) -> None:
    types = (
        "PokeRequest: thing_handle uint64!, options Options?\nOptions: deep bool?, other_thing_handle uint64?"
    )
    assert fields(build(tmp_path, types)) == [
        "receiver thing_handle",
        "argument options.deep as deep = null",
        "object options.other_thing_handle as otherThing = null",
    ]
    with pytest.raises(
        AuditError, match=r"poke: the handle options.other_thing_handle stands in a repeated message"
    ):
        build(tmp_path, types.replace("Options?", "Options*"))


# --- preconditions ------------------------------------------------------------------------------------

CHECKED = """
enum Mood: MOOD_GLAD, MOOD_GRIM, MOOD_SAD
PokeRequest: thing_handle uint64!, rate uint32?, size uint32!, code string!, codes Code*, mood Mood!
Code: code string!, length uint32!
"""


def precondition(tmp_path: Path, entry: str) -> str:
    config = f'[operations.poke]\npreconditions = [{{ {entry}, reason = "because" }}]'
    (found,) = build(tmp_path, CHECKED, config).operation("poke").preconditions
    assert found.reason == "because"
    parts = [str(found.path), found.check]
    parts += [
        str(p) for p in (found.minimum, found.maximum, found.multiple_of, found.prefix) if p is not None
    ]
    if found.expression is not None:
        parts += [found.expression.text, *(str(path) for path in found.expression.paths)]
    parts += [value.name for value in found.none_of]
    if found.when is not None:
        parts += ["when", str(found.when), *(value.name for value in found.among)]
    return " ".join(parts)


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ('field = "rate", minimum = 1', "rate? range 1"),
        ('field = "rate", minimum = 1, maximum = 9', "rate? range 1 9"),
        ('field = "mood", maximum = 1', "mood range 1"),
        ('field = "size", minimum = "rate * 2"', "size at_least {0} * 2 rate?"),
        ('field = "rate", multiple_of = 10', "rate? multiple_of 10"),
        (
            'field = "size", multiple_of = "rate / 100 * (size + 1)"',
            "size multiple_of {0} / 100 * ({1} + 1) rate? size",
        ),
        ('field = "code", prefix = "TR_"', "code prefix TR_"),
        ('field = "codes.code", prefix = "TR_"', "codes[].code prefix TR_"),
        ('field = "codes", minimum = 2', "codes[] count 2"),
        (
            'field = "codes[1].length", equals = "codes[0].length * size"',
            "codes[1].length equals {0} * {1} codes[0].length size",
        ),
        ('field = "mood", none_of = ["MOOD_SAD"]', "mood none_of MOOD_SAD"),
        (
            'field = "rate", minimum = 1, when = "mood", among = ["MOOD_GLAD", "MOOD_SAD"]',
            "rate? range 1 when mood MOOD_GLAD MOOD_SAD",
        ),
    ],
)
def test_preconditions(tmp_path: Path, entry: str, found: str) -> None:
    assert precondition(tmp_path, entry) == found


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            'field = "rat", minimum = 1',
            'preconditions[0].field: "rat": PokeRequest has no field "rat". Did you mean rate?',
        ),
        (
            'field = "rate"',
            "preconditions[0]: nothing is required of rate: expected one of minimum, maximum, multiple_of",
        ),
        ('field = "code", minimum = 1', "preconditions[0].field: code is no number"),
        ('field = "rate", prefix = "x"', "preconditions[0].field: rate is no string"),
        (
            'field = "codes", minimum = "rate"',
            "preconditions[0].minimum: the number of elements is compared with a number only.",
        ),
        ('field = "rate", none_of = ["MOOD_SAD"]', "preconditions[0].none_of: rate is no enum."),
        (
            'field = "mood", none_of = ["MOOD_BAD"]',
            'preconditions[0].none_of: Mood has no value "MOOD_BAD". Did you mean MOOD_SAD',
        ),
        ('field = "rate", minimum = 1, among = ["MOOD_SAD"]', "preconditions[0].among: among needs when"),
        ('field = "rate", minimum = 1, when = "mood"', "preconditions[0].among: expected the values of Mood"),
        ('field = "rate", equals = "size ^ 2"', 'preconditions[0].equals: "size ^ 2" is no arithmetic'),
        (
            'field = "rate", equals = "siz * 2"',
            'preconditions[0].equals: "siz": PokeRequest has no field "siz". Did you mean size?',
        ),
        (
            'field = "rate[0]", minimum = 1',
            'preconditions[0].field: "rate[0]": rate is not repeated, it has no element 0.',
        ),
        (
            'field = "rate.x", minimum = 1',
            'preconditions[0].field: "rate.x": rate is no message and has no fields.',
        ),
    ],
)
def test_preconditions_that_do_not_fit(tmp_path: Path, entry: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        precondition(tmp_path, entry)
    assert f"operations.poke.{message}" in str(caught.value)


# --- names of methods ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "name", "method"),
    [
        ("poke", None, "Poke"),
        ("thing_poke", None, "Poke"),
        ("thing", None, "Thing"),
        ("big_thing_poke", None, "BigThingPoke"),
        ("poke_thing", None, "PokeThing"),
        ("thing_poke", "Prod", "Prod"),
    ],
)
def test_methods(tmp_path: Path, case: str, name: str | None, method: str) -> None:
    types = f"Req: open OpenRequest?@m, {case} PokeRequest?@m"
    config = f'[operations.{case}]\nname = "{name}"' if name else ""
    assert build(tmp_path, types, config).operation(case).method == method
