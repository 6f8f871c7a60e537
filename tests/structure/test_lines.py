"""Every emitted line leads back by path: to its template, and to the pass that decided about it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import reference_lab
import structure.line_trace as line_trace
from structure.line_trace import LINES, TracedLine, decided_in, describe, draw, trace

pytestmark = pytest.mark.quick

SEEDS = range(10)


@pytest.fixture(scope="module")
def lines() -> dict[str, list[TracedLine]]:
    return trace(reference_lab.model()[1])


def test_the_trace_is_of_what_is_emitted(lines: dict[str, list[TracedLine]]) -> None:
    emitted = reference_lab.emit_files()
    assert lines.keys() == emitted.keys()
    for path, text in emitted.items():
        told = [line for line in text.splitlines() if line.strip()]
        assert [line.text.rstrip() for line in lines[path]] == told


@pytest.mark.parametrize("seed", SEEDS)
def test_six_lines_of_six_lead_to_template_and_pass(
    seed: int, lines: dict[str, list[TracedLine]], repo_root: Path
) -> None:
    drawn = draw(lines, seed)
    assert len(drawn) == LINES
    for path, line in drawn:
        assert line.sites, path
        for site in line.sites:
            assert (repo_root / "templates" / site.template).is_file()
        # Nothing but text that every binding has may be without a fact.
        assert line.facts or all(not site.expression and not site.inside for site in line.sites), describe(
            path, line
        )
        for fact in line.facts:
            assert decided_in(fact), describe(path, line)


def test_every_fact_of_every_line_has_its_pass(lines: dict[str, list[TracedLine]]) -> None:
    facts = {fact for found in lines.values() for line in found for fact in line.facts}
    assert len(facts) > 150
    assert [fact for fact in sorted(facts) if not decided_in(fact)] == []


def test_a_changed_template_changes_the_lines_that_lead_to_it(
    lines: dict[str, list[TracedLine]], tmp_path: Path, repo_root: Path
) -> None:
    """What is written at a site's place in the template stands in the line that was traced to it."""
    drawn = [(path, line) for path, line in draw(lines, 3, 200) if not line.sites[-1].expression]
    path, line = next((p, one) for p, one in drawn if one.facts)
    site = line.sites[-1]
    changed = tmp_path / "templates"
    shutil.copytree(repo_root / "templates", changed)
    template = changed / site.template
    written = template.read_text("utf-8").splitlines(keepends=True)
    written[site.line - 1] = written[site.line - 1].rstrip("\n") + " // here\n"
    template.write_text("".join(written), "utf-8")
    emitted = reference_lab.emit_files(templates=changed)[path].splitlines()
    assert any(one.startswith(line.text) and one.endswith("// here") for one in emitted)


def test_the_command_prints_the_way_of_six_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["line_trace.py", "--seed", "7"])
    line_trace.main()
    printed = capsys.readouterr().out
    assert printed.count("\n  template  templates/csharp/") == LINES
