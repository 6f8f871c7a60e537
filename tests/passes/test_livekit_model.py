"""The example's configuration against tables of what LiveKit's library really does."""

from __future__ import annotations

from pathlib import Path

import pytest
from livekit_table import (
    EVENTS,
    REQUESTS,
    ROOM_EVENTS_WITH_HANDLES,
    ROOM_EVENTS_WITHOUT_HANDLES,
    Request,
)

from gen_bindings.config import load_config
from gen_bindings.model.binding import (
    Binding,
    BorrowMode,
    Direction,
    KeyReference,
    Lifetime,
    MessageCall,
    Operation,
    Origin,
    ParameterSource,
    Place,
    ThreadPolicy,
)
from gen_bindings.passes.index import SchemaIndex
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.passes.resolve_names import Names
from gen_bindings.project.inputs import read_inputs
from gen_bindings.report.model import summary

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def livekit(repo_root: Path) -> Binding:
    loaded = load_config(repo_root / "examples" / "livekit" / "bindings.toml")
    inputs = read_inputs(loaded)
    return build_binding(loaded, inputs.schema, inputs.header, inputs.exports)


@pytest.fixture(scope="module")
def names(livekit: Binding) -> Names:
    assert livekit.schema is not None
    return Names(Path("test"), SchemaIndex(livekit.schema))


def operations(binding: Binding, case: str) -> list[Operation]:
    """The operations of a request: one, or one for each request nested in it."""
    return [o for o in binding.operations if call(o).case == case]


def call(operation: Operation) -> MessageCall:
    assert isinstance(operation.call, MessageCall)
    return operation.call


def arrivals(binding: Binding, origin: Origin, carrier: str) -> set[tuple[str, str]]:
    kinds = {kind.name: (kind.owned_message or "").rpartition(".")[2] for kind in binding.kinds}
    found = [a for a in binding.acquisitions if a.origin is origin and a.carrier == carrier]
    return {(kinds[a.kind], str(a.path)) for a in found}


def test_counts(livekit: Binding) -> None:
    counts = dict(summary(livekit))
    assert (counts["requests"], counts["responses"], counts["events"]) == (90, 89, 47)
    assert len(REQUESTS) == 90
    assert len(EVENTS) == 47


@pytest.mark.parametrize("row", REQUESTS, ids=lambda row: row.case)
def test_every_request(livekit: Binding, row: Request) -> None:
    found = operations(livekit, row.case)
    assert found
    for operation in found:
        message_call = call(operation)
        assert message_call.message == f"livekit.proto.{row.request}"
        assert message_call.response.case == row.response_case
        assert message_call.response.message == f"livekit.proto.{row.response}"
        assert (message_call.async_id == "request_async_id") is row.chooses_id
        callback = message_call.callback
        assert ((callback.case, callback.message.rpartition(".")[2]) if callback else None) == row.callback
        at_top = [b for b in operation.borrows if len(b.path.steps) == 1]
        assert {(b.path.plain, b.kind, b.mode.value) for b in at_top} == set(row.handles)
        assert len(operation.borrows) == len(row.handles)
        assert arrivals(livekit, Origin.RESPONSE, operation.name) == set(row.owned)
        assert arrivals(livekit, Origin.CALLBACK, operation.name) == set(row.callback_owned)


def test_no_request_that_the_table_lacks(livekit: Binding) -> None:
    assert {call(o).case for o in livekit.operations} == {row.case for row in REQUESTS}


def test_every_event(livekit: Binding) -> None:
    callbacks = {c.case: c.number for o in livekit.operations if (c := call(o).callback)}
    routes = {d.route.case: d.route.number for d in livekit.deliveries}
    assert {row.case: row.number for row in EVENTS} == callbacks | routes
    for row in EVENTS:
        for delivery in (d for d in livekit.deliveries if d.route.case == row.case):
            correlation = {delivery.route.correlation} - {None}
            assert correlation == {key for key in row.keys if key.endswith("_handle")}
            assert (delivery.target is not None) == bool(correlation), delivery.name


def test_every_room_event(livekit: Binding) -> None:
    arms = {d.route.arm: d.route.arm_number for d in livekit.deliveries if d.route.case == "room_event"}
    without = dict(ROOM_EVENTS_WITHOUT_HANDLES)
    bringing = {arm: number for arm, number, _, _ in ROOM_EVENTS_WITH_HANDLES}
    assert arms == without | bringing
    assert len(arms) == 44


def test_every_handle_that_an_event_brings(livekit: Binding) -> None:
    kinds = {kind.name: (kind.owned_message or "").rpartition(".")[2] for kind in livekit.kinds}
    expected = {(f"room_event.{arm}", message, path) for arm, _, message, path in ROOM_EVENTS_WITH_HANDLES}
    for row in EVENTS:
        if row.case.endswith("_event"):
            for message, path in row.owned:
                arm, _, rest = path.partition(".")
                expected.add((f"{row.case}.{arm.rstrip('?')}", message, rest))
    found = [a for a in livekit.acquisitions if a.origin is Origin.EVENT]
    assert {(a.carrier, kinds[a.kind], a.path.plain if a.path else "") for a in found} == expected
    assert len(found) == len(expected) == 10


def test_the_response_buffer(livekit: Binding) -> None:
    (buffer,) = (a for a in livekit.acquisitions if a.origin is Origin.RETURN)
    assert (buffer.kind, buffer.carrier, buffer.placement.place) == (
        "buffer",
        "livekit_ffi_request",
        Place.CALL,
    )


def test_every_pointer(livekit: Binding, names: Names) -> None:
    expected: set[tuple[str, str, bool]] = set()

    def note(root: str, path: str, goes_in: bool) -> None:
        last = names.within(f"livekit.proto.{root}", path.replace("[]", "").replace("?", ""), "test").last
        expected.add((last.message, last.field, goes_in))

    for row in REQUESTS:
        for pointer in row.pointers:
            goes_in = not pointer.startswith("resp ")
            note(row.request if goes_in else row.response, pointer.removeprefix("resp "), goes_in)
    for event in EVENTS:
        for pointer in event.pointers:
            if "`" not in pointer and "see" not in pointer:
                note(event.message, pointer, False)
    note("DataPacketReceived", "user.data.data.data_ptr", False)
    found = {(m.message, m.pointer, m.direction is not Direction.OUT) for m in livekit.memories}
    assert found == expected


def test_the_handles_that_requests_take_and_hold(livekit: Binding) -> None:
    modes = {
        mode: {(o.name, b.path.plain) for o in livekit.operations for b in o.borrows if b.mode is mode}
        for mode in BorrowMode
    }
    assert modes[BorrowMode.TAKE] == {
        ("byte_read_incremental", "reader_handle"),
        ("byte_read_all", "reader_handle"),
        ("byte_write_to_file", "reader_handle"),
        ("text_read_incremental", "reader_handle"),
        ("text_read_all", "reader_handle"),
        ("byte_stream_close", "writer_handle"),
        ("text_stream_close", "writer_handle"),
    }
    assert modes[BorrowMode.LATE] == {
        ("publish_track", "track_handle"),
        ("video_stream_from_participant", "participant_handle"),
        ("audio_stream_from_participant", "participant_handle"),
    }
    optional = {(o.name, b.path.plain) for o in livekit.operations for b in o.borrows if b.optional}
    assert optional == {("new_audio_source", "platform_audio_handle")}


@pytest.mark.parametrize(
    ("acquisition", "place", "parent", "via"),
    [
        ("ConnectCallback.result.room", Place.SESSION, None, ""),
        ("ConnectCallback.result.local_participant", Place.SIBLING, "Room", "ConnectCallback.result.room"),
        (
            "ConnectCallback.result.participants.participant",
            Place.SIBLING,
            "Room",
            "ConnectCallback.result.room",
        ),
        (
            "ConnectCallback.result.participants.publications",
            Place.SIBLING,
            "Participant",
            "ConnectCallback.result.participants.participant",
        ),
        ("PublishTrackCallback.publication", Place.RECEIVER, "Participant", ""),
        ("CreateAudioTrackResponse.track", Place.CLIENT, None, ""),
        ("CreateVideoTrackResponse.track", Place.CLIENT, None, ""),
        ("NewAudioSourceResponse.source", Place.CLIENT, None, ""),
        ("NewVideoSourceResponse.source", Place.CLIENT, None, ""),
        ("NewAudioStreamResponse.stream", Place.RECEIVER, "Track", ""),
        ("AudioStreamFromParticipantResponse.stream", Place.RECEIVER, "Participant", ""),
        ("NewVideoStreamResponse.stream", Place.RECEIVER, "Track", ""),
        ("VideoStreamFromParticipantResponse.stream", Place.RECEIVER, "Participant", ""),
        ("VideoConvertResponse.buffer", Place.CLIENT, None, ""),
        ("RemixAndResampleResponse.buffer", Place.RECEIVER, "AudioResampler", ""),
        ("ByteStreamOpenCallback.writer", Place.RECEIVER, "Participant", ""),
        ("TextStreamOpenCallback.writer", Place.RECEIVER, "Participant", ""),
        ("PublishDataTrackCallback.track", Place.RECEIVER, "Participant", ""),
        ("SubscribeDataTrackResponse.stream", Place.RECEIVER, "RemoteDataTrack", ""),
        ("NewCaptureSourceCallback.source", Place.CLIENT, None, ""),
        (
            "NewCaptureSourceCallback.source.info.video_source",
            Place.SIBLING,
            "CaptureSource",
            "NewCaptureSourceCallback.source",
        ),
        ("ParticipantConnected.info", Place.TARGET, "Room", ""),
        ("TrackPublished.publication", Place.KEY, "Participant", "participant_identity"),
        ("TrackSubscribed.track", Place.KEY, "TrackPublication", "track.info.sid"),
        ("DataPacketReceived.user.data", Place.KEY, "Participant", "participant_identity"),
        ("ByteStreamOpened.reader", Place.KEY, "Participant", "participant_identity"),
        ("TextStreamOpened.reader", Place.KEY, "Participant", "participant_identity"),
        ("DataTrackPublished.track", Place.KEY, "Participant", "track.publisher_identity"),
        ("AudioFrameReceived.frame", Place.TARGET, "AudioStream", ""),
        ("VideoFrameReceived.buffer", Place.TARGET, "VideoStream", ""),
        ("LocalTrackRepublished.publication_handle", Place.REPLACED, "Participant", "previous_sid"),
    ],
)
def test_places(livekit: Binding, acquisition: str, place: Place, parent: str | None, via: str) -> None:
    placement = livekit.acquisition(acquisition).placement
    assert (placement.place, placement.parent, placement.via) == (place, parent, via)


def test_roles(livekit: Binding) -> None:
    roles = {(a.id, a.role) for a in livekit.acquisitions if a.role}
    assert roles == {
        ("ConnectCallback.result.local_participant", "LocalParticipant"),
        ("ConnectCallback.result.participants.participant", "RemoteParticipant"),
        ("ParticipantConnected.info", "RemoteParticipant"),
        ("ConnectCallback.result.participants.publications", "RemoteTrackPublication"),
        ("TrackPublished.publication", "RemoteTrackPublication"),
        ("PublishTrackCallback.publication", "LocalTrackPublication"),
        ("LocalTrackRepublished.publication_handle", "LocalTrackPublication"),
        ("CreateVideoTrackResponse.track", "LocalTrack"),
        ("CreateAudioTrackResponse.track", "LocalTrack"),
        ("TrackSubscribed.track", "RemoteTrack"),
    }
    for operation in livekit.operations:
        for borrow in operation.borrows:
            if borrow.path.plain == "local_participant_handle":
                assert borrow.role == operation.receiver_role == "LocalParticipant", operation.name


def all_keys(binding: Binding) -> list[KeyReference]:
    found = [key for delivery in binding.deliveries for key in delivery.keys]
    for operation in binding.operations:
        answers = (call(operation).response, call(operation).callback)
        found += (*operation.keys, *(key for answer in answers if answer for key in answer.keys))
    return found


def test_keys(livekit: Binding) -> None:
    by_field: dict[str, set[str]] = {}
    for key in all_keys(livekit):
        by_field.setdefault(key.path.last.field, set()).add(key.kind)
    assert by_field == {
        "participant_identity": {"Participant"},
        "participant_identities": {"Participant"},
        "publisher_identity": {"Participant"},
        "caller_identity": {"Participant"},
        "sender_identity": {"Participant"},
        "destination_identity": {"Participant"},
        "destination_identities": {"Participant"},
        "track_sid": {"TrackPublication"},
        "track_id": {"TrackPublication"},
        "publication_sid": {"TrackPublication"},
        "previous_sid": {"TrackPublication"},
        "allowed_track_sids": {"TrackPublication"},
        "sid": {"TrackPublication", "RemoteDataTrack"},
    }


def test_every_string_called_like_a_key_is_accounted_for(livekit: Binding, names: Names) -> None:
    resolved = {(key.path.last.message, key.path.last.field) for key in all_keys(livekit)}
    roots = {call(o).message for o in livekit.operations}
    roots |= {call(o).response.message for o in livekit.operations}
    roots |= {c.message for o in livekit.operations if (c := call(o).callback)}
    roots |= {d.message for d in livekit.deliveries}
    rest = {
        f"{names.index.short(message)}.{field.name}"
        for message in names.index.below(roots)
        for field in names.index.message(message).fields
        if field.name.endswith(("sid", "sids", "identity", "identities"))
        and (message, field.name) not in resolved
    }
    assert rest == {
        # Keys where they are defined.
        "ParticipantInfo.identity",
        "TrackPublicationInfo.sid",
        "DataTrackInfo.sid",
        # Sids of participants and rooms, which nothing looks up.
        "ParticipantInfo.sid",
        "RoomInfo.sid",
        "RoomSidChanged.sid",
        "PublishDataRequest.destination_sids",
    }


def test_preconditions(livekit: Binding) -> None:
    """The aborts that client input can reach, and what goes on for ever."""
    found = {
        (o.name, p.path.plain, p.check)
        for o in livekit.operations
        for p in o.preconditions
        if o.name not in ("capture_video_frame", "video_convert")
    }
    blocks = {
        (name, field, check)
        for name in ("apm_process_stream", "apm_process_reverse_stream")
        for field, check in (("size", "multiple_of"), ("num_channels", "range"), ("sample_rate", "range"))
    }
    streams = {
        (name, field, "range")
        for name in ("new_audio_stream", "audio_stream_from_participant")
        for field in ("frame_size_ms", "num_channels")
    }
    assert found == blocks | streams | {
        ("e2ee.cryptor_set_enabled", "cryptor_set_enabled.track_sid", "prefix"),
        ("e2ee.cryptor_set_key_index", "cryptor_set_key_index.track_sid", "prefix"),
        ("unpublish_track", "track_sid", "prefix"),
        ("set_track_subscription_permissions", "permissions.allowed_track_sids", "prefix"),
        ("connect", "options.rtc_config.ice_transport_type", "range"),
        ("connect", "options.rtc_config.continual_gathering_policy", "range"),
        ("remix_and_resample", "num_channels", "range"),
        ("remix_and_resample", "buffer.num_channels", "range"),
        ("new_sox_resampler", "num_channels", "range"),
        ("new_audio_source", "queue_size_ms", "multiple_of"),
        ("new_audio_source", "num_channels", "range"),
    }
    apm = livekit.operation("apm_process_stream")
    (size,) = (p for p in apm.preconditions if p.check == "multiple_of")
    assert size.expression is not None
    assert size.expression.text == "{0} / 100 * {1} * 2"
    assert [path.plain for path in size.expression.paths] == ["sample_rate", "num_channels"]
    for name in ("capture_video_frame", "video_convert"):
        planes = {
            value.name: p.minimum
            for p in livekit.operation(name).preconditions
            if p.check == "count"
            for value in p.among
        }
        # Of a frame that is captured the alpha plane is not looked at.
        alpha = 3 if name == "capture_video_frame" else 4
        assert planes == {"I420": 3, "I420A": alpha, "I422": 3, "I444": 3, "I010": 3, "NV12": 2}
        for plane, types in ((0, {*planes}), (1, {*planes}), (2, {*planes} - {"NV12"})):
            sized = [
                value.name
                for p in livekit.operation(name).preconditions
                if p.check == "equals" and str(p.path) == f"buffer.components[{plane}].size"
                for value in p.among
            ]
            assert sorted(sized) == sorted(types)
    refused = [p for p in livekit.operation("video_convert").preconditions if p.check == "none_of"]
    assert ["ABGR"] in [[value.name for value in p.none_of] for p in refused if p.when is None]


def test_the_session(livekit: Binding) -> None:
    (session,) = livekit.sessions
    assert (session.kind, session.open, session.handshake, session.close, session.close_reason) == (
        "Room",
        "connect",
        "ready_for_room_event",
        "disconnect",
        "reason",
    )
    assert session.markers == ("room_event.eos", "disconnect")
    assert (session.announced, session.reason_enum) == (
        "room_event.disconnected",
        "livekit.proto.DisconnectReason",
    )
    assert (session.client_reason, session.unknown_reason) == ("ClientInitiated", "UnknownReason")
    assert {o.name: o.role for o in livekit.operations if o.role} == {
        "dispose": "shutdown",
        "connect": "open",
        "ready_for_room_event": "handshake",
        "disconnect": "close",
    }
    assert str(livekit.delivery("room_event.disconnected").reason) == "reason"
    assert livekit.delivery("room_event.eos").ends == "session"
    assert livekit.delivery("panic").ends == "panic"


def test_detaches(livekit: Binding) -> None:
    assert {
        (d.name.partition(".")[2], d.detaches, str(d.detach_key), d.detach_through)
        for d in livekit.deliveries
        if d.detaches
    } == {
        ("participant_disconnected", "Participant", "participant_identity", None),
        ("track_unpublished", "TrackPublication", "publication_sid", None),
        ("local_track_unpublished", "TrackPublication", "publication_sid", None),
        ("track_unsubscribed", "Track", "track_sid", "TrackPublication"),
        ("data_track_unpublished", "RemoteDataTrack", "sid", None),
    }


def test_updates(livekit: Binding) -> None:
    found = {
        (d.name.partition(".")[2], u.kind, str(u.reference or ""), *what)
        for d in livekit.deliveries
        for u in d.updates
        for what in [
            *((("whole" if not u.many else "each"), str(u.whole)) for _ in (0,) if u.whole is not None),
            *((field, str(path)) for field, path in u.fields),
            *u.constants,
            *((f"state {name}", str(path)) for name, path in u.state),
        ]
    }
    by_identity = ("Participant", "participant_identity")
    assert found == {
        ("participant_disconnected", *by_identity, "disconnect_reason", "disconnect_reason"),
        ("participant_metadata_changed", *by_identity, "metadata", "metadata"),
        ("participant_name_changed", *by_identity, "name", "name"),
        ("participant_attributes_changed", *by_identity, "attributes", "attributes[]"),
        ("participant_permission_changed", *by_identity, "permission", "permission?"),
        ("participant_active", *by_identity, "state", "ParticipantState.Active"),
        ("participant_encryption_status_changed", *by_identity, "state is_encrypted", "is_encrypted"),
        ("e2ee_state_changed", *by_identity, "state encryption_state", "state"),
        ("connection_quality_changed", *by_identity, "state connection_quality", "quality"),
        ("participants_updated", "Participant", "", "each", "participants[]"),
        ("room_metadata_changed", "Room", "", "metadata", "metadata"),
        ("room_sid_changed", "Room", "", "sid", "sid"),
        ("room_updated", "Room", "", "whole", ""),
        ("moved", "Room", "", "whole", ""),
        ("connection_state_changed", "Room", "", "state connection_state", "state"),
        ("track_muted", "TrackPublication", "track_sid", "muted", "true"),
        ("track_muted", "Track", "track_sid", "muted", "true"),
        ("track_unmuted", "TrackPublication", "track_sid", "muted", "false"),
        ("track_unmuted", "Track", "track_sid", "muted", "false"),
        ("local_track_republished", "TrackPublication", "previous_sid", "whole", "info"),
    }
    (republished,) = livekit.delivery("room_event.local_track_republished").updates
    assert republished.renews_key


def test_methods(livekit: Binding) -> None:
    methods = {o.name: f"{o.receiver_role or o.receiver or 'client'}.{o.method}" for o in livekit.operations}
    for name, method in {
        "connect": "client.ConnectAsync",
        "create_audio_track": "client.CreateAudioTrack",
        "new_audio_source": "client.NewAudioSource",
        "capture_audio_frame": "AudioSource.CaptureFrameAsync",
        "capture_video_frame": "VideoSource.CaptureFrame",
        "publish_track": "LocalParticipant.PublishTrackAsync",
        "local_track_mute": "LocalTrack.Mute",
        "enable_remote_track": "RemoteTrack.SetEnabled",
        "get_stats": "Track.GetStatsAsync",
        "apm_process_stream": "Apm.ProcessStream",
        "local_data_track_try_push": "LocalDataTrack.TryPush",
        "remote_data_track_is_published": "RemoteDataTrack.IsPublished",
        "data_track_stream_read": "DataTrackStream.Read",
        "byte_stream_close": "ByteStreamWriter.CloseAsync",
        "set_subscribed": "RemoteTrackPublication.SetSubscribed",
        "e2ee.set_key": "Room.E2eeSetKey",
        "audio_stream_from_participant": "Participant.NewAudioStream",
    }.items():
        assert methods[name] == method


def test_a_frame_is_captured_from_its_samples_alone(livekit: Binding) -> None:
    operation = livekit.operation("capture_audio_frame")
    assert [f.parameter for f in operation.fields if f.parameter] == ["data"]
    values = {f.path.plain: (f.source, f.value) for f in operation.fields if f.value}
    assert values == {
        "buffer.num_channels": (ParameterSource.CREATION, "num_channels"),
        "buffer.sample_rate": (ParameterSource.CREATION, "sample_rate"),
        "buffer.samples_per_channel": (ParameterSource.EXPRESSION, "{span}.Length / {num_channels}"),
    }
    remembered = {(r.name, r.operation, r.path.plain) for r in livekit.kind("AudioSource").remembered}
    assert remembered == {
        ("num_channels", "new_audio_source", "num_channels"),
        ("sample_rate", "new_audio_source", "sample_rate"),
    }


def test_lifetimes_threads_and_classes(livekit: Binding) -> None:
    lifetimes = {k.name: k.lifetime for k in livekit.kinds if k.lifetime is not Lifetime.TREE}
    assert lifetimes == {
        "AudioFrameBuffer": Lifetime.FRAME,
        "VideoBuffer": Lifetime.FRAME,
        "Buffer": Lifetime.CLAIMED,
        "ByteStreamReader": Lifetime.CLAIMED,
        "TextStreamReader": Lifetime.CLAIMED,
    }
    assert {d.name for d in livekit.deliveries if d.thread is ThreadPolicy.INLINE} == {
        "audio_stream_event.frame_received",
        "video_stream_event.frame_received",
    }
    renamed = {k.name: k.type_name for k in livekit.kinds if k.name != k.type_name}
    assert renamed == {
        "AudioFrameBuffer": "AudioFrame",
        "VideoBuffer": "VideoFrame",
        "Buffer": "DataBuffer",
    }
    closes = {k.name: k.release.close_operation for k in livekit.kinds if k.release.close_operation}
    assert closes == {"ByteStreamWriter": "byte_stream_close", "TextStreamWriter": "text_stream_close"}


def test_children_are_released_before_their_parents(livekit: Binding) -> None:
    order = {name: position for position, name in enumerate(livekit.release_order)}
    assert set(order) == {kind.name for kind in livekit.kinds}
    for kind in livekit.kinds:
        for parent in kind.parents:
            assert order[kind.name] < order[parent]


def test_what_the_stale_header_lacks_is_told(livekit: Binding) -> None:
    assert {f.name for f in livekit.entry_points.functions} == {
        "livekit_ffi_request",
        "livekit_ffi_drop_handle",
        "livekit_ffi_initialize",
        "livekit_ffi_dispose",
    }
    assert [note.code for note in livekit.notes] == ["GB104", "GB104"]
    for note, name in zip(livekit.notes, ("livekit_ffi_dispose", "livekit_ffi_initialize"), strict=True):
        assert name in note.text
        assert "configuration" in note.text
