"""Nothing in the package or in the templates knows a library's words: what is particular is configuration.

The reference server's schema and configuration are renamed, its conventions and words drawn by a seed; the
binding is emitted again: with the names put back it is the same, to the byte.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

import reference_lab
from gen_bindings.config import tables as config
from gen_bindings.naming import METHOD_LOCALS
from gen_bindings.project.project import open_project
from gen_bindings.render.emit import emit

pytestmark = pytest.mark.quick

NAMES = re.compile(r"livekit|reference[ _-]?(server|ffi)|depot|plainc", re.IGNORECASE)


def named(folder: Path) -> list[str]:
    """Where text files below a folder, or their paths, hold one of the names."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        where = path.relative_to(folder.parent)
        if NAMES.search(str(where)):
            found.append(str(where))
        lines = path.read_text("utf-8").splitlines()
        found += [
            f"{where}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if NAMES.search(line)
        ]
    return found


@pytest.mark.parametrize("tree", ["generator", "templates"])
def test_no_library_is_named(tree: str, repo_root: Path) -> None:
    folder = repo_root / tree
    assert any(folder.rglob("*.py" if tree == "generator" else "*.j2"))
    assert named(folder) == []


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_text('x = 1\nNAME = "LiveKit"\n')
    (tmp_path / "tree" / "livekit_rules.py").write_text("")
    (tmp_path / "tree" / "b.j2").write_text("// for the Reference Server\n")
    assert named(tmp_path / "tree") == [
        'tree/a.py:2: NAME = "LiveKit"',
        "tree/b.j2:1: // for the Reference Server",
        "tree/livekit_rules.py",
    ]


SEEDS = range(6)
DRAWN = 12
# Each of the protocol's conventions as the configuration says it, and the words that are renamed in it.
CONVENTIONS = {
    "owned_prefix": '"Owned"',
    "request_suffix": '"Request"',
    "response_suffix": '"Response"',
    "callback_suffix": '"Callback"',
    "borrowed_suffixes": '["_handle"]',
    "async_id": '"async_id"',
    "request_async_id": '"request_async_id"',
    "error_fields": '["error"]',
    "pointer_suffixes": '["_ptr"]',
    "facts_suffix": '"Info"',
}
CONVENTIONAL = ("owned", "request", "response", "callback", "handle", "async", "error", "ptr", "info")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# What the language of schemas, the configuration and the generated code say themselves.
SPOKEN = {
    *(
        "syntax",
        "package",
        "import",
        "message",
        "enum",
        "oneof",
        "required",
        "optional",
        "repeated",
        "string",
    ),
    *("bytes", "bool", "float", "double", "map", "reserved", "default", "packed", "true", "false", "none"),
    *(
        "stream",
        "frame",
        "inline",
        "panic",
        "session",
        "announce",
        "client",
        "tree",
        "claimed",
        "status",
        "the",
    ),
    *("native", "local", "length", "find", "core", "key", "keep", "kept", "short", "byte", "other", "data"),
}
# Keys whose values are the configuration's own words, and tables about the library's functions and files.
OWN_VALUES = re.compile(r"\s*(?:lifetime|ends|thread|callback|updates|on|element|owner|direction)\s*=")
OWN_TABLES = ("[binding", "[input", "[entry_points", "[unity")


def config_keys() -> set[str]:
    """Every key that the configuration has a meaning for."""
    tables = [t for t in vars(config).values() if isinstance(t, type) and hasattr(t, "__struct_fields__")]
    return {name for table in tables for name in table.__struct_fields__}


def renamed(text: str, words: Mapping[str, str]) -> str:
    """``text`` with its words renamed, in the case in which each is written."""

    def rename(found: re.Match[str]) -> str:
        new = words.get(found[0].lower())
        if new is None:
            return found[0]
        return new.upper() if found[0].isupper() else new.capitalize() if found[0][0].isupper() else new

    return WORD.sub(rename, text)


def renamed_configuration(text: str, words: Mapping[str, str], proto: str) -> str:
    """The configuration with its conventions written out and every name of the schema renamed."""
    text = text.replace(
        "[protocol]\n", "[protocol]\n" + "".join(f"{k} = {v}\n" for k, v in CONVENTIONS.items())
    )
    keys = config_keys()
    lines, own = [], False
    for line in text.splitlines():
        if line.startswith("["):
            own = line.startswith(OWN_TABLES)
        if own or OWN_VALUES.match(line):
            lines.append(line.replace("../../native/protocol", proto).replace("../../native", str(NATIVE)))
            continue
        pieces = re.split(r"(\b\w+(?=\s*=))", line)
        lines.append("".join(p if p in keys else renamed(p, words) for p in pieces))
    return "\n".join(lines) + "\n"


NATIVE = reference_lab.ROOT / "native"


def drawn_words(seed: int) -> dict[str, str]:
    """For each convention and some words of the schema another word, as long and with the same ending."""
    chance = random.Random(seed)
    names = re.findall(
        r"^\s*(?:message|optional|required|repeated)\b.*?(\w+)(?: =| {)", _schema(), re.MULTILINE
    )
    every = {word.lower() for name in names for word in WORD.findall(name)}
    spoken = SPOKEN | {
        word.lower() for name in (*METHOD_LOCALS, *config_keys()) for word in WORD.findall(name)
    }
    nouns = {word.removesuffix("s") for word in every - spoken}
    own = sorted(noun for noun in nouns - spoken - set(CONVENTIONAL) if len(noun) > 4)
    words: dict[str, str] = {}
    for word in (*CONVENTIONAL, *chance.sample(own, DRAWN)):
        kept = 1 if len(word) < 4 else 2
        while word not in words:
            new = "".join(chance.choices("qxzjvk", k=len(word) - kept)) + word[-kept:]
            if new not in words.values() and new not in every:
                words[word] = new
    # What names a list is renamed with what names one of it.
    return words | {f"{word}s": f"{new}s" for word, new in words.items()}


def _schema() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((NATIVE / "protocol").glob("*.proto")))


@pytest.mark.parametrize("seed", SEEDS)
def test_with_other_words_it_is_the_same_binding(seed: int, tmp_path: Path) -> None:
    words = drawn_words(seed)
    protocol = tmp_path / "protocol"
    shutil.copytree(NATIVE / "protocol", protocol)
    for path in protocol.glob("*.proto"):
        told = re.split(
            r"^((?:import|package|syntax|option)\b.*)$", path.read_text("utf-8"), flags=re.MULTILINE
        )
        path.write_text("".join(p if i % 2 else renamed(p, words) for i, p in enumerate(told)), "utf-8")
    configuration = reference_lab.ROOT / "examples" / "reference" / "bindings.toml"
    file = tmp_path / "bindings.toml"
    file.write_text(renamed_configuration(configuration.read_text("utf-8"), words, str(protocol)), "utf-8")
    binding = open_project(file).binding

    back = {new: word for word, new in words.items()}
    found = {renamed_back(n, back): renamed_back(t, back) for n, t in emit(binding).items()}
    expected = emit(reference_lab.model()[1])

    assert found.keys() == expected.keys()
    differing = {n for n in expected if found[n] != expected[n]}
    lines = [
        (name, one, other)
        for name in sorted(differing)
        for one, other in zip(expected[name].splitlines(), found[name].splitlines(), strict=False)
        if one != other
    ]
    assert lines[:5] == [], words


def renamed_back(text: str, words: Mapping[str, str]) -> str:
    """The first words again; the new ones stand nowhere else."""
    for new, word in words.items():
        for case in (str.lower, str.capitalize, str.upper):
            text = text.replace(case(new), case(word))
    return text
