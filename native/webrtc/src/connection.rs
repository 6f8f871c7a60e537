//! A peer connection: how it is made, what it tells, and its one end.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use webrtc::{
    api::{
        interceptor_registry::register_default_interceptors, media_engine::MediaEngine,
        setting_engine::SettingEngine, APIBuilder,
    },
    ice::mdns::MulticastDnsMode,
    ice_transport::ice_server::RTCIceServer,
    interceptor::registry::Registry,
    peer_connection::{
        configuration::RTCConfiguration, peer_connection_state::RTCPeerConnectionState, RTCPeerConnection,
    },
};

use crate::{
    channel,
    gate::Gate,
    handles::Object,
    media,
    proto::{
        ffi_event, peer_connection_event, CloseReason, Closed, ConnectionStateChanged, DataChannelArrived,
        EndOfEvents, GatheringStateChanged, IceCandidate, IceCandidateFound, MulticastDns, NegotiationNeeded,
        OwnedPeerConnection, PeerConnectionEvent, PeerConnectionInfo, PeerConnectionOptions,
        SignalingStateChanged, TrackArrived,
    },
    server,
};

/// What the crate does when nothing is said.
const DISCONNECTED_MS: u32 = 5_000;
const FAILED_MS: u32 = 25_000;
const KEEPALIVE_MS: u32 = 2_000;

/// Connections that were not closed yet, whether the client still has their handles or not.
#[derive(Default)]
pub struct Open(Mutex<Vec<Arc<Connection>>>);

impl Open {
    /// Closes all of them.
    pub async fn close_all(&self) {
        loop {
            let Some(connection) = self.0.lock().last().cloned() else { return };
            connection.close(CloseReason::Requested).await;
        }
    }
}

/// A peer connection behind a handle.
pub struct Connection {
    id: u64,
    /// The crate's.
    pub peer: RTCPeerConnection,
    /// What its events go through.
    pub gate: Arc<Gate>,
    closed: tokio::sync::Mutex<bool>,
}

impl Connection {
    /// Makes a connection and hands it over.
    pub async fn open(options: PeerConnectionOptions) -> Result<OwnedPeerConnection, webrtc::Error> {
        let mut media_engine = MediaEngine::default();
        media_engine.register_default_codecs()?;
        let registry = register_default_interceptors(Registry::new(), &mut media_engine)?;
        let api = APIBuilder::new()
            .with_media_engine(media_engine)
            .with_interceptor_registry(registry)
            .with_setting_engine(settings(&options))
            .build();
        // A server has one field more in 0.9.0.
        #[allow(clippy::needless_update)]
        let ice_servers = options
            .ice_servers
            .into_iter()
            .map(|server| RTCIceServer {
                urls: server.urls,
                username: server.username,
                credential: server.credential,
                ..Default::default()
            })
            .collect();
        let peer = api.new_peer_connection(RTCConfiguration { ice_servers, ..Default::default() }).await?;

        let server = server::get();
        let info = PeerConnectionInfo { stats_id: peer.get_stats_id().to_owned() };
        let connection = Arc::new(Self {
            id: server.handles.next_id(),
            peer,
            gate: Arc::new(Gate::new()),
            closed: tokio::sync::Mutex::new(false),
        });
        connection.listen();
        server.open.0.lock().push(Arc::clone(&connection));
        let handle = server.handles.put(connection.id, Object::Connection(connection));
        Ok(OwnedPeerConnection { handle: Some(handle), info: Some(info) })
    }

    /// Closes it, once; who comes second waits for the first. What went wrong on the way is told.
    pub async fn close(self: &Arc<Self>, reason: CloseReason) -> Option<String> {
        let mut closed = self.closed.lock().await;
        if *closed {
            return None;
        }
        let failure = self.peer.close().await.err().map(|error| error.to_string());
        self.gate.end(
            [
                peer_connection_event::Message::Closed(Closed { reason: reason.into() }),
                peer_connection_event::Message::EndOfEvents(EndOfEvents {}),
            ]
            .map(|message| event(self.id, message)),
        );
        *closed = true;
        server::get().open.0.lock().retain(|other| !Arc::ptr_eq(other, self));
        failure
    }

    /// Closes it in the background, because the client dropped its handle.
    pub fn let_go(self: Arc<Self>) {
        server::get().runtime().spawn(async move { self.close(CloseReason::Requested).await });
    }

    /// Forwards what the crate tells. No handler holds the connection, so that none keeps it alive.
    fn listen(self: &Arc<Self>) {
        let id = self.id;
        let gate = Arc::clone(&self.gate);
        let tell = move |message| gate.send(|| event(id, message));

        let say = tell.clone();
        self.peer.on_ice_candidate(Box::new(move |candidate| {
            // The end of gathering is told by its state.
            if let Some(init) = candidate.and_then(|candidate| candidate.to_json().ok()) {
                let candidate = IceCandidate {
                    candidate: init.candidate,
                    sdp_mid: init.sdp_mid,
                    sdp_mline_index: init.sdp_mline_index.map(u32::from),
                };
                say(peer_connection_event::Message::IceCandidateFound(IceCandidateFound {
                    candidate: Some(candidate),
                }));
            }
            Box::pin(async {})
        }));

        // The protocol numbers states as the crate does.
        let say = tell.clone();
        self.peer.on_ice_gathering_state_change(Box::new(move |state| {
            say(peer_connection_event::Message::GatheringStateChanged(GatheringStateChanged {
                state: state as i32,
            }));
            Box::pin(async {})
        }));
        let say = tell.clone();
        self.peer.on_signaling_state_change(Box::new(move |state| {
            say(peer_connection_event::Message::SignalingStateChanged(SignalingStateChanged {
                state: state as i32,
            }));
            Box::pin(async {})
        }));
        let say = tell.clone();
        let this = Arc::downgrade(self);
        self.peer.on_peer_connection_state_change(Box::new(move |state| {
            say(peer_connection_event::Message::ConnectionStateChanged(ConnectionStateChanged {
                state: state as i32,
            }));
            if state == RTCPeerConnectionState::Failed {
                give_up(&this);
            }
            Box::pin(async {})
        }));
        let say = tell.clone();
        self.peer.on_negotiation_needed(Box::new(move || {
            say(peer_connection_event::Message::NegotiationNeeded(NegotiationNeeded {}));
            Box::pin(async {})
        }));

        let gate = Arc::clone(&self.gate);
        self.peer.on_data_channel(Box::new(move |arrived| {
            gate.send(|| {
                let owned = channel::own(&gate, arrived);
                event(
                    id,
                    peer_connection_event::Message::DataChannelArrived(DataChannelArrived {
                        channel: Some(owned),
                    }),
                )
            });
            Box::pin(async {})
        }));
        let gate = Arc::clone(&self.gate);
        self.peer.on_track(Box::new(move |arrived, _, _| {
            let gate = Arc::clone(&gate);
            Box::pin(async move {
                gate.send(|| {
                    let owned = media::receive(&gate, arrived);
                    event(
                        id,
                        peer_connection_event::Message::TrackArrived(TrackArrived { track: Some(owned) }),
                    )
                });
            })
        }));
    }
}

/// Closes a connection to a peer that is gone.
fn give_up(connection: &Weak<Connection>) {
    if let Some(connection) = connection.upgrade() {
        server::get().runtime().spawn(async move { connection.close(CloseReason::Failed).await });
    }
}

fn event(id: u64, message: peer_connection_event::Message) -> ffi_event::Message {
    ffi_event::Message::PeerConnectionEvent(PeerConnectionEvent {
        connection_handle: id,
        message: Some(message),
    })
}

fn settings(options: &PeerConnectionOptions) -> SettingEngine {
    let mut settings = SettingEngine::default();
    match options.multicast_dns() {
        MulticastDns::Default => {}
        MulticastDns::Disabled => settings.set_ice_multicast_dns_mode(MulticastDnsMode::Disabled),
        MulticastDns::QueryOnly => settings.set_ice_multicast_dns_mode(MulticastDnsMode::QueryOnly),
        MulticastDns::QueryAndGather => {
            settings.set_ice_multicast_dns_mode(MulticastDnsMode::QueryAndGather);
        }
    }
    let timeouts = (options.disconnected_timeout_ms, options.failed_timeout_ms, options.keepalive_ms);
    if timeouts != (None, None, None) {
        let duration =
            |given: Option<u32>, default| Some(Duration::from_millis(given.unwrap_or(default).into()));
        settings.set_ice_timeouts(
            duration(timeouts.0, DISCONNECTED_MS),
            duration(timeouts.1, FAILED_MS),
            duration(timeouts.2, KEEPALIVE_MS),
        );
    }
    settings
}
