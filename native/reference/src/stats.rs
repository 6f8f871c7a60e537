//! Statistics records of tracks and sessions.

use std::{collections::HashMap, sync::atomic::Ordering};

use crate::{
    media::{Track, TrackHandle},
    proto::{
        rtc_stats::{self, Stats},
        CodecStats, IceRole, InboundRtpStreamStats, OutboundRtpStreamStats, RtcStats, RtcStatsData,
        RtpStreamStats, TrackKind, TransportStats,
    },
    session::Session,
    world::{now, Published},
};

fn data(id: &str) -> RtcStatsData {
    RtcStatsData { id: id.to_owned(), timestamp: now() }
}

fn record(stats: Stats) -> RtcStats {
    RtcStats { stats: Some(stats) }
}

fn codec(track: &Track) -> RtcStats {
    let audio = track.kind == TrackKind::KindAudio;
    record(Stats::Codec(rtc_stats::Codec {
        rtc: data("codec"),
        codec: CodecStats {
            payload_type: if audio { 111 } else { 96 },
            mime_type: if audio { "audio/opus" } else { "video/VP8" }.to_owned(),
            clock_rate: if audio { 48000 } else { 90000 },
            channels: u32::from(audio),
        },
    }))
}

fn stream(track: &Track) -> RtpStreamStats {
    let kind = if track.kind == TrackKind::KindAudio { "audio" } else { "video" };
    RtpStreamStats { ssrc: 1, kind: kind.to_owned() }
}

fn outbound(track: &Track, sid: String) -> RtcStats {
    record(Stats::OutboundRtp(rtc_stats::OutboundRtp {
        rtc: data("outbound"),
        stream: stream(track),
        outbound: OutboundRtpStreamStats {
            track_identifier: sid,
            frames_sent: track.frames(),
            active: !track.muted(),
            quality_limitation_durations: HashMap::from([("none".to_owned(), 1.0)]),
        },
    }))
}

fn inbound(track: &Track, sid: String) -> RtcStats {
    record(Stats::InboundRtp(rtc_stats::InboundRtp {
        rtc: data("inbound"),
        stream: stream(track),
        inbound: InboundRtpStreamStats {
            track_identifier: sid,
            frames_received: track.frames(),
            jitter_buffer_delay: 0.0,
        },
    }))
}

/// Statistics of a track.
pub fn of_track(handle: &TrackHandle) -> Vec<RtcStats> {
    let track = &handle.track;
    let info = handle.info();
    let flow = if info.remote { inbound(track, info.sid) } else { outbound(track, info.sid) };
    vec![codec(track), flow, record(Stats::Track(rtc_stats::Track {}))]
}

fn transport(session: &Session) -> RtcStats {
    record(Stats::Transport(rtc_stats::Transport {
        rtc: data("transport"),
        transport: TransportStats {
            packets_sent: session.traffic.sent.load(Ordering::Relaxed),
            packets_received: session.traffic.received.load(Ordering::Relaxed),
            ice_role: IceRole::IceControlling.into(),
        },
    }))
}

/// Statistics of what a session sends.
pub fn sent_by(session: &Session) -> Vec<RtcStats> {
    let of_published = |published: &Published| outbound(&published.track, published.sid());
    let tracks = session.member.tracks();
    std::iter::once(transport(session))
        .chain(tracks.iter().map(|published| of_published(published)))
        .collect()
}

/// Statistics of what a session receives.
pub fn received_by(session: &Session) -> Vec<RtcStats> {
    vec![transport(session)]
}
