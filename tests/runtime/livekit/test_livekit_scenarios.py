"""The generated binding against the published library, on every lane, with the library's side recorded."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from livekit_lab import NEEDS_ROOM, SCENARIOS, Lab, Run, contradictions, request_table, run

from gen_bindings.model.binding import FieldPath, Precondition
from gen_bindings.runtime.lanes import Lane

# The tests make these ids up; the library's own stay far below.
MADE_UP = 1 << 40
CONVERSIONS = {
    "Rgba": "Bgra I420",
    "Argb": "I420",
    "Bgra": "Rgba I420",
    "Rgb24": "I420",
    "I420": "Rgba Abgr Argb Bgra Rgb24 I420",
    "I420a": "I420 I420a",
    "I422": "Rgba Abgr Argb I420 I422",
    "I444": "Rgba Bgra I420 I444",
    "I010": "Rgba Bgra I420",
    "Nv12": "Rgba Bgra I420",
}

pytestmark = pytest.mark.parametrize("lane", list(Lane), ids=str)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of the loopback that nobody listens at, and nobody else can take meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def go(lab: Lab, lane: Lane, scenario: str, folder: Path, **args: object) -> Run:
    """Runs a scenario and holds it to what is true of each: the books balance, the table agrees."""
    done = run(lab, lane, scenario, folder / "record", args, **SCENARIOS[scenario])
    done.outcome.value()
    assert done.record.faults(MADE_UP) == []
    assert done.in_table == (), "the census found handles that no message gave and nobody dropped"
    assert done.left == (), "what the second run left behind"
    assert contradictions(scenario, done.record.verdicts(), request_table()) == []
    return done


def nothing_alive(done: Run) -> None:
    assert set(done.alive.split()[1:]) == {f"{column}=0" for column in COLUMNS}
    assert done.alive.startswith("total=0 ")


COLUMNS = (
    *("rooms", "participants", "tracks", "publications", "video_sources", "audio_sources"),
    *("video_streams", "audio_streams", "audio_frames", "data_buffers", "byte_boxes", "other"),
)


@pytest.mark.parametrize(
    "scenario",
    ["Audio.Tracks", "Resamplers.Remix", "Resamplers.Sox", "Resamplers.Process"],
)
def test_objects_work_and_are_released(lab: Lab, lane: Lane, scenario: str, tmp_path: Path) -> None:
    done = go(lab, lane, scenario, tmp_path)
    nothing_alive(done)
    assert done.reported == ()


def test_a_raw_frame_does_not_go_where_encoded_ones_go(lab: Lab, lane: Lane, tmp_path: Path) -> None:
    done = go(lab, lane, "Video.Encoded", tmp_path)
    nothing_alive(done)
    assert done.reported == ()
    assert done.facts == {
        "accepted": True,
        "keyframe": False,
        "rate": False,
        "refused": [
            "capture_video_frame: the library refused the request",
            "capture_encoded_video_frame: the library refused the request",
            "take_encoded_video_source_feedback: the library refused the request",
        ],
    }


@pytest.mark.parametrize("medium", ["audio", "video"])
def test_a_stream_on_a_local_track_delivers_and_ends(
    lab: Lab, lane: Lane, medium: str, tmp_path: Path
) -> None:
    done = go(lab, lane, f"{medium.title()}.Stream", tmp_path)
    nothing_alive(done)
    assert done.reported == ()
    events = [getattr(event, event.WhichOneof("message")) for event in done.record.events]
    streams = [event for event in events if type(event).__name__ == f"{medium.title()}StreamEvent"]
    ended = [event.stream_handle for event in streams if event.WhichOneof("message") == "eos"]
    given = [
        handle
        for handle, by in done.record.handed_out.items()
        if by.endswith(f"new_{medium}_stream.stream.handle")
    ]
    # Two streams in each of two runs, each with one end, whether it was released itself or with its track.
    assert sorted(ended) == sorted(given)
    assert len(given) == 4
    frames = [event for event in streams if event.WhichOneof("message") == "frame_received"]
    assert len(frames) >= 30


def test_pictures_are_converted_byte_for_byte(lab: Lab, lane: Lane, tmp_path: Path) -> None:
    done = go(lab, lane, "Video.Convert", tmp_path)
    nothing_alive(done)
    assert done.reported == ()
    pairs = {f"{one} to {other}" for one, others in CONVERSIONS.items() for other in others.split()}
    assert set(done.facts["done"]) == pairs
    refused = done.facts["refused"]
    assert len(refused) == 11 * 11 - len(pairs)
    for pair, said in refused.items():
        source, _, target = pair.partition(" to ")
        if source == "Abgr":
            assert said.startswith(
                "buffer.type must be other than ABGR: the library aborts on every ABGR picture."
            )
        elif pair == "Nv12 to Nv12":
            assert said.startswith("buffer.type must be other than NV12: ")
        else:
            assert said == f"video_convert: invalid request: {source.lower()} to {target} is not supported"


def test_a_refused_connection_leaves_nothing(lab: Lab, lane: Lane, tmp_path: Path, closed_port: int) -> None:
    done = go(lab, lane, "Roomless.Connect", tmp_path, port=closed_port)
    nothing_alive(done)
    assert done.reported == ()
    assert done.facts["said"] == (
        "connect: engine: signal failure: transport connection error: "
        "IO error: Connection refused (os error 111)"
    )
    assert set(done.record.handed_out.values()) == {"answer buffer of connect"}


def test_what_needs_a_room_is_sent_as_the_protocol_says_and_refused(
    lab: Lab, lane: Lane, tmp_path: Path
) -> None:
    done = go(lab, lane, NEEDS_ROOM, tmp_path)
    nothing_alive(done)
    expected = {name: entry for name, entry in request_table().items() if entry.kind == "needs-room"}
    calls = [call for call in done.record.calls if call.name in expected]
    for call in calls:
        assert call.request.IsInitialized(), f"{call.name} lacks a required field"
        handles = [
            value
            for field, value in call.request.ListFields()
            if field.name.endswith("_handle") and field.name != "track_handle" and value
        ]
        handles = handles or [call.request.track_handle]
        assert all(handle >= MADE_UP for handle in handles), f"{call.name} names {handles}"
    e2ee = lab.binding.operations
    parts = {operation.name for operation in e2ee if operation.name.startswith("e2ee.")}
    assert {f"e2ee.{call.request.WhichOneof('message')}" for call in calls if call.name == "e2ee"} == parts
    refused = {name for name, entry in expected.items() if not entry.answers} - {"e2ee", "disconnect"} | parts
    assert set(done.facts["said"]) == {f"{name}: the library refused the request" for name in refused}
    assert done.reported == (
        "The request to end the session failed: disconnect: the library refused the request",
    )
    assert done.facts["streams"] == ["AudioStream", "VideoStream"]
    holds_what_the_methods_were_given({call.name: call.request for call in calls})


def holds_what_the_methods_were_given(sent: Mapping[str, Any]) -> None:
    assert sent["set_data_channel_buffered_amount_low_threshold"].threshold == 1 << 33
    assert sent["unpublish_track"].track_sid == "TR_mine"
    assert sent["perform_rpc"].destination_identity == "them"
    assert sent["perform_rpc"].response_timeout_ms == 1000
    assert sent["publish_transcription"].track_id == "TR_theirs"
    assert sent["publish_transcription"].segments[0].text == "text"
    assert sent["send_stream_header"].header.WhichOneof("content_header") == "text_header"
    assert sent["send_bytes"].bytes == b"\x01"
    assert sent["define_schema"].schema_id.encoding.custom == "text"
    assert sent["set_local_attributes"].attributes[0].key == "key"
    assert sent["rpc_method_invocation_response"].error.message == "no"
    assert sent["video_stream_from_participant"].track_source == 1


def test_what_is_not_there_is_refused_with_the_library_s_reason(lab: Lab, lane: Lane, tmp_path: Path) -> None:
    done = go(lab, lane, "Roomless.Refused", tmp_path)
    nothing_alive(done)
    assert done.reported == ()
    reasons = {
        "load_audio_filter_plugin": "dylib error: /nowhere/libother.so: cannot open shared object file: "
        "No such file or directory",
        "new_platform_audio": "Failed to initialize platform audio",
    }
    listed = [name for name, entry in request_table().items() if entry.scenarios == ("Roomless.Refused",)]
    assert sorted(done.facts["said"]) == sorted(
        f"{name}: {reasons.get(name, 'the library refused the request')}" for name in listed
    )


def test_the_client_releases_what_was_left_to_it(lab: Lab, lane: Lane, tmp_path: Path) -> None:
    done = go(lab, lane, "Lifecycle.LeftToClient", tmp_path)
    # The stream may have a frame on its way to nobody at the moment of the count.
    alive = {part for part in done.alive.split()[1:] if not part.startswith("audio_frames=")}
    assert alive >= {"tracks=1", "audio_sources=1", "audio_streams=1", "other=1"}
    assert sum(not part.endswith("=0") for part in alive) == 4
    assert done.reported == ()
    order = [done.record.handed_out[handle] for handle, _ in done.record.drops]
    stream, track = "response.new_audio_stream.stream.handle", "response.create_audio_track.track.handle"
    assert order.index(stream) < order.index(track)
    kinds = [entry.kind for entry in done.record.entries]
    assert max(at for at, kind in enumerate(kinds) if kind == "D") < kinds.index("X")


def test_the_library_can_be_emptied_under_the_binding(lab: Lab, lane: Lane, tmp_path: Path) -> None:
    done = go(lab, lane, "Lifecycle.RawDispose", tmp_path)
    nothing_alive(done)
    assert done.facts == {"alive": 1}


def test_every_precondition_is_an_argument_exception_and_nothing_is_sent(
    lab: Lab, lane: Lane, tmp_path: Path
) -> None:
    done = go(lab, lane, "Preconditions.Run", tmp_path)
    nothing_alive(done)
    expected = {
        operation.name: {message(condition) for condition in operation.preconditions}
        for operation in lab.binding.operations
        if operation.preconditions
    }
    assert {name: set(messages) for name, messages in done.facts.items()} == expected
    refused = set(expected) - {"new_audio_source", "capture_video_frame", "video_convert"}
    assert refused & done.record.verdicts().keys() == set()
    for name, sent in (("new_audio_source", 1), ("capture_video_frame", 12), ("video_convert", 10)):
        calls = [call for call in done.record.calls if call.name == name]
        assert len(calls) == sent, f"{name} was sent with more than its good values"


def test_hot_operations_allocate_nothing(lab: Lab, lane: Lane, tmp_path: Path) -> None:
    done = go(lab, lane, "Costs.Run", tmp_path)
    nothing_alive(done)
    seen = dict(done.facts)
    assert seen.pop("new byte[100]") >= 500 * 100
    assert seen == dict.fromkeys(
        (
            *("nothing", "CaptureFrame of audio", "Mute", "RemixAndResample", "ProcessStream", "Push"),
            *("CaptureFrame of a packed picture", "CaptureFrame of a planar picture", "VideoConvert"),
            "FrameReceived",
        ),
        0,
    )


def test_the_census_finds_what_nobody_dropped(lab: Lab, lane: Lane, tmp_path: Path) -> None:
    done = run(lab, lane, "Lifecycle.RawLeak", tmp_path / "record", patience=0.1)
    done.outcome.value()
    handle = done.facts["handle"]
    assert done.in_table == (handle,)
    assert done.record.faults() == [
        f"handle {handle} of response.new_audio_resampler.resampler.handle was never dropped"
    ]


def message(condition: Precondition) -> str:
    return f"{named(condition.path)} must be {limit(condition)}: {condition.reason}."


def limit(condition: Precondition) -> str:
    wanted = ""
    if condition.expression is not None:
        wanted = condition.expression.text.format(*map(named, condition.expression.paths))
    match condition.check:
        case "range" | "count":
            bounds = {"at least": condition.minimum, "at most": condition.maximum}
            words = " and ".join(f"{word} {bound}" for word, bound in bounds.items() if bound is not None)
            return words + (" elements" if condition.check == "count" else "")
        case "multiple_of":
            return f"a multiple of {wanted or condition.multiple_of}"
        case "equals":
            return wanted
        case "at_least":
            return f"at least {wanted}" + (" bytes" if condition.path.plain.endswith("_ptr") else "")
        case "prefix":
            return f"a text that starts with {condition.prefix}"
        case "none_of":
            return "other than " + " or ".join(value.name for value in condition.none_of)
    raise AssertionError(f"a check that this test does not know: {condition.check}")


def named(path: FieldPath) -> str:
    return str(path).replace("[]", "").replace("?", "")
