//! The crate's statistics as messages.

use webrtc::{
    peer_connection::RTCPeerConnection,
    stats::{DataChannelStats as Counters, StatsReportType},
};

use crate::proto::{DataChannelStats, StatsEntry};

/// Everything that a connection counts, in the order of the ids.
pub async fn collect(peer: &RTCPeerConnection) -> Vec<StatsEntry> {
    let mut entries: Vec<StatsEntry> =
        peer.get_stats().await.reports.into_iter().map(|(id, report)| entry(id, &report)).collect();
    entries.sort_by(|one, other| one.id.cmp(&other.id));
    entries
}

fn entry(id: String, report: &StatsReportType) -> StatsEntry {
    let json = serde_json::to_value(report).unwrap_or_default();
    StatsEntry {
        id,
        r#type: json["type"].as_str().unwrap_or_default().to_owned(),
        data_channel: match report {
            StatsReportType::DataChannel(counters) => Some(data_channel(counters)),
            _ => None,
        },
        json: json.to_string(),
    }
}

fn data_channel(counters: &Counters) -> DataChannelStats {
    DataChannelStats {
        label: counters.label.clone(),
        messages_sent: counters.messages_sent as u64,
        messages_received: counters.messages_received as u64,
        bytes_sent: counters.bytes_sent as u64,
        bytes_received: counters.bytes_received as u64,
    }
}
