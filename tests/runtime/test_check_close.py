"""check-close finds each thing that a session can leave, and says nothing of one that leaves nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cli_runner import Outcome, gen_bindings
from gen_bindings.errors import ConfigError
from gen_bindings.runtime.check_close import told
from gen_bindings.runtime.toolchain import Toolchain

HERE = Path(__file__).resolve().parent / "check_close"
ROOT = HERE.parents[2]
EXAMPLES = ROOT / "examples"
CONFIG = EXAMPLES / "reference" / "bindings.toml"
LIBRARY = ROOT / "native" / "target" / "release" / "libreference_ffi.so"
SESSIONS = ROOT / "tests" / "runtime" / "reference" / "scenarios"


@pytest.fixture(autouse=True, scope="module")
def ready(toolchain: Toolchain, reference_library: Path) -> None:
    """Compilers, runtimes and the reference server."""


def _leaky(what: Any, *options: str | Path, settle: float = 0.1) -> Outcome:
    """What is left on purpose is there at once, and is waited for in vain: `settle` is for what ends late."""
    return gen_bindings(
        "check-close",
        "--config",
        CONFIG,
        "--library",
        LIBRARY,
        "--scenario",
        HERE / "Leaky.cs",
        "--entry",
        "CheckClose.Leaky.Run",
        "--args",
        json.dumps(what),
        "--settle",
        str(settle),
        *options,
    )


def test_a_clean_scenario_passes_on_both_lanes(tmp_path: Path) -> None:
    report = tmp_path / "close.json"
    done = _leaky(
        "nothing", "--cycles", "3", "--report", report, "--report", tmp_path / "close.xml", settle=20
    )

    assert done.code == 0, done.err + done.out
    assert done.out.count("nothing is left after 3 cycles") == 2
    runs = json.loads(report.read_text("utf-8"))["runs"]
    assert [run["lane"] for run in runs] == ["mono", "coreclr"]
    assert all(run["clean"] and len(run["cycles"]) == 3 for run in runs)
    suites = list(ElementTree.parse(tmp_path / "close.xml").getroot())
    assert [suite.get("failures") for suite in suites] == ["0", "0"]


@pytest.mark.parametrize(
    ("what", "code", "said"),
    [
        ("handle", "GB901", "3 handles remain after 3 cycles, growing (1, 2, 3).\n    audio_sources: 3"),
        ("socket", "GB902", "3 UDP sockets remain after 3 cycles, growing (1, 2, 3).\n    udp 127.0.0.1:"),
        ("thread", "GB904", "3 threads remain after 3 cycles, growing (1, 2, 3).\n    left behind: 3"),
        ("told", "GB901", "3 handles remain after 3 cycles, growing (1, 2, 3).\n    room: 3"),
        ("told", "GB905", "3 tasks of the library remain after 3 cycles, growing (1, 2, 3)."),
        ("named", "GB905", "3 tasks of the library remain after 3 cycles, growing (1, 2, 3).\n    query: 3"),
    ],
)
def test_what_is_left_is_named_and_counted(what: str, code: str, said: str, tmp_path: Path) -> None:
    report = tmp_path / "close.xml"
    done = _leaky(what, "--cycles", "3", "--lane", "mono", "--report", report)

    assert done.code == 1
    assert f"{code}: {said}" in done.out
    failed = [case for case in ElementTree.parse(report).iter("testcase") if case.find("failure") is not None]
    assert code in [str(case.get("name")).split()[0] for case in failed]


def test_memory_that_grows_is_found_from_many_cycles_on() -> None:
    few = _leaky("memory", "--cycles", "3", "--lane", "mono", settle=20)
    assert few.code == 0
    assert "memory not judged" in few.out

    many = _leaky("memory", "--cycles", "50", "--lane", "mono", settle=0)
    assert many.code == 1
    assert "GB906: Memory grows by " in many.out


def test_a_scenario_that_throws_fails_with_its_stack() -> None:
    done = _leaky("throw", "--lane", "mono")
    assert done.code == 1
    assert "The scenario failed at the stage 'warm-up 1'" in done.out
    assert "the scenario throws" in done.out


def test_a_crash_is_found_with_its_stage() -> None:
    done = _leaky("exit", "--lane", "mono")
    assert done.code == 1
    assert "GB910" in done.out
    assert "at the stage 'leaving'" in done.out


def test_a_whole_session_of_the_reference_server_leaves_nothing() -> None:
    scenarios: list[str | Path] = []
    for path in sorted(SESSIONS.glob("*.cs")):
        scenarios += ["--scenario", path]
    done = gen_bindings(
        "check-close",
        "--config",
        CONFIG,
        "--library",
        LIBRARY,
        *scenarios,
        "--entry",
        "Scenarios.Sessions.ClientEnds",
        "--cycles",
        "5",
    )
    assert done.code == 0, done.err + done.out


def test_the_published_livekit_library_leaves_nothing(tmp_path: Path) -> None:
    report = tmp_path / "close.json"
    done = gen_bindings(
        "check-close",
        "--config",
        EXAMPLES / "livekit" / "bindings.toml",
        "--scenario",
        HERE / "LiveKitSources.cs",
        "--entry",
        "CheckClose.LiveKitSources.Run",
        "--cycles",
        "5",
        "--report",
        report,
    )
    runs = json.loads(report.read_text("utf-8"))["runs"]
    left = [finding for run in runs for finding in run["findings"] if not _is_spare_thread(finding)]
    assert (len(runs), left) == (2, []), done.err + done.out


def _is_spare_thread(finding: dict[str, Any]) -> bool:
    """A busy machine has the library's pool start one more thread in some cycle, and the pool keeps it."""
    return bool(finding["id"] == "GB904") and finding["details"] == ["livekit-audio: 1"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--lane", "unity"), "--lane unity: there is no such lane. The lanes are mono and coreclr."),
        (("--report", "close.html"), "close.html: a report ends in .txt, .json, .xml"),
        (("--library", "nowhere.so"), "nowhere.so: the native library is not there."),
        (("--scenario", "Nowhere.cs"), "--scenario Nowhere.cs: there is no such file."),
        (("--args", "{"), "--args is not JSON"),
        (("--report", "nowhere/close.json"), "nowhere/close.json: there is no folder nowhere."),
        (
            ("--entry", "CheckClose.Leaky.Walk", "--lane", "mono"),
            "--entry CheckClose.Leaky.Walk: there is no `public static string Walk(string json)`. "
            "The scenario's files have CheckClose.Leaky.Run.",
        ),
    ],
)
def test_bad_input_is_one_message(options: tuple[str, ...], said: str) -> None:
    done = _leaky("nothing", *options)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("result", "handles", "tasks"),
    [
        (None, None, {}),
        ("null", None, {}),
        ('["what", "happened"]', None, {}),
        ('{"tasks": 2}', None, {"": 2}),
        ('{"handles": {"room": 1}, "tasks": {"reader": 3}}', {"room": 1}, {"reader": 3}),
    ],
)
def test_what_a_scenario_may_say(
    result: str | None, handles: dict[str, int] | None, tasks: dict[str, int]
) -> None:
    held, running = told("Some.Run", result)
    assert held == handles
    assert +running == tasks


@pytest.mark.parametrize("result", ["{oops", "None", '{"handles": 3}', '{"tasks": "many"}'])
def test_what_a_scenario_may_not_say(result: str) -> None:
    with pytest.raises(ConfigError, match="A scenario returns") as refused:
        told("Some.Run", result)
    assert str(refused.value).startswith(f"Some.Run returned {result!r}.")
