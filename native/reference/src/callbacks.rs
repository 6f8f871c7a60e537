//! How the callback of an asynchronous operation reaches the client: at once, or held back, late, never or twice.

use std::{
    collections::HashMap,
    mem,
    sync::{
        atomic::{AtomicBool, AtomicU32, Ordering},
        Arc, LazyLock,
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::{
    faults,
    proto::{
        byte_stream_open_callback, connect_callback, ffi_event::Message, publish_track_callback,
        text_stream_open_callback, CallbackFate,
    },
    server::Server,
};

/// Holds callbacks back; they pass it one after the other, in the order in which they came.
struct Gate {
    turn: Semaphore,
    waiting: AtomicU32,
    discards: AtomicBool,
}

/// The closed gates, by the name of their room.
static GATES: LazyLock<Mutex<HashMap<Option<String>, Arc<Gate>>>> = LazyLock::new(Mutex::default);

/// Holds the callbacks of a room back, or those that belong to no room.
pub fn hold(room_name: Option<String>) {
    GATES.lock().entry(room_name).or_insert_with(|| {
        Arc::new(Gate {
            turn: Semaphore::new(0),
            waiting: AtomicU32::new(0),
            discards: AtomicBool::new(false),
        })
    });
}

/// Lets callbacks through, and answers how many were waiting.
pub fn release(room_name: Option<String>) -> u32 {
    GATES.lock().remove(&room_name).map_or(0, |gate| {
        let waiting = gate.waiting.load(Ordering::SeqCst);
        gate.turn.add_permits(1);
        waiting
    })
}

/// Discards all that are held back.
pub fn discard_all() {
    for gate in mem::take(&mut *GATES.lock()).into_values() {
        gate.discards.store(true, Ordering::SeqCst);
        gate.turn.add_permits(1);
    }
}

/// How many are held back.
pub fn held() -> u32 {
    GATES.lock().values().map(|gate| gate.waiting.load(Ordering::SeqCst)).sum()
}

/// Runs something once it is let through; None when it is discarded.
pub async fn when_released<T>(room_name: Option<&str>, run: impl FnOnce() -> T) -> Option<T> {
    let gate = GATES.lock().get(&room_name.map(str::to_owned)).cloned();
    let Some(gate) = gate else { return Some(run()) };
    gate.waiting.fetch_add(1, Ordering::SeqCst);
    let turn = gate.turn.acquire().await.expect("a gate is never closed for good");
    gate.waiting.fetch_sub(1, Ordering::SeqCst);
    let result = (!gate.discards.load(Ordering::SeqCst)).then(run);
    drop(turn);
    result
}

/// Delivers the callback of an operation as the faults of its room say; false when it never comes.
pub async fn deliver(server: &Server, room_name: Option<&str>, callback: Message) -> bool {
    let faults = room_name.map_or_else(faults::process, faults::of_room);
    if let Some(delay) = faults.callback_delay_ms {
        tokio::time::sleep(Duration::from_millis(delay.into())).await;
    }
    let delivered = when_released(room_name, || match faults.callback_fate() {
        CallbackFate::CallbackNever => false,
        CallbackFate::CallbackNormal => {
            server.emit(callback.clone());
            true
        }
        CallbackFate::CallbackTwice => {
            server.emit(callback.clone());
            server.emit(callback.clone());
            true
        }
    })
    .await
    .unwrap_or(false);
    if !delivered {
        for id in handed_over(&callback) {
            server.handles.forget(id);
        }
    }
    delivered
}

/// The handles that a callback brings, children first.
fn handed_over(callback: &Message) -> Vec<u64> {
    match callback {
        Message::Connect(callback) => match &callback.message {
            Some(connect_callback::Message::Result(result)) => {
                let mut ids = Vec::new();
                for remote in &result.participants {
                    ids.extend(remote.publications.iter().map(|publication| publication.handle.id));
                    ids.push(remote.participant.handle.id);
                }
                ids.extend([result.local_participant.handle.id, result.room.handle.id]);
                ids
            }
            _ => Vec::new(),
        },
        Message::PublishTrack(callback) => match &callback.message {
            Some(publish_track_callback::Message::Publication(publication)) => vec![publication.handle.id],
            _ => Vec::new(),
        },
        Message::ByteStreamOpen(callback) => match &callback.result {
            Some(byte_stream_open_callback::Result::Writer(writer)) => vec![writer.handle.id],
            _ => Vec::new(),
        },
        Message::TextStreamOpen(callback) => match &callback.result {
            Some(text_stream_open_callback::Result::Writer(writer)) => vec![writer.handle.id],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
