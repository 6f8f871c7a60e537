//! What each request does.

use std::{slice, time::Duration};

use prost::bytes::Bytes;
use tokio::sync::oneshot;
use webrtc::{
    data_channel::data_channel_init::RTCDataChannelInit,
    ice_transport::ice_candidate::RTCIceCandidateInit,
    peer_connection::{
        offer_answer_options::RTCOfferOptions,
        sdp::{sdp_type::RTCSdpType, session_description::RTCSessionDescription},
    },
};

use crate::{
    channel::{self, Action},
    connection::Connection,
    media::{self, LocalTrack},
    proto::*,
    server::Server,
    stats,
};

use ffi_event::Message as Event;
use ffi_request::Message as Request;
use ffi_response::Message as Response;

/// Starts what a request asks for; None refuses it, because a handle or a value in it is not known.
pub fn dispatch(server: &'static Server, request: Request) -> Option<Response> {
    let handles = &server.handles;
    Some(match request {
        Request::NewPeerConnection(request) => {
            let options = request.options.unwrap_or_default();
            let operation = |async_id| async move {
                let (connection, error) = split(Connection::open(options).await);
                NewPeerConnectionCallback { async_id, error, connection }
            };
            let async_id = server.operation(operation, Event::NewPeerConnection);
            Response::NewPeerConnection(NewPeerConnectionResponse { async_id })
        }
        Request::ClosePeerConnection(request) => {
            let connection = handles.connection(request.connection_handle)?;
            let operation = |async_id| async move {
                let error = connection.close(CloseReason::Requested).await;
                ClosePeerConnectionCallback { async_id, error }
            };
            let async_id = server.operation(operation, Event::ClosePeerConnection);
            Response::ClosePeerConnection(ClosePeerConnectionResponse { async_id })
        }
        Request::CreateOffer(request) => {
            let connection = handles.connection(request.connection_handle)?;
            let options = RTCOfferOptions { ice_restart: request.ice_restart, ..Default::default() };
            let operation = |async_id| async move {
                let (description, error) =
                    split(connection.peer.create_offer(Some(options)).await.map(description));
                CreateOfferCallback { async_id, error, description }
            };
            Response::CreateOffer(CreateOfferResponse {
                async_id: server.operation(operation, Event::CreateOffer),
            })
        }
        Request::CreateAnswer(request) => {
            let connection = handles.connection(request.connection_handle)?;
            let operation = |async_id| async move {
                let (description, error) = split(connection.peer.create_answer(None).await.map(description));
                CreateAnswerCallback { async_id, error, description }
            };
            Response::CreateAnswer(CreateAnswerResponse {
                async_id: server.operation(operation, Event::CreateAnswer),
            })
        }
        Request::SetLocalDescription(request) => {
            let connection = handles.connection(request.connection_handle)?;
            let given = request.description?;
            let operation = |async_id| async move {
                let applied = match parsed(given) {
                    Ok(description) => connection.peer.set_local_description(description).await,
                    Err(error) => Err(error),
                };
                SetLocalDescriptionCallback { async_id, error: text(applied) }
            };
            let async_id = server.operation(operation, Event::SetLocalDescription);
            Response::SetLocalDescription(SetLocalDescriptionResponse { async_id })
        }
        Request::SetRemoteDescription(request) => {
            let connection = handles.connection(request.connection_handle)?;
            let given = request.description?;
            let operation = |async_id| async move {
                let applied = match parsed(given) {
                    Ok(description) => connection.peer.set_remote_description(description).await,
                    Err(error) => Err(error),
                };
                SetRemoteDescriptionCallback { async_id, error: text(applied) }
            };
            let async_id = server.operation(operation, Event::SetRemoteDescription);
            Response::SetRemoteDescription(SetRemoteDescriptionResponse { async_id })
        }
        Request::GetLocalDescription(request) => {
            let connection = handles.connection(request.connection_handle)?;
            let operation = |async_id| async move {
                let description = connection.peer.local_description().await.map(description);
                let error = description.is_none().then(|| "no local description was set".to_owned());
                GetLocalDescriptionCallback { async_id, error, description }
            };
            let async_id = server.operation(operation, Event::GetLocalDescription);
            Response::GetLocalDescription(GetLocalDescriptionResponse { async_id })
        }
        Request::AddIceCandidate(request) => {
            let connection = handles.connection(request.connection_handle)?;
            let given = request.candidate?;
            let candidate = RTCIceCandidateInit {
                candidate: given.candidate,
                sdp_mid: given.sdp_mid,
                sdp_mline_index: given.sdp_mline_index.and_then(|index| index.try_into().ok()),
                ..Default::default()
            };
            let operation = |async_id| async move {
                let error = text(connection.peer.add_ice_candidate(candidate).await);
                AddIceCandidateCallback { async_id, error }
            };
            let async_id = server.operation(operation, Event::AddIceCandidate);
            Response::AddIceCandidate(AddIceCandidateResponse { async_id })
        }
        Request::GetStats(request) => {
            let connection = handles.connection(request.connection_handle)?;
            let operation = |async_id| async move {
                let entries = stats::collect(&connection.peer).await;
                GetStatsCallback { async_id, error: None, entries }
            };
            Response::GetStats(GetStatsResponse { async_id: server.operation(operation, Event::GetStats) })
        }
        Request::CreateDataChannel(request) => {
            let connection = handles.connection(request.connection_handle)?;
            let max_retransmits = request.max_retransmits.map(u16::try_from).transpose().ok()?;
            let init = RTCDataChannelInit {
                ordered: request.ordered,
                max_retransmits,
                protocol: request.protocol,
                ..Default::default()
            };
            let operation = |async_id| async move {
                let made = connection.peer.create_data_channel(&request.label, Some(init)).await;
                let (channel, error) = split(made.map(|made| channel::own(&connection.gate, made)));
                CreateDataChannelCallback { async_id, error, channel }
            };
            let async_id = server.operation(operation, Event::CreateDataChannel);
            Response::CreateDataChannel(CreateDataChannelResponse { async_id })
        }
        Request::SendText(request) => {
            let asked = handles.channel(request.channel_handle)?.ask(Action::SendText(request.text));
            let operation =
                |async_id| async move { SendTextCallback { async_id, error: outcome(asked).await } };
            Response::SendText(SendTextResponse { async_id: server.operation(operation, Event::SendText) })
        }
        Request::SendBytes(request) => {
            // SAFETY: the client promises data_len readable bytes for as long as the request runs.
            let bytes = unsafe { copied(request.data_ptr, request.data_len) };
            let asked = handles.channel(request.channel_handle)?.ask(Action::SendBytes(bytes));
            let operation =
                |async_id| async move { SendBytesCallback { async_id, error: outcome(asked).await } };
            Response::SendBytes(SendBytesResponse { async_id: server.operation(operation, Event::SendBytes) })
        }
        Request::CloseDataChannel(request) => {
            let asked = handles.channel(request.channel_handle)?.ask(Action::Close);
            let operation =
                |async_id| async move { CloseDataChannelCallback { async_id, error: outcome(asked).await } };
            let async_id = server.operation(operation, Event::CloseDataChannel);
            Response::CloseDataChannel(CloseDataChannelResponse { async_id })
        }
        Request::CreateLocalTrack(request) => {
            let codec = request.codec();
            let track = LocalTrack::create(request.id, request.stream_id, codec)?;
            Response::CreateLocalTrack(CreateLocalTrackResponse { track: Some(track) })
        }
        Request::WriteSample(request) => {
            let track = handles.local_track(request.local_track_handle)?;
            // SAFETY: the client promises data_len readable bytes for as long as the request runs.
            let data = unsafe { copied(request.data_ptr, request.data_len) };
            let waiting = track.write(data, Duration::from_micros(request.duration_us));
            Response::WriteSample(WriteSampleResponse { waiting })
        }
        Request::AddTrack(request) => {
            let connection = handles.connection(request.connection_handle)?;
            let track = handles.local_track(request.local_track_handle)?;
            let operation = |async_id| async move {
                let (transceiver, error) = split(track.add_to(&connection).await);
                AddTrackCallback { async_id, error, transceiver }
            };
            Response::AddTrack(AddTrackResponse { async_id: server.operation(operation, Event::AddTrack) })
        }
        Request::AddTransceiver(request) => {
            let connection = handles.connection(request.connection_handle)?;
            let (kind, direction) = (request.kind(), request.direction());
            let operation = |async_id| async move {
                let (transceiver, error) = split(media::add_transceiver(&connection, kind, direction).await);
                AddTransceiverCallback { async_id, error, transceiver }
            };
            let async_id = server.operation(operation, Event::AddTransceiver);
            Response::AddTransceiver(AddTransceiverResponse { async_id })
        }
        Request::StopTransceiver(request) => {
            let transceiver = handles.transceiver(request.transceiver_handle)?;
            let operation = |async_id| async move {
                StopTransceiverCallback { async_id, error: text(transceiver.stop().await) }
            };
            let async_id = server.operation(operation, Event::StopTransceiver);
            Response::StopTransceiver(StopTransceiverResponse { async_id })
        }
        Request::Diagnostics(DiagnosticsRequest {}) => Response::Diagnostics(DiagnosticsResponse {
            handles: handles.kinds(),
            alive_tasks: server.runtime().metrics().num_alive_tasks() as u32,
            crate_version: env!("WEBRTC_VERSION").to_owned(),
        }),
    })
}

/// What a request's memory holds.
///
/// # Safety
/// There must be as many bytes at the address as the request says.
unsafe fn copied(address: u64, len: u64) -> Bytes {
    if address == 0 || len == 0 {
        return Bytes::new();
    }
    // SAFETY: the caller promises len bytes at the address, which is not null.
    Bytes::copy_from_slice(unsafe { slice::from_raw_parts(address as *const u8, len as usize) })
}

async fn outcome(asked: oneshot::Receiver<Option<String>>) -> Option<String> {
    asked.await.unwrap_or_else(|_| Some("the data channel was dropped".to_owned()))
}

fn split<T>(result: Result<T, webrtc::Error>) -> (Option<T>, Option<String>) {
    match result {
        Ok(value) => (Some(value), None),
        Err(error) => (None, Some(error.to_string())),
    }
}

fn text(result: Result<(), webrtc::Error>) -> Option<String> {
    result.err().map(|error| error.to_string())
}

fn description(given: RTCSessionDescription) -> SessionDescription {
    let r#type = match given.sdp_type {
        RTCSdpType::Offer => SdpType::Offer,
        RTCSdpType::Answer => SdpType::Answer,
        _ => SdpType::Unspecified,
    };
    SessionDescription { r#type: r#type.into(), sdp: given.sdp }
}

fn parsed(given: SessionDescription) -> Result<RTCSessionDescription, webrtc::Error> {
    match given.r#type() {
        SdpType::Answer => RTCSessionDescription::answer(given.sdp),
        _ => RTCSessionDescription::offer(given.sdp),
    }
}
