//! The rooms by name: who is in them, what they publish, and who is told about a change.
//!
//! One lock guards all rooms, so that every session sees the changes of its room in one order.

use std::{
    collections::HashMap,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
    time::{SystemTime, UNIX_EPOCH},
};

use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::{
    data_stream::{Info, Writer},
    proto::{
        room_event, AttributesEntry, ConnectionQualityChanged, ConnectionState, ConnectionStateChanged,
        DisconnectReason, ParticipantAttributesChanged, ParticipantMetadataChanged, ParticipantNameChanged,
        Reconnected, Reconnecting, RoomInfo, RoomSidChanged, TrackMuted, TrackUnmuted,
    },
    session::{Event, Session},
};

mod control;
mod member;

pub use member::{Member, Published, Update, SCRIPTED_SIDE};

/// Now, in milliseconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// A new sid, different from all others.
pub fn new_sid(prefix: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{prefix}_{:08}", NEXT.fetch_add(1, Ordering::Relaxed))
}

struct Room {
    sid: String,
    metadata: String,
    creation_time: i64,
    members: Vec<Arc<Member>>,
    sessions: Vec<Arc<Session>>,
    /// Streams that scripted participants left open, with the identity of each.
    open_streams: Vec<(String, Arc<Writer>)>,
}

impl Room {
    fn new() -> Self {
        Self {
            sid: new_sid("RM"),
            metadata: String::new(),
            creation_time: now(),
            members: Vec::new(),
            sessions: Vec::new(),
            open_streams: Vec::new(),
        }
    }

    fn info(&self, name: &str) -> RoomInfo {
        RoomInfo {
            sid: Some(self.sid.clone()),
            name: name.to_owned(),
            metadata: self.metadata.clone(),
            creation_time: self.creation_time,
            num_participants: self.members.len() as u32,
            num_publishers: self.members.iter().filter(|member| !member.tracks().is_empty()).count() as u32,
        }
    }

    fn member(&self, identity: &str) -> Option<&Arc<Member>> {
        self.members.iter().find(|member| member.identity == identity)
    }

    fn scripted(&self, identity: &str) -> Option<&Arc<Member>> {
        self.member(identity).filter(|member| member.scripted)
    }

    fn scripted_track(&self, sid: &str) -> Option<(&Arc<Member>, Arc<Published>)> {
        self.members
            .iter()
            .filter(|member| member.scripted)
            .find_map(|member| member.find_track(sid).map(|published| (member, published)))
    }

    /// The sessions that see a member as a remote one.
    fn others<'a>(&'a self, member: &'a Arc<Member>) -> impl Iterator<Item = &'a Arc<Session>> {
        self.sessions.iter().filter(move |session| !Arc::ptr_eq(&session.member, member))
    }

    fn tell_all(&self, message: &room_event::Message) {
        for session in &self.sessions {
            session.push(Event::Plain(message.clone()));
        }
    }

    fn add_member(&mut self, member: &Arc<Member>) {
        for session in &self.sessions {
            session.welcome(member);
        }
        self.members.push(Arc::clone(member));
    }

    fn remove_member(&mut self, member: &Arc<Member>, reason: DisconnectReason) -> Vec<Arc<Published>> {
        self.members.retain(|other| !Arc::ptr_eq(other, member));
        self.open_streams.retain(|(identity, _)| *identity != member.identity);
        let tracks = member.disconnect(reason);
        for session in self.others(member) {
            session.farewell(member, &tracks, reason);
        }
        tracks
    }

    /// Receivers of what a member sends, with the session of each.
    fn receivers<'a>(
        &'a self,
        sender: &'a Arc<Member>,
        to: &'a [String],
    ) -> impl Iterator<Item = &'a Arc<Session>> {
        self.others(sender).filter(move |session| to.is_empty() || to.contains(&session.member.identity))
    }

    fn send_data(&self, sender: &Arc<Member>, packet: &Packet, to: &[String]) {
        for session in self.receivers(sender, to) {
            session.push(Event::Data(sender.identity.clone(), packet.clone()));
        }
    }

    fn open_stream(&self, sender: &Arc<Member>, info: &Info, to: &[String]) -> Arc<Writer> {
        let senders = self
            .receivers(sender, to)
            .map(|session| {
                let (chunks, receiver) = mpsc::unbounded_channel();
                session.push(Event::Stream(sender.identity.clone(), info.clone(), receiver));
                chunks
            })
            .collect();
        Writer::new(senders)
    }

    fn set_muted(&self, member: &Arc<Member>, published: &Published, muted: bool) {
        if published.track.set_muted(muted) {
            self.tell_muted(member, published);
        }
    }

    fn tell_muted(&self, member: &Arc<Member>, published: &Published) {
        let (participant_identity, track_sid) = (member.identity.clone(), published.sid());
        self.tell_all(&if published.track.muted() {
            room_event::Message::TrackMuted(TrackMuted { participant_identity, track_sid })
        } else {
            room_event::Message::TrackUnmuted(TrackUnmuted { participant_identity, track_sid })
        });
    }

    fn update(&self, member: &Arc<Member>, update: Update) {
        let participant_identity = member.identity.clone();
        if let Some(metadata) = update.metadata {
            member.state.lock().metadata.clone_from(&metadata);
            let participant_identity = participant_identity.clone();
            self.tell_all(&room_event::Message::ParticipantMetadataChanged(ParticipantMetadataChanged {
                participant_identity,
                metadata,
            }));
        }
        if let Some(name) = update.name {
            member.state.lock().name.clone_from(&name);
            let participant_identity = participant_identity.clone();
            self.tell_all(&room_event::Message::ParticipantNameChanged(ParticipantNameChanged {
                participant_identity,
                name,
            }));
        }
        if !update.attributes.is_empty() {
            let attributes = {
                let attributes = &mut member.state.lock().attributes;
                for entry in &update.attributes {
                    if entry.value.is_empty() {
                        attributes.remove(&entry.key);
                    } else {
                        attributes.insert(entry.key.clone(), entry.value.clone());
                    }
                }
                attributes
                    .iter()
                    .map(|(key, value)| AttributesEntry { key: key.clone(), value: value.clone() })
                    .collect()
            };
            self.tell_all(&room_event::Message::ParticipantAttributesChanged(ParticipantAttributesChanged {
                participant_identity: participant_identity.clone(),
                attributes,
                changed_attributes: update.attributes,
            }));
        }
        if let Some(quality) = update.quality {
            self.tell_all(&room_event::Message::ConnectionQualityChanged(ConnectionQualityChanged {
                participant_identity,
                quality: quality.into(),
            }));
        }
    }

    /// Lets every session go through a full reconnect: what is remote comes anew, what is local gets new sids.
    fn reconnect(&self) {
        for session in &self.sessions {
            for member in self.members.iter().filter(|member| !Arc::ptr_eq(member, &session.member)) {
                session.farewell(member, &member.tracks(), DisconnectReason::UnknownReason);
            }
            session.push(Event::state(ConnectionState::ConnReconnecting));
            session.push(Event::Plain(room_event::Message::Reconnecting(Reconnecting {})));
        }
        let mut previous_sids = HashMap::new();
        for session in &self.sessions {
            for published in session.member.tracks() {
                let sid = std::mem::replace(&mut *published.sid.lock(), new_sid("TR"));
                previous_sids.insert(published.sid(), sid);
            }
        }
        for session in &self.sessions {
            for member in self.members.iter().filter(|member| !Arc::ptr_eq(member, &session.member)) {
                session.welcome(member);
                for published in member.tracks() {
                    session.announce(member, &published);
                }
            }
            for published in session.member.tracks() {
                let previous_sid = previous_sids[&published.sid()].clone();
                session.push(Event::Republished { published, previous_sid });
            }
            session.push(Event::state(ConnectionState::ConnConnected));
            session.push(Event::Plain(room_event::Message::Reconnected(Reconnected {})));
        }
    }
}

/// What a data packet carries.
#[derive(Clone)]
pub enum Packet {
    User { data: Arc<[u8]>, reliable: bool, topic: Option<String> },
    Dtmf { code: u32, digit: Option<String> },
}

/// A remote participant with what it publishes.
pub type Remote = (Arc<Member>, Vec<Arc<Published>>);

/// What a session finds when it enters a room.
pub struct Entered {
    pub info: RoomInfo,
    pub remotes: Vec<Remote>,
    /// The session that had the same identity; it is out of the room, and has to be ended.
    pub replaced: Option<Arc<Session>>,
}

/// All rooms.
#[derive(Default)]
pub struct World {
    rooms: Mutex<HashMap<String, Room>>,
}

impl World {
    /// Forgets all rooms.
    pub fn clear(&self) {
        let rooms = std::mem::take(&mut *self.rooms.lock());
        drop(rooms);
    }

    /// Puts a session into its room, which is made when it does not exist.
    pub fn enter(&self, session: &Arc<Session>) -> Result<Entered, String> {
        let mut rooms = self.rooms.lock();
        let room = rooms.entry(session.room_name.clone()).or_insert_with(Room::new);
        let identity = &session.member.identity;
        if room.scripted(identity).is_some() {
            return Err(format!("the identity {identity} is taken by a scripted participant"));
        }
        let replaced = room.sessions.iter().find(|other| other.member.identity == *identity).cloned();
        if let Some(replaced) = &replaced {
            room.sessions.retain(|other| !Arc::ptr_eq(other, replaced));
            room.remove_member(&replaced.member, DisconnectReason::DuplicateIdentity);
        }
        let remotes: Vec<Remote> =
            room.members.iter().map(|member| (Arc::clone(member), member.tracks())).collect();
        room.add_member(&session.member);
        room.sessions.push(Arc::clone(session));

        session.push(Event::Plain(room_event::Message::RoomSidChanged(RoomSidChanged {
            sid: room.sid.clone(),
        })));
        session.push(Event::state(ConnectionState::ConnConnected));
        if session.auto_subscribe {
            for (member, tracks) in &remotes {
                for published in tracks {
                    session.subscribe(member, published);
                }
            }
        }
        Ok(Entered { info: room.info(&session.room_name), remotes, replaced })
    }

    /// Takes a session out of its room, and answers what it published there.
    pub fn leave(&self, session: &Arc<Session>, reason: DisconnectReason) -> Vec<Arc<Published>> {
        let mut rooms = self.rooms.lock();
        let Some(room) = rooms.get_mut(&session.room_name) else { return session.member.disconnect(reason) };
        if !room.sessions.iter().any(|other| Arc::ptr_eq(other, session)) {
            return session.member.disconnect(reason);
        }
        room.sessions.retain(|other| !Arc::ptr_eq(other, session));
        let tracks = room.remove_member(&session.member, reason);
        if room.members.is_empty() {
            rooms.remove(&session.room_name);
        }
        tracks
    }

    /// Runs something on the room of a session, if the session is in it.
    fn with_session<T>(&self, session: &Arc<Session>, run: impl FnOnce(&Room) -> T) -> Option<T> {
        let rooms = self.rooms.lock();
        let room = rooms.get(&session.room_name)?;
        room.sessions.iter().any(|other| Arc::ptr_eq(other, session)).then(|| run(room))
    }

    /// Publishes a track of a session's own participant; false when the session is no longer in the room.
    pub fn publish(&self, session: &Arc<Session>, published: &Arc<Published>) -> bool {
        self.with_session(session, |room| {
            session.member.add_track(Arc::clone(published));
            for other in room.others(&session.member) {
                other.announce(&session.member, published);
            }
        })
        .is_some()
    }

    /// Takes a track of a session's own participant back.
    pub fn unpublish(&self, session: &Arc<Session>, sid: &str) -> Option<Arc<Published>> {
        self.with_session(session, |room| {
            let published = session.member.remove_track(sid)?;
            for other in room.others(&session.member) {
                other.withdraw(&session.member, &published);
            }
            Some(published)
        })
        .flatten()
    }

    /// Changes a session's own participant; false when the session is no longer in the room.
    pub fn update_own(&self, session: &Arc<Session>, update: Update) -> bool {
        self.with_session(session, |room| room.update(&session.member, update)).is_some()
    }

    /// Tells a room that a session's own track was muted or unmuted.
    pub fn tell_muted(&self, session: &Arc<Session>, published: &Published) {
        self.with_session(session, |room| room.tell_muted(&session.member, published));
    }

    /// Sends a packet of a session's own participant; false when the session is no longer in the room.
    pub fn send_data(&self, session: &Arc<Session>, packet: &Packet, to: &[String]) -> bool {
        self.with_session(session, |room| room.send_data(&session.member, packet, to)).is_some()
    }

    /// Opens a stream of a session's own participant; None when the session is no longer in the room.
    pub fn open_stream(&self, session: &Arc<Session>, info: &Info, to: &[String]) -> Option<Arc<Writer>> {
        self.with_session(session, |room| room.open_stream(&session.member, info, to))
    }
}

impl Event {
    /// The connection's state changed.
    pub fn state(state: ConnectionState) -> Self {
        Self::Plain(room_event::Message::ConnectionStateChanged(ConnectionStateChanged {
            state: state.into(),
        }))
    }
}
