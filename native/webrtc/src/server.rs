//! The one server of the process: its threads, its callback, and what the entry points do.

use std::{future::Future, sync::OnceLock, time::Duration};

use parking_lot::{Condvar, Mutex};
use prost::Message;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::{
    capi::WebrtcFfiCallback,
    connection::Open,
    dispatch,
    handles::{HandleTable, Object},
    proto::{ffi_event, FfiEvent, FfiRequest, FfiResponse},
};

const WORKERS: usize = 4;
/// The threads for blocking calls (names are looked up on them) go soon, so that a thread that stays is a finding.
const BLOCKING_KEEP_ALIVE: Duration = Duration::from_millis(100);

static SERVER: OnceLock<Server> = OnceLock::new();

/// The server; the first use builds it, and it is never torn down.
pub fn get() -> &'static Server {
    SERVER.get_or_init(Server::new)
}

#[derive(Default)]
struct Delivery {
    callback: Option<extern "C" fn(*const u8, usize)>,
    /// Callbacks and operations that have not returned.
    in_flight: usize,
}

/// An encoded response, owned by its handle.
pub struct ResponseBuffer {
    pub handle: u64,
    pub data: *const u8,
    pub len: usize,
}

/// The state of the process.
pub struct Server {
    runtime: Runtime,
    delivery: Mutex<Delivery>,
    returned: Condvar,
    /// Live handles.
    pub handles: HandleTable,
    /// Connections that were not closed yet.
    pub open: Open,
}

impl Server {
    fn new() -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("webrtc-ffi")
            .thread_keep_alive(BLOCKING_KEEP_ALIVE)
            .enable_all()
            .build()
            .expect("the process can start threads");
        Self {
            runtime,
            delivery: Mutex::default(),
            returned: Condvar::new(),
            handles: HandleTable::new(),
            open: Open::default(),
        }
    }

    /// Where tasks run.
    pub fn runtime(&self) -> &Handle {
        self.runtime.handle()
    }

    pub fn initialize(&self, callback: WebrtcFfiCallback) {
        self.delivery.lock().callback = callback;
    }

    /// Whether there is a callback.
    pub fn listens(&self) -> bool {
        self.delivery.lock().callback.is_some()
    }

    /// Delivers an event if there is a callback.
    pub fn emit(&self, message: ffi_event::Message) {
        let callback = {
            let mut delivery = self.delivery.lock();
            let Some(callback) = delivery.callback else { return };
            delivery.in_flight += 1;
            callback
        };
        let bytes = FfiEvent { message: Some(message) }.encode_to_vec();
        callback(bytes.as_ptr(), bytes.len());
        self.one_returned();
    }

    /// Runs the asynchronous part of a request, whose result is its callback; answers the operation's id.
    pub fn operation<F, M>(
        &'static self,
        start: impl FnOnce(u64) -> F,
        wrap: fn(M) -> ffi_event::Message,
    ) -> u64
    where
        F: Future<Output = M> + Send + 'static,
        M: 'static,
    {
        let async_id = self.handles.next_id();
        let operation = start(async_id);
        self.delivery.lock().in_flight += 1;
        self.runtime().spawn(async move {
            self.emit(wrap(operation.await));
            self.one_returned();
        });
        async_id
    }

    /// Carries out an encoded request; None refuses it.
    pub fn request(&'static self, bytes: &[u8]) -> Option<ResponseBuffer> {
        let _runtime = self.runtime.enter();
        let request = FfiRequest::decode(bytes).ok()?;
        let message = dispatch::dispatch(self, request.message?)?;
        let data = FfiResponse { message: Some(message) }.encode_to_vec().into_boxed_slice();
        let (pointer, len) = (data.as_ptr(), data.len());
        let handle = self.handles.own(Object::ResponseBuffer(data)).id;
        Some(ResponseBuffer { handle, data: pointer, len })
    }

    /// Closes all connections with their events, then forgets the callback and all handles.
    pub fn dispose(&self) {
        self.runtime.block_on(self.open.close_all());
        let mut delivery = self.delivery.lock();
        while delivery.in_flight > 0 {
            self.returned.wait(&mut delivery);
        }
        delivery.callback = None;
        drop(delivery);
        let _runtime = self.runtime.enter();
        self.handles.clear();
    }

    fn one_returned(&self) {
        self.delivery.lock().in_flight -= 1;
        self.returned.notify_all();
    }
}
