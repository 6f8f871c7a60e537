//! What each request does: the part on the caller's thread, and the part that runs on after the response.

use std::{fmt, ptr, sync::Arc};

use crate::{
    callbacks, check_list, counters,
    data_stream::{byte_info, text_info, Chunk, Info, Writer},
    faults::{self, abort},
    handles::{self, Object},
    held, log,
    media::{self, Feed, Format, Frame, Source, TrackHandle, VideoFrame},
    picture::Picture,
    proto::{
        byte_stream_open_callback, ffi_event, ffi_request::Message as Request,
        ffi_response::Message as Response, get_session_stats_callback, publish_track_callback,
        stream_send_bytes_callback, stream_send_text_callback, text_stream_open_callback,
        video_convert_response, *,
    },
    server::Server,
    session::{self, ParticipantHandle, Session},
    sound::Sound,
    stats, transport,
    world::{Packet, Published, Update, SCRIPTED_SIDE},
};

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
        Request::ByteReadIncremental(request) => call.byte_read_incremental(&request),
        Request::ByteReadAll(request) => call.byte_read_all(&request),
        Request::TextReadIncremental(request) => call.text_read_incremental(&request),
        Request::TextReadAll(request) => call.text_read_all(&request),
        Request::SendText(request) => call.send_text(request),
        Request::SendBytes(request) => call.send_bytes(request),
        Request::ByteStreamOpen(request) => call.byte_stream_open(request),
        Request::ByteStreamWrite(request) => call.byte_stream_write(request),
        Request::ByteStreamClose(request) => call.byte_stream_close(request),
        Request::TextStreamOpen(request) => call.text_stream_open(request),
        Request::TextStreamWrite(request) => call.text_stream_write(request),
        Request::TextStreamClose(request) => call.text_stream_close(request),
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
        Request::ControlEmitLog(request) => {
            log::emit(LogLevel::LogInfo, "control", request.message);
            Ok(Response::ControlEmitLog(ControlEmitLogResponse {}))
        }
        Request::ControlPanicEvent(request) => Ok(call.control_panic_event(request)),
        Request::ControlSetFaults(request) => {
            faults::set(request.room_name, request.faults);
            Ok(Response::ControlSetFaults(ControlSetFaultsResponse {}))
        }
        Request::ControlHoldCallbacks(request) => {
            callbacks::hold(request.room_name);
            Ok(Response::ControlHoldCallbacks(ControlHoldCallbacksResponse {}))
        }
        Request::ControlReleaseCallbacks(request) => {
            let released = callbacks::release(request.room_name);
            Ok(Response::ControlReleaseCallbacks(ControlReleaseCallbacksResponse { released }))
        }
        Request::ControlCloseReport(request) => {
            let reports = check_list::reports(request.room_name.as_deref());
            Ok(Response::ControlCloseReport(ControlCloseReportResponse { reports }))
        }
        Request::ControlHealth(request) => {
            let unfinished = transport::unfinished(request.room_name.as_deref());
            let held = held::objects(request.room_name.as_deref());
            let healthy = unfinished.is_empty();
            Ok(Response::ControlHealth(ControlHealthResponse { healthy, held, unfinished }))
        }
        Request::ControlRepair(_) => Ok(Response::ControlRepair(transport::repair())),
    }
}

fn no_such(what: &'static str, room_name: &str) -> Refusal {
    Refusal::NotInRoom { what, name: room_name.to_owned() }
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

fn stream_error(description: &str) -> StreamError {
    StreamError { description: description.to_owned() }
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

    fn connect(self, request: ConnectRequest) -> Response {
        let async_id = self.async_id(request.request_async_id);
        let faults = faults::of_room(session::room_of(&request.url));
        let operation = session::connect(self.server, async_id, request);
        self.server.spawn_operation(self.server.runtime(), faults, operation);
        Response::Connect(ConnectResponse { async_id })
    }

    fn ready(self, request: &ReadyForRoomEventRequest) -> Answer {
        self.room(request.room_handle)?.set_ready();
        Ok(Response::ReadyForRoomEvent(ReadyForRoomEventResponse {}))
    }

    fn disconnect(self, request: &DisconnectRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let room_handle = request.room_handle;
        let session = self.room(room_handle)?;
        let reason = match request.reason {
            Some(_) => request.reason(),
            None => DisconnectReason::ClientInitiated,
        };
        let late = faults::of_room(&session.room_name).room_looked_up_late();
        if !late {
            session.begin_close();
        }
        self.spawn(&Arc::clone(&session), async move {
            if late {
                let room_name = Some(session.room_name.as_str());
                let room =
                    callbacks::when_released(room_name, || self.server.handles.room(room_handle)).await;
                if room.is_some_and(|room| room.is_none()) {
                    abort("the room is gone before the task that closes it looked it up");
                }
            }
            session.close(reason).await;
            if !faults::of_room(&session.room_name).disconnect_callback_lost() {
                self.server.emit(ffi_event::Message::Disconnect(DisconnectCallback { async_id }));
            }
        });
        Ok(Response::Disconnect(DisconnectResponse { async_id }))
    }

    fn publish_track(self, request: PublishTrackRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.session(request.local_participant_handle)?;
        self.spawn(&Arc::clone(&session), async move {
            // The track is looked up here and not before the response: its handle must live until the callback.
            let result = session.publish(self.server, request.track_handle, &request.options);
            let (published, message) = match result {
                Ok((published, publication)) => {
                    (Some(published), publish_track_callback::Message::Publication(publication))
                }
                Err(error) => (None, publish_track_callback::Message::Error(error)),
            };
            let callback = PublishTrackCallback { async_id, message: Some(message) };
            self.answer(&session, ffi_event::Message::PublishTrack(callback)).await;
            if let Some(published) = published {
                session.push_published(&published);
            }
        });
        Ok(Response::PublishTrack(PublishTrackResponse { async_id }))
    }

    fn unpublish_track(self, request: UnpublishTrackRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.session(request.local_participant_handle)?;
        self.spawn(&Arc::clone(&session), async move {
            let result = session.unpublish(self.server, &request.track_sid, request.stop_on_unpublish).await;
            let callback = UnpublishTrackCallback { async_id, error: result.err() };
            self.answer(&session, ffi_event::Message::UnpublishTrack(callback)).await;
        });
        Ok(Response::UnpublishTrack(UnpublishTrackResponse { async_id }))
    }

    fn publish_data(self, request: PublishDataRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.session(request.local_participant_handle)?;
        refuse_unless(request.data_len == 0 || request.data_ptr != 0, "the data is null")?;
        let mut data = vec![0_u8; request.data_len as usize];
        if !data.is_empty() {
            // The client promises data_len readable bytes for as long as the request runs.
            unsafe { ptr::copy_nonoverlapping(request.data_ptr as *const u8, data.as_mut_ptr(), data.len()) };
        }
        let packet = Packet::User { data: data.into(), reliable: request.reliable, topic: request.topic };
        self.spawn(&Arc::clone(&session), async move {
            let open = self.server.world.send_data(&session, &packet, &request.destination_identities);
            let callback = PublishDataCallback { async_id, error: error_unless(open) };
            self.answer(&session, ffi_event::Message::PublishData(callback)).await;
        });
        Ok(Response::PublishData(PublishDataResponse { async_id }))
    }

    fn set_subscribed(self, request: &SetSubscribedRequest) -> Answer {
        let id = request.publication_handle;
        let publication =
            self.server.handles.publication(id).ok_or(Refusal::NoSuchHandle { kind: "publication", id })?;
        let (session, member, published) =
            (&publication.session, &publication.member, &publication.published);
        refuse_unless(!Arc::ptr_eq(member, &session.member), "the publication is a local one")?;
        let there = member.tracks().iter().any(|other| Arc::ptr_eq(other, published));
        if there && !session.has_ended() {
            if request.subscribe {
                session.subscribe(member, published);
            } else {
                session.unsubscribe(member, published);
            }
        }
        Ok(Response::SetSubscribed(SetSubscribedResponse {}))
    }

    fn set_local_metadata(self, request: SetLocalMetadataRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.session(request.local_participant_handle)?;
        let update = Update { metadata: Some(request.metadata), ..Update::default() };
        let error = error_unless(self.server.world.update_own(&session, update));
        self.reply(
            &session,
            ffi_event::Message::SetLocalMetadata(SetLocalMetadataCallback { async_id, error }),
        );
        Ok(Response::SetLocalMetadata(SetLocalMetadataResponse { async_id }))
    }

    fn set_local_name(self, request: SetLocalNameRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.session(request.local_participant_handle)?;
        let update = Update { name: Some(request.name), ..Update::default() };
        let error = error_unless(self.server.world.update_own(&session, update));
        self.reply(&session, ffi_event::Message::SetLocalName(SetLocalNameCallback { async_id, error }));
        Ok(Response::SetLocalName(SetLocalNameResponse { async_id }))
    }

    fn set_local_attributes(self, request: SetLocalAttributesRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.session(request.local_participant_handle)?;
        let update = Update { attributes: request.attributes, ..Update::default() };
        let error = error_unless(self.server.world.update_own(&session, update));
        self.reply(
            &session,
            ffi_event::Message::SetLocalAttributes(SetLocalAttributesCallback { async_id, error }),
        );
        Ok(Response::SetLocalAttributes(SetLocalAttributesResponse { async_id }))
    }

    fn get_session_stats(self, request: &GetSessionStatsRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.room(request.room_handle)?;
        let message = if session.has_ended() {
            get_session_stats_callback::Message::Error("the room is closed".to_owned())
        } else {
            get_session_stats_callback::Message::Result(get_session_stats_callback::Result {
                publisher_stats: stats::sent_by(&session),
                subscriber_stats: stats::received_by(&session),
            })
        };
        let callback = GetSessionStatsCallback { async_id, message: Some(message) };
        self.reply(&session, ffi_event::Message::GetSessionStats(callback));
        Ok(Response::GetSessionStats(GetSessionStatsResponse { async_id }))
    }

    fn own_track(self, source: &Arc<Source>, name: String, kind: TrackKind) -> OwnedTrack {
        let track = TrackHandle::new(source.track(name, kind), None);
        let info = track.info();
        OwnedTrack { handle: self.server.handles.own(Object::Track(track)), info }
    }

    fn create_video_track(self, request: CreateVideoTrackRequest) -> Answer {
        let source = self.video_source(request.source_handle)?;
        let track = self.own_track(&source, request.name, TrackKind::KindVideo);
        Ok(Response::CreateVideoTrack(CreateVideoTrackResponse { track }))
    }

    fn create_audio_track(self, request: CreateAudioTrackRequest) -> Answer {
        let source = self.audio_source(request.source_handle)?;
        let track = self.own_track(&source, request.name, TrackKind::KindAudio);
        Ok(Response::CreateAudioTrack(CreateAudioTrackResponse { track }))
    }

    fn local_track_mute(self, request: &LocalTrackMuteRequest) -> Answer {
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

    fn enable_remote_track(self, request: &EnableRemoteTrackRequest) -> Answer {
        let handle = self.track(request.track_handle)?;
        refuse_unless(handle.remote.is_some(), "the track is a local one")?;
        handle.set_enabled(request.enabled);
        Ok(Response::EnableRemoteTrack(EnableRemoteTrackResponse { enabled: request.enabled }))
    }

    fn get_stats(self, request: &GetStatsRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let track = self.track(request.track_handle)?;
        let callback = GetStatsCallback { async_id, error: None, stats: stats::of_track(&track) };
        self.server.spawn_operation(self.server.runtime(), faults::process(), async move {
            callbacks::deliver(self.server, None, ffi_event::Message::GetStats(callback)).await;
        });
        Ok(Response::GetStats(GetStatsResponse { async_id }))
    }

    fn own_video_stream(
        self,
        feed: Feed,
        r#type: VideoStreamType,
        layout: Option<VideoBufferType>,
    ) -> OwnedVideoStream {
        let id = media::start_stream(self.server, feed, Format::Video { layout });
        OwnedVideoStream { handle: FfiOwnedHandle { id }, info: VideoStreamInfo { r#type: r#type.into() } }
    }

    fn new_video_stream(self, request: &NewVideoStreamRequest) -> Answer {
        refuse_unless(
            request.r#type() == VideoStreamType::VideoStreamNative,
            "the type of stream is not supported",
        )?;
        let track = self.track_of_kind(request.track_handle, TrackKind::KindVideo)?;
        let layout = request.format.map(|_| request.format());
        let stream = self.own_video_stream(Feed::Track(track), request.r#type(), layout);
        Ok(Response::NewVideoStream(NewVideoStreamResponse { stream }))
    }

    fn video_stream_from_participant(self, request: &VideoStreamFromParticipantRequest) -> Answer {
        refuse_unless(
            request.r#type() == VideoStreamType::VideoStreamNative,
            "the type of stream is not supported",
        )?;
        let participant = self.participant(request.participant_handle)?;
        let feed = Feed::Participant(participant, request.track_source());
        let layout = request.format.map(|_| request.format());
        let stream = self.own_video_stream(feed, request.r#type(), layout);
        Ok(Response::VideoStreamFromParticipant(VideoStreamFromParticipantResponse { stream }))
    }

    fn new_video_source(self, request: &NewVideoSourceRequest) -> Response {
        let source = Source::video(request.resolution.width, request.resolution.height);
        let handle = self.server.handles.own(Object::VideoSource(source));
        let info = VideoSourceInfo { r#type: request.r#type };
        Response::NewVideoSource(NewVideoSourceResponse { source: OwnedVideoSource { handle, info } })
    }

    fn capture_video_frame(self, request: &CaptureVideoFrameRequest) -> Answer {
        let source = self.video_source(request.source_handle)?;
        // The client promises readable memory for as long as the request runs.
        let picture = unsafe { Picture::read(&request.buffer) };
        let picture = picture.ok_or(Refusal::Invalid("the picture's planes do not fit its size"))?;
        let frame =
            VideoFrame { picture, timestamp_us: request.timestamp_us, rotation: request.rotation().into() };
        source.push(&Frame::Video(Arc::new(frame)));
        Ok(Response::CaptureVideoFrame(CaptureVideoFrameResponse {}))
    }

    fn video_convert(self, request: &VideoConvertRequest) -> Answer {
        // The client promises readable memory for as long as the request runs.
        let picture = unsafe { Picture::read(&request.buffer) };
        let picture = picture.ok_or(Refusal::Invalid("the picture's planes do not fit its size"))?;
        let message = match picture.convert(request.dst_type()) {
            Some(mut converted) => {
                if request.flip_y() {
                    converted.flip();
                }
                let (bytes, info) = converted.share();
                let handle = self.server.handles.own(Object::VideoFrame(bytes));
                video_convert_response::Message::Buffer(OwnedVideoBuffer { handle, info })
            }
            None => video_convert_response::Message::Error(format!(
                "{:?} cannot be converted to {:?}",
                request.buffer.r#type(),
                request.dst_type()
            )),
        };
        Ok(Response::VideoConvert(VideoConvertResponse { message: Some(message) }))
    }

    fn own_audio_stream(
        self,
        feed: Feed,
        r#type: AudioStreamType,
        num_channels: Option<u32>,
        sample_rate: Option<u32>,
    ) -> Result<OwnedAudioStream, Refusal> {
        refuse_unless(r#type == AudioStreamType::AudioStreamNative, "the type of stream is not supported")?;
        refuse_unless(num_channels != Some(0) && sample_rate != Some(0), "a format of 0 is not possible")?;
        let id = media::start_stream(self.server, feed, Format::Audio { num_channels, sample_rate });
        Ok(OwnedAudioStream {
            handle: FfiOwnedHandle { id },
            info: AudioStreamInfo { r#type: r#type.into() },
        })
    }

    fn new_audio_stream(self, request: &NewAudioStreamRequest) -> Answer {
        let feed = Feed::Track(self.track_of_kind(request.track_handle, TrackKind::KindAudio)?);
        let stream =
            self.own_audio_stream(feed, request.r#type(), request.num_channels, request.sample_rate)?;
        Ok(Response::NewAudioStream(NewAudioStreamResponse { stream }))
    }

    fn audio_stream_from_participant(self, request: &AudioStreamFromParticipantRequest) -> Answer {
        let participant = self.participant(request.participant_handle)?;
        let source = match request.track_source {
            Some(_) => request.track_source(),
            None => TrackSource::SourceMicrophone,
        };
        let feed = Feed::Participant(participant, source);
        let stream =
            self.own_audio_stream(feed, request.r#type(), request.num_channels, request.sample_rate)?;
        Ok(Response::AudioStreamFromParticipant(AudioStreamFromParticipantResponse { stream }))
    }

    fn new_audio_source(self, request: &NewAudioSourceRequest) -> Answer {
        let num_channels = request.num_channels.unwrap_or(1);
        let sample_rate = request.sample_rate.unwrap_or(48000);
        refuse_unless(num_channels > 0 && sample_rate > 0, "a format of 0 is not possible")?;
        refuse_unless(request.queue_size_ms().is_multiple_of(10), "queue_size_ms is not a multiple of 10")?;
        let handle = self.server.handles.own(Object::AudioSource(Source::audio(num_channels, sample_rate)));
        let info = AudioSourceInfo { r#type: request.r#type };
        Ok(Response::NewAudioSource(NewAudioSourceResponse { source: OwnedAudioSource { handle, info } }))
    }

    fn capture_audio_frame(self, request: &CaptureAudioFrameRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let source = self.audio_source(request.source_handle)?;
        // The client promises readable memory for as long as the request runs.
        let sound = unsafe { Sound::read(&request.buffer) };
        let sound = sound.ok_or(Refusal::Invalid("the samples are null or without a format"))?;
        self.server.spawn_operation(self.server.audio_runtime(), faults::process(), async move {
            let fits = sound.num_channels == source.num_channels && sound.sample_rate == source.sample_rate;
            let error = (!fits).then(|| "the samples do not have the source's format".to_owned());
            if fits {
                source.push(&Frame::Audio(Arc::new(sound)));
            }
            let callback = CaptureAudioFrameCallback { async_id, error };
            callbacks::deliver(self.server, None, ffi_event::Message::CaptureAudioFrame(callback)).await;
        });
        Ok(Response::CaptureAudioFrame(CaptureAudioFrameResponse { async_id }))
    }

    fn clear_audio_buffer(self, request: &ClearAudioBufferRequest) -> Answer {
        // Frames go to the tracks at once, so there is nothing to forget.
        self.audio_source(request.source_handle)?;
        Ok(Response::ClearAudioBuffer(ClearAudioBufferResponse {}))
    }

    fn new_audio_resampler(self) -> Response {
        let handle = self.server.handles.own(Object::AudioResampler);
        let resampler = OwnedAudioResampler { handle, info: AudioResamplerInfo {} };
        Response::NewAudioResampler(NewAudioResamplerResponse { resampler })
    }

    fn remix_and_resample(self, request: &RemixAndResampleRequest) -> Answer {
        let id = request.resampler_handle;
        if !self.server.handles.is_audio_resampler(id) {
            return Err(Refusal::NoSuchHandle { kind: "audio resampler", id });
        }
        refuse_unless(request.num_channels > 0 && request.sample_rate > 0, "a format of 0 is not possible")?;
        // The client promises readable memory for as long as the request runs.
        let sound = unsafe { Sound::read(&request.buffer) };
        let sound = sound.ok_or(Refusal::Invalid("the samples are null or without a format"))?;
        let (samples, info) = sound.convert(request.num_channels, request.sample_rate).share();
        let handle = self.server.handles.own(Object::AudioFrame(samples));
        Ok(Response::RemixAndResample(RemixAndResampleResponse {
            buffer: OwnedAudioFrameBuffer { handle, info },
        }))
    }

    fn byte_read_incremental(self, request: &ByteStreamReaderReadIncrementalRequest) -> Answer {
        let id = request.reader_handle;
        // Whatever the handle is, it is gone now: a take looks at the kind afterwards.
        let Some(Object::ByteStreamReader(reader)) = self.server.handles.take(id) else {
            return Err(Refusal::NoSuchHandle { kind: "byte stream reader", id });
        };
        counters::spawn(self.server.runtime(), "reader", reader.read_bytes(self.server, id));
        Ok(Response::ByteReadIncremental(ByteStreamReaderReadIncrementalResponse {}))
    }

    fn byte_read_all(self, request: &ByteStreamReaderReadAllRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let id = request.reader_handle;
        let Some(Object::ByteStreamReader(reader)) = self.server.handles.take(id) else {
            return Err(Refusal::NoSuchHandle { kind: "byte stream reader", id });
        };
        counters::spawn(self.server.runtime(), "reader", reader.read_all_bytes(self.server, async_id));
        Ok(Response::ByteReadAll(ByteStreamReaderReadAllResponse { async_id }))
    }

    fn text_read_incremental(self, request: &TextStreamReaderReadIncrementalRequest) -> Answer {
        let id = request.reader_handle;
        let Some(Object::TextStreamReader(reader)) = self.server.handles.take(id) else {
            return Err(Refusal::NoSuchHandle { kind: "text stream reader", id });
        };
        counters::spawn(self.server.runtime(), "reader", reader.read_text(self.server, id));
        Ok(Response::TextReadIncremental(TextStreamReaderReadIncrementalResponse {}))
    }

    fn text_read_all(self, request: &TextStreamReaderReadAllRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let id = request.reader_handle;
        let Some(Object::TextStreamReader(reader)) = self.server.handles.take(id) else {
            return Err(Refusal::NoSuchHandle { kind: "text stream reader", id });
        };
        counters::spawn(self.server.runtime(), "reader", reader.read_all_text(self.server, async_id));
        Ok(Response::TextReadAll(TextStreamReaderReadAllResponse { async_id }))
    }

    fn send_text(self, request: StreamSendTextRequest) -> Answer {
        use stream_send_text_callback::Result;
        let async_id = self.async_id(request.request_async_id);
        let session = self.local_session(request.local_participant_handle)?;
        let to = request.options.destination_identities.clone();
        let info =
            TextStreamInfo { total_length: Some(request.text.len() as u64), ..text_info(request.options) };
        self.spawn(&Arc::clone(&session), async move {
            let writer = session.open_stream(self.server, &Info::Text(info.clone()), &to);
            let result = match send_once(writer, request.text.into_bytes()) {
                Ok(()) => Result::Info(info),
                Err(error) => Result::Error(error),
            };
            let callback = StreamSendTextCallback { async_id, result: Some(result) };
            self.answer(&session, ffi_event::Message::SendText(callback)).await;
        });
        Ok(Response::SendText(StreamSendTextResponse { async_id }))
    }

    fn send_bytes(self, request: StreamSendBytesRequest) -> Answer {
        use stream_send_bytes_callback::Result;
        let async_id = self.async_id(request.request_async_id);
        let session = self.local_session(request.local_participant_handle)?;
        let to = request.options.destination_identities.clone();
        let info =
            ByteStreamInfo { total_length: Some(request.bytes.len() as u64), ..byte_info(request.options) };
        self.spawn(&Arc::clone(&session), async move {
            let writer = session.open_stream(self.server, &Info::Byte(info.clone()), &to);
            let result = match send_once(writer, request.bytes) {
                Ok(()) => Result::Info(info),
                Err(error) => Result::Error(error),
            };
            let callback = StreamSendBytesCallback { async_id, result: Some(result) };
            self.answer(&session, ffi_event::Message::SendBytes(callback)).await;
        });
        Ok(Response::SendBytes(StreamSendBytesResponse { async_id }))
    }

    fn byte_stream_open(self, request: ByteStreamOpenRequest) -> Answer {
        use byte_stream_open_callback::Result;
        let async_id = self.async_id(request.request_async_id);
        let session = self.local_session(request.local_participant_handle)?;
        self.spawn(&Arc::clone(&session), async move {
            let to = request.options.destination_identities.clone();
            let info = byte_info(request.options);
            let result = match session.open_stream(self.server, &Info::Byte(info.clone()), &to) {
                Some(writer) => {
                    let handle = self.server.handles.own(Object::ByteStreamWriter(writer));
                    Result::Writer(OwnedByteStreamWriter { handle, info })
                }
                None => Result::Error(stream_error("the room is closed")),
            };
            let callback = ByteStreamOpenCallback { async_id, result: Some(result) };
            self.answer(&session, ffi_event::Message::ByteStreamOpen(callback)).await;
        });
        Ok(Response::ByteStreamOpen(ByteStreamOpenResponse { async_id }))
    }

    fn byte_stream_write(self, request: ByteStreamWriterWriteRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let id = request.writer_handle;
        let writer = self.server.handles.byte_stream_writer(id);
        let writer = writer.ok_or(Refusal::NoSuchHandle { kind: "byte stream writer", id })?;
        let error = writer.send(Chunk::Data(request.bytes)).err();
        self.server.spawn_operation(self.server.runtime(), faults::process(), async move {
            let callback = ByteStreamWriterWriteCallback { async_id, error };
            callbacks::deliver(self.server, None, ffi_event::Message::ByteStreamWriterWrite(callback)).await;
        });
        Ok(Response::ByteStreamWrite(ByteStreamWriterWriteResponse { async_id }))
    }

    fn byte_stream_close(self, request: ByteStreamWriterCloseRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let id = request.writer_handle;
        let Some(Object::ByteStreamWriter(writer)) = self.server.handles.take(id) else {
            return Err(Refusal::NoSuchHandle { kind: "byte stream writer", id });
        };
        let end = Chunk::End { reason: request.reason, attributes: request.attributes };
        let error = writer.send(end).err();
        self.server.spawn_operation(self.server.runtime(), faults::process(), async move {
            let callback = ByteStreamWriterCloseCallback { async_id, error };
            callbacks::deliver(self.server, None, ffi_event::Message::ByteStreamWriterClose(callback)).await;
        });
        Ok(Response::ByteStreamClose(ByteStreamWriterCloseResponse { async_id }))
    }

    fn text_stream_open(self, request: TextStreamOpenRequest) -> Answer {
        use text_stream_open_callback::Result;
        let async_id = self.async_id(request.request_async_id);
        let session = self.local_session(request.local_participant_handle)?;
        self.spawn(&Arc::clone(&session), async move {
            let to = request.options.destination_identities.clone();
            let info = text_info(request.options);
            let result = match session.open_stream(self.server, &Info::Text(info.clone()), &to) {
                Some(writer) => {
                    let handle = self.server.handles.own(Object::TextStreamWriter(writer));
                    Result::Writer(OwnedTextStreamWriter { handle, info })
                }
                None => Result::Error(stream_error("the room is closed")),
            };
            let callback = TextStreamOpenCallback { async_id, result: Some(result) };
            self.answer(&session, ffi_event::Message::TextStreamOpen(callback)).await;
        });
        Ok(Response::TextStreamOpen(TextStreamOpenResponse { async_id }))
    }

    fn text_stream_write(self, request: TextStreamWriterWriteRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let id = request.writer_handle;
        let writer = self.server.handles.text_stream_writer(id);
        let writer = writer.ok_or(Refusal::NoSuchHandle { kind: "text stream writer", id })?;
        let error = writer.send(Chunk::Data(request.text.into_bytes())).err();
        self.server.spawn_operation(self.server.runtime(), faults::process(), async move {
            let callback = TextStreamWriterWriteCallback { async_id, error };
            callbacks::deliver(self.server, None, ffi_event::Message::TextStreamWriterWrite(callback)).await;
        });
        Ok(Response::TextStreamWrite(TextStreamWriterWriteResponse { async_id }))
    }

    fn text_stream_close(self, request: TextStreamWriterCloseRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let id = request.writer_handle;
        let Some(Object::TextStreamWriter(writer)) = self.server.handles.take(id) else {
            return Err(Refusal::NoSuchHandle { kind: "text stream writer", id });
        };
        let end = Chunk::End { reason: request.reason, attributes: request.attributes };
        let error = writer.send(end).err();
        self.server.spawn_operation(self.server.runtime(), faults::process(), async move {
            let callback = TextStreamWriterCloseCallback { async_id, error };
            callbacks::deliver(self.server, None, ffi_event::Message::TextStreamWriterClose(callback)).await;
        });
        Ok(Response::TextStreamClose(TextStreamWriterCloseResponse { async_id }))
    }

    fn control_join(self, request: ControlJoinRequest) -> Answer {
        let name = request.name.unwrap_or_else(|| request.identity.clone());
        let metadata = request.metadata.unwrap_or_default();
        let sid = self.server.world.control_join(&request.room_name, request.identity, name, metadata);
        let sid = sid.ok_or(Refusal::Invalid("the identity is taken"))?;
        Ok(Response::ControlJoin(ControlJoinResponse { sid }))
    }

    fn control_leave(self, request: &ControlLeaveRequest) -> Answer {
        let reason = match request.reason {
            Some(_) => request.reason(),
            None => DisconnectReason::ClientInitiated,
        };
        let done = self.server.world.control_leave(&request.room_name, &request.identity, reason);
        done.ok_or_else(|| no_such("such scripted participant", &request.room_name))?;
        Ok(Response::ControlLeave(ControlLeaveResponse {}))
    }

    fn control_publish(self, request: ControlPublishRequest) -> Answer {
        let mime_type = match request.kind() {
            TrackKind::KindAudio => "audio/opus",
            TrackKind::KindVideo => "video/VP8",
            TrackKind::KindUnknown => return Err(Refusal::Invalid("a track is audio or video")),
        };
        let (kind, source) = (request.kind(), request.source());
        let track = Arc::new(media::Track::new(request.name, kind));
        let published = Published::new(track, source, false, mime_type);
        let done = self.server.world.control_publish(&request.room_name, &request.identity, &published);
        done.ok_or_else(|| no_such("such scripted participant", &request.room_name))?;
        Ok(Response::ControlPublish(ControlPublishResponse { track_sid: published.sid() }))
    }

    fn control_unpublish(self, request: &ControlUnpublishRequest) -> Answer {
        let done = self.server.world.control_unpublish(&request.room_name, &request.track_sid);
        done.ok_or_else(|| no_such("such scripted track", &request.room_name))?;
        Ok(Response::ControlUnpublish(ControlUnpublishResponse {}))
    }

    fn control_mute(self, request: &ControlMuteRequest) -> Answer {
        let done = self.server.world.control_mute(&request.room_name, &request.track_sid, request.muted);
        done.ok_or_else(|| no_such("such scripted track", &request.room_name))?;
        Ok(Response::ControlMute(ControlMuteResponse {}))
    }

    fn control_emit_frames(self, request: &ControlEmitFramesRequest) -> Answer {
        let published = self.server.world.control_track(&request.room_name, &request.track_sid);
        let published = published.ok_or_else(|| no_such("such scripted track", &request.room_name))?;
        let track = &published.track;
        let mut receivers = 0;
        for _ in 0..request.count {
            receivers = track.push(&scripted_frame(track.kind, track.frames()));
        }
        Ok(Response::ControlEmitFrames(ControlEmitFramesResponse { receivers: receivers as u32 }))
    }

    fn control_send_data(self, request: ControlSendDataRequest) -> Answer {
        let reliable = request.reliable.unwrap_or(true);
        let packet = Packet::User { data: request.data.into(), reliable, topic: request.topic };
        let done = self.server.world.control_send_data(&request.room_name, &request.identity, &packet);
        done.ok_or_else(|| no_such("such scripted participant", &request.room_name))?;
        Ok(Response::ControlSendData(ControlSendDataResponse {}))
    }

    fn control_send_dtmf(self, request: ControlSendDtmfRequest) -> Answer {
        let packet = Packet::Dtmf { code: request.code, digit: request.digit };
        let done = self.server.world.control_send_data(&request.room_name, &request.identity, &packet);
        done.ok_or_else(|| no_such("such scripted participant", &request.room_name))?;
        Ok(Response::ControlSendDtmf(ControlSendDtmfResponse {}))
    }

    fn control_send_stream(
        self,
        room_name: &str,
        identity: &str,
        info: &Info,
        chunks: Vec<Vec<u8>>,
        leave_open: bool,
    ) -> Result<(), Refusal> {
        let done = self.server.world.control_send_stream(room_name, identity, info, chunks, leave_open);
        done.ok_or_else(|| no_such("such scripted participant", room_name))
    }

    fn control_send_text(self, request: ControlSendTextRequest) -> Answer {
        let leave_open = request.leave_open();
        let info = text_info(StreamTextOptions { topic: request.topic, ..StreamTextOptions::default() });
        let stream_id = info.stream_id.clone();
        let chunks = request.chunks.into_iter().map(String::into_bytes).collect();
        self.control_send_stream(
            &request.room_name,
            &request.identity,
            &Info::Text(info),
            chunks,
            leave_open,
        )?;
        Ok(Response::ControlSendText(ControlSendTextResponse { stream_id }))
    }

    fn control_send_bytes(self, request: ControlSendBytesRequest) -> Answer {
        let leave_open = request.leave_open();
        let options =
            StreamByteOptions { name: Some(request.name), topic: request.topic, ..Default::default() };
        let info = byte_info(options);
        let stream_id = info.stream_id.clone();
        let (room_name, identity) = (&request.room_name, &request.identity);
        self.control_send_stream(room_name, identity, &Info::Byte(info), request.chunks, leave_open)?;
        Ok(Response::ControlSendBytes(ControlSendBytesResponse { stream_id }))
    }

    fn control_update(self, request: ControlUpdateRequest) -> Answer {
        let quality = request.quality.map(|_| request.quality());
        let done = match &request.identity {
            Some(identity) => {
                let update = Update {
                    metadata: request.metadata,
                    name: request.name,
                    attributes: request.attributes,
                    quality,
                };
                self.server.world.control_update(&request.room_name, identity, update)
            }
            None => {
                let metadata = request.metadata.ok_or(Refusal::Invalid("a room has metadata only"))?;
                self.server.world.control_update_room(&request.room_name, metadata)
            }
        };
        done.ok_or_else(|| no_such("such scripted participant", &request.room_name))?;
        Ok(Response::ControlUpdate(ControlUpdateResponse {}))
    }

    fn control_speakers(self, request: ControlSpeakersRequest) -> Answer {
        let done = self.server.world.control_speakers(&request.room_name, request.identities);
        done.ok_or_else(|| no_such("client or scripted participant", &request.room_name))?;
        Ok(Response::ControlSpeakers(ControlSpeakersResponse {}))
    }

    fn control_end_room(self, request: &ControlEndRoomRequest) -> Answer {
        let reason = match request.reason {
            Some(_) => request.reason(),
            None => DisconnectReason::RoomDeleted,
        };
        let sessions = self.server.world.control_end(&request.room_name);
        let sessions =
            sessions.ok_or_else(|| no_such("client or scripted participant", &request.room_name))?;
        let count = sessions.len() as u32;
        for session in sessions {
            counters::spawn(self.server.runtime(), "server_end", async move {
                session.end_by_server(reason).await;
            });
        }
        Ok(Response::ControlEndRoom(ControlEndRoomResponse { sessions: count }))
    }

    fn control_reconnect(self, request: &ControlReconnectRequest) -> Answer {
        let sessions = self.server.world.control_reconnect(&request.room_name);
        let sessions =
            sessions.ok_or_else(|| no_such("client or scripted participant", &request.room_name))?;
        Ok(Response::ControlReconnect(ControlReconnectResponse { sessions: sessions as u32 }))
    }

    fn control_diagnostics(self, request: &ControlDiagnosticsRequest) -> Response {
        let table = &self.server.handles;
        let kinds = table.kinds();
        let handles = handles::counts(&kinds);
        Response::ControlDiagnostics(ControlDiagnosticsResponse {
            handles,
            line: handles::line(&handles),
            kinds,
            drops: table.drops(request.reset_drops()),
            response_buffers_dropped: table.response_buffers_dropped(),
            sockets: counters::sockets(),
            tasks: counters::tasks(),
            sessions: self.server.session_count() as u32,
            last_id: table.last_id(),
            held_callbacks: callbacks::held(),
        })
    }

    fn control_panic_event(self, request: ControlPanicEventRequest) -> Response {
        self.server.spawn_operation(self.server.runtime(), faults::process(), async move {
            self.server.emit(ffi_event::Message::Panic(Panic { message: request.message }));
        });
        Response::ControlPanicEvent(ControlPanicEventResponse {})
    }
}

fn send_once(writer: Option<Arc<Writer>>, content: Vec<u8>) -> Result<(), StreamError> {
    let writer = writer.ok_or_else(|| stream_error("the room is closed"))?;
    writer.send(Chunk::Data(content))?;
    writer.send(Chunk::regular_end())
}

/// Frame `number` of a scripted track, as ControlEmitFramesRequest says.
fn scripted_frame(kind: TrackKind, number: u64) -> Frame {
    if kind == TrackKind::KindAudio {
        let samples = (0..480).map(|i| (480 * number + i) as i16).collect();
        return Frame::Audio(Arc::new(Sound { samples, num_channels: 1, sample_rate: 48000 }));
    }
    let size = u64::from(SCRIPTED_SIDE * SCRIPTED_SIDE * 4);
    let picture = Picture {
        layout: VideoBufferType::Rgba,
        width: SCRIPTED_SIDE,
        height: SCRIPTED_SIDE,
        bytes: (0..size).map(|i| (number + i) as u8).collect(),
    };
    let timestamp_us = (number * 33333) as i64;
    Frame::Video(Arc::new(VideoFrame {
        picture,
        timestamp_us,
        rotation: VideoRotation::VideoRotation0.into(),
    }))
}
