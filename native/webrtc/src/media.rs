//! Tracks and transceivers: samples that go out, packets that come in.

use std::{
    sync::{
        atomic::{AtomicU32, Ordering},
        Arc,
    },
    time::Duration,
};

use prost::bytes::Bytes;
use tokio::sync::{mpsc, Notify};
use webrtc::{
    api::media_engine::{MIME_TYPE_OPUS, MIME_TYPE_VP8},
    media::Sample,
    rtp_transceiver::{
        rtp_codec::{RTCRtpCodecCapability, RTPCodecType},
        rtp_sender::RTCRtpSender,
        rtp_transceiver_direction::RTCRtpTransceiverDirection,
        RTCRtpTransceiver, RTCRtpTransceiverInit,
    },
    track::{
        track_local::{track_local_static_sample::TrackLocalStaticSample, TrackLocal},
        track_remote::TrackRemote,
    },
};

use crate::{
    connection::Connection,
    gate::Gate,
    handles::Object,
    proto::{
        ffi_event, remote_track_event, Codec, Direction, LocalTrackInfo, MediaKind, OwnedLocalTrack,
        OwnedPacket, OwnedRemoteTrack, OwnedTransceiver, PacketInfo, PacketReceived, RemoteTrackEnded,
        RemoteTrackEvent, RemoteTrackInfo, TransceiverInfo,
    },
    server,
};

/// The crate's transceiver, behind a handle.
pub type Transceiver = RTCRtpTransceiver;

/// A track that takes samples, behind a handle.
pub struct LocalTrack {
    track: Arc<TrackLocalStaticSample>,
    samples: mpsc::UnboundedSender<Sample>,
    waiting: Arc<AtomicU32>,
}

impl LocalTrack {
    /// Makes a track and hands it over; None when the codec is not known.
    pub fn create(id: String, stream_id: String, codec: Codec) -> Option<OwnedLocalTrack> {
        let (capability, kind) = match codec {
            Codec::Unspecified => return None,
            Codec::Opus => (
                RTCRtpCodecCapability {
                    mime_type: MIME_TYPE_OPUS.to_owned(),
                    clock_rate: 48_000,
                    channels: 2,
                    ..Default::default()
                },
                MediaKind::Audio,
            ),
            Codec::Vp8 => (
                RTCRtpCodecCapability {
                    mime_type: MIME_TYPE_VP8.to_owned(),
                    clock_rate: 90_000,
                    ..Default::default()
                },
                MediaKind::Video,
            ),
        };
        let info = LocalTrackInfo { id: id.clone(), stream_id: stream_id.clone(), kind: kind.into() };
        let track = Arc::new(TrackLocalStaticSample::new(capability, id, stream_id));
        let waiting = Arc::new(AtomicU32::new(0));
        let (samples, mut queued) = mpsc::unbounded_channel();
        let server = server::get();
        let (to, left) = (Arc::clone(&track), Arc::clone(&waiting));
        server.runtime().spawn(async move {
            while let Some(sample) = queued.recv().await {
                // A sample of a track whose connection is closed goes nowhere, as on a wire.
                let _ = to.write_sample(&sample).await;
                left.fetch_sub(1, Ordering::Relaxed);
            }
        });
        let handle = server.handles.own(Object::LocalTrack(Arc::new(Self { track, samples, waiting })));
        Some(OwnedLocalTrack { handle: Some(handle), info: Some(info) })
    }

    /// Queues a sample; answers how many wait.
    pub fn write(&self, data: Bytes, duration: Duration) -> u32 {
        let waiting = self.waiting.fetch_add(1, Ordering::Relaxed) + 1;
        // The task reads for as long as the track's handle lives.
        let _ = self.samples.send(Sample { data, duration, ..Default::default() });
        waiting
    }

    /// Adds the track to a connection.
    pub async fn add_to(&self, connection: &Connection) -> Result<OwnedTransceiver, webrtc::Error> {
        let track = Arc::clone(&self.track) as Arc<dyn TrackLocal + Send + Sync>;
        let sender = connection.peer.add_track(track).await?;
        read_reports(&sender);
        for transceiver in connection.peer.get_transceivers().await {
            if Arc::ptr_eq(&transceiver.sender().await, &sender) {
                return Ok(own(transceiver));
            }
        }
        Err(webrtc::Error::ErrSenderNotCreatedByConnection)
    }
}

/// Adds a transceiver without a track to a connection.
pub async fn add_transceiver(
    connection: &Connection,
    kind: MediaKind,
    direction: Direction,
) -> Result<OwnedTransceiver, webrtc::Error> {
    let kind = match kind {
        MediaKind::Audio => RTPCodecType::Audio,
        MediaKind::Video => RTPCodecType::Video,
        MediaKind::Unspecified => RTPCodecType::Unspecified,
    };
    let direction = match direction {
        Direction::Unspecified => RTCRtpTransceiverDirection::Unspecified,
        Direction::SendReceive => RTCRtpTransceiverDirection::Sendrecv,
        Direction::SendOnly => RTCRtpTransceiverDirection::Sendonly,
        Direction::ReceiveOnly => RTCRtpTransceiverDirection::Recvonly,
        Direction::Inactive => RTCRtpTransceiverDirection::Inactive,
    };
    let init = RTCRtpTransceiverInit { direction, send_encodings: vec![] };
    let transceiver = connection.peer.add_transceiver_from_kind(kind, Some(init)).await?;
    read_reports(&transceiver.sender().await);
    Ok(own(transceiver))
}

/// Reads a sender's reports until it stops; without a reader the crate answers none of them.
fn read_reports(sender: &Arc<RTCRtpSender>) {
    let sender = Arc::clone(sender);
    server::get().runtime().spawn(async move { while sender.read_rtcp().await.is_ok() {} });
}

fn own(transceiver: Arc<Transceiver>) -> OwnedTransceiver {
    let direction = match transceiver.direction() {
        RTCRtpTransceiverDirection::Unspecified => Direction::Unspecified,
        RTCRtpTransceiverDirection::Sendrecv => Direction::SendReceive,
        RTCRtpTransceiverDirection::Sendonly => Direction::SendOnly,
        RTCRtpTransceiverDirection::Recvonly => Direction::ReceiveOnly,
        RTCRtpTransceiverDirection::Inactive => Direction::Inactive,
    };
    let info = TransceiverInfo { kind: media_kind(transceiver.kind()).into(), direction: direction.into() };
    let handle = server::get().handles.own(Object::Transceiver(transceiver));
    OwnedTransceiver { handle: Some(handle), info: Some(info) }
}

/// Stands for a remote track; dropped, it ends the delivery of packets.
pub struct RemoteTrack(Arc<Notify>);

impl Drop for RemoteTrack {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Hands a remote track over and delivers its packets.
pub fn receive(gate: &Arc<Gate>, track: Arc<TrackRemote>) -> OwnedRemoteTrack {
    let server = server::get();
    let dropped = Arc::new(Notify::new());
    let handle = server.handles.own(Object::RemoteTrack(RemoteTrack(Arc::clone(&dropped))));
    let info = RemoteTrackInfo {
        id: track.id(),
        stream_id: track.stream_id(),
        kind: media_kind(track.kind()).into(),
        mime_type: track.codec().capability.mime_type,
    };
    let (id, gate) = (handle.id, Arc::clone(gate));
    server.runtime().spawn(async move {
        loop {
            let packet = tokio::select! {
                () = dropped.notified() => return,
                read = track.read_rtp() => match read {
                    Ok((packet, _)) => packet,
                    Err(_) => break,
                },
            };
            gate.send(|| {
                let payload: Box<[u8]> = packet.payload.as_ref().into();
                let info = PacketInfo {
                    sequence_number: packet.header.sequence_number.into(),
                    timestamp: packet.header.timestamp,
                    marker: packet.header.marker,
                    data_ptr: payload.as_ptr() as u64,
                    data_len: payload.len() as u64,
                };
                let handle = server::get().handles.own(Object::Packet(payload));
                event(
                    id,
                    remote_track_event::Message::PacketReceived(PacketReceived {
                        packet: Some(OwnedPacket { handle: Some(handle), info: Some(info) }),
                    }),
                )
            });
        }
        gate.send(|| event(id, remote_track_event::Message::Ended(RemoteTrackEnded {})));
    });
    OwnedRemoteTrack { handle: Some(handle), info: Some(info) }
}

fn media_kind(kind: RTPCodecType) -> MediaKind {
    match kind {
        RTPCodecType::Audio => MediaKind::Audio,
        RTPCodecType::Video => MediaKind::Video,
        RTPCodecType::Unspecified => MediaKind::Unspecified,
    }
}

fn event(id: u64, message: remote_track_event::Message) -> ffi_event::Message {
    ffi_event::Message::RemoteTrackEvent(RemoteTrackEvent { remote_track_handle: id, message: Some(message) })
}
