"""The command init: on a project that needs no answer, on three that do, and what it refuses to do."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cli_runner import LAMP, Outcome, gen_bindings, replace_in

pytestmark = pytest.mark.quick


def _init_lamp(folder: Path, *more: str) -> Outcome:
    for file in LAMP.iterdir():
        shutil.copy(file, folder)
    return gen_bindings(
        "init", "--proto", folder / "lamp.proto", "--header", folder / "lamp.h",
        "--out", folder / "bindings.toml", *more,
    )  # fmt: skip


def _init_depot(repo_root: Path, out: Path) -> Outcome:
    depot = repo_root / "tests" / "fixtures" / "depot"
    files = depot / "proto" / "acme" / "depot" / "v1"
    return gen_bindings(
        "init", "--proto", files / "commands.proto", "--proto", files / "notices.proto",
        "--include", depot / "proto", "--header", depot / "depot.h", "--out", out,
    )  # fmt: skip


def _init_reference(repo_root: Path, out: Path) -> Outcome:
    native = repo_root / "native"
    return gen_bindings(
        "init", "--proto", native / "protocol" / "ffi.proto", "--include", native / "protocol",
        "--header", native / "include" / "reference_ffi.h", "--out", out,
    )  # fmt: skip


def _init_livekit(out: Path) -> Outcome:
    resources = "python:livekit/rtc/resources"
    return gen_bindings(
        "init", "--module", "livekit.rtc._proto.ffi_pb2", "--header", f"{resources}/livekit_ffi.h",
        "--library", f"{resources}/liblivekit_ffi.so", "--out", out,
    )  # fmt: skip


def _blocking_questions(config: Path) -> list[str]:
    """The questions before the first table, which is where those stand that stop generation."""
    head = config.read_text().partition("\n[binding]")[0]
    return re.findall(r"^# \? (.+)$", head, re.MULTILINE)


def _decided(config: Path) -> dict[str, Any]:
    return tomllib.loads(config.read_text())


def _assert_generate_asks_the_same(config: Path, folder: Path, done: Outcome) -> None:
    questions = _blocking_questions(config)
    assert f"Generating needs the first {len(questions)} of them answered." in done.out
    generated = gen_bindings("generate", "--config", config, "--out", folder / "cs")
    assert generated.code == 2
    assert re.findall(r"^  - (.+)$", generated.err, re.MULTILINE) == questions
    assert not (folder / "cs").exists()


def test_a_protocol_in_plain_habits_needs_no_answer(tmp_path: Path) -> None:
    done = _init_lamp(tmp_path)
    assert done.code == 0, done.err
    assert "0 open questions" in done.out
    generated = gen_bindings("generate", "--config", tmp_path / "bindings.toml", "--out", tmp_path / "cs")
    assert generated.code == 0, generated.err
    assert (tmp_path / "cs" / "Objects" / "Lamp.g.cs").is_file()


def test_each_decision_has_its_evidence_on_its_line(tmp_path: Path) -> None:
    _init_lamp(tmp_path)
    text = (tmp_path / "bindings.toml").read_text()
    decisions = [line for line in text.splitlines() if re.match(r"\w+ = ", line)]
    assert len(decisions) > 15
    for line in decisions:
        assert re.search(r"\S  # \S", line), line
    assert 'owned_handle = "OwnedHandle"  # one integer, held by OwnedLamp' in decisions
    assert 'borrowed_suffixes = ["_handle"]  # DimRequest.lamp_handle' in decisions


def test_paths_are_relative_to_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "config").mkdir()
    for file in LAMP.iterdir():
        shutil.copy(file, tmp_path / "inputs")
    monkeypatch.chdir(tmp_path)
    done = gen_bindings(
        "init", "--proto", "inputs/lamp.proto", "--header", "inputs/lamp.h", "--out", "config/b.toml"
    )
    assert done.code == 0, done.err
    assert _decided(tmp_path / "config" / "b.toml")["input"]["proto"] == ["../inputs/lamp.proto"]
    monkeypatch.chdir("/")
    made = gen_bindings("generate", "--config", tmp_path / "config" / "b.toml", "--out", tmp_path / "cs")
    assert made.code == 0, made.err


def test_an_existing_file_is_overwritten_only_with_force(tmp_path: Path) -> None:
    config = tmp_path / "bindings.toml"
    config.write_text("# mine\n")
    done = _init_lamp(tmp_path)
    assert done.code == 2
    assert (
        f"error: {config} exists. Choose another name with --out, or overwrite it with --force.\n" in done.err
    )
    assert config.read_text() == "# mine\n"
    assert _init_lamp(tmp_path, "--force").code == 0
    assert "# mine" not in config.read_text()


@pytest.mark.parametrize(
    ("arguments", "found"),
    [((), "none of them"), (("--proto", "a.proto", "--module", "b"), "--proto and --module")],
)
def test_exactly_one_protocol(tmp_path: Path, arguments: tuple[str, ...], found: str) -> None:
    done = gen_bindings("init", *arguments, "--header", "a.h", "--out", tmp_path / "b.toml")
    assert done.code == 2
    assert f"exactly one of --proto, --descriptor-set and --module, found {found}." in done.err


def test_an_input_that_is_missing(tmp_path: Path) -> None:
    done = gen_bindings(
        "init", "--proto", tmp_path / "a.proto", "--header", "a.h", "--out", tmp_path / "b.toml"
    )
    assert done.code == 2
    assert "a.proto' does not exist" in done.err
    assert not (tmp_path / "b.toml").exists()


def test_depot_is_understood_but_for_one_question(repo_root: Path, tmp_path: Path) -> None:
    """No suffixes, 32-bit ids, another handle type, status results: told by numbers, shapes and comments."""
    config = tmp_path / "depot.toml"
    done = _init_depot(repo_root, config)
    assert done.code == 0, done.err
    decided = _decided(config)
    own = tomllib.loads((repo_root / "tests/fixtures/depot/bindings.toml").read_text())
    same = ("request", "response", "event", "owned_handle", "id_field", "owned_prefix", "async_id",
            "request_suffix", "response_suffix", "callback_suffix", "borrowed_suffixes")  # fmt: skip
    assert {key: decided["protocol"][key] for key in same} == {key: own["protocol"][key] for key in same}
    assert set(decided["protocol"]["error_fields"]) == set(own["protocol"]["error_fields"])
    points, expected = decided["entry_points"], own["entry_points"]
    assert {key: points[key] for key in ("prefix", "release", "dispose", "error_text")} == {
        key: expected[key] for key in ("prefix", "release", "dispose", "error_text")
    }
    assert points["request"] == expected["request"]
    assert (points["initialize"]["function"], points["initialize"]["fails"]) == ("depot_start", True)
    pairs = {name: table["response"] for name, table in decided["operations"].items()}
    assert pairs == {name: own["operations"][name]["response"] for name in pairs}
    assert len(pairs) == 12
    assert decided["operations"]["pack_box"]["callback"] == "BoxPacked"
    assert decided["kinds"]["Box"]["key"] == "label"
    assert decided["kinds"]["Item"]["parents"] == ["Box"]
    text = config.read_text()
    assert (
        'Does ship_box take the handle, so that the client must not release it? Its comment says: "' in text
    )
    assert '# consumes = ["box"]' in text

    _assert_generate_asks_the_same(config, tmp_path, done)
    (question,) = _blocking_questions(config)
    assert question.startswith("label_changed: the key former_label has no kind")
    answer = '# references = ["box_label", "LabelChanged.former_label"]  # under [kinds.Box]'
    assert answer in text
    references = 'references = ["box_label"]'
    replace_in(config, f"\n{references}", '\nreferences = ["box_label", "LabelChanged.former_label"]')
    generated = gen_bindings("generate", "--config", config, "--out", tmp_path / "cs")
    assert generated.code == 0, generated.err


def test_reference_server(repo_root: Path, tmp_path: Path) -> None:
    config = tmp_path / "reference.toml"
    done = _init_reference(repo_root, config)
    assert done.code == 0, done.err
    decided = _decided(config)
    own = tomllib.loads((repo_root / "examples/reference/bindings.toml").read_text())
    for key in ("request", "response", "event", "owned_handle"):
        assert decided["protocol"][key] == own["protocol"][key]
    assert decided["entry_points"]["request"] == {"result": "handle"} | own["entry_points"]["request"]
    assert decided["entry_points"]["initialize"]["function"] == "reference_ffi_initialize"
    assert decided["entry_points"]["dispose"] == "reference_ffi_dispose"
    assert decided["operations"]["dispose"]["hidden"] is True
    assert decided["kinds"]["Participant"]["key"] == "identity"
    assert decided["kinds"]["Participant"]["parents"] == ["Room"]
    assert "Participant" in decided["kinds"]["TrackPublication"]["parents"]
    assert decided["kinds"]["AudioFrameBuffer"]["lifetime"] == "frame"
    session = decided["sessions"]["Room"]
    expected = own["sessions"]["Room"]
    for key in ("open", "handshake", "close", "announced", "reason", "client_reason", "unknown_reason"):
        assert session[key] == expected[key]
    assert set(session["markers"]) == set(expected["markers"])
    assert decided["deliveries"]["room_event.participant_disconnected"]["detaches"] == "Participant"
    sizes = {entry["pointer"]: entry["size"] for entry in decided["memory"]}
    assert sizes["PublishDataRequest.data_ptr"] == "data_len"
    assert "? Does byte_read_all take the handle" in config.read_text()
    _assert_generate_asks_the_same(config, tmp_path, done)


def test_livekit(tmp_path: Path) -> None:
    """The schema without comments, the header without two of the four functions."""
    config = tmp_path / "livekit.toml"
    done = _init_livekit(config)
    assert done.code == 0, done.err
    decided = _decided(config)
    assert decided["protocol"]["owned_handle"] == "FfiOwnedHandle"
    assert decided["protocol"]["borrowed_suffixes"] == ["_handle"]
    assert decided["entry_points"]["release"] == "livekit_ffi_drop_handle"
    assert "initialize" not in decided["entry_points"]
    assert decided["sessions"]["Room"]["open"] == "connect"
    text = config.read_text()
    declarations = text.partition("# [entry_points.declarations]")[2].partition("\n\n")[0]
    assert "The library exports these, and no header declares them." in declarations
    assert "# livekit_ffi_initialize = " in declarations
    assert "# livekit_ffi_dispose = " in declarations
    assert "Which function takes the callback for events? Choices: livekit_ffi_initialize." in text
    assert "What answers EditChatMessageRequest?" in text
    assert '# response = "SendChatMessageResponse"' in text
    assert '# borrowed = ["CaptureVideoFrameRequest.source_handle"]  # under [kinds.VideoSource]' in text
    assert '# count = "' in text
    _assert_generate_asks_the_same(config, tmp_path, done)


def test_a_protocol_without_handles_leaves_questions(tmp_path: Path) -> None:
    (tmp_path / "a.proto").write_text(
        'syntax = "proto3"; package a;\n'
        "message Ping { string text = 1; string more = 2; }\n"
        "message Ask { oneof m { Ping ping = 1; } }\n"
        "message Tell { oneof m { Ping pong = 1; } }\n"
    )
    (tmp_path / "a.h").write_text("void a_go(void);\nvoid a_stop(void);\n")
    config = tmp_path / "a.toml"
    done = gen_bindings(
        "init", "--proto", tmp_path / "a.proto", "--header", tmp_path / "a.h", "--out", config
    )
    assert done.code == 0, done.err
    text = config.read_text()
    assert "# ? Which message hands over a handle? No message holds just one integer." in text
    assert "# ? Which function gives back a handle? No function of the headers takes one integer" in text
    keys = ("request", "response", "event", "owned_handle")
    missing = [*(f"protocol.{key}" for key in keys), "entry_points.release"]
    assert {f"{key} is missing: its question is below." for key in missing} >= set(
        _blocking_questions(config)
    )
    assert "# ? Which function takes a request and its size, and stores the reply and its size?" in text
    generated = gen_bindings("generate", "--config", config, "--out", tmp_path / "cs")
    assert generated.code == 2
    assert "is missing. Expected" in generated.err
