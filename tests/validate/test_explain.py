"""What ``explain`` says, and that the page of all checks is current."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen_bindings.errors import GenBindingsError
from gen_bindings.findings import catalogue
from gen_bindings.findings.catalogue import CHECKS
from gen_bindings.findings.finding import Certainty, Check, Severity
from gen_bindings.validate.explain import explanation, markdown, overview
from gen_bindings.validate.registry import all_checks

pytestmark = pytest.mark.quick


def test_the_page_of_checks_is_current(repo_root: Path) -> None:
    page = repo_root / "docs" / "checks.md"
    assert page.read_text(encoding="utf-8") == markdown(), "make it again: markdown() of validate/explain.py"


def test_every_check_explains_itself() -> None:
    ids = [check.id for check in all_checks()]
    assert len(ids) == len(set(ids))
    for check in all_checks():
        assert check.why.endswith("."), check.id
        assert check.fix.endswith("."), check.id
        assert not (check.certainty is Certainty.HEURISTIC and check.severity is Severity.ERROR), check.id
        assert check.fix in explanation(check.id.lower())


def test_what_is_seen_at_run_time_is_explained_too() -> None:
    ids = [check.id for check in CHECKS]
    assert len(ids) == len(set(ids))
    assert set(CHECKS) == {value for value in vars(catalogue).values() if isinstance(value, Check)}
    for check in CHECKS:
        assert check.fix.endswith("."), check.id
        assert check.id in overview()
        assert all(source.value in explanation(check.id) for source in check.sources)
    assert "Wrap every handle that an event brings" in explanation("gb915")


def test_an_unknown_check_is_an_error() -> None:
    with pytest.raises(GenBindingsError, match="GB999"):
        explanation("GB999")
