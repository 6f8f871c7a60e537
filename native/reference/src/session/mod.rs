//! One client's connection to a room: its sockets, its events in order, and how it ends.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, OnceLock, Weak,
    },
};

use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use crate::{
    callbacks,
    check_list::CheckList,
    counters,
    data_stream::{Chunk, Info, Writer},
    faults,
    flag::Flag,
    handles::Object,
    held::{self, Marker},
    proto::{
        connect_callback, ffi_event, room_event, ConnectCallback, ConnectRequest, DisconnectReason, Faults,
        OwnedParticipant, OwnedRoom, OwnedTrackPublication, ParticipantActive, TrackKind, TrackSource,
        TrackUnpublished, TrackUnsubscribed,
    },
    server::Server,
    transport::{Connection, Traffic},
    world::{Member, Packet, Published, Remote},
};

mod close;
mod forward;
mod publish;
mod ticket;

pub use ticket::room_of;
use ticket::Ticket;

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
}
