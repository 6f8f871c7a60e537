"""The command explore: exit codes, the forms of reports, and bad input in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import explore_lab
import pytest

from cli_runner import gen_bindings
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane

CONFIG = explore_lab.EXAMPLE / "bindings.toml"
SCENARIOS = explore_lab.EXAMPLE / "Scenarios.cs"

pytestmark = pytest.mark.usefixtures("ready")


def _compiled(folder: Path, statement: str) -> Path:
    source = folder / "Small.cs"
    source.write_text(
        "using System.Threading; using System.Threading.Tasks;\n"
        f"public static class Small {{ public static void Run() {{ {statement} }} }}\n",
        "utf-8",
    )
    return compile_library([source], folder / "Small.dll", Lane.MONO, warnings_as_errors=False)


def test_clean_is_0_and_a_finding_is_1_with_its_steps() -> None:
    clean = explore_lab.lamps()
    broken = explore_lab.lamps([("_handle.DangerousAddRef(ref held);", "")])
    arguments = ("explore", "--config", CONFIG, "--scenario", SCENARIOS, "--entry", "Scenarios.Lamp")

    well = gen_bindings(*arguments, "--assembly", clean)
    ill = gen_bindings(*arguments, "--assembly", broken)

    assert (well.code, well.err) == (0, "")
    assert "1 scenarios, 1 of them searched to the bound" in well.out
    assert ill.code == 1
    assert "GB933" in ill.out
    assert "--replay" in ill.out
    assert "!! dim names Lamp" in ill.out


def test_a_replay_shows_the_same() -> None:
    broken = explore_lab.lamps([("_handle.DangerousAddRef(ref held);", "")])
    arguments = ("explore", "--config", CONFIG, "--scenario", SCENARIOS, "--entry", "Scenarios.Lamp")
    found = gen_bindings(*arguments, "--assembly", broken).out
    choices = found.partition("--replay '")[2].partition("'")[0]

    again = gen_bindings(*arguments, "--assembly", broken, "--replay", choices)

    assert again.code == 1
    assert "GB933" in again.out


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_findings_in_other_forms(form: str, tmp_path: Path) -> None:
    broken = explore_lab.lamps([("Native.lamp_drop_handle(buffer);", "")])
    out = tmp_path / "found"

    result = gen_bindings(
        "explore", "--config", CONFIG, "--scenario", SCENARIOS, "--entry", "Scenarios.Lamp",
        "--assembly", broken, "--format", form, "--output", out,
    )  # fmt: skip

    assert (result.code, result.out) == (1, "")
    document = json.loads(out.read_text("utf-8"))
    assert "GB930" in json.dumps(document)


def test_threading_that_is_not_controlled_is_refused_by_name(tmp_path: Path) -> None:
    assembly = _compiled(tmp_path, "Parallel.Invoke(); new ReaderWriterLockSlim().EnterReadLock();")

    result = gen_bindings("explore", "--config", CONFIG, "--assembly", assembly, "--entry", "Small.Run")

    assert result.code == 2
    assert "System.Threading.Tasks.Parallel.Invoke at Small.Run (Small.cs:2)" in result.err
    assert "System.Threading.ReaderWriterLockSlim.EnterReadLock at Small.Run (Small.cs:2)" in result.err


def test_what_is_no_assembly(tmp_path: Path) -> None:
    corrupt = tmp_path / "Corrupt.dll"
    corrupt.write_bytes(b"MZ no assembly")

    result = gen_bindings("explore", "--config", CONFIG, "--assembly", corrupt)

    assert result.code == 2
    assert "Corrupt.dll" in result.err
    assert "is not a .NET assembly" in result.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--assembly", "nowhere.dll"), "nowhere.dll: there is no such assembly"),
        (("--replay", "seven"), "'seven' is no choice"),
        (("--scenario", "nowhere.cs", "--entry", "A.B"), "nowhere.cs: there is no such file"),
        (("--scenario", str(SCENARIOS)), "--scenario needs --entry"),
        (("--only", "no such thing"), "No scenario is left to run"),
        (("--output", "nowhere/found"), "there is no folder nowhere"),
    ],
)
def test_bad_arguments(arguments: tuple[str, ...], says: str) -> None:
    result = gen_bindings("explore", "--config", CONFIG, *arguments)

    assert result.code == 2
    assert says in result.err
    assert "Traceback" not in result.err


def test_an_entry_that_is_not_there() -> None:
    result = gen_bindings(
        "explore", "--config", CONFIG, "--assembly", explore_lab.lamps(), "--entry", "Scenarios.Nothing"
    )

    assert result.code == 2
    assert "There is no method public static void Scenarios.Nothing()" in result.err
