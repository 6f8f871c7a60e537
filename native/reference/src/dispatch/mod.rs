//! What each request does: the part on the caller's thread, and the part that runs on after the response. A module
//! for each file of the protocol.

use std::{fmt, sync::Arc};

use crate::{
    callbacks,
    data_stream::{byte_info, text_info},
    faults,
    media::{Source, TrackHandle},
    proto::{ffi_event, ffi_request::Message as Request, ffi_response::Message as Response, *},
    server::Server,
    session::{ParticipantHandle, Session},
    transport,
};

mod audio;
mod control;
mod data_stream;
mod room;
mod track;
mod video;

/// Why a request is refused.
pub enum Refusal {
    NoSuchHandle { kind: &'static str, id: u64 },
    NotInRoom { what: &'static str, name: String },
    Invalid(&'static str),
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchHandle { kind, id } => write!(formatter, "handle {id} is not known, or no {kind}"),
            Self::NotInRoom { what, name } => write!(formatter, "there is no {what} in the room {name}"),
            Self::Invalid(why) => formatter.write_str(why),
        }
    }
}

type Answer = Result<Response, Refusal>;

/// Carries out a request.
pub fn dispatch(server: &'static Server, request: Request) -> Answer {
    let call = Call { server };
    match request {
        Request::Dispose(request) => call.dispose(&request),
        Request::Connect(request) => Ok(call.connect(request)),
        Request::ReadyForRoomEvent(request) => call.ready(&request),
        Request::Disconnect(request) => call.disconnect(&request),
        Request::PublishTrack(request) => call.publish_track(request),
        Request::UnpublishTrack(request) => call.unpublish_track(request),
        Request::PublishData(request) => call.publish_data(request),
        Request::SetSubscribed(request) => call.set_subscribed(&request),
        Request::SetLocalMetadata(request) => call.set_local_metadata(request),
        Request::SetLocalName(request) => call.set_local_name(request),
        Request::SetLocalAttributes(request) => call.set_local_attributes(request),
        Request::GetSessionStats(request) => call.get_session_stats(&request),
        Request::CreateVideoTrack(request) => call.create_video_track(request),
        Request::CreateAudioTrack(request) => call.create_audio_track(request),
        Request::LocalTrackMute(request) => call.local_track_mute(&request),
        Request::EnableRemoteTrack(request) => call.enable_remote_track(&request),
        Request::GetStats(request) => call.get_stats(&request),
        Request::NewVideoStream(request) => call.new_video_stream(&request),
        Request::NewVideoSource(request) => Ok(call.new_video_source(&request)),
        Request::CaptureVideoFrame(request) => call.capture_video_frame(&request),
        Request::VideoConvert(request) => call.video_convert(&request),
        Request::VideoStreamFromParticipant(request) => call.video_stream_from_participant(&request),
        Request::NewAudioStream(request) => call.new_audio_stream(&request),
        Request::NewAudioSource(request) => call.new_audio_source(&request),
        Request::CaptureAudioFrame(request) => call.capture_audio_frame(&request),
        Request::ClearAudioBuffer(request) => call.clear_audio_buffer(&request),
        Request::NewAudioResampler(_) => Ok(call.new_audio_resampler()),
        Request::RemixAndResample(request) => call.remix_and_resample(&request),
        Request::AudioStreamFromParticipant(request) => call.audio_stream_from_participant(&request),
        Request::ByteReadIncremental(request) => call
            .read_incremental::<Vec<u8>>(request.reader_handle)
            .map(|()| Response::ByteReadIncremental(ByteStreamReaderReadIncrementalResponse {})),
        Request::ByteReadAll(request) => call
            .read_all::<Vec<u8>>(request.reader_handle, request.request_async_id)
            .map(|async_id| Response::ByteReadAll(ByteStreamReaderReadAllResponse { async_id })),
        Request::TextReadIncremental(request) => call
            .read_incremental::<String>(request.reader_handle)
            .map(|()| Response::TextReadIncremental(TextStreamReaderReadIncrementalResponse {})),
        Request::TextReadAll(request) => call
            .read_all::<String>(request.reader_handle, request.request_async_id)
            .map(|async_id| Response::TextReadAll(TextStreamReaderReadAllResponse { async_id })),
        Request::SendText(request) => call
            .send::<String>(
                request.local_participant_handle,
                request.request_async_id,
                request.options.destination_identities.clone(),
                || text_info(request.options),
                request.text,
            )
            .map(|async_id| Response::SendText(StreamSendTextResponse { async_id })),
        Request::SendBytes(request) => call
            .send::<Vec<u8>>(
                request.local_participant_handle,
                request.request_async_id,
                request.options.destination_identities.clone(),
                || byte_info(request.options),
                request.bytes,
            )
            .map(|async_id| Response::SendBytes(StreamSendBytesResponse { async_id })),
        Request::ByteStreamOpen(request) => call
            .open_stream::<Vec<u8>>(
                request.local_participant_handle,
                request.request_async_id,
                request.options.destination_identities.clone(),
                || byte_info(request.options),
            )
            .map(|async_id| Response::ByteStreamOpen(ByteStreamOpenResponse { async_id })),
        Request::ByteStreamWrite(request) => call
            .write_stream(request.writer_handle, request.request_async_id, request.bytes)
            .map(|async_id| Response::ByteStreamWrite(ByteStreamWriterWriteResponse { async_id })),
        Request::ByteStreamClose(request) => call
            .close_stream::<Vec<u8>>(
                request.writer_handle,
                request.request_async_id,
                request.reason,
                request.attributes,
            )
            .map(|async_id| Response::ByteStreamClose(ByteStreamWriterCloseResponse { async_id })),
        Request::TextStreamOpen(request) => call
            .open_stream::<String>(
                request.local_participant_handle,
                request.request_async_id,
                request.options.destination_identities.clone(),
                || text_info(request.options),
            )
            .map(|async_id| Response::TextStreamOpen(TextStreamOpenResponse { async_id })),
        Request::TextStreamWrite(request) => call
            .write_stream(request.writer_handle, request.request_async_id, request.text)
            .map(|async_id| Response::TextStreamWrite(TextStreamWriterWriteResponse { async_id })),
        Request::TextStreamClose(request) => call
            .close_stream::<String>(
                request.writer_handle,
                request.request_async_id,
                request.reason,
                request.attributes,
            )
            .map(|async_id| Response::TextStreamClose(TextStreamWriterCloseResponse { async_id })),
        Request::ControlJoin(request) => call.control_join(request),
        Request::ControlLeave(request) => call.control_leave(&request),
        Request::ControlPublish(request) => call.control_publish(request),
        Request::ControlUnpublish(request) => call.control_unpublish(&request),
        Request::ControlMute(request) => call.control_mute(&request),
        Request::ControlEmitFrames(request) => call.control_emit_frames(&request),
        Request::ControlSendData(request) => call.control_send_data(request),
        Request::ControlSendDtmf(request) => call.control_send_dtmf(request),
        Request::ControlSendText(request) => call.control_send_text(request),
        Request::ControlSendBytes(request) => call.control_send_bytes(request),
        Request::ControlUpdate(request) => call.control_update(request),
        Request::ControlSpeakers(request) => call.control_speakers(request),
        Request::ControlEndRoom(request) => call.control_end_room(&request),
        Request::ControlReconnect(request) => call.control_reconnect(&request),
        Request::ControlDiagnostics(request) => Ok(call.control_diagnostics(&request)),
        Request::ControlEmitLog(request) => Ok(call.control_emit_log(request)),
        Request::ControlPanicEvent(request) => Ok(call.control_panic_event(request)),
        Request::ControlSetFaults(request) => Ok(call.control_set_faults(request)),
        Request::ControlHoldCallbacks(request) => Ok(call.control_hold_callbacks(request)),
        Request::ControlReleaseCallbacks(request) => Ok(call.control_release_callbacks(request)),
        Request::ControlCloseReport(request) => Ok(call.control_close_report(&request)),
        Request::ControlHealth(request) => Ok(call.control_health(&request)),
        Request::ControlRepair(_) => Ok(Response::ControlRepair(transport::repair())),
    }
}

fn refuse_unless(possible: bool, why: &'static str) -> Result<(), Refusal> {
    if possible {
        Ok(())
    } else {
        Err(Refusal::Invalid(why))
    }
}

fn error_unless(open: bool) -> Option<String> {
    (!open).then(|| "the room is closed".to_owned())
}

#[derive(Clone, Copy)]
struct Call {
    server: &'static Server,
}

impl Call {
    /// The id of a callback: what the client chose, else a new one.
    fn async_id(self, chosen: Option<u64>) -> u64 {
        chosen.unwrap_or_else(|| self.server.handles.next_id())
    }

    fn room(self, id: u64) -> Result<Arc<Session>, Refusal> {
        let room = self.server.handles.room(id).ok_or(Refusal::NoSuchHandle { kind: "room", id })?;
        Ok(Arc::clone(&room.session))
    }

    fn participant(self, id: u64) -> Result<Arc<ParticipantHandle>, Refusal> {
        self.server.handles.participant(id).ok_or(Refusal::NoSuchHandle { kind: "participant", id })
    }

    /// The session of any participant: like the library that this one stands for, most requests act as the client's
    /// own participant whichever they are given.
    fn session(self, participant: u64) -> Result<Arc<Session>, Refusal> {
        Ok(Arc::clone(&self.participant(participant)?.session))
    }

    /// The session of the client's own participant.
    fn local_session(self, participant: u64) -> Result<Arc<Session>, Refusal> {
        let handle = self.participant(participant)?;
        refuse_unless(handle.is_local(), "the participant is a remote one")?;
        Ok(Arc::clone(&handle.session))
    }

    fn track(self, id: u64) -> Result<Arc<TrackHandle>, Refusal> {
        self.server.handles.track(id).ok_or(Refusal::NoSuchHandle { kind: "track", id })
    }

    fn track_of_kind(self, id: u64, kind: TrackKind) -> Result<Arc<TrackHandle>, Refusal> {
        let track = self.track(id)?;
        refuse_unless(track.track.kind == kind, "the track is of the other kind")?;
        Ok(track)
    }

    fn audio_source(self, id: u64) -> Result<Arc<Source>, Refusal> {
        self.server.handles.audio_source(id).ok_or(Refusal::NoSuchHandle { kind: "audio source", id })
    }

    fn video_source(self, id: u64) -> Result<Arc<Source>, Refusal> {
        self.server.handles.video_source(id).ok_or(Refusal::NoSuchHandle { kind: "video source", id })
    }

    fn spawn<F>(self, session: &Session, operation: F)
    where
        F: std::future::Future<Output = ()> + Send + 'static,
    {
        self.server.spawn_operation(self.server.runtime(), faults::of_room(&session.room_name), operation);
    }

    /// Delivers a callback that is known already.
    fn reply(self, session: &Arc<Session>, callback: ffi_event::Message) {
        let answered = Arc::clone(session);
        self.spawn(session, async move {
            self.answer(&answered, callback).await;
        });
    }

    /// Delivers the callback of an operation of a room.
    async fn answer(self, session: &Session, callback: ffi_event::Message) {
        callbacks::deliver(self.server, Some(&session.room_name), callback).await;
    }

    fn dispose(self, request: &DisposeRequest) -> Answer {
        refuse_unless(!request.r#async, "an asynchronous dispose is not supported")?;
        self.server.dispose_silently();
        Ok(Response::Dispose(DisposeResponse { async_id: None }))
    }
}
