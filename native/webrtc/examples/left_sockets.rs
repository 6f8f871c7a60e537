//! What the webrtc crate leaves by itself, without the FFI around it.
//!
//!     left_sockets gathering 200      closes connections while they gather
//!     left_sockets concurrent 200     connects and closes pairs of peers, eight pairs at a time
//!
//! Run it in a network namespace; it prints the UDP sockets and tasks that remain.

use std::{env, error::Error, fs, sync::Arc, time::Duration};

use tokio::{runtime::Handle, sync::mpsc, time};
use webrtc::{
    api::{interceptor_registry::register_default_interceptors, media_engine::MediaEngine, APIBuilder},
    interceptor::registry::Registry,
    peer_connection::{peer_connection_state::RTCPeerConnectionState, RTCPeerConnection},
};

type Failure = Box<dyn Error + Send + Sync>;

const AT_ONCE: usize = 8;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let count: usize = arguments.next().map_or(Ok(200), |text| text.parse())?;
    match what.as_str() {
        "gathering" => {
            for _ in 0..count {
                close_while_gathering().await?;
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
        _ => return Err("say `gathering` or `concurrent`, and how often".into()),
    }
    time::sleep(Duration::from_secs(10)).await;
    println!(
        "{what}, {count} times: {} UDP sockets and {} tasks remain",
        udp_sockets()?,
        Handle::current().metrics().num_alive_tasks()
    );
    Ok(())
}

async fn peer() -> Result<RTCPeerConnection, Failure> {
    let mut media = MediaEngine::default();
    media.register_default_codecs()?;
    let registry = register_default_interceptors(Registry::new(), &mut media)?;
    let api = APIBuilder::new().with_media_engine(media).with_interceptor_registry(registry).build();
    Ok(api.new_peer_connection(Default::default()).await?)
}

async fn close_while_gathering() -> Result<(), Failure> {
    let one = peer().await?;
    one.create_data_channel("chat", None).await?;
    let offer = one.create_offer(None).await?;
    one.set_local_description(offer).await?;
    one.close().await?;
    Ok(())
}

async fn connect_and_close() -> Result<(), Failure> {
    let (one, two) = (Arc::new(peer().await?), Arc::new(peer().await?));
    let (connected, mut states) = mpsc::unbounded_channel();
    for (near, far) in [(&one, &two), (&two, &one)] {
        let far = Arc::downgrade(far);
        near.on_ice_candidate(Box::new(move |candidate| {
            let far = far.upgrade();
            Box::pin(async move {
                if let (Some(far), Some(candidate)) = (far, candidate) {
                    if let Ok(init) = candidate.to_json() {
                        // Before the description is there the candidate is refused; the description has it then.
                        let _ = far.add_ice_candidate(init).await;
                    }
                }
            })
        }));
        let connected = connected.clone();
        near.on_peer_connection_state_change(Box::new(move |state| {
            if state == RTCPeerConnectionState::Connected {
                let _ = connected.send(());
            }
            Box::pin(async {})
        }));
    }
    one.create_data_channel("chat", None).await?;
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
    for _ in 0..2 {
        time::timeout(Duration::from_secs(20), states.recv()).await?;
    }
    let (first, second) = tokio::join!(one.close(), two.close());
    first?;
    second?;
    Ok(())
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
