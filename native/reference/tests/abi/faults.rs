//! Faults of handles, callbacks and ends, and the full reconnect: what the library does wrong when it is told to.

use crate::{ask, event, lab::*, room_event};

fn connects() -> usize {
    events(|received| matches!(received.event, Event::Connect(_)).then_some(())).len()
}

#[test]
fn a_callback_can_come_before_its_response() {
    let _lab = Lab::new();
    set_faults(Some("room"), Faults { callback_before_response: Some(true), ..Faults::default() });
    for count in 1..=20 {
        connect_request("ref://local/room", "me", None);
        assert_eq!(connects(), count, "the callback was delivered while the request ran");
    }
    set_faults(None, Faults { callback_before_response: Some(true), ..Faults::default() });
    let source_handle = audio_source(1, 48000);
    let buffer = buffer_info(&[0; 480], 1, 48000);
    ask!(CaptureAudioFrame CaptureAudioFrameRequest { source_handle, buffer, request_async_id: Some(3) });
    let captured = events(|received| matches!(received.event, Event::CaptureAudioFrame(_)).then_some(()));
    assert_eq!(captured.len(), 1);
}

#[test]
fn a_bool_can_be_dirty() {
    let _lab = Lab::new();
    let source = audio_source(1, 48000);
    assert_eq!(drop_raw(source), 1);
    assert_eq!(drop_raw(source), 0);
    let source = audio_source(1, 48000);
    set_faults(None, Faults { dirty_bool: Some(true), ..Faults::default() });
    for known in [1, 0] {
        let raw = drop_raw(source);
        assert_eq!(raw & 0xff, known);
        assert_ne!(raw >> 8, 0);
    }
}

#[test]
fn faults_end_with_dispose() {
    let _lab = Lab::new();
    set_faults(None, Faults { dirty_bool: Some(true), ..Faults::default() });
    dispose();
    assert_eq!(drop_raw(0), 0);
}

#[test]
fn a_full_reconnect_brings_everything_anew() {
    let _lab = Lab::new();
    for renewed in [false, true] {
        set_faults(Some("room"), Faults { republished_handle_is_new: Some(renewed), ..Faults::default() });
        join("room", "bob");
        let sid = publish("room", "bob", TrackKind::KindAudio);
        let room = connect("room", "me");
        let old = room_event!(room.id, TrackSubscribed).track.handle.id;
        let publication = publish_local(&room, audio_track(audio_source(1, 48000)));
        room_event!(room.id, LocalTrackPublished);
        let before = room_events(room.id).len();

        let room_name = || "room".to_owned();
        assert_eq!(ask!(ControlReconnect ControlReconnectRequest { room_name: room_name() }).sessions, 1);
        room_event!(room.id, Reconnected);
        assert_eq!(
            room_events(room.id)[before..],
            [
                "TrackUnsubscribed",
                "TrackUnpublished",
                "ParticipantDisconnected",
                "ConnectionStateChanged",
                "Reconnecting",
                "ParticipantConnected",
                "ParticipantActive",
                "TrackPublished",
                "TrackSubscribed",
                "LocalTrackRepublished",
                "ConnectionStateChanged",
                "Reconnected",
            ]
        );
        let track = room_event!(room.id, TrackSubscribed).track;
        assert_ne!(track.handle.id, old);
        assert_eq!(track.info.sid, sid, "a scripted track keeps its sid");
        let republished = room_event!(room.id, LocalTrackRepublished);
        assert_eq!(republished.previous_sid, publication.info.sid);
        assert_ne!(republished.info.sid, publication.info.sid);
        assert_eq!(republished.publication_handle != publication.handle.id, renewed);
        assert!(drop_handle(republished.publication_handle));
        assert_eq!(drop_handle(publication.handle.id), renewed, "the old handle is another one");

        // The next reconnect names the same handle again.
        ask!(ControlReconnect ControlReconnectRequest { room_name: room_name() });
        let again = room_event!(room.id, LocalTrackRepublished);
        assert_eq!(again.publication_handle, republished.publication_handle);
        disconnect(&room);
        leave("room", "bob");
    }
}

fn late() -> Faults {
    Faults { room_looked_up_late: Some(true), ..Faults::default() }
}

#[test]
fn a_room_that_is_looked_up_late_is_gone() {
    aborts("faults::a_room_that_is_looked_up_late_is_gone", "the room is gone", || {
        let _lab = Lab::new();
        set_faults(Some("room"), late());
        let room = connect("room", "me");
        hold_callbacks("room");
        disconnect_request(&room);
        assert!(drop_handle(room.id));
        release_callbacks("room", 1);
    });
}

#[test]
fn a_room_that_is_looked_up_late_closes_while_its_handle_lives() {
    let _lab = Lab::new();
    set_faults(Some("room"), late());
    let room = connect("room", "me");
    hold_callbacks("room");
    let async_id = disconnect_request(&room);
    release_callbacks("room", 1);
    disconnected(async_id);
    room.drop_all();
    assert_eq!(diagnostics().handles.total, 0);
}

#[test]
fn a_room_that_is_looked_up_at_once_may_go() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    hold_callbacks("room");
    let async_id = disconnect_request(&room);
    room.drop_all();
    disconnected(async_id);
    room_event!(room.id, Disconnected);
    assert_eq!(diagnostics().handles.total, 0);
}

fn fate(fate: CallbackFate) -> Faults {
    Faults { callback_fate: Some(fate.into()), ..Faults::default() }
}

#[test]
fn a_callback_can_be_held_back() {
    let _lab = Lab::new();
    hold_callbacks("room");
    let first = connect_request("ref://local/room", "one", None);
    poll("the first callback", || (diagnostics().held_callbacks == 1).then_some(()));
    let second = connect_request("ref://local/room", "two", None);
    poll("the second callback", || (diagnostics().held_callbacks == 2).then_some(()));
    assert_eq!(connects(), 0);
    release_callbacks("room", 2);
    poll("both callbacks", || (connects() == 2).then_some(()));
    let order = events(|received| match &received.event {
        Event::Connect(callback) => Some(callback.async_id),
        _ => None,
    });
    assert_eq!(order, [first, second]);
}

#[test]
fn a_callback_that_is_held_back_ends_with_dispose() {
    let _lab = Lab::new();
    hold_callbacks("room");
    connect_request("ref://local/room", "me", None);
    poll("the callback", || (diagnostics().held_callbacks == 1).then_some(()));
    dispose();
    poll("the end of the connect", || {
        let after = diagnostics();
        let over = after.tasks.iter().all(|task| task.name == "logs");
        (over && after.handles.total == 0 && after.sockets.is_empty()).then_some(())
    });
    assert_eq!(connects(), 0);
}

#[test]
fn a_callback_can_be_lost_with_what_it_brings() {
    let _lab = Lab::new();
    set_faults(Some("room"), fate(CallbackFate::CallbackNever));
    connect_request("ref://local/room", "me", None);
    poll("the end of the operation", || (tasks("operation") == 0).then_some(()));
    let after = diagnostics();
    assert_eq!((connects(), after.handles.total, after.sessions, after.sockets.len()), (0, 0, 0, 0));

    set_faults(Some("room"), Faults::default());
    let room = connect("room", "me");
    let track = audio_track(audio_source(1, 48000));
    let before = diagnostics().handles.total;
    set_faults(Some("room"), fate(CallbackFate::CallbackNever));
    publish_request(&room, track);
    room_event!(room.id, LocalTrackPublished);
    assert_eq!(diagnostics().handles.total, before);
    assert!(events(|received| matches!(received.event, Event::PublishTrack(_)).then_some(())).is_empty());
}

#[test]
fn a_callback_can_come_twice() {
    let _lab = Lab::new();
    set_faults(Some("room"), fate(CallbackFate::CallbackTwice));
    let room = connect("room", "me");
    poll("the second callback", || (connects() == 2).then_some(()));
    let publication = publish_local(&room, audio_track(audio_source(1, 48000)));
    let again = event!(PublishTrack);
    assert_eq!(again.message, Some(publish_track_callback::Message::Publication(publication)));
}

/// Whether another room connects and closes ten times while a callback is delayed.
fn overtaken(delay: u32, room_name: &str) -> bool {
    set_faults(Some(room_name), Faults { callback_delay_ms: Some(delay), ..Faults::default() });
    let late = connect_request(&format!("ref://local/{room_name}"), "me", None);
    for _ in 0..10 {
        disconnect(&connect("other", "me"));
    }
    let early = events(|received| {
        matches!(&received.event, Event::Connect(callback) if callback.async_id == late).then_some(())
    });
    connect_result(late);
    early.is_empty()
}

#[test]
fn a_callback_can_be_late() {
    let _lab = Lab::new();
    // A busy machine may need the longer ones for its ten rooms.
    let mut delays = [100, 400, 1600, 6400].into_iter();
    assert!(delays.any(|delay| overtaken(delay, &format!("room{delay}"))), "it came before its time");
}

#[test]
fn a_publication_can_have_a_handle_that_nobody_names() {
    let _lab = Lab::new();
    let never_named = Faults { publication_never_named: Some(true), ..Faults::default() };
    set_faults(Some("room"), never_named);
    let room = connect("room", "me");
    let track = audio_track(audio_source(1, 48000));
    let publication = publish_local(&room, track);
    assert_eq!(diagnostics().handles.publications, 2);
    assert!(drop_handle(publication.handle.id));
    assert_eq!(diagnostics().handles.publications, 1);
}

#[test]
fn each_marker_of_the_end_can_be_lost() {
    let _lab = Lab::new();
    let lost = |disconnected, eos, callback| Faults {
        disconnected_lost: Some(disconnected),
        end_of_stream_lost: Some(eos),
        disconnect_callback_lost: Some(callback),
        ..Faults::default()
    };
    let names = ["ConnectionStateChanged", "Disconnected", "Eos", "DisconnectCallback"];
    for (number, (disconnected, eos, callback)) in
        [(true, false, false), (false, true, false), (false, false, true), (true, true, true)]
            .into_iter()
            .enumerate()
    {
        let name = format!("room{number}");
        set_faults(Some(&name), lost(disconnected, eos, callback));
        let room = connect(&name, "me");
        room_event!(room.id, RoomSidChanged);
        room_event!(room.id, ConnectionStateChanged);
        let before = room_events(room.id).len();
        disconnect_request(&room);
        poll("the end of the tasks", || (tasks("operation") + tasks("room_events") == 0).then_some(()));
        let here = [true, !disconnected, !eos, !callback];
        let expected: Vec<_> =
            names.into_iter().zip(here).filter(|(_, here)| *here).map(|(name, _)| name).collect();
        assert_eq!(room_events(room.id)[before..], expected);
        room.drop_all();
    }
    assert_eq!(diagnostics().handles.total, 0);
}

#[test]
fn a_close_can_take_its_time_and_hand_over_more() {
    let _lab = Lab::new();
    set_faults(Some("room"), Faults { close_takes_ms: Some(35), ..Faults::default() });
    let room = connect("room", "me");
    room_event!(room.id, ConnectionStateChanged);
    let before = room_events(room.id).len();
    disconnect(&room);
    let names = room_events(room.id).split_off(before);
    for name in [
        "ParticipantConnected",
        "TrackPublished",
        "TrackSubscribed",
        "DataPacketReceived",
        "TextStreamOpened",
    ] {
        assert!(names.iter().filter(|other| *other == name).count() >= 2, "{name} in {names:?}");
    }
    assert_eq!(names[names.len() - 3..], ["Disconnected", "Eos", "DisconnectCallback"]);
    let handles = diagnostics().handles;
    assert!(handles.tracks >= 2 && handles.publications >= 2 && handles.data_buffers >= 2, "{handles:?}");
}

#[test]
fn the_library_can_give_up_waiting_for_a_client_that_is_not_ready() {
    let _lab = Lab::new();
    set_faults(Some("room"), Faults { ready_times_out: Some(true), ..Faults::default() });
    join("room", "bob");
    let room = connect_with("room", "me", None);
    assert!(event!(Panic).message.contains("room"));
    assert!(!drop_handle(room.id));
    assert!(request(Request::ReadyForRoomEvent(ReadyForRoomEventRequest { room_handle: room.id })).is_none());
    assert!(drop_handle(room.local));
    assert!(drop_handle(room.result.participants[0].participant.handle.id));
    assert_eq!(room_events(room.id), [""; 0]);
    let after = diagnostics();
    assert_eq!((after.handles.total, after.sessions, after.sockets.len()), (0, 0, 0));
}

fn open_writer(room: &Room) -> u64 {
    let options = StreamTextOptions { topic: "topic".to_owned(), ..StreamTextOptions::default() };
    let local_participant_handle = room.local;
    ask!(TextStreamOpen TextStreamOpenRequest { local_participant_handle, options, request_async_id: None });
    match event!(TextStreamOpen).result {
        Some(text_stream_open_callback::Result::Writer(writer)) => writer.handle.id,
        other => panic!("the stream was answered {other:?}"),
    }
}

fn needs_runtime() -> Faults {
    Faults { drop_needs_runtime: Some(true), ..Faults::default() }
}

#[test]
fn a_drop_can_need_a_runtime() {
    aborts("faults::a_drop_can_need_a_runtime", "without a runtime", || {
        let _lab = Lab::new();
        set_faults(Some("room"), needs_runtime());
        drop_handle(open_writer(&connect("room", "me")));
    });
}

#[test]
fn a_drop_needs_no_runtime_once_the_stream_is_over() {
    let _lab = Lab::new();
    set_faults(Some("room"), needs_runtime());
    let room = connect("room", "me");
    let writer = open_writer(&room);
    disconnect(&room);
    assert!(drop_handle(writer));
}
