//! Participants and what they publish.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::watch;

use super::{new_sid, now};
use crate::{
    media::Track,
    proto::{
        AttributesEntry, ConnectionQuality, DisconnectReason, ParticipantInfo, ParticipantKind,
        ParticipantState, TrackKind, TrackPublicationInfo, TrackSource,
    },
};

/// A track as its room knows it.
pub struct Published {
    pub track: Arc<Track>,
    pub source: TrackSource,
    pub simulcasted: bool,
    pub width: u32,
    pub height: u32,
    pub mime_type: &'static str,
    pub(super) sid: Mutex<String>,
}

impl Published {
    pub fn new(
        track: Arc<Track>,
        source: TrackSource,
        simulcasted: bool,
        mime_type: &'static str,
    ) -> Arc<Self> {
        let (width, height) = match (&track.source, track.kind) {
            (Some(source), _) => (source.width, source.height),
            (None, TrackKind::KindVideo) => (SCRIPTED_SIDE, SCRIPTED_SIDE),
            (None, _) => (0, 0),
        };
        let sid = Mutex::new(new_sid("TR"));
        Arc::new(Self { track, source, simulcasted, width, height, mime_type, sid })
    }

    pub fn sid(&self) -> String {
        self.sid.lock().clone()
    }

    pub fn info(&self, remote: bool) -> TrackPublicationInfo {
        TrackPublicationInfo {
            sid: self.sid(),
            name: self.track.name.clone(),
            kind: self.track.kind.into(),
            source: self.source.into(),
            simulcasted: self.simulcasted,
            width: self.width,
            height: self.height,
            mime_type: self.mime_type.to_owned(),
            muted: self.track.muted(),
            remote,
        }
    }
}

/// Width and height of the pictures of scripted participants.
pub const SCRIPTED_SIDE: u32 = 16;

pub(super) struct MemberState {
    pub(super) name: String,
    pub(super) metadata: String,
    pub(super) attributes: BTreeMap<String, String>,
    tracks: Vec<Arc<Published>>,
    disconnected: Option<DisconnectReason>,
}

/// A participant as its room knows it.
pub struct Member {
    pub sid: String,
    pub identity: String,
    pub(super) scripted: bool,
    joined_at: i64,
    pub(super) state: Mutex<MemberState>,
    changes: watch::Sender<u64>,
}

impl Member {
    pub fn new(identity: String, name: String, metadata: String, scripted: bool) -> Arc<Self> {
        Arc::new(Self {
            sid: new_sid("PA"),
            identity,
            scripted,
            joined_at: now(),
            state: Mutex::new(MemberState {
                name,
                metadata,
                attributes: BTreeMap::new(),
                tracks: Vec::new(),
                disconnected: None,
            }),
            changes: watch::channel(0).0,
        })
    }

    pub fn info(&self) -> ParticipantInfo {
        let state = self.state.lock();
        ParticipantInfo {
            sid: self.sid.clone(),
            name: state.name.clone(),
            identity: self.identity.clone(),
            state: match state.disconnected {
                Some(_) => ParticipantState::Disconnected,
                None => ParticipantState::Active,
            }
            .into(),
            metadata: state.metadata.clone(),
            attributes: state.attributes.clone().into_iter().collect(),
            kind: if self.scripted { ParticipantKind::Scripted } else { ParticipantKind::Standard }.into(),
            disconnect_reason: state.disconnected.unwrap_or(DisconnectReason::UnknownReason).into(),
            joined_at: self.joined_at,
        }
    }

    /// What it publishes.
    pub fn tracks(&self) -> Vec<Arc<Published>> {
        self.state.lock().tracks.clone()
    }

    /// Counts up whenever streams of the participant may have to look for another track.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Lets streams of the participant look again.
    pub fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    pub(super) fn add_track(&self, published: Arc<Published>) {
        self.state.lock().tracks.push(published);
        self.changed();
    }

    pub(super) fn remove_track(&self, sid: &str) -> Option<Arc<Published>> {
        let removed = {
            let tracks = &mut self.state.lock().tracks;
            let index = tracks.iter().position(|published| published.sid() == sid)?;
            tracks.remove(index)
        };
        self.changed();
        Some(removed)
    }

    pub(super) fn find_track(&self, sid: &str) -> Option<Arc<Published>> {
        self.state.lock().tracks.iter().find(|published| published.sid() == sid).cloned()
    }

    pub(super) fn disconnect(&self, reason: DisconnectReason) -> Vec<Arc<Published>> {
        let mut state = self.state.lock();
        state.disconnected = Some(reason);
        std::mem::take(&mut state.tracks)
    }
}

/// What changes about a participant.
#[derive(Default)]
pub struct Update {
    pub metadata: Option<String>,
    pub name: Option<String>,
    pub attributes: Vec<AttributesEntry>,
    pub quality: Option<ConnectionQuality>,
}
