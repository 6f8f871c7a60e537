//! The requests of `track.proto`.

use std::sync::Arc;

use super::{refuse_unless, Answer, Call};
use crate::{
    callbacks, faults,
    handles::Object,
    media::{Source, TrackHandle},
    proto::{ffi_event, ffi_response::Message as Response, *},
    stats,
};

impl Call {
    fn own_track(self, source: &Arc<Source>, name: String, kind: TrackKind) -> OwnedTrack {
        let track = TrackHandle::new(source.track(name, kind), None);
        let info = track.info();
        OwnedTrack { handle: self.server.handles.own(Object::Track(track)), info }
    }

    pub(super) fn create_video_track(self, request: CreateVideoTrackRequest) -> Answer {
        let source = self.video_source(request.source_handle)?;
        let track = self.own_track(&source, request.name, TrackKind::KindVideo);
        Ok(Response::CreateVideoTrack(CreateVideoTrackResponse { track }))
    }

    pub(super) fn create_audio_track(self, request: CreateAudioTrackRequest) -> Answer {
        let source = self.audio_source(request.source_handle)?;
        let track = self.own_track(&source, request.name, TrackKind::KindAudio);
        Ok(Response::CreateAudioTrack(CreateAudioTrackResponse { track }))
    }

    pub(super) fn local_track_mute(self, request: &LocalTrackMuteRequest) -> Answer {
        let handle = self.track(request.track_handle)?;
        refuse_unless(handle.remote.is_none(), "the track is a remote one")?;
        if handle.track.set_muted(request.mute) {
            let publishing = handle.track.publishing.lock().clone();
            let told = publishing.and_then(|to| Some((to.session.upgrade()?, to.published.upgrade()?)));
            if let Some((session, published)) = told {
                self.server.world.tell_muted(&session, &published);
            }
        }
        Ok(Response::LocalTrackMute(LocalTrackMuteResponse { muted: request.mute }))
    }

    pub(super) fn enable_remote_track(self, request: &EnableRemoteTrackRequest) -> Answer {
        let handle = self.track(request.track_handle)?;
        refuse_unless(handle.remote.is_some(), "the track is a local one")?;
        handle.set_enabled(request.enabled);
        Ok(Response::EnableRemoteTrack(EnableRemoteTrackResponse { enabled: request.enabled }))
    }

    pub(super) fn get_stats(self, request: &GetStatsRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let track = self.track(request.track_handle)?;
        let callback = GetStatsCallback { async_id, error: None, stats: stats::of_track(&track) };
        self.server.spawn_operation(self.server.runtime(), faults::process(), async move {
            callbacks::deliver(self.server, None, ffi_event::Message::GetStats(callback)).await;
        });
        Ok(Response::GetStats(GetStatsResponse { async_id }))
    }
}
