//! Decides whether an event of a connection may still be sent: none comes after the end of events.

use parking_lot::RwLock;

use crate::{proto::ffi_event, server};

/// Stands between a connection's handlers and the client.
pub struct Gate {
    ended: RwLock<bool>,
}

impl Gate {
    pub fn new() -> Self {
        Self { ended: RwLock::new(false) }
    }

    /// Sends an event unless the end was sent; it is only made, and its handles with it, when it is sent.
    pub fn send(&self, event: impl FnOnce() -> ffi_event::Message) {
        let ended = self.ended.read();
        if !*ended && server::get().listens() {
            server::get().emit(event());
        }
    }

    /// Sends the last events.
    pub fn end(&self, events: impl IntoIterator<Item = ffi_event::Message>) {
        let mut ended = self.ended.write();
        if !*ended {
            *ended = true;
            for event in events {
                server::get().emit(event);
            }
        }
    }
}
