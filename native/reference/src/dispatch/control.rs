//! The requests of `control.proto`: what a test wants of the server.

use std::sync::Arc;

use super::{Answer, Call, Refusal};
use crate::{
    callbacks, check_list, counters,
    data_stream::{byte_info, text_info, Info},
    faults, handles, held, log,
    media::{self, Frame, VideoFrame},
    picture::Picture,
    proto::{ffi_event, ffi_response::Message as Response, *},
    sound::Sound,
    transport,
    world::{Packet, Published, Update, SCRIPTED_SIDE},
};

impl Call {
    pub(super) fn control_join(self, request: ControlJoinRequest) -> Answer {
        let name = request.name.unwrap_or_else(|| request.identity.clone());
        let metadata = request.metadata.unwrap_or_default();
        let sid = self.server.world.control_join(&request.room_name, request.identity, name, metadata);
        let sid = sid.ok_or(Refusal::Invalid("the identity is taken"))?;
        Ok(Response::ControlJoin(ControlJoinResponse { sid }))
    }

    pub(super) fn control_leave(self, request: &ControlLeaveRequest) -> Answer {
        let reason = match request.reason {
            Some(_) => request.reason(),
            None => DisconnectReason::ClientInitiated,
        };
        let done = self.server.world.control_leave(&request.room_name, &request.identity, reason);
        done.ok_or_else(|| no_such("such scripted participant", &request.room_name))?;
        Ok(Response::ControlLeave(ControlLeaveResponse {}))
    }

    pub(super) fn control_publish(self, request: ControlPublishRequest) -> Answer {
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

    pub(super) fn control_unpublish(self, request: &ControlUnpublishRequest) -> Answer {
        let done = self.server.world.control_unpublish(&request.room_name, &request.track_sid);
        done.ok_or_else(|| no_such("such scripted track", &request.room_name))?;
        Ok(Response::ControlUnpublish(ControlUnpublishResponse {}))
    }

    pub(super) fn control_mute(self, request: &ControlMuteRequest) -> Answer {
        let done = self.server.world.control_mute(&request.room_name, &request.track_sid, request.muted);
        done.ok_or_else(|| no_such("such scripted track", &request.room_name))?;
        Ok(Response::ControlMute(ControlMuteResponse {}))
    }

    pub(super) fn control_emit_frames(self, request: &ControlEmitFramesRequest) -> Answer {
        let published = self.server.world.control_track(&request.room_name, &request.track_sid);
        let published = published.ok_or_else(|| no_such("such scripted track", &request.room_name))?;
        let track = &published.track;
        let mut receivers = 0;
        for _ in 0..request.count {
            receivers = track.push(&scripted_frame(track.kind, track.frames()));
        }
        Ok(Response::ControlEmitFrames(ControlEmitFramesResponse { receivers: receivers as u32 }))
    }

    pub(super) fn control_send_data(self, request: ControlSendDataRequest) -> Answer {
        let reliable = request.reliable.unwrap_or(true);
        let packet = Packet::User { data: request.data.into(), reliable, topic: request.topic };
        let done = self.server.world.control_send_data(&request.room_name, &request.identity, &packet);
        done.ok_or_else(|| no_such("such scripted participant", &request.room_name))?;
        Ok(Response::ControlSendData(ControlSendDataResponse {}))
    }

    pub(super) fn control_send_dtmf(self, request: ControlSendDtmfRequest) -> Answer {
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

    pub(super) fn control_send_text(self, request: ControlSendTextRequest) -> Answer {
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

    pub(super) fn control_send_bytes(self, request: ControlSendBytesRequest) -> Answer {
        let leave_open = request.leave_open();
        let options =
            StreamByteOptions { name: Some(request.name), topic: request.topic, ..Default::default() };
        let info = byte_info(options);
        let stream_id = info.stream_id.clone();
        let (room_name, identity) = (&request.room_name, &request.identity);
        self.control_send_stream(room_name, identity, &Info::Byte(info), request.chunks, leave_open)?;
        Ok(Response::ControlSendBytes(ControlSendBytesResponse { stream_id }))
    }

    pub(super) fn control_update(self, request: ControlUpdateRequest) -> Answer {
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

    pub(super) fn control_speakers(self, request: ControlSpeakersRequest) -> Answer {
        let done = self.server.world.control_speakers(&request.room_name, request.identities);
        done.ok_or_else(|| no_such("client or scripted participant", &request.room_name))?;
        Ok(Response::ControlSpeakers(ControlSpeakersResponse {}))
    }

    pub(super) fn control_end_room(self, request: &ControlEndRoomRequest) -> Answer {
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

    pub(super) fn control_reconnect(self, request: &ControlReconnectRequest) -> Answer {
        let sessions = self.server.world.control_reconnect(&request.room_name);
        let sessions =
            sessions.ok_or_else(|| no_such("client or scripted participant", &request.room_name))?;
        Ok(Response::ControlReconnect(ControlReconnectResponse { sessions: sessions as u32 }))
    }

    pub(super) fn control_diagnostics(self, request: &ControlDiagnosticsRequest) -> Response {
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

    pub(super) fn control_panic_event(self, request: ControlPanicEventRequest) -> Response {
        self.server.spawn_operation(self.server.runtime(), faults::process(), async move {
            self.server.emit(ffi_event::Message::Panic(Panic { message: request.message }));
        });
        Response::ControlPanicEvent(ControlPanicEventResponse {})
    }

    pub(super) fn control_emit_log(self, request: ControlEmitLogRequest) -> Response {
        log::emit(LogLevel::LogInfo, "control", request.message);
        Response::ControlEmitLog(ControlEmitLogResponse {})
    }

    pub(super) fn control_set_faults(self, request: ControlSetFaultsRequest) -> Response {
        faults::set(request.room_name, request.faults);
        Response::ControlSetFaults(ControlSetFaultsResponse {})
    }

    pub(super) fn control_hold_callbacks(self, request: ControlHoldCallbacksRequest) -> Response {
        callbacks::hold(request.room_name);
        Response::ControlHoldCallbacks(ControlHoldCallbacksResponse {})
    }

    pub(super) fn control_release_callbacks(self, request: ControlReleaseCallbacksRequest) -> Response {
        let released = callbacks::release(request.room_name);
        Response::ControlReleaseCallbacks(ControlReleaseCallbacksResponse { released })
    }

    pub(super) fn control_close_report(self, request: &ControlCloseReportRequest) -> Response {
        let reports = check_list::reports(request.room_name.as_deref());
        Response::ControlCloseReport(ControlCloseReportResponse { reports })
    }

    pub(super) fn control_health(self, request: &ControlHealthRequest) -> Response {
        let unfinished = transport::unfinished(request.room_name.as_deref());
        let held = held::objects(request.room_name.as_deref());
        let healthy = unfinished.is_empty();
        Response::ControlHealth(ControlHealthResponse { healthy, held, unfinished })
    }
}

fn no_such(what: &'static str, room_name: &str) -> Refusal {
    Refusal::NotInRoom { what, name: room_name.to_owned() }
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
