//! What a session sends into its room: tracks and streams.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{Event, Session};
use crate::{
    data_stream::{Info, Writer},
    media::Publishing,
    proto::{
        room_event, LocalTrackPublished, LocalTrackUnpublished, OwnedTrackPublication, TrackKind,
        TrackPublishOptions, VideoCodec,
    },
    server::Server,
    world::Published,
};

impl Session {
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

    /// The handle that names a local publication after a reconnect.
    pub(super) fn republish(
        self: &Arc<Self>,
        server: &Server,
        published: &Arc<Published>,
        previous_sid: &str,
    ) -> u64 {
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
}
