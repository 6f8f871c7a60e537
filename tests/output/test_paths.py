"""Which name a file gets, so that it is one file, and no device, on every system."""

from __future__ import annotations

import pytest

from gen_bindings.output.paths import is_plain, on_every_system, portable

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("name", "free"),
    [
        ("Con.g.cs", "Con_.g.cs"),
        ("nul", "nul_"),
        ("COM1.x.y", "COM1_.x.y"),
        ("lpt9.c", "lpt9_.c"),
        ("aux.", "aux_."),
        ("Com10.g.cs", "Com10.g.cs"),
        ("Con_.g.cs", "Con_.g.cs"),
        ("Console.g.cs", "Console.g.cs"),
        ("my.con", "my.con"),
    ],
)
def test_a_device_gets_an_underscore(name: str, free: str) -> None:
    assert on_every_system(name) == free


def test_names_that_differ_by_case_get_numbers() -> None:
    paths = ["a/lamp.g.cs", "a/Lamp.g.cs", "a/LAMP.g.cs", "b/lamp.g.cs", "a/lamp_2.g.cs"]
    given = portable(paths)
    assert given["a/LAMP.g.cs"] == "a/LAMP.g.cs"
    assert given["a/Lamp.g.cs"] == "a/Lamp_2.g.cs"
    assert given["b/lamp.g.cs"] == "b/lamp.g.cs"
    assert len({path.casefold() for path in given.values()}) == len(paths)
    assert portable(reversed(paths)) == given


def test_a_device_and_the_name_that_it_gets_stay_apart() -> None:
    given = portable(["con.g.cs", "con_.g.cs", "CON/x.cs"])
    assert len({path.casefold() for path in given.values()}) == 3
    assert given["CON/x.cs"] == "CON_/x.cs"


@pytest.mark.parametrize("path", ["a.cs", "a/b.g.cs", "Samples~/Minimal/X.cs", "ä/b c.cs", ".dot"])
def test_what_is_plain(path: str) -> None:
    assert is_plain(path)


@pytest.mark.parametrize(
    "path",
    ["", "/a", "a/", "a//b", "../a", "a/..", ".", "a\\b", "c:a", "a\0", "a?", "a*", "a|b", "a.", "a ", "a<b"],
)
def test_what_is_not(path: str) -> None:
    assert not is_plain(path)
