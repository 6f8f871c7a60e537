//! Faults and the full reconnect: what the library does wrong when it is told to.

use crate::{ask, lab::*, room_event};

fn set_faults(room_name: Option<&str>, faults: Faults) {
    let room_name = room_name.map(str::to_owned);
    ask!(ControlSetFaults ControlSetFaultsRequest { room_name, faults });
}

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
