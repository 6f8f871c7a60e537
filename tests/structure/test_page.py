"""The page that follows three lines back to the schema tells what is so."""

from __future__ import annotations

import re

import pytest

import reference_lab
from reference_lab import ROOT
from structure.line_trace import TracedLine, decided_in, trace

pytestmark = pytest.mark.quick

PAGE = ROOT / "docs" / "from-line-to-schema.md"
SECTIONS = PAGE.read_text("utf-8").split("\n## ")[1:]


@pytest.fixture(scope="module")
def lines() -> dict[str, list[TracedLine]]:
    return trace(reference_lab.model()[1])


def test_the_page_follows_three_lines() -> None:
    assert len(SECTIONS) == 3


@pytest.mark.parametrize("section", SECTIONS, ids=lambda s: s.partition("\n")[0])
def test_the_way_of_a_line(section: str, lines: dict[str, list[TracedLine]]) -> None:
    code = re.search(r"```csharp\n(.*)\n```", section)
    path = re.search(r"^stands in `([^`]+)`", section, re.MULTILINE)
    rows = dict(re.findall(r"^\| (\w+) \| (.*) \|$", section, re.MULTILINE))
    assert code is not None
    assert path is not None
    found = [line for line in lines[path[1]] if line.text.strip() == code[1]]
    assert found

    template = re.findall(r"`templates/([^`]+)`", rows["template"])[0]
    fact = re.findall(r"`(\w+)\.(\w+)`", rows["fact"])[0]
    module = re.findall(r"`(generator/[^`]+)`", rows["pass"])[0]
    for line in found:
        assert template in {site.template for site in line.sites}
        mine = {one: decided_in(one) for one in line.facts if (one.owner, one.name) == fact}
        assert mine
        assert all(module in modules for modules in mine.values())
    schema = reference_lab.model()[1].schema
    assert schema is not None
    messages = {message.full_name.rpartition(".")[2]: message for message in schema.messages}
    for message, field in re.findall(r"`([A-Z]\w+)(?:\.(\w+))?`", rows["schema"]):
        assert message in messages
        assert not field or messages[message].field(field) is not None
