//! The table of handles: what each id stands for.

use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
};

use dashmap::DashMap;

use crate::{
    channel::Channel,
    connection::Connection,
    media::{LocalTrack, RemoteTrack, Transceiver},
    proto::{FfiHandle, KindCount},
};

/// What a handle stands for.
pub enum Object {
    Connection(Arc<Connection>),
    Channel(Arc<Channel>),
    LocalTrack(Arc<LocalTrack>),
    Transceiver(Arc<Transceiver>),
    RemoteTrack(#[expect(dead_code, reason = "ends the delivery of packets when dropped")] RemoteTrack),
    Packet(#[expect(dead_code, reason = "owns memory that clients read")] Box<[u8]>),
    Buffer(#[expect(dead_code, reason = "owns memory that clients read")] Box<[u8]>),
    ResponseBuffer(#[expect(dead_code, reason = "owns memory that clients read")] Box<[u8]>),
}

impl Object {
    fn kind(&self) -> &'static str {
        match self {
            Self::Connection(_) => "peer_connection",
            Self::Channel(_) => "data_channel",
            Self::LocalTrack(_) => "local_track",
            Self::Transceiver(_) => "transceiver",
            Self::RemoteTrack(_) => "remote_track",
            Self::Packet(_) => "packet",
            Self::Buffer(_) => "buffer",
            Self::ResponseBuffer(_) => "response_buffer",
        }
    }
}

/// All live handles, and the one counter that every id comes from.
pub struct HandleTable {
    objects: DashMap<u64, Object>,
    next: AtomicU64,
}

macro_rules! lookup {
    ($name:ident, $variant:ident, $type:ty) => {
        #[doc = concat!("The object behind a handle of kind `", stringify!($name), "`.")]
        pub fn $name(&self, id: u64) -> Option<Arc<$type>> {
            match self.objects.get(&id)?.value() {
                Object::$variant(object) => Some(Arc::clone(object)),
                _ => None,
            }
        }
    };
}

impl HandleTable {
    /// A table without handles; the first id is 1.
    pub fn new() -> Self {
        Self { objects: DashMap::new(), next: AtomicU64::new(1) }
    }

    /// An id that was never given out.
    pub fn next_id(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Stores an object under an id that was given out for it.
    pub fn put(&self, id: u64, object: Object) -> FfiHandle {
        self.objects.insert(id, object);
        FfiHandle { id }
    }

    /// Stores an object and hands it over.
    pub fn own(&self, object: Object) -> FfiHandle {
        self.put(self.next_id(), object)
    }

    lookup!(connection, Connection, Connection);
    lookup!(channel, Channel, Channel);
    lookup!(local_track, LocalTrack, LocalTrack);
    lookup!(transceiver, Transceiver, Transceiver);

    /// Whether the client still owns the handle.
    pub fn holds(&self, id: u64) -> bool {
        self.objects.contains_key(&id)
    }

    /// Drops a handle, and answers whether it was known.
    pub fn drop_handle(&self, id: u64) -> bool {
        match self.objects.remove(&id) {
            Some((_, Object::Connection(connection))) => {
                connection.let_go();
                true
            }
            Some(_) => true,
            None => false,
        }
    }

    /// Drops everything.
    pub fn clear(&self) {
        let ids: Vec<u64> = self.objects.iter().map(|entry| *entry.key()).collect();
        for id in ids {
            self.drop_handle(id);
        }
    }

    /// Live handles by kind.
    pub fn kinds(&self) -> Vec<KindCount> {
        let mut kinds = BTreeMap::<&str, u32>::new();
        for entry in &self.objects {
            *kinds.entry(entry.value().kind()).or_default() += 1;
        }
        kinds.into_iter().map(|(kind, count)| KindCount { kind: kind.to_owned(), count }).collect()
    }
}
