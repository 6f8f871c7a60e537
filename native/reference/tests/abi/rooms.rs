//! Rooms: connecting, what remote participants do, and what local tracks do.

use crate::{ask, event, lab::*, room_event};

#[test]
fn a_refused_connect_leaves_nothing() {
    let _lab = Lab::new();
    for (url, token) in [
        ("refuse://local/room", "me"),
        ("ref://refuse/room", "me"),
        ("ref://local/", "me"),
        ("ws://local/room", "me"),
        ("nonsense", "me"),
        ("ref://local/room", "invalid"),
        ("ref://local/room", ""),
    ] {
        let result = connect_result(connect_request(url, token, None));
        assert!(matches!(result, connect_callback::Message::Error(_)), "{url} {token}");
    }
    join("room", "bob");
    let taken = connect_result(connect_request("ref://local/room", "bob", None));
    assert!(matches!(taken, connect_callback::Message::Error(_)));
    let after = diagnostics();
    assert_eq!((after.handles.total, after.sessions, after.sockets.len()), (0, 0, 0));
}

#[test]
fn connect_brings_the_room_and_who_is_there() {
    let _lab = Lab::new();
    join("room", "bob");
    let sid = publish("room", "bob", TrackKind::KindAudio);
    let room = connect_with("room", "me|My name|text", None);
    assert_eq!(room.result.room.info.name, "room");
    assert_eq!(room.result.room.info.num_participants, 2);
    assert_eq!(room.result.room.info.num_publishers, 1);
    let local = &room.result.local_participant.info;
    assert_eq!(
        (local.identity.as_str(), local.name.as_str(), local.metadata.as_str()),
        ("me", "My name", "text")
    );
    let [bob] = &room.result.participants[..] else { panic!("there is one remote participant") };
    assert_eq!(bob.participant.info.identity, "bob");
    assert_eq!(bob.participant.info.kind(), ParticipantKind::Scripted);
    assert_eq!(bob.publications[0].info.sid, sid);
    assert!(bob.publications[0].info.remote);

    let open = diagnostics();
    assert_eq!((open.handles.rooms, open.handles.participants, open.handles.publications), (1, 2, 1));
    let sockets: Vec<_> = open.sockets.iter().map(|open| (open.name.as_str(), open.owner.as_str())).collect();
    assert_eq!(sockets, [("gathering", "task"), ("media", "candidate"), ("mdns", "task"), ("dtls", "task")]);
    assert!(open.sockets.iter().all(|socket| socket.local_address.starts_with("127.0.0.1:")));
    for name in ["room_events", "gathering", "keepalive", "mdns_query", "dtls"] {
        poll(name, || (tasks(name) == 1).then_some(()));
    }

    ready(&room);
    // What was there already is not published again, only subscribed.
    let subscribed = room_event!(room.id, TrackSubscribed);
    assert_eq!((subscribed.participant_identity.as_str(), subscribed.track.info.sid), ("bob", sid));
    assert_eq!(room_events(room.id), ["RoomSidChanged", "ConnectionStateChanged", "TrackSubscribed"]);
    disconnect(&room);
}

#[test]
fn events_wait_until_the_client_is_ready() {
    let _lab = Lab::new();
    let room = connect_with("room", "me", None);
    join("room", "bob");
    let other = connect("other", "me");
    room_event!(other.id, RoomSidChanged);
    assert!(room_events(room.id).is_empty());
    assert_eq!(diagnostics().handles.participants, 2, "no handle is made for an event that waits");
    ready(&room);
    room_event!(room.id, ParticipantActive);
    assert_eq!(
        room_events(room.id),
        ["RoomSidChanged", "ConnectionStateChanged", "ParticipantConnected", "ParticipantActive"]
    );
    ready(&room);
}

#[test]
fn a_remote_participant_comes_publishes_and_goes() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    let participant_sid = join("room", "bob");
    let connected = room_event!(room.id, ParticipantConnected);
    assert_eq!(connected.info.info.sid, participant_sid);
    let sid = publish("room", "bob", TrackKind::KindVideo);
    let published = room_event!(room.id, TrackPublished);
    assert_eq!((published.participant_identity.as_str(), &published.publication.info.sid), ("bob", &sid));
    assert_eq!(published.publication.info.width, 16);
    let subscribed = room_event!(room.id, TrackSubscribed);
    assert_eq!(subscribed.track.info.kind(), TrackKind::KindVideo);

    let kept = publish("room", "bob", TrackKind::KindAudio);
    let second = room_event!(room.id, TrackPublished);
    let second_track = room_event!(room.id, TrackSubscribed);
    ask!(ControlUnpublish ControlUnpublishRequest { room_name: "room".to_owned(), track_sid: sid.clone() });
    assert_eq!(room_event!(room.id, TrackUnsubscribed).track_sid, sid);
    assert_eq!(room_event!(room.id, TrackUnpublished).publication_sid, sid);

    leave("room", "bob");
    assert_eq!(room_event!(room.id, TrackUnsubscribed).track_sid, kept);
    assert_eq!(room_event!(room.id, TrackUnpublished).publication_sid, kept);
    let gone = room_event!(room.id, ParticipantDisconnected);
    assert_eq!(
        (gone.participant_identity.as_str(), gone.disconnect_reason()),
        ("bob", DisconnectReason::ClientInitiated)
    );

    // The library drops nothing of this by itself.
    for id in [
        subscribed.track.handle.id,
        published.publication.handle.id,
        second_track.track.handle.id,
        second.publication.handle.id,
        connected.info.handle.id,
    ] {
        assert!(drop_handle(id));
    }
    disconnect(&room);
    room.drop_all();
    assert_eq!(diagnostics().handles.total, 0);
}

#[test]
fn control_of_what_is_not_there_is_refused() {
    let _lab = Lab::new();
    let room_name = || "room".to_owned();
    let identity = || "bob".to_owned();
    let (name, metadata, reason) = (None, None, None);
    assert!(request(Request::ControlLeave(ControlLeaveRequest {
        room_name: room_name(),
        identity: identity(),
        reason
    }))
    .is_none());
    assert!(
        request(Request::ControlEndRoom(ControlEndRoomRequest { room_name: room_name(), reason })).is_none()
    );
    join("room", "bob");
    let again = ControlJoinRequest { room_name: room_name(), identity: identity(), name, metadata };
    assert!(request(Request::ControlJoin(again)).is_none());
    let track_sid = "TR_none".to_owned();
    assert!(request(Request::ControlUnpublish(ControlUnpublishRequest {
        room_name: room_name(),
        track_sid
    }))
    .is_none());
}

#[test]
fn without_auto_subscribe_the_client_subscribes() {
    let _lab = Lab::new();
    join("room", "bob");
    let sid = publish("room", "bob", TrackKind::KindAudio);
    let room = connect_with("room", "me", Some(false));
    ready(&room);
    let publication_handle = room.result.participants[0].publications[0].handle.id;
    ask!(SetSubscribed SetSubscribedRequest { subscribe: true, publication_handle });
    ask!(SetSubscribed SetSubscribedRequest { subscribe: true, publication_handle });
    let first = room_event!(room.id, TrackSubscribed).track.handle.id;
    ask!(SetSubscribed SetSubscribedRequest { subscribe: false, publication_handle });
    assert_eq!(room_event!(room.id, TrackUnsubscribed).track_sid, sid);
    ask!(SetSubscribed SetSubscribedRequest { subscribe: true, publication_handle });
    let second = room_event!(room.id, TrackSubscribed).track.handle.id;
    assert_ne!(first, second);
    let names = room_events(room.id);
    assert_eq!(names.iter().filter(|name| *name == "TrackSubscribed").count(), 2);
    // The lookup by sid was overwritten: only the second handle is closed with the room.
    disconnect(&room);
    let kinds = diagnostics().kinds;
    let count = |name: &str| kinds.iter().find(|kind| kind.name == name).map_or(0, |kind| kind.count);
    assert_eq!((count("track"), count("placeholder")), (1, 1));
    assert!(drop_handle(first) && drop_handle(second));
}

#[test]
fn changes_of_remote_participants_are_told() {
    let _lab = Lab::new();
    join("room", "bob");
    let sid = publish("room", "bob", TrackKind::KindAudio);
    let room = connect("room", "me");
    let update = ControlUpdateRequest {
        room_name: "room".to_owned(),
        identity: Some("bob".to_owned()),
        metadata: Some("text".to_owned()),
        name: Some("Bob".to_owned()),
        attributes: vec![AttributesEntry { key: "k".to_owned(), value: "v".to_owned() }],
        quality: Some(ConnectionQuality::QualityPoor.into()),
    };
    ask!(ControlUpdate update);
    assert_eq!(room_event!(room.id, ParticipantMetadataChanged).metadata, "text");
    assert_eq!(room_event!(room.id, ParticipantNameChanged).name, "Bob");
    let changed = room_event!(room.id, ParticipantAttributesChanged);
    assert_eq!((changed.attributes.len(), changed.changed_attributes.len()), (1, 1));
    assert_eq!(room_event!(room.id, ConnectionQualityChanged).quality(), ConnectionQuality::QualityPoor);

    let metadata = Some("about".to_owned());
    ask!(ControlUpdate ControlUpdateRequest { room_name: "room".to_owned(), metadata, ..Default::default() });
    assert_eq!(room_event!(room.id, RoomMetadataChanged).metadata, "about");
    assert_eq!(room_event!(room.id, RoomUpdated).metadata, "about");
    let identities = vec!["bob".to_owned()];
    ask!(ControlSpeakers ControlSpeakersRequest { room_name: "room".to_owned(), identities });
    assert_eq!(room_event!(room.id, ActiveSpeakersChanged).participant_identities, ["bob"]);
    for muted in [true, false] {
        let (room_name, track_sid) = ("room".to_owned(), sid.clone());
        ask!(ControlMute ControlMuteRequest { room_name, track_sid, muted });
    }
    assert_eq!(room_event!(room.id, TrackMuted).track_sid, sid);
    assert_eq!(room_event!(room.id, TrackUnmuted).track_sid, sid);
    disconnect(&room);
}

#[test]
fn a_local_participant_can_be_changed() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    let local_participant_handle = room.local;
    let (metadata, name, request_async_id) = ("text".to_owned(), "Me".to_owned(), None);
    ask!(SetLocalMetadata SetLocalMetadataRequest { local_participant_handle, metadata, request_async_id });
    ask!(SetLocalName SetLocalNameRequest { local_participant_handle, name, request_async_id });
    let attributes = vec![AttributesEntry { key: "k".to_owned(), value: "v".to_owned() }];
    ask!(SetLocalAttributes SetLocalAttributesRequest { local_participant_handle, attributes, request_async_id });
    assert_eq!(event!(SetLocalMetadata).error, None);
    assert_eq!(event!(SetLocalName).error, None);
    assert_eq!(event!(SetLocalAttributes).error, None);
    assert_eq!(room_event!(room.id, ParticipantMetadataChanged).participant_identity, "me");
    disconnect(&room);
    let metadata = "late".to_owned();
    ask!(SetLocalMetadata SetLocalMetadataRequest { local_participant_handle, metadata, request_async_id });
    assert!(event!(SetLocalMetadata).error.is_some());
}

#[test]
fn a_local_track_is_published_and_taken_back() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    let source = audio_source(1, 48000);
    let track = audio_track(source);
    let publication = publish_local(&room, track);
    let sid = publication.info.sid.clone();
    assert!(!publication.info.remote);
    assert_eq!(room_event!(room.id, LocalTrackPublished).track_sid, sid);

    let again = publish_request(&room, track);
    let callback = event!(PublishTrack);
    assert_eq!(callback.async_id, again);
    assert!(matches!(callback.message, Some(publish_track_callback::Message::Error(_))));

    assert!(ask!(LocalTrackMute LocalTrackMuteRequest { track_handle: track, mute: true }).muted);
    let muted = room_event!(room.id, TrackMuted);
    assert_eq!((muted.participant_identity.as_str(), muted.track_sid), ("me", sid.clone()));

    let unpublish = |track_sid: &str| UnpublishTrackRequest {
        local_participant_handle: room.local,
        track_sid: track_sid.to_owned(),
        stop_on_unpublish: true,
        request_async_id: None,
    };
    ask!(UnpublishTrack unpublish(&sid));
    assert_eq!(event!(UnpublishTrack).error, None);
    // The event was there before the callback.
    assert!(room_events(room.id).contains(&"LocalTrackUnpublished".to_owned()));
    ask!(UnpublishTrack unpublish(&sid));
    assert!(event!(UnpublishTrack).error.is_some());
    assert!(drop_handle(publication.handle.id) && drop_handle(track) && drop_handle(source));
    disconnect(&room);
}

#[test]
fn the_publish_callback_precedes_its_event() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    let source = audio_source(1, 48000);
    for _ in 0..20 {
        publish_local(&room, audio_track(source));
        room_event!(room.id, LocalTrackPublished);
    }
    let order = events(|received| match &received.event {
        Event::PublishTrack(_) => Some(true),
        Event::RoomEvent(RoomEvent { message: Some(RoomMessage::LocalTrackPublished(_)), .. }) => Some(false),
        _ => None,
    });
    assert_eq!(order, [true, false].repeat(20));
}

#[test]
fn publishing_a_dropped_track_fails_in_the_callback() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    publish_request(&room, 1 << 40);
    assert!(matches!(event!(PublishTrack).message, Some(publish_track_callback::Message::Error(_))));
}

#[test]
fn a_publish_after_the_end_fails_in_the_callback() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    let track = audio_track(audio_source(1, 48000));
    disconnect(&room);
    publish_request(&room, track);
    assert!(matches!(event!(PublishTrack).message, Some(publish_track_callback::Message::Error(_))));
    assert_eq!(diagnostics().handles.publications, 0);
}

#[test]
fn statistics_are_records_of_several_kinds() {
    let _lab = Lab::new();
    join("room", "bob");
    publish("room", "bob", TrackKind::KindVideo);
    let room = connect("room", "me");
    let remote = room_event!(room.id, TrackSubscribed).track.handle.id;
    let local = audio_track(audio_source(1, 48000));
    publish_local(&room, local);
    for (track_handle, inbound) in [(remote, true), (local, false)] {
        ask!(GetStats GetStatsRequest { track_handle, request_async_id: None });
        let stats = event!(GetStats).stats;
        assert_eq!(stats.len(), 3);
        match stats[1].stats.as_ref().expect("a record has a kind") {
            rtc_stats::Stats::InboundRtp(_) => assert!(inbound),
            rtc_stats::Stats::OutboundRtp(record) => {
                assert!(!inbound && record.outbound.quality_limitation_durations.contains_key("none"));
            }
            other => panic!("{other:?}"),
        }
    }
    poll("an answered probe", || {
        ask!(GetSessionStats GetSessionStatsRequest { room_handle: room.id, request_async_id: None });
        let Some(get_session_stats_callback::Message::Result(result)) = event!(GetSessionStats).message
        else {
            panic!("the session has statistics")
        };
        assert_eq!(result.publisher_stats.len(), 2);
        match result.subscriber_stats[0].stats.as_ref() {
            Some(rtc_stats::Stats::Transport(record)) => {
                (record.transport.packets_received > 0).then_some(())
            }
            other => panic!("{other:?}"),
        }
    });
    disconnect(&room);
}

#[test]
fn two_clients_see_each_other() {
    let _lab = Lab::new();
    let alice = connect("room", "alice");
    let bob = connect("room", "bob");
    assert_eq!(bob.result.participants[0].participant.info.identity, "alice");
    assert_eq!(room_event!(alice.id, ParticipantConnected).info.info.identity, "bob");

    let source = audio_source(2, 16000);
    let track = audio_track(source);
    let publication = publish_local(&alice, track);
    let published = room_event!(bob.id, TrackPublished);
    assert_eq!(published.publication.info.sid, publication.info.sid);
    assert!(published.publication.info.remote);
    let remote = room_event!(bob.id, TrackSubscribed).track;
    let stream = audio_stream(remote.handle.id);
    let samples: Vec<i16> = (0..320).collect();
    assert_eq!(capture(source, &samples, 2, 16000), None);
    let (heard, info) = audio_frame(stream);
    assert_eq!(heard, samples);
    assert_eq!((info.num_channels, info.sample_rate, info.samples_per_channel), (2, 16000, 160));

    let data = b"hello";
    let send = |to: &[&str]| PublishDataRequest {
        local_participant_handle: bob.local,
        data_ptr: data.as_ptr() as u64,
        data_len: data.len() as u64,
        reliable: false,
        topic: Some("greeting".to_owned()),
        destination_identities: to.iter().map(|identity| (*identity).to_owned()).collect(),
        request_async_id: None,
    };
    ask!(PublishData send(&["nobody"]));
    ask!(PublishData send(&["alice"]));
    assert_eq!(event!(PublishData).error, None);
    let packet = room_event!(alice.id, DataPacketReceived);
    assert_eq!((packet.participant_identity.as_str(), packet.kind()), ("bob", DataPacketKind::KindLossy));
    let Some(data_packet_received::Value::User(user)) = packet.value else { panic!("it is a user packet") };
    // SAFETY: the library promises the data that it describes until the handle is dropped.
    let received = unsafe {
        std::slice::from_raw_parts(user.data.data.data_ptr as *const u8, user.data.data.data_len as usize)
    };
    assert_eq!((received, user.topic.as_deref()), (&data[..], Some("greeting")));
    assert!(drop_handle(user.data.handle.id));

    disconnect(&alice);
    assert_eq!(room_event!(bob.id, TrackUnpublished).publication_sid, publication.info.sid);
    assert_eq!(room_event!(bob.id, ParticipantDisconnected).participant_identity, "alice");
    assert_eq!(room_events(alice.id).iter().filter(|name| *name == "DataPacketReceived").count(), 1);
    disconnect(&bob);
}

#[test]
fn a_second_client_of_one_identity_takes_the_place_of_the_first() {
    let _lab = Lab::new();
    let first = connect("room", "me");
    let second = connect("room", "me");
    assert!(second.result.participants.is_empty());
    let ended = room_event!(first.id, Disconnected);
    assert_eq!(ended.reason(), DisconnectReason::DuplicateIdentity);
    room_event!(first.id, Eos);
    assert_eq!(diagnostics().sessions, 1);
    disconnect(&second);
}

#[test]
fn packets_of_scripted_participants_arrive() {
    let _lab = Lab::new();
    join("room", "bob");
    let room = connect("room", "me");
    ask!(ControlSendData ControlSendDataRequest {
        room_name: "room".to_owned(),
        identity: "bob".to_owned(),
        data: vec![],
        reliable: None,
        topic: None,
    });
    let packet = room_event!(room.id, DataPacketReceived);
    assert_eq!(packet.kind(), DataPacketKind::KindReliable);
    let Some(data_packet_received::Value::User(user)) = packet.value else { panic!("it is a user packet") };
    assert_eq!(user.data.data.data_len, 0);
    assert_eq!(diagnostics().handles.data_buffers, 1);
    assert!(drop_handle(user.data.handle.id));
    ask!(ControlSendDtmf ControlSendDtmfRequest {
        room_name: "room".to_owned(),
        identity: "bob".to_owned(),
        code: 5,
        digit: Some("5".to_owned()),
    });
    let Some(data_packet_received::Value::SipDtmf(key)) = room_event!(room.id, DataPacketReceived).value
    else {
        panic!("it is a key")
    };
    assert_eq!(key.code, 5);
    assert_eq!(diagnostics().handles.data_buffers, 0);
}
