//! What a test lets happen in a room without a client.

use std::sync::Arc;

use super::{Member, Packet, Published, Room, Update, World};
use crate::{
    data_stream::{Chunk, Info},
    proto::{room_event, ActiveSpeakersChanged, DisconnectReason, RoomMetadataChanged},
    session::Session,
};

impl World {
    /// Lets a scripted participant join; None when the identity is taken.
    pub fn control_join(
        &self,
        room_name: &str,
        identity: String,
        name: String,
        metadata: String,
    ) -> Option<String> {
        let mut rooms = self.rooms.lock();
        let room = rooms.entry(room_name.to_owned()).or_insert_with(Room::new);
        if room.member(&identity).is_some() {
            return None;
        }
        let member = Member::new(identity, name, metadata, true);
        room.add_member(&member);
        Some(member.sid.clone())
    }

    /// Lets a scripted participant leave; None when there is none.
    pub fn control_leave(&self, room_name: &str, identity: &str, reason: DisconnectReason) -> Option<()> {
        let mut rooms = self.rooms.lock();
        let room = rooms.get_mut(room_name)?;
        let member = Arc::clone(room.scripted(identity)?);
        room.remove_member(&member, reason);
        if room.members.is_empty() {
            rooms.remove(room_name);
        }
        Some(())
    }

    /// Lets a scripted participant publish; None when there is none.
    pub fn control_publish(&self, room_name: &str, identity: &str, published: &Arc<Published>) -> Option<()> {
        let rooms = self.rooms.lock();
        let room = rooms.get(room_name)?;
        let member = room.scripted(identity)?;
        member.add_track(Arc::clone(published));
        for session in &room.sessions {
            session.announce(member, published);
        }
        Some(())
    }

    /// Takes a scripted track back; None when there is none.
    pub fn control_unpublish(&self, room_name: &str, sid: &str) -> Option<()> {
        let rooms = self.rooms.lock();
        let room = rooms.get(room_name)?;
        let (member, published) = room.scripted_track(sid)?;
        member.remove_track(sid);
        for session in &room.sessions {
            session.withdraw(member, &published);
        }
        Some(())
    }

    /// Mutes or unmutes a scripted track; None when there is none.
    pub fn control_mute(&self, room_name: &str, sid: &str, muted: bool) -> Option<()> {
        let rooms = self.rooms.lock();
        let room = rooms.get(room_name)?;
        let (member, published) = room.scripted_track(sid)?;
        room.set_muted(member, &published, muted);
        Some(())
    }

    /// A scripted track.
    pub fn control_track(&self, room_name: &str, sid: &str) -> Option<Arc<Published>> {
        let rooms = self.rooms.lock();
        rooms.get(room_name)?.scripted_track(sid).map(|(_, published)| published)
    }

    /// Lets a scripted participant send a packet; None when there is none.
    pub fn control_send_data(&self, room_name: &str, identity: &str, packet: &Packet) -> Option<()> {
        let rooms = self.rooms.lock();
        let room = rooms.get(room_name)?;
        room.send_data(room.scripted(identity)?, packet, &[]);
        Some(())
    }

    /// Lets a scripted participant send a stream; None when there is none.
    pub fn control_send_stream(
        &self,
        room_name: &str,
        identity: &str,
        info: &Info,
        chunks: Vec<Vec<u8>>,
        leave_open: bool,
    ) -> Option<()> {
        let mut rooms = self.rooms.lock();
        let room = rooms.get_mut(room_name)?;
        let writer = room.open_stream(room.scripted(identity)?, info, &[]);
        for chunk in chunks.into_iter().map(Chunk::Data).chain((!leave_open).then(Chunk::regular_end)) {
            // The stream was opened just now, so it is not closed.
            let _ = writer.send(chunk);
        }
        if leave_open {
            room.open_streams.push((identity.to_owned(), writer));
        }
        Some(())
    }

    /// Changes a scripted participant; None when there is none.
    pub fn control_update(&self, room_name: &str, identity: &str, update: Update) -> Option<()> {
        let rooms = self.rooms.lock();
        let room = rooms.get(room_name)?;
        room.update(room.scripted(identity)?, update);
        Some(())
    }

    /// Changes a room's metadata; None when there is none.
    pub fn control_update_room(&self, room_name: &str, metadata: String) -> Option<()> {
        let mut rooms = self.rooms.lock();
        let room = rooms.get_mut(room_name)?;
        room.metadata.clone_from(&metadata);
        room.tell_all(&room_event::Message::RoomMetadataChanged(RoomMetadataChanged { metadata }));
        room.tell_all(&room_event::Message::RoomUpdated(room.info(room_name)));
        Some(())
    }

    /// Says who speaks; None when there is no such room.
    pub fn control_speakers(&self, room_name: &str, participant_identities: Vec<String>) -> Option<()> {
        let rooms = self.rooms.lock();
        let message = ActiveSpeakersChanged { participant_identities };
        rooms.get(room_name)?.tell_all(&room_event::Message::ActiveSpeakersChanged(message));
        Some(())
    }

    /// Removes a room, and answers the sessions that have to be ended.
    pub fn control_end(&self, room_name: &str) -> Option<Vec<Arc<Session>>> {
        self.rooms.lock().remove(room_name).map(|room| room.sessions)
    }

    /// Lets every session of a room reconnect, and answers how many there are.
    pub fn control_reconnect(&self, room_name: &str) -> Option<usize> {
        let rooms = self.rooms.lock();
        let room = rooms.get(room_name)?;
        room.reconnect();
        Some(room.sessions.len())
    }
}
