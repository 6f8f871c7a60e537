"""The model as JSON and as counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gen_bindings.config import load_config
from gen_bindings.model.binding import Binding
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.project.inputs import read_inputs
from gen_bindings.report.model import model_json, summary

pytestmark = pytest.mark.quick


def build(file: Path) -> Binding:
    loaded = load_config(file)
    inputs = read_inputs(loaded)
    return build_binding(loaded, inputs.schema, inputs.header, inputs.exports)


@pytest.fixture(scope="module")
def reference(repo_root: Path) -> Binding:
    return build(repo_root / "examples" / "reference" / "bindings.toml")


@pytest.fixture(scope="module")
def document(reference: Binding) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(model_json(reference))
    return loaded


def named(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(row for row in rows if row["name"] == name)


def test_the_same_every_time_and_in_the_order_of_the_schema(reference: Binding, repo_root: Path) -> None:
    text = model_json(reference)
    assert text == model_json(build(repo_root / "examples" / "reference" / "bindings.toml"))
    assert text.endswith("}\n")
    document = json.loads(text)
    assert [row["name"] for row in document["operations"]] == [o.name for o in reference.operations]
    assert [row["name"] for row in document["kinds"]] == [k.name for k in reference.kinds]
    assert document["operations"][0]["name"] == "dispose"
    assert document["operations"][1]["name"] == "connect"


def test_acquisitions(document: dict[str, Any]) -> None:
    rows = {row["id"]: row for row in document["acquisitions"]}
    assert rows["ConnectCallback.result.participants.publications"] == {
        "id": "ConnectCallback.result.participants.publications",
        "kind": "TrackPublication",
        "role": "RemoteTrackPublication",
        "origin": "callback",
        "carrier": "connect",
        "path": "result?.participants[].publications[]",
        "placement": {
            "place": "sibling",
            "parent": "Participant",
            "via": "ConnectCallback.result.participants.participant",
        },
    }
    assert rows["LocalTrackRepublished.publication_handle"]["transfers"] is True
    assert rows["reference_ffi_request.return"] == {
        "id": "reference_ffi_request.return",
        "kind": "buffer",
        "origin": "return",
        "carrier": "reference_ffi_request",
        "placement": {"place": "call"},
    }


def test_operations(document: dict[str, Any]) -> None:
    publish = named(document["operations"], "publish_track")
    assert publish["method"] == "PublishTrackAsync"
    assert publish["message"]["callback"] == {
        "case": "publish_track",
        "number": 9,
        "message": "reference.proto.PublishTrackCallback",
        "async_id": "async_id",
        "failure": {"path": "error?"},
        "acquisitions": ["PublishTrackCallback.publication"],
    }
    assert (publish["receiver"], publish["receiver_role"], publish["adopts"]) == (
        "Participant",
        "LocalParticipant",
        "track_handle",
    )
    assert publish["borrows"] == [
        {
            "path": "local_participant_handle",
            "kind": "Participant",
            "role": "LocalParticipant",
            "mode": "borrow",
        },
        {"path": "track_handle", "kind": "Track", "role": "LocalTrack", "mode": "late"},
    ]


def test_deliveries_sessions_and_entry_points(document: dict[str, Any]) -> None:
    unsubscribed = named(document["deliveries"], "room_event.track_unsubscribed")
    assert (unsubscribed["target"], unsubscribed["detaches"], unsubscribed["detach_through"]) == (
        "Room",
        "Track",
        "TrackPublication",
    )
    assert [key["path"] for key in unsubscribed["keys"]] == ["participant_identity", "track_sid"]
    updated = named(document["deliveries"], "room_event.room_updated")
    assert updated["updates"] == [{"kind": "Room", "whole": "(the message itself)"}]
    (session,) = document["sessions"]
    assert session["client_reason"] == "ClientInitiated"
    functions = document["entry_points"]["functions"]
    assert functions[3] == {
        "name": "reference_ffi_dispose",
        "signature": "void reference_ffi_dispose()",
        "origin": functions[3]["origin"],
    }
    assert functions[3]["origin"].startswith("reference_ffi.h:")


def test_no_trace_of_the_machine(reference: Binding, repo_root: Path) -> None:
    assert str(repo_root) not in model_json(reference)


def test_counts(reference: Binding) -> None:
    assert summary(reference) == (
        ("requests", 64),
        ("responses", 64),
        ("events", 28),
        ("callbacks", 21),
        ("operations", 64),
        ("deliveries", 38),
        ("kinds", 16),
        ("acquisitions: response", 11),
        ("acquisitions: callback", 7),
        ("acquisitions: event", 9),
        ("acquisitions: return", 1),
        ("acquisitions: transfer", 1),
        ("borrowed handles", 36),
        ("key references", 32),
        ("pointers", 5),
        ("preconditions", 5),
        ("entry points", 4),
        ("notes", 0),
    )


def test_notes_name_the_library_without_its_folder(repo_root: Path) -> None:
    notes = json.loads(model_json(build(repo_root / "examples" / "livekit" / "bindings.toml")))["notes"]
    assert [note["code"] for note in notes] == ["GB104", "GB104"]
    assert all(note["text"].startswith("liblivekit_ffi.so exports livekit_ffi_") for note in notes)
