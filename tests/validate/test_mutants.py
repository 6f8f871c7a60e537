"""Clean code with one thing broken: at least nine in ten breaks are found, and nothing else is reported."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from mutants import ABI, OWNERSHIP, RAW_IDS, Operator, mutants

from conftest import Run
from gen_bindings.inputs import Inputs
from gen_bindings.model.binding import Binding
from gen_bindings.render.emit import emit
from gen_bindings.validate.collect import Source, collect

CLEAN = Path(__file__).parent / "clean"


def _score(
    run: Run, sources: tuple[Source, ...], operators: tuple[Operator, ...], part: str
) -> tuple[float, list[str], list[str]]:
    known = {f.fingerprint for f in run(sources, part)}
    total: Counter[str] = Counter()
    missed: list[str] = []
    other: list[str] = []
    for mutant in mutants(sources, operators):
        findings = [f for f in run(mutant.sources, part) if f.fingerprint not in known]
        total[mutant.operator.name] += 1
        if not any(f.id in mutant.operator.expected for f in findings):
            missed.append(f"{mutant.operator.name} at {mutant.place}")
        other += [
            f"{mutant.operator.name} at {mutant.place}: {f.id} {f.place} {f.message}"
            for f in findings
            if f.id not in mutant.operator.expected
        ]
    assert set(total) == {operator.name for operator in operators}, "an operator applies nowhere"
    return 1 - len(missed) / total.total(), missed, other


@pytest.mark.timeout(600)
def test_breaks_of_ownership_are_found(run: Run) -> None:
    sources = tuple(collect([CLEAN / "unity"])[0])
    score, missed, other = _score(run, sources, OWNERSHIP, "all")
    assert score >= 0.9, missed
    assert other == []


def test_breaks_of_a_binding_with_raw_ids_are_found(run: Run) -> None:
    sources = tuple(collect([CLEAN / "raw_ids"])[0])
    score, missed, other = _score(run, sources, RAW_IDS, "all")
    assert score >= 0.9, missed
    assert other == []


def test_breaks_of_imports_are_found(run: Run) -> None:
    sources = tuple(collect([CLEAN / "unity"])[0])
    hand = tuple(operator for operator in ABI if operator.name != "byte to bool")
    score, missed, other = _score(run, sources, hand, "all")
    assert score >= 0.9, missed
    assert other == []


def test_breaks_of_generated_imports_are_found(run: Run, binding: Binding, inputs: Inputs) -> None:
    files = emit(binding, inputs.digest)
    sources = tuple(
        Source(path, text.encode()) for path, text in sorted(files.items()) if path.startswith("Native/")
    )
    only = {"another width: ulong to uint", "byte to bool", "missing entry point", "one parameter less"}
    only |= {
        "one parameter more",
        "void result",
        "StdCall",
        "result where there is none",
        "another library name",
    }
    operators = tuple(operator for operator in ABI if operator.name in only)
    score, missed, other = _score(run, sources, operators, "abi")
    assert score >= 0.9, missed
    assert other == []
