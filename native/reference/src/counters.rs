//! What is open: sockets and tasks by name.

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr},
    ops::Deref,
    sync::LazyLock,
};

use parking_lot::Mutex;
use tokio::{net::UdpSocket, runtime::Handle, task::JoinHandle};

use crate::{
    held::Marker,
    proto::{NamedCount, SocketInfo},
};

static TASKS: LazyLock<Mutex<BTreeMap<&'static str, u32>>> = LazyLock::new(Mutex::default);
static SOCKETS: LazyLock<Mutex<Vec<SocketInfo>>> = LazyLock::new(Mutex::default);

struct Running(&'static str);

impl Running {
    fn new(name: &'static str) -> Self {
        *TASKS.lock().entry(name).or_default() += 1;
        Self(name)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(count) = TASKS.lock().get_mut(self.0) {
            *count -= 1;
        }
    }
}

/// Starts a task that is counted under a name until it has ended.
pub fn spawn<F>(runtime: &Handle, name: &'static str, task: F) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let running = Running::new(name);
    runtime.spawn(async move {
        let _running = running;
        task.await;
    })
}

/// The running tasks.
pub fn tasks() -> Vec<NamedCount> {
    TASKS
        .lock()
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(name, count)| NamedCount { name: (*name).to_owned(), count: *count })
        .collect()
}

/// The open sockets.
pub fn sockets() -> Vec<SocketInfo> {
    SOCKETS.lock().clone()
}

struct Listed {
    name: &'static str,
    address: SocketAddr,
    _marker: Marker,
}

impl Drop for Listed {
    fn drop(&mut self) {
        let address = self.address.to_string();
        SOCKETS.lock().retain(|socket| socket.local_address != address);
    }
}

/// A UDP socket on loopback that is listed while it is open.
pub struct Socket {
    // Fields are dropped in this order: what is not listed is closed.
    socket: UdpSocket,
    listed: Listed,
}

impl Socket {
    /// Opens a socket of a room; the owner is what closes it.
    pub async fn open(room_name: &str, name: &'static str, owner: &str) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = socket.local_addr()?;
        let marker = Marker::new("socket", &format!("{name} {address}"), room_name);
        SOCKETS.lock().push(SocketInfo {
            room_name: room_name.to_owned(),
            name: name.to_owned(),
            owner: owner.to_owned(),
            local_address: address.to_string(),
        });
        Ok(Self { socket, listed: Listed { name, address, _marker: marker } })
    }

    /// What it is for.
    pub fn name(&self) -> &'static str {
        self.listed.name
    }

    /// The address that it is bound to.
    pub fn address(&self) -> SocketAddr {
        self.listed.address
    }
}

impl Deref for Socket {
    type Target = UdpSocket;

    fn deref(&self) -> &UdpSocket {
        &self.socket
    }
}
