//! The events of a session, in order: handles are made when an event is forwarded.

use std::sync::{atomic::Ordering, Arc};

use super::{Event, Events, Session};
use crate::{
    data_stream::{Info, Reader},
    handles::Object,
    media::TrackHandle,
    proto::{
        data_packet_received, ffi_event, room_event, BufferInfo, ByteStreamOpened, ConnectionState,
        DataPacketKind, DataPacketReceived, Disconnected, LocalTrackRepublished, OwnedBuffer,
        OwnedByteStreamReader, OwnedTextStreamReader, OwnedTrack, ParticipantConnected,
        ParticipantDisconnected, RoomEos, RoomEvent, SipDtmf, TextStreamOpened, TrackPublished,
        TrackSubscribed, UserPacket,
    },
    server::{self, Server},
    world::Packet,
};

impl Session {
    /// Forwards the events in order, each after the callback of the one before has returned.
    pub(super) async fn forward(self: Arc<Self>, mut events: Events) {
        let server = server::get();
        if self.wait_until_ready().await {
            self.forward_until_end(server, &mut events).await;
        }
        drop(events);
        self.forwarded.set();
        self.forget_when_over(server);
    }

    async fn wait_until_ready(&self) -> bool {
        tokio::select! {
            biased;
            () = self.ready.wait() => true,
            () = self.released.wait() => false,
            // Nobody can become ready without the room handle.
            () = self.orphaned.wait() => false,
        }
    }

    async fn forward_until_end(self: &Arc<Self>, server: &'static Server, events: &mut Events) {
        loop {
            let event = tokio::select! {
                biased;
                () = self.orphaned.wait(), if !self.closing.load(Ordering::SeqCst) => {
                    if self.closing.load(Ordering::SeqCst) {
                        continue;
                    }
                    self.emit_eos(server);
                    break;
                }
                event = events.recv() => event,
            };
            match event {
                Some(Event::End(reason)) => {
                    self.emit_event(server, Event::state(ConnectionState::ConnDisconnected));
                    if !self.faults().disconnected_lost() {
                        let disconnected = Disconnected { reason: reason.into() };
                        self.emit(server, room_event::Message::Disconnected(disconnected));
                    }
                    self.emit_eos(server);
                    break;
                }
                Some(event) => self.emit_event(server, event),
                None => break,
            }
        }
    }

    fn emit_eos(&self, server: &Server) {
        if !self.faults().end_of_stream_lost() {
            self.emit(server, room_event::Message::Eos(RoomEos {}));
        }
    }

    fn emit(&self, server: &Server, message: room_event::Message) {
        let room_handle = *self.room_handle.get().expect("a room is handed over before its events begin");
        server.emit(ffi_event::Message::RoomEvent(RoomEvent { room_handle, message: Some(message) }));
    }

    fn emit_event(self: &Arc<Self>, server: &'static Server, event: Event) {
        match event {
            Event::Plain(message) => self.emit(server, message),
            Event::Joined(member) => {
                let info = self.own_participant(server, &member);
                self.left.lock().remove(&member.sid);
                self.emit(server, room_event::Message::ParticipantConnected(ParticipantConnected { info }));
            }
            Event::Left(member, reason) => {
                self.emit(
                    server,
                    room_event::Message::ParticipantDisconnected(ParticipantDisconnected {
                        participant_identity: member.identity.clone(),
                        disconnect_reason: reason.into(),
                    }),
                );
                self.left.lock().insert(member.sid.clone());
                member.changed();
            }
            Event::Published(member, published) => {
                let publication = self.own_publication(server, &member, &published);
                let participant_identity = member.identity.clone();
                let message = TrackPublished { participant_identity, publication };
                self.emit(server, room_event::Message::TrackPublished(message));
            }
            Event::Subscribed(member, published) => {
                let track = TrackHandle::new(Arc::clone(&published.track), Some(Arc::clone(&published)));
                let info = track.info();
                let handle = server.handles.own(Object::Track(track));
                self.linked_tracks.lock().insert(published.sid(), handle.id);
                let participant_identity = member.identity.clone();
                let message = TrackSubscribed { participant_identity, track: OwnedTrack { handle, info } };
                self.emit(server, room_event::Message::TrackSubscribed(message));
            }
            Event::Republished { published, previous_sid } => {
                let publication_handle = self.republish(server, &published, &previous_sid);
                let info = published.info(false);
                let message = LocalTrackRepublished { publication_handle, previous_sid, info };
                self.emit(server, room_event::Message::LocalTrackRepublished(message));
            }
            Event::Data(participant_identity, packet) => {
                let message = data_packet(server, participant_identity, packet);
                self.emit(server, room_event::Message::DataPacketReceived(message));
            }
            Event::Stream(participant_identity, info, chunks) => {
                let reader = Reader::new(chunks, self.closed());
                self.emit(server, stream_opened(server, participant_identity, info, reader));
            }
            Event::Reached(reached) => {
                // Whoever waited may have given up.
                let _ = reached.send(());
            }
            Event::End(_) => unreachable!("the end is no event of its own"),
        }
    }
}

fn data_packet(server: &Server, participant_identity: String, packet: Packet) -> DataPacketReceived {
    match packet {
        Packet::User { data, reliable, topic } => {
            let bytes: Box<[u8]> = data.as_ref().into();
            let data = BufferInfo { data_ptr: bytes.as_ptr() as u64, data_len: bytes.len() as u64 };
            let handle = server.handles.own(Object::DataBuffer(bytes));
            let kind = if reliable { DataPacketKind::KindReliable } else { DataPacketKind::KindLossy };
            let user = UserPacket { data: OwnedBuffer { handle, data }, topic };
            let value = Some(data_packet_received::Value::User(user));
            DataPacketReceived { kind: kind.into(), participant_identity, value }
        }
        Packet::Dtmf { code, digit } => {
            let value = Some(data_packet_received::Value::SipDtmf(SipDtmf { code, digit }));
            DataPacketReceived { kind: DataPacketKind::KindReliable.into(), participant_identity, value }
        }
    }
}

fn stream_opened(
    server: &Server,
    participant_identity: String,
    info: Info,
    reader: Reader,
) -> room_event::Message {
    match info {
        Info::Byte(info) => {
            let handle = server.handles.own(Object::ByteStreamReader(reader));
            let reader = OwnedByteStreamReader { handle, info };
            room_event::Message::ByteStreamOpened(ByteStreamOpened { reader, participant_identity })
        }
        Info::Text(info) => {
            let handle = server.handles.own(Object::TextStreamReader(reader));
            let reader = OwnedTextStreamReader { handle, info };
            room_event::Message::TextStreamOpened(TextStreamOpened { reader, participant_identity })
        }
    }
}
