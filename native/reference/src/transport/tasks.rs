//! The tasks of a connection. Each ends when closing tells it to, and takes its socket with it.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{atomic::Ordering, Arc},
    time::Duration,
};

use super::{candidate::Candidate, Connection};
use crate::{counters::Socket, faults};

const PROBE_INTERVAL: Duration = Duration::from_millis(50);
const QUERY_INTERVAL: Duration = Duration::from_secs(1);
/// Longer than any packet here.
const PACKET: usize = 64;

/// Probes the candidate, as a client that keeps looking for a better path does.
pub async fn gather(connection: Arc<Connection>, socket: Socket, peer: SocketAddr) {
    let mut interval = tokio::time::interval(PROBE_INTERVAL);
    let mut buffer = [0; PACKET];
    let traffic = &connection.traffic;
    loop {
        tokio::select! {
            () = connection.media_over.wait() => break,
            _ = interval.tick() => {
                // A lost probe is followed by another one.
                if socket.send_to(b"probe", peer).await.is_ok() {
                    traffic.sent.fetch_add(1, Ordering::Relaxed);
                }
            }
            received = socket.recv_from(&mut buffer) => {
                if received.is_ok() {
                    traffic.received.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }
}

/// Answers what comes to the candidate.
pub async fn keep_alive(connection: Arc<Connection>, candidate: Arc<Candidate>) {
    let mut buffer = [0; PACKET];
    loop {
        tokio::select! {
            () = connection.media_over.wait() => break,
            received = candidate.socket.recv_from(&mut buffer) => {
                if let Ok((len, peer)) = received {
                    // A lost answer is followed by another one.
                    let _ = candidate.socket.send_to(&buffer[..len], peer).await;
                }
            }
        }
    }
}

/// Asks for the other side's name. As on a group that nobody else is in, it hears its own question and no answer.
pub async fn query(connection: Arc<Connection>, socket: Socket) {
    ask(&socket, socket.address(), b"name?", b"name!", QUERY_INTERVAL, connection.query_over.wait()).await;
}

/// Greets the other side, and says goodbye in the end.
pub async fn shake_hands(connection: Arc<Connection>, socket: Socket, peer: SocketAddr) {
    let over = connection.handshake_over.wait();
    ask(&socket, peer, b"hello", b"hello", PROBE_INTERVAL, over).await;
    connection.handshake_over.wait().await;
    // A lost goodbye changes nothing: the other side has gone.
    let _ = socket.send_to(b"goodbye", peer).await;
    if faults::of_room(&connection.room_name).socket_dtls_task_stuck() {
        connection.unanswered.set();
        wait_for(&socket, b"goodbye", connection.repaired.wait()).await;
    }
}

/// Repeats a question until it is answered or nobody wants to know any more.
async fn ask(
    socket: &Socket,
    peer: SocketAddr,
    question: &[u8],
    answer: &[u8],
    every: Duration,
    over: impl Future<Output = ()>,
) {
    let mut interval = tokio::time::interval(every);
    let repeated = async {
        loop {
            interval.tick().await;
            // A lost question is repeated.
            let _ = socket.send_to(question, peer).await;
        }
    };
    tokio::select! {
        () = repeated => {}
        () = wait_for(socket, answer, over) => {}
    }
}

/// Waits for an answer, until nobody wants to know any more.
async fn wait_for(socket: &Socket, answer: &[u8], over: impl Future<Output = ()>) {
    let mut buffer = [0; PACKET];
    let heard = async {
        loop {
            if socket.recv_from(&mut buffer).await.is_ok_and(|(len, _)| buffer[..len] == *answer) {
                break;
            }
        }
    };
    tokio::select! {
        () = over => {}
        () = heard => {}
    }
}
