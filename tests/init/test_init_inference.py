"""Single inferences: what decides them, and what makes them a question."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from gen_bindings.init.draft import Entry, Line, Question, config_text, shortened
from gen_bindings.init.infer_entry_points import infer_entry_points, prefix_of
from gen_bindings.init.infer_protocol import infer_protocol
from gen_bindings.init.words import common_prefix, common_suffix, snake, words
from gen_bindings.model.abi import Exports
from gen_bindings.naming import plural
from gen_bindings.passes.index import SchemaIndex
from gen_bindings.sources.header import read_headers
from gen_bindings.sources.proto_files import read_proto_files

pytestmark = pytest.mark.quick

PROTO = """\
syntax = "proto3"; package p;
message Call { oneof m { OpenCall open = 1; ReadCall read = 2; } }
message Result { oneof m { OpenResult open = 1; ReadResult read = 2; } }
message Signal { oneof m { Gone gone = 1; } }
message Ref { fixed32 number = 1; }
message HeldFile { Ref ref = 1; }
message HeldPipe { Ref ref = 1; }
message OpenCall { string path = 1; }
message OpenResult { HeldFile file = 1; }
message ReadCall { fixed32 file_ref = 1; }
message ReadResult { bytes data = 1; HeldPipe pipe = 2; }
message Gone { fixed32 file_ref = 1; }
"""


def _protocol(folder: Path, text: str) -> list[Entry]:
    file = folder / "p.proto"
    file.write_text(text)
    return list(infer_protocol(SchemaIndex(read_proto_files([file]))))


def _points(folder: Path, text: str, exported: Iterable[str] | None = None) -> list[Entry]:
    file = folder / "p.h"
    file.write_text(f"#include <stdint.h>\n#include <stddef.h>\n{text}")
    exports = Exports("libp.so", "ELF", ("x86_64",), tuple(exported)) if exported is not None else None
    return list(infer_entry_points(read_headers([file], None), exports, wide_ids=True))


def _values(entries: list[Entry]) -> dict[str, object]:
    return {".".join((*e.table, e.key)): e.value for e in entries if isinstance(e, Line)}


def _questions(entries: list[Entry]) -> dict[str, Question]:
    return {entry.text: entry for entry in entries if isinstance(entry, Question)}


def test_a_protocol_of_other_words(tmp_path: Path) -> None:
    assert _values(_protocol(tmp_path, PROTO)) == {
        "protocol.request": "Call",
        "protocol.response": "Result",
        "protocol.event": "Signal",
        "protocol.owned_handle": "Ref",
        "protocol.id_field": "number",
        "protocol.owned_prefix": "Held",
        "protocol.request_suffix": "Call",
        "protocol.response_suffix": "Result",
        "protocol.borrowed_suffixes": ("_ref",),
    }


def test_two_messages_that_may_own_a_handle_are_a_question(tmp_path: Path) -> None:
    text = PROTO.replace("HeldPipe { Ref", "HeldPipe { Grip").replace(
        "message OpenCall", "message Grip { fixed32 number = 1; }\nmessage OpenCall"
    )
    entries = _protocol(tmp_path, text)
    assert "protocol.owned_handle" not in _values(entries)
    question = _questions(entries)["Which message hands over a handle? Choices: Ref, Grip."]
    assert question.answers == ('owned_handle = "Ref"', 'owned_handle = "Grip"')


def test_two_envelopes_that_may_be_the_events_are_a_question(tmp_path: Path) -> None:
    text = PROTO + "message Other { oneof m { Gone lost = 7; } }\n"
    entries = _protocol(tmp_path, text.replace("Signal", "More"))
    assert "protocol.event" not in _values(entries)
    (question,) = [q for q in _questions(entries).values() if "sends by itself" in q.text]
    assert question.answers == ('event = "More"', 'event = "Other"')
    named = _protocol(tmp_path, text)
    assert _values(named)["protocol.event"] == "Signal"


REQUEST = "uint64_t p_ask(const uint8_t *d, size_t n, const uint8_t **r, size_t *m);\n"


def test_functions_by_their_shape(tmp_path: Path) -> None:
    values = _values(
        _points(
            tmp_path,
            f"{REQUEST}int32_t p_begin(void (*cb)(const uint8_t *d, size_t n));\n"
            "void p_forget(uint64_t h);\nvoid p_shutdown(void);\nconst char *p_why(void);\n",
        )
    )
    assert values == {
        "entry_points.prefix": "p_",
        "entry_points.release": "p_forget",
        "entry_points.release_answers": False,
        "entry_points.dispose": "p_shutdown",
        "entry_points.error_text": "p_why",
        "entry_points.initialize.function": "p_begin",
        "entry_points.initialize.fails": True,
        "entry_points.request.function": "p_ask",
        "entry_points.request.result": "handle",
        "entry_points.request.release": "p_forget",
    }


def test_of_several_the_one_that_is_called_so(tmp_path: Path) -> None:
    text = f"{REQUEST}void p_release(uint64_t h);\nvoid p_poke(uint64_t h);\n"
    assert _values(_points(tmp_path, text))["entry_points.release"] == "p_release"
    entries = _points(tmp_path, text.replace("p_release", "p_prod"))
    assert "entry_points.release" not in _values(entries)
    question = _questions(entries)["Which function gives back a handle? Choices: p_prod, p_poke."]
    assert question.answers == ('release = "p_prod"', 'release = "p_poke"')


def test_what_the_headers_lack_is_a_question(tmp_path: Path) -> None:
    text = f"{REQUEST}void p_release(uint64_t h);\n"
    exported = ("other", "p_ask", "p_init", "p_release")
    questions = _questions(_points(tmp_path, text, exported))
    (missing,) = [q for q in questions.values() if q.table == ("entry_points", "declarations")]
    assert missing.answers[0] == 'p_init = "void p_init(…);"'
    assert len(missing.answers) == 2
    (starting,) = [q for q in questions.values() if q.table == ("entry_points", "initialize")]
    assert "Choices: p_init. It is exported and not declared" in starting.text
    assert not any("declarations" in q.table for q in _questions(_points(tmp_path, text)).values())


def test_words() -> None:
    assert words("OwnedAudioStream") == ("owned", "audio", "stream")
    assert snake("E2eeSetKey") == "e2ee_set_key"
    assert plural("identity") == "identities"
    assert common_prefix(["OwnedRoom", "OwnedTrack"]) == "Owned"
    assert common_prefix(["Owned", "OwnedTrack"]) == ""
    assert common_suffix(["AskRequest", "TellRequest", "Ping"], 0.6) == "Request"
    assert common_suffix(["AskRequest", "TellRequest", "Ping"], 0.8) == ""
    assert prefix_of(["lk_ffi_a", "lk_ffi_b"]) == "lk_ffi_"
    assert prefix_of(["lk_ffi_a"]) == ""
    assert shortened(["a", "b", "a", "c"], 2) == "a, b and 1 more"


def test_text_of_a_draft() -> None:
    entries: list[Line | Question] = [
        Line(("binding",), "name", 'a"b', "because"),
        Question((), "First?", ('x = "1"',)),
        Question(("kinds", "A b"), "What?", ("key = 1",)),
        Line(("memory", "A.ptr"), "pointer", "A.ptr", "why"),
        Line(("memory", "B.ptr"), "pointer", "B.ptr", "why"),
    ]
    assert config_text(entries, "Top") == (
        '# Top\n\n# ? First?\n# x = "1"\n\n[binding]\nname = "a\\"b"  # because\n\n'
        '# [kinds."A b"]\n# ? What?\n# key = 1\n\n'
        '[[memory]]\npointer = "A.ptr"  # why\n\n[[memory]]\npointer = "B.ptr"  # why\n'
    )


def test_the_result_is_the_same_on_every_run(tmp_path: Path) -> None:
    """Sets and hashes leave no trace in the file."""
    file = tmp_path / "p.proto"
    file.write_text(PROTO)
    header = tmp_path / "p.h"
    header.write_text(f"#include <stdint.h>\n#include <stddef.h>\n{REQUEST}void p_release(uint64_t h);\n")
    texts = []
    for seed in ("1", "2"):
        out = tmp_path / f"{seed}.toml"
        subprocess.run(
            [sys.executable, "-m", "gen_bindings", "init", "--proto", file, "--header", header, "--out", out],
            check=True,
            capture_output=True,
            env={
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": ":".join(sys.path),
                "HOME": str(tmp_path),
                "PATH": "/usr/bin",
            },
        )
        texts.append(out.read_text())
    assert texts[0] == texts[1]
