//! What the webrtc crate leaves by itself, without the FFI around it: UDP sockets and tasks after the last close.
//!
//!     left_sockets gathering 10       gathering goes on after each close
//!     left_sockets arriving 10        a data channel is arriving during each close
//!     left_sockets connected 10       SCTP starts after each close
//!     left_sockets concurrent 800     pairs of peers, eight at a time, closed as soon as they are connected
//!
//! The first three force a race, so each close leaves the same; the last one only gives it room. Run it in a
//! network namespace.

use std::{
    env,
    error::Error,
    fs,
    sync::{self, Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, sync::mpsc, task, time};
use webrtc::{
    api::{
        interceptor_registry::register_default_interceptors, media_engine::MediaEngine,
        setting_engine::SettingEngine, APIBuilder,
    },
    dtls_transport::dtls_transport_state::RTCDtlsTransportState,
    interceptor::registry::Registry,
    peer_connection::{peer_connection_state::RTCPeerConnectionState, RTCPeerConnection},
};

type Failure = Box<dyn Error + Send + Sync>;

const AT_ONCE: usize = 8;
const DEADLINE: Duration = Duration::from_secs(20);
/// For what ends a little after a close.
const SETTLE: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let count: usize = arguments.next().map_or(Ok(10), |text| text.parse())?;
    match what.as_str() {
        "gathering" => {
            for _ in 0..count {
                close_while_gathering().await?;
            }
        }
        "arriving" => {
            for _ in 0..count {
                close_while_a_channel_arrives().await?;
            }
        }
        "connected" => {
            for _ in 0..count {
                close_before_sctp_starts().await?;
            }
        }
        "concurrent" => {
            let pairs = (0..AT_ONCE).map(|_| {
                tokio::spawn(async move {
                    for _ in 0..count / AT_ONCE {
                        connect_and_close().await?;
                    }
                    Ok::<_, Failure>(())
                })
            });
            for pair in pairs.collect::<Vec<_>>() {
                pair.await??;
            }
        }
        _ => return Err("say `gathering`, `arriving`, `connected` or `concurrent`, and how often".into()),
    }
    let settled = Instant::now() + SETTLE;
    let (sockets, tasks) = loop {
        let left = (udp_sockets()?, Handle::current().metrics().num_alive_tasks());
        if left == (0, 0) || Instant::now() > settled {
            break left;
        }
        time::sleep(Duration::from_millis(50)).await;
    };
    println!("{what}, {count} times: {sockets} UDP sockets and {tasks} tasks remain");
    Ok(())
}

/// The crate asks a filter about each network interface while it gathers; here the answer comes after the close.
async fn close_while_gathering() -> Result<(), Failure> {
    let (closed, after) = sync::mpsc::channel::<()>();
    let after = Mutex::new(after);
    let mut settings = SettingEngine::default();
    settings.set_interface_filter(Box::new(move |_| {
        // Ends when the other end is dropped.
        task::block_in_place(|| after.lock().map(|after| after.recv()).is_ok())
    }));
    let one = peer(settings).await?;
    one.create_data_channel("chat", None).await?;
    let offer = one.create_offer(None).await?;
    one.set_local_description(offer).await?;
    one.close().await?;
    drop(closed);
    Ok(())
}

/// The far end closes its connection in the handler to which the crate gives the channel.
async fn close_while_a_channel_arrives() -> Result<(), Failure> {
    let (one, two) = pair().await?;
    let (closed, mut ends) = mpsc::unbounded_channel();
    let arriving = Arc::downgrade(&two);
    two.on_data_channel(Box::new(move |_| {
        let (arriving, closed) = (arriving.clone(), closed.clone());
        Box::pin(async move {
            if let Some(two) = arriving.upgrade() {
                let _ = closed.send(two.close().await);
            }
        })
    }));
    negotiate(&one, &two).await?;
    time::timeout(DEADLINE, ends.recv()).await?.ok_or("no channel arrived")??;
    one.close().await?;
    Ok(())
}

/// The crate tells that a connection is there and goes on with SCTP when the handler has returned; here the handler
/// returns when the connection's transports were stopped.
async fn close_before_sctp_starts() -> Result<(), Failure> {
    let (one, two) = pair().await?;
    let (connected, mut states) = mpsc::unbounded_channel();
    let this = Arc::downgrade(&one);
    one.on_peer_connection_state_change(Box::new(move |state| {
        let (this, connected) = (this.clone(), connected.clone());
        Box::pin(async move {
            if state != RTCPeerConnectionState::Connected {
                return;
            }
            let _ = connected.send(());
            while this.upgrade().is_some_and(|one| !stopped(&one)) {
                time::sleep(Duration::from_millis(1)).await;
            }
        })
    }));
    negotiate(&one, &two).await?;
    time::timeout(DEADLINE, states.recv()).await?;
    one.close().await?;
    two.close().await?;
    Ok(())
}

async fn connect_and_close() -> Result<(), Failure> {
    let (one, two) = pair().await?;
    let (connected, mut states) = mpsc::unbounded_channel();
    for peer in [&one, &two] {
        let connected = connected.clone();
        peer.on_peer_connection_state_change(Box::new(move |state| {
            if state == RTCPeerConnectionState::Connected {
                let _ = connected.send(());
            }
            Box::pin(async {})
        }));
    }
    negotiate(&one, &two).await?;
    for _ in 0..2 {
        time::timeout(DEADLINE, states.recv()).await?;
    }
    let (first, second) = tokio::join!(one.close(), two.close());
    first?;
    second?;
    Ok(())
}

async fn pair() -> Result<(Arc<RTCPeerConnection>, Arc<RTCPeerConnection>), Failure> {
    let (one, two) = (peer(Default::default()).await?, peer(Default::default()).await?);
    one.create_data_channel("chat", None).await?;
    Ok((Arc::new(one), Arc::new(two)))
}

async fn peer(settings: SettingEngine) -> Result<RTCPeerConnection, Failure> {
    let mut media = MediaEngine::default();
    media.register_default_codecs()?;
    let registry = register_default_interceptors(Registry::new(), &mut media)?;
    let api = APIBuilder::new()
        .with_media_engine(media)
        .with_interceptor_registry(registry)
        .with_setting_engine(settings)
        .build();
    Ok(api.new_peer_connection(Default::default()).await?)
}

/// Offer and answer, each with all of its candidates.
async fn negotiate(one: &RTCPeerConnection, two: &RTCPeerConnection) -> Result<(), Failure> {
    let offer = one.create_offer(None).await?;
    let mut gathered = one.gathering_complete_promise().await;
    one.set_local_description(offer).await?;
    let _ = gathered.recv().await;
    two.set_remote_description(one.local_description().await.ok_or("no offer")?).await?;
    let answer = two.create_answer(None).await?;
    let mut gathered = two.gathering_complete_promise().await;
    two.set_local_description(answer).await?;
    let _ = gathered.recv().await;
    one.set_remote_description(two.local_description().await.ok_or("no answer")?).await?;
    Ok(())
}

fn stopped(peer: &RTCPeerConnection) -> bool {
    peer.sctp().transport().state() == RTCDtlsTransportState::Closed
}

/// The process's own, by the system's account.
fn udp_sockets() -> Result<usize, Failure> {
    let mut held = Vec::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        if let Ok(target) = fs::read_link(entry?.path()) {
            held.push(target.to_string_lossy().into_owned());
        }
    }
    let table = fs::read_to_string("/proc/self/net/udp")?;
    let inodes = table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(9));
    Ok(inodes.filter(|inode| held.contains(&format!("socket:[{inode}]"))).count())
}
