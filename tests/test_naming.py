"""Names of a schema become C# names by rule."""

from __future__ import annotations

import pytest

from gen_bindings.naming import camel, enum_members, pascal, unique

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("publish_track", "PublishTrack"),
        ("sid", "Sid"),
        ("e2ee", "E2ee"),
        ("e2ee_options", "E2eeOptions"),
        ("trackSid", "TrackSid"),
        ("AudioStreamEOS", "AudioStreamEOS"),
        ("VP8", "Vp8"),
        ("H264", "H264"),
        ("RGBA", "Rgba"),
        ("SIMULATE_FORCE_TCP", "SimulateForceTcp"),
        ("_leading__double_", "LeadingDouble"),
        ("livekit.proto", "LivekitProto"),
        ("audio-frame", "AudioFrame"),
        ("2fast", "_2fast"),
        ("___", "_"),
    ],
)
def test_pascal(name: str, expected: str) -> None:
    assert pascal(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("track_sid", "trackSid"),
        ("event", "@event"),
        ("params", "@params"),
        ("Params", "@params"),
        ("event_name", "eventName"),
        ("EOSReason", "eosReason"),
        ("VP8", "vp8"),
        ("AudioStreamEOS", "audioStreamEOS"),
        ("2fast", "_2fast"),
    ],
)
def test_camel(name: str, expected: str) -> None:
    assert camel(name) == expected


@pytest.mark.parametrize(
    ("enum", "members"),
    [
        ("AudioSourceType", {"AUDIO_SOURCE_NATIVE": "Native", "AUDIO_SOURCE_PLATFORM": "Platform"}),
        ("VideoCodec", {"VP8": "Vp8", "H264": "H264", "AV1": "Av1"}),
        ("VideoBufferType", {"RGBA": "Rgba", "I420": "I420"}),
        ("VideoRotation", {"VIDEO_ROTATION_0": "Rotation0", "VIDEO_ROTATION_90": "Rotation90"}),
        ("SoxFlagBits", {"SOXR_ROLLOFF_SMALL": "RolloffSmall", "SOXR_VR": "Vr"}),
        # One value stands alone: only the enum's own name is taken off.
        ("StreamKind", {"STREAM_KIND_AUDIO": "Audio"}),
        ("Kind", {"TRACK_AUDIO": "TrackAudio"}),
        # At least one word stays.
        ("State", {"CONN": "Conn", "CONN_LOST": "ConnLost"}),
        ("Mixed", {"A_ONE": "One", "A_2": "A2"}),
        ("Same", {"S_FOO_BAR": "Bar", "S_FOO__BAR": "Bar2"}),
        ("Empty", {}),
    ],
)
def test_enum_members(enum: str, members: dict[str, str]) -> None:
    assert enum_members(enum, list(members)) == members


def test_unique_takes_the_suffix_then_numbers() -> None:
    assert unique("Write", set(), "Value") == "Write"
    assert unique("Write", {"Write"}, "Value") == "WriteValue"
    assert unique("Write", {"Write", "WriteValue"}, "Value") == "WriteValue2"
    assert unique("Write", {"Write", "Write2"}) == "Write3"
