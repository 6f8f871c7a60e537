"""Per check: C# that must be reported, C# that must not, and every finding in both.

``UPDATE_EXPECTED=1`` rewrites the expected findings; read the difference before keeping it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from runs import Run

from gen_bindings.validate.collect import collect
from gen_bindings.validate.registry import all_checks

pytestmark = pytest.mark.quick

CORPUS = Path(__file__).parent / "corpus"
CASES = sorted(path.name for path in CORPUS.iterdir())
# What is about header and library alone has no C#; test_abi_inputs shows these.
WITHOUT_CSHARP = {"GB103", "GB104", "GB105", "GB123", "GB124"}


def _findings(run: Run, folder: Path) -> dict[str, list[list[object]]]:
    found: dict[str, list[list[object]]] = {}
    for file in sorted(folder.rglob("*.cs")):
        sources, _ = collect([file])
        key = file.relative_to(folder.parent).as_posix()
        found[key] = [[f.id, f.place.line, f.severity.value, f.message] for f in run(sources)]
    return found


@pytest.mark.parametrize("check", CASES)
def test_reports_what_it_must_and_nothing_else(check: str, run: Run) -> None:
    found = _findings(run, CORPUS / check / "reported") | _findings(run, CORPUS / check / "clean")
    expected = CORPUS / check / "expected.json"
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for file, findings in found.items():
        reported = any(finding[0] == check for finding in findings)
        assert reported == file.startswith("reported/"), f"{file}: {findings}"
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def test_every_check_has_cases() -> None:
    assert {check.id for check in all_checks()} - WITHOUT_CSHARP == set(CASES)
