//! A candidate and the pairs that it is in: they own a socket for as long as anything holds them.

use std::{net::SocketAddr, sync::Arc};

use super::{Connection, Place};
use crate::{
    counters::Socket,
    held::{self, Marker},
};

/// An address at which the client can be reached. Its socket closes when it is dropped, and not before.
pub struct Candidate {
    pub socket: Socket,
    /// Whose candidate it is: this is the half of the cycle that only a close breaks.
    _connection: Arc<Connection>,
    _marker: Marker,
}

impl Candidate {
    pub fn new(socket: Socket, connection: Arc<Connection>) -> Arc<Self> {
        let room_name = connection.room_name.clone();
        let name = format!("{} {}", socket.name(), socket.address());
        let marker = Marker::new("candidate", &name, &room_name);
        let candidate = Arc::new(Self { socket, _connection: connection, _marker: marker });
        held::list(&candidate, "candidate", name, &room_name);
        candidate
    }

    pub fn place(&self) -> Place {
        Place { name: self.socket.name(), address: self.socket.address().to_string() }
    }
}

/// A candidate, and where the other side is.
pub struct Pair {
    pub local: Arc<Candidate>,
    _marker: Marker,
}

impl Pair {
    pub fn new(local: Arc<Candidate>, remote: SocketAddr) -> Arc<Self> {
        let room_name = local._connection.room_name.clone();
        let name = format!("{} to {remote}", local.socket.address());
        let pair = Arc::new(Self { local, _marker: Marker::new("pair", &name, &room_name) });
        held::list(&pair, "pair", name, &room_name);
        pair
    }
}
