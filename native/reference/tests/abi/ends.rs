//! How sessions end, and what is left then.

use crate::{ask, lab::*, room_event};

/// Nothing of a room is open any more.
fn assert_closed() {
    let after = diagnostics();
    assert_eq!((after.sessions, after.sockets.len()), (0, 0), "{:?}", after.sockets);
    poll("the end of the tasks", || {
        let names: Vec<_> = diagnostics().tasks.into_iter().map(|task| task.name).collect();
        (names == ["logs"]).then_some(())
    });
}

#[test]
fn a_client_that_disconnects_gets_all_ends_in_order() {
    let _lab = Lab::new();
    join("room", "bob");
    publish("room", "bob", TrackKind::KindAudio);
    let room = connect("room", "me");
    let remote = room_event!(room.id, TrackSubscribed).track.handle.id;
    let stream = audio_stream(remote);
    let track = audio_track(audio_source(1, 48000));
    let publication = publish_local(&room, track);
    room_event!(room.id, LocalTrackPublished);
    let before = room_events(room.id).len();

    let request_async_id = Some(77);
    let reason = Some(DisconnectReason::RoomClosed.into());
    ask!(Disconnect DisconnectRequest { room_handle: room.id, request_async_id, reason });
    disconnected(77);
    assert_eq!(
        room_events(room.id)[before..],
        ["LocalTrackUnpublished", "ConnectionStateChanged", "Disconnected", "Eos", "DisconnectCallback"]
    );
    assert_eq!(room_event!(room.id, Disconnected).reason(), DisconnectReason::RoomClosed);
    audio_eos(stream);
    assert_closed();

    // The track that the room had subscribed is a placeholder now; the local one is untouched.
    assert!(request(Request::GetStats(GetStatsRequest { track_handle: remote, request_async_id: None }))
        .is_none());
    assert_eq!(diagnostics().handles.other, 1);
    for id in [stream, remote, publication.handle.id, track] {
        assert!(drop_handle(id));
        assert!(!drop_handle(id));
    }
    room.drop_all();
    assert_eq!(diagnostics().handles.total, 1, "the source is left");
    let drops = diagnostics().drops;
    let placeholder = drops.iter().find(|drop| drop.id == remote).expect("the drop is recorded");
    assert_eq!(placeholder.kind, "placeholder");
}

#[test]
fn a_track_that_the_client_dropped_leaves_no_placeholder() {
    let _lab = Lab::new();
    join("room", "bob");
    publish("room", "bob", TrackKind::KindAudio);
    let room = connect("room", "me");
    let remote = room_event!(room.id, TrackSubscribed).track.handle.id;
    assert!(drop_handle(remote));
    disconnect(&room);
    assert!(!drop_handle(remote));
    assert_eq!(diagnostics().handles.other, 0);
}

#[test]
fn a_room_ended_by_the_server_keeps_all_handles() {
    let _lab = Lab::new();
    join("room", "bob");
    let sid = publish("room", "bob", TrackKind::KindAudio);
    let room = connect("room", "me");
    let remote = room_event!(room.id, TrackSubscribed).track.handle.id;
    let stream = audio_stream(remote);
    let before = room_events(room.id).len();
    let total = diagnostics().handles.total;

    let reason = Some(DisconnectReason::ServerShutdown.into());
    let answer = ask!(ControlEndRoom ControlEndRoomRequest { room_name: "room".to_owned(), reason });
    assert_eq!(answer.sessions, 1);
    room_event!(room.id, Eos);
    assert_eq!(room_events(room.id)[before..], ["ConnectionStateChanged", "Disconnected", "Eos"]);
    assert_eq!(room_event!(room.id, Disconnected).reason(), DisconnectReason::ServerShutdown);
    let after = diagnostics();
    assert_eq!((after.handles.total, after.sessions, after.sockets.len()), (total, 0, 0));
    // The track is live, and its stream has not ended.
    ask!(GetStats GetStatsRequest { track_handle: remote, request_async_id: None });
    assert_eq!(tasks("stream"), 1);
    let (room_name, track_sid) = ("room".to_owned(), sid);
    assert!(request(Request::ControlMute(ControlMuteRequest { room_name, track_sid, muted: true })).is_none());

    disconnect(&room);
    audio_eos(stream);
    assert_eq!(room_events(room.id).iter().filter(|name| *name == "Eos").count(), 1);
    assert!(drop_handle(remote) && drop_handle(stream));
    room.drop_all();
    assert_eq!(diagnostics().handles.total, 0);
    assert_closed();
}

#[test]
fn every_disconnect_gets_its_callback() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    let ids: Vec<_> = (0..3).map(|_| disconnect_request(&room)).collect();
    for id in ids {
        disconnected(id);
    }
    let names = room_events(room.id);
    assert_eq!(names.iter().filter(|name| *name == "Eos").count(), 1);
    assert_eq!(names.iter().filter(|name| *name == "Disconnected").count(), 1);
}

#[test]
fn dropping_everything_right_after_the_request_is_clean() {
    let _lab = Lab::new();
    for cycle in 0..50 {
        let name = format!("room{cycle}");
        join(&name, "bob");
        publish(&name, "bob", TrackKind::KindAudio);
        let room = connect(&name, "me");
        let remote = room_event!(room.id, TrackSubscribed).track.handle.id;
        let async_id = disconnect_request(&room);
        assert!(drop_handle(room.id) && drop_handle(remote) && drop_handle(room.local));
        disconnected(async_id);
        let names = room_events(room.id);
        let end: Vec<_> = names.iter().rev().take_while(|name| *name != "TrackSubscribed").collect();
        assert_eq!(end, ["DisconnectCallback", "Eos", "Disconnected", "ConnectionStateChanged"]);
        for remote in &room.result.participants {
            assert!(drop_handle(remote.participant.handle.id));
            assert!(drop_handle(remote.publications[0].handle.id));
        }
        assert_eq!(diagnostics().handles.total, 0);
        room_event!(room.id, Eos);
        leave(&name, "bob");
    }
    assert_closed();
}

#[test]
fn dropping_the_room_without_a_disconnect_leaves_the_session_connected() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    room_event!(room.id, ConnectionStateChanged);
    assert!(drop_handle(room.id));
    room_event!(room.id, Eos);
    join("room", "bob");
    let disconnect = DisconnectRequest { room_handle: room.id, request_async_id: None, reason: None };
    assert!(request(Request::Disconnect(disconnect)).is_none());
    // The local participant still works.
    publish_local(&room, audio_track(audio_source(1, 48000)));
    let still = diagnostics();
    assert_eq!((still.sessions, still.sockets.len(), still.handles.participants), (1, 4, 1));
    assert_eq!(room_events(room.id), ["RoomSidChanged", "ConnectionStateChanged", "Eos"]);
    dispose();
    assert_closed();
    assert_eq!(room_events(room.id).len(), 3);
}

#[test]
fn a_disconnect_before_ready_delivers_its_callback_only() {
    let _lab = Lab::new();
    let room = connect_with("room", "me", None);
    disconnect(&room);
    assert_eq!(room_events(room.id), ["DisconnectCallback"]);
    ready(&room);
    room.drop_all();
    assert_closed();
    assert_eq!(room_events(room.id), ["DisconnectCallback"]);
}

#[test]
fn an_end_before_ready_is_told_when_ready() {
    let _lab = Lab::new();
    let room = connect_with("room", "me", None);
    ask!(ControlEndRoom ControlEndRoomRequest { room_name: "room".to_owned(), reason: None });
    poll("the end of the session", || (diagnostics().sessions == 0).then_some(()));
    assert!(room_events(room.id).is_empty());
    ready(&room);
    room_event!(room.id, Eos);
    assert_eq!(room_event!(room.id, Disconnected).reason(), DisconnectReason::RoomDeleted);
    room.drop_all();
    assert_closed();
}

#[test]
fn a_room_dropped_before_ready_is_silent() {
    let _lab = Lab::new();
    let room = connect_with("room", "me", None);
    assert!(drop_handle(room.id));
    poll("the end of the events", || (tasks("room_events") == 0).then_some(()));
    assert!(room_events(room.id).is_empty());
    assert_eq!(diagnostics().sessions, 1);
}

#[test]
fn two_hundred_cycles_leave_nothing() {
    let _lab = Lab::new();
    for cycle in 0..200 {
        join("room", "bob");
        publish("room", "bob", TrackKind::KindAudio);
        let room = connect("room", "me");
        let remote = room_event!(room.id, TrackSubscribed).track.handle.id;
        let source = audio_source(1, 48000);
        let track = audio_track(source);
        let publication = publish_local(&room, track);
        if cycle % 2 == 0 {
            disconnect(&room);
        } else {
            ask!(ControlEndRoom ControlEndRoomRequest { room_name: "room".to_owned(), reason: None });
        }
        room_event!(room.id, Eos);
        for id in [remote, publication.handle.id, track, source] {
            assert!(drop_handle(id));
        }
        room.drop_all();
        if cycle % 2 == 0 {
            leave("room", "bob");
        }
        assert_eq!(diagnostics().handles.total, 0);
    }
    assert_closed();
    assert!(diagnostics().drops.iter().all(|drop| drop.known));
}
