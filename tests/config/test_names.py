"""No value of a configuration becomes a path or code: what may be a name, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli_runner import LAMP_CONFIG, gen_bindings, lamp_project
from gen_bindings.config import parse_config
from gen_bindings.errors import ConfigError

pytestmark = pytest.mark.quick

_EVIL = (
    "../../../x",
    "a/b",
    "a\\b",
    "/x",
    "",
    "a b",
    "a;b",
    "a\nb",
    'a"b',
    "1a",
    "a{}",
    "a\x00b",
    "../x",
    ".",
)


def _with(key: str, value: str) -> bytes:
    """The lamp's configuration with one value more, or another one."""
    table, _, name = key.rpartition(".")
    quoted = toml(value)
    lines = LAMP_CONFIG.splitlines()
    head = f"[{table}]"
    if head in lines:
        at = lines.index(head)
        end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith("[")), len(lines))
        kept = [line for line in lines[at + 1 : end] if not line.startswith(f"{name} = ")]
        lines[at + 1 : end] = [*kept, f"{name} = {quoted}"]
    else:
        lines += [head, f"{name} = {quoted}"]
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize(
    "key",
    [
        "binding.name",
        "binding.namespace",
        "input.import_name",
        "kinds.Lamp.name",
        "kinds.Lamp.column",
        "kinds.Lamp.release",
        "deliveries.burnt_out.name",
        "operations.new_lamp.name",
        "entry_points.release",
        "entry_points.dispose",
        "entry_points.initialize.function",
        "entry_points.request.release",
        "diagnostics.reply",
    ],
)
def test_what_is_no_name_is_refused_with_its_key(key: str) -> None:
    for value in _EVIL:
        if key == "input.import_name" and value == "1a":
            continue  # A file may be called so.
        if key in ("kinds.Lamp.column", "diagnostics.reply") and value == "1a":
            continue
        with pytest.raises(ConfigError, match=rf"bindings\.toml: {re.escape(key)} is \".*\"\. Expected "):
            parse_config(Path("bindings.toml"), _with(key, value))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("binding.name", "Lamp2"),
        ("binding.name", "Größe"),
        ("binding.namespace", "Acme.Lamp_2"),
        ("input.import_name", "lamp-2.0+x"),
        ("input.import_name", "__Internal"),
        ("kinds.Lamp.name", "Torch"),
        ("operations.dim.defaults.x", '"a; b { // c \\" d"'),
        ("operations.dim.defaults.x", "AudioSourceType.Native"),
        ("operations.dim.defaults.x", "@count / 2 + ';'"),
    ],
)
def test_what_is_a_name_is_taken(key: str, value: str) -> None:
    parse_config(Path("bindings.toml"), _with(key, value))


@pytest.mark.parametrize("value", ["class", "A..B", "A.", "A.namespace", "A-B"])
def test_a_namespace_has_no_keyword_and_no_gap(value: str) -> None:
    with pytest.raises(ConfigError, match=r"binding\.namespace is"):
        parse_config(Path("bindings.toml"), _with("binding.namespace", value))


@pytest.mark.parametrize(
    "value",
    [
        "1; Evil()",
        "1 } Evil()",
        "1 // x",
        "1 /* x",
        '"open',
        "1\n2",
        '@"a\\" ; Evil("',
        '$"{Evil()}"',
        "1\u20282",
    ],
)
def test_an_expression_stays_one(value: str) -> None:
    text = LAMP_CONFIG + "[operations.dim.defaults]\nx = " + toml(value) + "\n"
    with pytest.raises(ConfigError, match=r"operations\.dim\.defaults\.x is .*one C# expression"):
        parse_config(Path("bindings.toml"), text.encode())


@pytest.mark.parametrize("key", ["reason", "prefix"])
@pytest.mark.parametrize("value", ['a" + Evil() + "', "a\\", "a\nb"])
def test_text_inside_quotes_stays_there(key: str, value: str) -> None:
    given = {"reason": "why", key: value}
    values = ", ".join(f"{name} = {toml(text)}" for name, text in given.items())
    text = LAMP_CONFIG + f'[operations.dim]\npreconditions = [{{ field = "x", {values} }}]\n'
    with pytest.raises(ConfigError, match=rf"operations\.dim\.preconditions\[0\]\.{key} is "):
        parse_config(Path("bindings.toml"), text.encode())


def test_a_declaration_reads_no_file() -> None:
    text = LAMP_CONFIG + '[entry_points.declarations]\nlamp_x = "#include \\"/dev/zero\\""\n'
    with pytest.raises(ConfigError, match=r"entry_points\.declarations\.lamp_x is .*no directive"):
        parse_config(Path("bindings.toml"), text.encode())


@pytest.mark.parametrize("command", ["generate", "recorder"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("binding.name", "../../x"),
        ("kinds.Lamp.name", "../../../../EVIL"),
        ("deliveries.burnt_out.name", "../../../EVIL"),
        ("input.import_name", "../../../../EVIL"),
        ("input.import_name", 'x"; static int evil = 1; const string z = "'),
    ],
)
def test_no_command_writes_outside_its_folder(tmp_path: Path, command: str, key: str, value: str) -> None:
    folder = tmp_path / "a" / "b" / "c" / "project"
    folder.mkdir(parents=True)
    config = lamp_project(folder)
    config.write_bytes(_with(key, value))
    before = sorted(tmp_path.rglob("*"))
    done = gen_bindings(command, "--config", config, "--out", folder / "out")
    assert done.code == 2
    assert f"{config}: {key} is " in done.err
    assert sorted(tmp_path.rglob("*")) == before


def toml(text: str) -> str:
    """A basic string of TOML."""
    return (
        '"'
        + "".join(
            c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in text
        )
        + '"'
    )
