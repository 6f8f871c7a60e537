//! What is alive behind the handles: who holds how much of it, and a mark in the log when it is really dropped.

use std::{
    any::Any,
    sync::{Arc, LazyLock, Weak},
};

use parking_lot::Mutex;

use crate::{
    log,
    proto::{HeldObject, LogLevel},
};

struct Entry {
    room_name: String,
    kind: &'static str,
    name: String,
    object: Weak<dyn Any + Send + Sync>,
}

static OBJECTS: LazyLock<Mutex<Vec<Entry>>> = LazyLock::new(Mutex::default);

/// Lists an object for as long as anything holds it.
pub fn list<T: Any + Send + Sync>(object: &Arc<T>, kind: &'static str, name: String, room_name: &str) {
    let object: Weak<T> = Arc::downgrade(object);
    let mut objects = OBJECTS.lock();
    objects.retain(|entry| entry.object.strong_count() > 0);
    objects.push(Entry { room_name: room_name.to_owned(), kind, name, object });
}

/// What is held, of one room or of all, oldest first. Looking holds nothing itself.
pub fn objects(room_name: Option<&str>) -> Vec<HeldObject> {
    let objects = OBJECTS.lock();
    objects
        .iter()
        .filter(|entry| room_name.is_none_or(|name| entry.room_name == name))
        .map(|entry| HeldObject {
            room_name: entry.room_name.clone(),
            kind: entry.kind.to_owned(),
            name: entry.name.clone(),
            strong_count: entry.object.strong_count() as u32,
        })
        .filter(|held| held.strong_count > 0)
        .collect()
}

/// Leaves a mark in the log when it is dropped, with what it belongs to.
pub struct Marker {
    what: String,
}

impl Marker {
    pub fn new(kind: &str, name: &str, room_name: &str) -> Self {
        Self { what: format!("{kind} {name} of the room {room_name}") }
    }
}

impl Drop for Marker {
    fn drop(&mut self) {
        log::record(LogLevel::LogDebug, "drop", format!("{} is dropped", self.what));
    }
}
