"""Reading ``bindings.toml``: every error names the file, the key, what was found and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen_bindings.config import load_config
from gen_bindings.errors import ConfigError

pytestmark = pytest.mark.quick

SMALL = """
[binding]
name = "Test"
namespace = "Test.Ffi"
[input]
import_name = "test"
[entry_points]
prefix = "x_"
release = "x_drop"
"""


def error(tmp_path: Path, text: str) -> str:
    file = tmp_path / "bindings.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    message = str(caught.value)
    assert message.startswith(str(file))
    return message.removeprefix(str(file))


@pytest.mark.parametrize("example", ["livekit", "reference"])
def test_the_examples(repo_root: Path, example: str) -> None:
    loaded = load_config(repo_root / "examples" / example / "bindings.toml")
    assert loaded.file.name == "bindings.toml"
    assert loaded.config.kinds["Participant"].key == "identity"
    assert loaded.config.sessions["Room"].drain_ms == 5000
    assert loaded.config.deliveries["room_event.track_muted"].set == {"muted": "true"}
    assert loaded.config.entry_points.request is not None
    assert loaded.config.entry_points.request.result == "handle"


def test_defaults(tmp_path: Path) -> None:
    file = tmp_path / "bindings.toml"
    file.write_text(SMALL, encoding="utf-8")
    config = load_config(file).config
    assert config.protocol is None
    assert config.entry_points.release_answers
    assert config.diagnostics.columns == ("other",)
    assert (config.kinds, config.memory, config.not_keys) == ({}, (), ())


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "none.toml")
    assert str(caught.value) == (
        f"The configuration {tmp_path / 'none.toml'} cannot be read: No such file or directory. Name an "
        "existing "
        "bindings.toml, or write a first one with `gen-bindings init`."
    )
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[binding]\nname = "a\n', ":2:10: the configuration is not valid TOML: illegal character '\\n'."),
        (
            "[binding\n",
            ":1:9: the configuration is not valid TOML: expected ']' at the end of a table declaration.",
        ),
        ("[binding]\nname = \n", ":2:8: the configuration is not valid TOML: invalid value."),
        (
            '[binding]\nname = "a"\nname = "b"\n',
            ":3:11: the configuration is not valid TOML: cannot overwrite a value.",
        ),
        ("[binding]\nname = '''", ":2: the configuration is not valid TOML: "),
    ],
)
def test_bad_syntax(tmp_path: Path, text: str, message: str) -> None:
    assert error(tmp_path, text).startswith(message)


def test_other_encodings(tmp_path: Path) -> None:
    file = tmp_path / "bindings.toml"
    file.write_bytes(b"[binding]\nname = '\xff'\n")
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert str(caught.value) == f"{file}:2: the configuration is not UTF-8. Save it as UTF-8."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            SMALL + "[knds.Room]",
            "knds is no known key. Expected one of binding, input, protocol, entry_points, kinds, ",
        ),
        (SMALL + "[knds.Room]", "diagnostics, validate, unity. Did you mean kinds?"),
        (
            SMALL + "[kinds.Room]\nlifetim = 'tree'",
            "kinds.Room.lifetim is no known key. Expected one of name, parents, ",
        ),
        (SMALL + "[kinds.Room]\nlifetim = 'tree'", "Did you mean lifetime?"),
        (SMALL + "[kinds.'My Room']\nx = 1", 'kinds."My Room".x is no known key.'),
        (
            SMALL + "[kinds.Room]\nlifetime = 'clamed'",
            'kinds.Room.lifetime is "clamed". Expected one of "tree", "claimed", "frame". Did you mean '
            "claimed?",
        ),
        (
            SMALL + "[deliveries.'a.b']\nthread = 'inlin'",
            'deliveries."a.b".thread is "inlin". Expected one of "dispatch", "inline". Did you mean inline?',
        ),
        (SMALL + "[kinds.Room]\nparents = 'A'", 'kinds.Room.parents is "A". Expected a list, each a string.'),
        (SMALL + "[kinds.Room]\nparents = ['A', 1]", "kinds.Room.parents[1] is 1. Expected a string."),
        (SMALL + "[kinds]\nRoom = 'A'", 'kinds.Room is "A". Expected a table.'),
        (
            SMALL + "[kinds.Room]\nself_released = 'yes'",
            'kinds.Room.self_released is "yes". Expected true or false.',
        ),
        (SMALL + "[kinds.Room]\nname = []", "kinds.Room.name is a list. Expected a string."),
        (SMALL + "[kinds.Room.state]\nx = 1", "kinds.Room.state.x is 1. Expected a string."),
        (SMALL + "[kinds.Room]\nstate = 1", "kinds.Room.state is 1. Expected a table, each value a string."),
        (
            SMALL + "[[memory]]\npointer = 'a.b'\n[[memory]]\nelement = 'x'",
            "memory[1].pointer is missing. Expected a string.",
        ),
        (SMALL + "[memory]\npointer = 'a.b'", "memory is a table. Expected a list, each a table."),
        (
            SMALL + "[sessions.Room]\nopen = 'a'\nclose = 'b'\ndrain_ms = 1.5",
            "sessions.Room.drain_ms is 1.5. Expected a whole number.",
        ),
        (
            SMALL + "[[operations.x.preconditions]]\nfield = 'a'\nreason = 'b'\nmultiple_of = true",
            "operations.x.preconditions[0].multiple_of is true. Expected a whole number or a string.",
        ),
        (SMALL.replace('prefix = "x_"', ""), "entry_points.prefix is missing. Expected a string."),
        (SMALL.replace("[input]\nimport_name", "[inputs]\nimport_name"), "inputs is no known key."),
        ("", "binding is missing. Expected a table."),
        (SMALL.replace('"Test.Ffi"', "3"), "binding.namespace is 3. Expected a string."),
    ],
)
def test_wrong_keys_and_values(tmp_path: Path, text: str, message: str) -> None:
    found = error(tmp_path, text)
    assert found.startswith(": ")
    assert message in found
