//! One client's connection to a room: its sockets, its events in order, and how it ends.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, OnceLock, Weak,
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use crate::{
    callbacks,
    check_list::CheckList,
    counters,
    data_stream::{text_info, Chunk, Info, Reader, Writer},
    faults,
    flag::Flag,
    handles::Object,
    held::{self, Marker},
    media::{Publishing, Track, TrackHandle},
    proto::{
        connect_callback, data_packet_received, ffi_event, room_event, BufferInfo, ByteStreamOpened,
        ConnectCallback, ConnectRequest, ConnectionState, DataPacketKind, DataPacketReceived,
        DisconnectReason, Disconnected, Faults, LocalTrackPublished, LocalTrackRepublished,
        LocalTrackUnpublished, OwnedBuffer, OwnedByteStreamReader, OwnedParticipant, OwnedRoom,
        OwnedTextStreamReader, OwnedTrack, OwnedTrackPublication, Panic, ParticipantActive,
        ParticipantConnected, ParticipantDisconnected, RoomEos, RoomEvent, SipDtmf, StreamTextOptions,
        TextStreamOpened, TrackKind, TrackPublishOptions, TrackPublished, TrackSource, TrackSubscribed,
        TrackUnpublished, TrackUnsubscribed, UserPacket, VideoCodec,
    },
    server::{self, Server},
    transport::{Connection, Traffic},
    world::{Member, Packet, Published, Remote},
};

/// Time between events while a close takes its time.
const LATE_INTERVAL: Duration = Duration::from_millis(10);

/// A room in the handle table. Dropping it without a disconnect ends its events and leaves the session connected.
pub struct RoomHandle {
    pub session: Arc<Session>,
}

impl Drop for RoomHandle {
    fn drop(&mut self) {
        self.session.orphaned.set();
    }
}

/// A participant in the handle table.
pub struct ParticipantHandle {
    pub session: Arc<Session>,
    pub member: Arc<Member>,
}

impl ParticipantHandle {
    /// Whether it is the client's own.
    pub fn is_local(&self) -> bool {
        Arc::ptr_eq(&self.member, &self.session.member)
    }

    /// What a stream of the participant has to deliver now.
    pub fn streamable(&self, kind: TrackKind, source: TrackSource) -> Option<Arc<Published>> {
        let subscribed =
            |published: &Published| self.is_local() || self.session.is_subscribed(&published.sid());
        self.member.tracks().into_iter().find(|published| {
            published.track.kind == kind && published.source == source && subscribed(published)
        })
    }
}

/// A publication in the handle table.
pub struct PublicationHandle {
    pub session: Arc<Session>,
    pub member: Arc<Member>,
    pub published: Arc<Published>,
}

/// What a session forwards. Handles are made when it is forwarded, not before.
pub enum Event {
    Plain(room_event::Message),
    Joined(Arc<Member>),
    Left(Arc<Member>, DisconnectReason),
    Published(Arc<Member>, Arc<Published>),
    Subscribed(Arc<Member>, Arc<Published>),
    Republished {
        published: Arc<Published>,
        previous_sid: String,
    },
    Data(String, Packet),
    Stream(String, Info, mpsc::UnboundedReceiver<Chunk>),
    /// Tells that everything before it was forwarded.
    Reached(oneshot::Sender<()>),
    /// Ends the events.
    End(DisconnectReason),
}

/// One client in one room.
pub struct Session {
    pub room_name: String,
    pub member: Arc<Member>,
    pub auto_subscribe: bool,
    pub traffic: Arc<Traffic>,
    room_handle: OnceLock<u64>,
    events: mpsc::UnboundedSender<Event>,
    /// The client wants events.
    ready: Flag,
    /// The client dropped the room handle.
    orphaned: Flag,
    /// The client closes the room.
    closing: AtomicBool,
    /// Whoever ends the session first.
    ended: AtomicBool,
    /// The sockets are closed, and nothing can be sent any more.
    closed: Flag,
    /// A client that closes the room does not wait for events that it never asked for.
    released: Flag,
    /// All events were forwarded.
    forwarded: Flag,
    subscribed: Mutex<HashSet<String>>,
    /// Sids of participants of which the client knows that they left.
    left: Mutex<HashSet<String>>,
    /// Track handles by sid, which closing the room releases.
    linked_tracks: Mutex<HashMap<String, u64>>,
    /// Publication handles by sid of the local publication.
    publications: Mutex<HashMap<String, u64>>,
    /// Local publications whose handle a reconnect has renewed, by that handle.
    renewed: Mutex<HashSet<u64>>,
    writers: Mutex<Vec<Weak<Writer>>>,
    /// Until it is closed.
    connection: Mutex<Option<Arc<Connection>>>,
    _marker: Marker,
}

struct Ticket {
    room_name: String,
    identity: String,
    name: String,
    metadata: String,
}

impl Ticket {
    fn read(url: &str, token: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| format!("{url:?} is not a url"))?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if scheme == "refuse" || host == "refuse" {
            return Err("the server refuses connections".to_owned());
        }
        if scheme != "ref" {
            return Err(format!("the scheme {scheme:?} is not ref"));
        }
        if path.is_empty() {
            return Err(format!("{url:?} names no room"));
        }
        let mut parts = token.splitn(3, '|');
        let identity = parts.next().unwrap_or_default();
        if identity.is_empty() || token == "invalid" {
            return Err("the token is invalid".to_owned());
        }
        Ok(Self {
            room_name: path.to_owned(),
            identity: identity.to_owned(),
            name: parts.next().unwrap_or(identity).to_owned(),
            metadata: parts.next().unwrap_or_default().to_owned(),
        })
    }
}

/// The room that a url names, whether it can be connected to or not.
pub fn room_of(url: &str) -> &str {
    url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path)
}

/// Connects and delivers the result.
pub async fn connect(server: &'static Server, async_id: u64, request: ConnectRequest) {
    let room_name = room_of(&request.url);
    let callback = |message| {
        let callback = ConnectCallback { async_id, message: Some(message) };
        callbacks::deliver(server, Some(room_name), ffi_event::Message::Connect(callback))
    };
    match Session::establish(server, &request).await {
        Ok((session, events, result)) => {
            let delivered = callback(connect_callback::Message::Result(result)).await;
            counters::spawn(server.runtime(), "room_events", Arc::clone(&session).forward(events));
            if !delivered {
                session.close(DisconnectReason::ClientInitiated).await;
            } else if session.faults().ready_times_out() {
                session.time_out(server).await;
            }
        }
        Err(error) => {
            callback(connect_callback::Message::Error(error)).await;
        }
    }
}

type Events = mpsc::UnboundedReceiver<Event>;

impl Session {
    async fn establish(
        server: &'static Server,
        request: &ConnectRequest,
    ) -> Result<(Arc<Self>, Events, connect_callback::Result), String> {
        let ticket = Ticket::read(&request.url, &request.token)?;
        let (sender, events) = mpsc::unbounded_channel();
        let traffic = Arc::new(Traffic::default());
        let connection =
            Connection::open(server.runtime(), &ticket.room_name, &ticket.identity, Arc::clone(&traffic))
                .await
                .map_err(|error| format!("no socket: {error}"))?;
        let marker = Marker::new("session", &ticket.identity, &ticket.room_name);
        let session = Arc::new(Self {
            room_name: ticket.room_name,
            member: Member::new(ticket.identity, ticket.name, ticket.metadata, false),
            auto_subscribe: request.options.auto_subscribe.unwrap_or(true),
            traffic,
            room_handle: OnceLock::new(),
            events: sender,
            ready: Flag::new(),
            orphaned: Flag::new(),
            closing: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            closed: Flag::new(),
            released: Flag::new(),
            forwarded: Flag::new(),
            subscribed: Mutex::default(),
            left: Mutex::default(),
            linked_tracks: Mutex::default(),
            publications: Mutex::default(),
            renewed: Mutex::default(),
            writers: Mutex::default(),
            connection: Mutex::new(Some(connection)),
            _marker: marker,
        });
        held::list(&session, "session", session.member.identity.clone(), &session.room_name);

        let entered = match server.world.enter(&session) {
            Ok(entered) => entered,
            Err(error) => {
                session.close_connection(&mut session.check_list()).await;
                return Err(error);
            }
        };
        server.add_session(Arc::clone(&session));
        if let Some(replaced) = entered.replaced {
            counters::spawn(server.runtime(), "server_end", async move {
                replaced.end_by_server(DisconnectReason::DuplicateIdentity).await;
            });
        }

        let room = server.handles.own(Object::Room(Arc::new(RoomHandle { session: Arc::clone(&session) })));
        session.room_handle.set(room.id).expect("a session has one room handle");
        let result = connect_callback::Result {
            room: OwnedRoom { handle: room, info: entered.info },
            local_participant: session.own_participant(server, &session.member),
            participants: entered.remotes.iter().map(|remote| session.own_remote(server, remote)).collect(),
        };
        Ok((session, events, result))
    }

    fn own_participant(self: &Arc<Self>, server: &Server, member: &Arc<Member>) -> OwnedParticipant {
        let object = ParticipantHandle { session: Arc::clone(self), member: Arc::clone(member) };
        let handle = server.handles.own(Object::Participant(Arc::new(object)));
        OwnedParticipant { handle, info: member.info() }
    }

    fn own_remote(
        self: &Arc<Self>,
        server: &Server,
        (member, tracks): &Remote,
    ) -> connect_callback::ParticipantWithTracks {
        connect_callback::ParticipantWithTracks {
            participant: self.own_participant(server, member),
            publications: tracks
                .iter()
                .map(|published| self.own_publication(server, member, published))
                .collect(),
        }
    }

    fn own_publication(
        self: &Arc<Self>,
        server: &Server,
        member: &Arc<Member>,
        published: &Arc<Published>,
    ) -> OwnedTrackPublication {
        let object = PublicationHandle {
            session: Arc::clone(self),
            member: Arc::clone(member),
            published: Arc::clone(published),
        };
        let handle = server.handles.own(Object::Publication(Arc::new(object)));
        let remote = !Arc::ptr_eq(member, &self.member);
        OwnedTrackPublication { handle, info: published.info(remote) }
    }

    async fn close_connection(&self, list: &mut CheckList) {
        self.closed.set();
        let connection = self.connection.lock().take();
        if let Some(connection) = connection {
            connection.close(list).await;
        }
    }

    fn check_list(&self) -> CheckList {
        CheckList::new(&self.room_name, &self.member.identity)
    }

    /// Becomes true when the sockets close.
    pub fn closed(&self) -> Flag {
        self.closed.clone()
    }

    /// Whether the session has ended.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    /// Lets the events begin, unless the library has given up waiting for that.
    pub fn set_ready(&self) {
        if !self.faults().ready_times_out() {
            self.ready.set();
        }
    }

    fn faults(&self) -> Faults {
        faults::of_room(&self.room_name)
    }

    /// Queues an event. After the end it is lost.
    pub fn push(&self, event: Event) {
        let _ = self.events.send(event);
    }

    /// Tells of a participant that joined.
    pub fn welcome(&self, member: &Arc<Member>) {
        self.push(Event::Joined(Arc::clone(member)));
        let participant_identity = member.identity.clone();
        self.push(Event::Plain(room_event::Message::ParticipantActive(ParticipantActive {
            participant_identity,
        })));
    }

    /// Tells of a participant that left, and of what it published.
    pub fn farewell(&self, member: &Arc<Member>, tracks: &[Arc<Published>], reason: DisconnectReason) {
        for published in tracks {
            self.withdraw(member, published);
        }
        self.push(Event::Left(Arc::clone(member), reason));
    }

    /// Tells of a publication, and subscribes to it where the client wants all.
    pub fn announce(&self, member: &Arc<Member>, published: &Arc<Published>) {
        self.push(Event::Published(Arc::clone(member), Arc::clone(published)));
        if self.auto_subscribe {
            self.subscribe(member, published);
        }
    }

    /// Tells that a publication is gone.
    pub fn withdraw(&self, member: &Arc<Member>, published: &Arc<Published>) {
        self.unsubscribe(member, published);
        self.push(Event::Plain(room_event::Message::TrackUnpublished(TrackUnpublished {
            participant_identity: member.identity.clone(),
            publication_sid: published.sid(),
        })));
    }

    /// Subscribes to a publication, if that was not done.
    pub fn subscribe(&self, member: &Arc<Member>, published: &Arc<Published>) {
        if self.subscribed.lock().insert(published.sid()) {
            self.push(Event::Subscribed(Arc::clone(member), Arc::clone(published)));
            member.changed();
        }
    }

    /// Ends a subscription, if there is one.
    pub fn unsubscribe(&self, member: &Arc<Member>, published: &Arc<Published>) {
        let track_sid = published.sid();
        if self.subscribed.lock().remove(&track_sid) {
            let participant_identity = member.identity.clone();
            self.push(Event::Plain(room_event::Message::TrackUnsubscribed(TrackUnsubscribed {
                participant_identity,
                track_sid,
            })));
            member.changed();
        }
    }

    fn is_subscribed(&self, sid: &str) -> bool {
        self.subscribed.lock().contains(sid)
    }

    /// Whether the client knows that a participant left.
    pub fn has_left(&self, member: &Member) -> bool {
        self.left.lock().contains(&member.sid)
    }

    /// Forwards the events in order, each after the callback of the one before has returned.
    async fn forward(self: Arc<Self>, mut events: Events) {
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

    /// The handle that names a local publication after a reconnect.
    fn republish(self: &Arc<Self>, server: &Server, published: &Arc<Published>, previous_sid: &str) -> u64 {
        let known = self.publications.lock().remove(previous_sid);
        let renew = self.faults().republished_handle_is_new();
        let handle = match known {
            Some(handle) if !renew || self.renewed.lock().contains(&handle) => handle,
            _ => {
                let handle = self.own_publication(server, &self.member, published).handle.id;
                self.renewed.lock().insert(handle);
                handle
            }
        };
        self.publications.lock().insert(published.sid(), handle);
        handle
    }

    /// Says that the client closes the room, so that dropping the room handle now changes nothing.
    pub fn begin_close(&self) {
        self.closing.store(true, Ordering::SeqCst);
    }

    /// Closes the room for the client: track handles, session, events, in this order.
    pub async fn close(self: &Arc<Self>, reason: DisconnectReason) {
        let server = server::get();
        self.begin_close();
        let mut list = self.check_list();
        let linked: Vec<u64> = self.linked_tracks.lock().drain().map(|(_, handle)| handle).collect();
        for handle in &linked {
            server.handles.close(*handle);
        }
        list.done("track_handles", format!("{} of subscribed tracks", linked.len()));
        if let Some(millis) = self.faults().close_takes_ms.filter(|_| !self.has_ended()) {
            self.keep_sending(Duration::from_millis(millis.into())).await;
            list.done("late_events", format!("{millis} ms of them"));
        }
        if let Some(tracks) = self.end(server, reason, list).await {
            for published in tracks {
                let publication_sid = published.sid();
                let message = LocalTrackUnpublished { publication_sid };
                self.push(Event::Plain(room_event::Message::LocalTrackUnpublished(message)));
            }
            self.push(Event::End(reason));
        }
        self.released.set();
        self.forwarded.wait().await;
        self.forget_when_over(server);
    }

    /// Lets events with handles go on for a time in which the room closes.
    async fn keep_sending(&self, time: Duration) {
        let end = Instant::now() + time;
        for number in 1.. {
            let identity = format!("late-{number}");
            let member = Member::new(identity.clone(), identity.clone(), String::new(), true);
            self.welcome(&member);
            let track = Arc::new(Track::new(identity.clone(), TrackKind::KindAudio));
            let published = Published::new(track, TrackSource::SourceMicrophone, false, "audio/opus");
            self.announce(&member, &published);
            let packet = Packet::User { data: identity.as_bytes().into(), reliable: true, topic: None };
            self.push(Event::Data(identity.clone(), packet));
            let (_, chunks) = mpsc::unbounded_channel();
            let info = text_info(StreamTextOptions::default());
            self.push(Event::Stream(identity, Info::Text(info), chunks));
            if Instant::now() >= end {
                break;
            }
            tokio::time::sleep_until(end.min(Instant::now() + LATE_INTERVAL)).await;
        }
    }

    /// Gives up waiting until the client is ready: the room and its handle are gone.
    async fn time_out(self: &Arc<Self>, server: &Server) {
        self.close(DisconnectReason::ConnectionTimeout).await;
        server.handles.forget(*self.room_handle.get().expect("a connected room was handed over"));
        let message =
            format!("the client was not ready for the events of the room {} in time", self.room_name);
        server.emit(ffi_event::Message::Panic(Panic { message }));
    }

    /// Ends the session from the server's side. All handles stay.
    pub async fn end_by_server(self: &Arc<Self>, reason: DisconnectReason) {
        let server = server::get();
        let mut list = self.check_list();
        list.skipped("track_handles", "the server ends the room, they stay the client's".to_owned());
        if self.end(server, reason, list).await.is_some() {
            self.push(Event::End(reason));
            self.forget_when_over(server);
        }
    }

    /// Leaves the room and closes the connection, once; answers what was published.
    async fn end(
        self: &Arc<Self>,
        server: &Server,
        reason: DisconnectReason,
        mut list: CheckList,
    ) -> Option<Vec<Arc<Published>>> {
        if self.ended.swap(true, Ordering::SeqCst) {
            return None;
        }
        let tracks = server.world.leave(self, reason);
        for published in &tracks {
            *published.track.publishing.lock() = None;
        }
        list.done("room", format!("left with {} published tracks", tracks.len()));
        let writers: Vec<_> = self.writers.lock().drain(..).filter_map(|writer| writer.upgrade()).collect();
        for writer in &writers {
            writer.cut();
        }
        list.done("writers", format!("{} cut", writers.len()));
        self.close_connection(&mut list).await;
        list.keep();
        Some(tracks)
    }

    fn forget_when_over(self: &Arc<Self>, server: &Server) {
        if self.has_ended() && self.forwarded.is_set() {
            server.remove_session(self);
        }
    }

    /// Publishes a local track. The callback for it has to be sent before `published_event`.
    pub fn publish(
        self: &Arc<Self>,
        server: &Server,
        track_handle: u64,
        options: &TrackPublishOptions,
    ) -> Result<(Arc<Published>, OwnedTrackPublication), String> {
        let handle = server.handles.track(track_handle).ok_or("the track handle is not known")?;
        if handle.remote.is_some() {
            return Err("the track is a remote one".to_owned());
        }
        let track = &handle.track;
        let mime_type = match (track.kind, options.video_codec()) {
            (TrackKind::KindAudio, _) => "audio/opus",
            (_, VideoCodec::Vp8) => "video/VP8",
            (_, VideoCodec::H264) => "video/H264",
            (_, VideoCodec::Av1) => "video/AV1",
        };
        let published = Published::new(
            Arc::clone(track),
            options.source(),
            options.simulcast.unwrap_or(false),
            mime_type,
        );
        {
            let mut publishing = track.publishing.lock();
            if publishing.as_ref().is_some_and(|publishing| publishing.published.strong_count() > 0) {
                return Err("the track is published already".to_owned());
            }
            *publishing =
                Some(Publishing { session: Arc::downgrade(self), published: Arc::downgrade(&published) });
        }
        if !server.world.publish(self, &published) {
            *track.publishing.lock() = None;
            return Err("the room is closed".to_owned());
        }
        let publication = self.own_publication(server, &self.member, &published);
        self.publications.lock().insert(published.sid(), publication.handle.id);
        if self.faults().publication_never_named() {
            self.own_publication(server, &self.member, &published);
        }
        Ok((published, publication))
    }

    /// Tells that a local track is published.
    pub fn push_published(&self, published: &Published) {
        let message = LocalTrackPublished { track_sid: published.sid() };
        self.push(Event::Plain(room_event::Message::LocalTrackPublished(message)));
    }

    /// Takes a local track back, and waits until the client was told.
    pub async fn unpublish(self: &Arc<Self>, server: &Server, sid: &str, stop: bool) -> Result<(), String> {
        let published =
            server.world.unpublish(self, sid).ok_or_else(|| format!("no track {sid} is published"))?;
        *published.track.publishing.lock() = None;
        if stop {
            published.track.set_muted(true);
        }
        self.publications.lock().remove(sid);
        let message = LocalTrackUnpublished { publication_sid: sid.to_owned() };
        self.push(Event::Plain(room_event::Message::LocalTrackUnpublished(message)));
        let (sender, reached) = oneshot::channel();
        self.push(Event::Reached(sender));
        // An error says that no more events come, which is an end of the wait as well.
        let _ = reached.await;
        Ok(())
    }

    /// Opens a stream to other participants; None when the room is closed.
    pub fn open_stream(self: &Arc<Self>, server: &Server, info: &Info, to: &[String]) -> Option<Arc<Writer>> {
        let writer = server.world.open_stream(self, info, to)?;
        let mut writers = self.writers.lock();
        writers.retain(|writer| writer.strong_count() > 0);
        writers.push(Arc::downgrade(&writer));
        writer.needs_runtime(self.faults().drop_needs_runtime());
        Some(writer)
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
