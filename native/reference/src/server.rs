//! The one server of the process: its threads, its callback, and the four entry points.

use std::{
    future::Future,
    sync::{mpsc, Arc, OnceLock},
    thread,
    time::Duration,
};

use parking_lot::{Condvar, Mutex};
use prost::Message;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::{
    callbacks,
    capi::ReferenceFfiCallback,
    counters, dispatch, faults,
    handles::{HandleTable, Object},
    log,
    proto::{ffi_event, DisconnectReason, Faults, FfiEvent, FfiRequest, FfiResponse, LogLevel},
    session::Session,
    world::World,
};

/// Longest time for which the fault `callback_before_response` holds a request back.
const CALLBACK_PATIENCE: Duration = Duration::from_secs(2);

static SERVER: OnceLock<Server> = OnceLock::new();

/// The server; the first use builds it, and it is never torn down.
pub fn get() -> &'static Server {
    SERVER.get_or_init(Server::new)
}

#[derive(Clone, Copy)]
struct Config {
    callback: extern "C" fn(*const u8, usize),
    capture_logs: bool,
}

#[derive(Default)]
struct Delivery {
    config: Option<Config>,
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
    audio: Runtime,
    delivery: Mutex<Delivery>,
    delivered: Condvar,
    /// Live handles.
    pub handles: HandleTable,
    /// Rooms and who is in them.
    pub world: World,
    sessions: Mutex<Vec<Arc<Session>>>,
}

impl Server {
    fn new() -> Self {
        let workers = thread::available_parallelism().map_or(1, usize::from).max(4);
        let runtime = Builder::new_multi_thread()
            .worker_threads(workers)
            .thread_name("reference-ffi")
            .enable_all()
            .build()
            .expect("the process can start threads");
        let audio = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("reference-audio")
            .enable_time()
            .build()
            .expect("the process can start threads");
        log::start(runtime.handle());
        Self {
            runtime,
            audio,
            delivery: Mutex::default(),
            delivered: Condvar::new(),
            handles: HandleTable::new(),
            world: World::default(),
            sessions: Mutex::default(),
        }
    }

    /// Where tasks run.
    pub fn runtime(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Where captured sound is taken.
    pub fn audio_runtime(&self) -> &Handle {
        self.audio.handle()
    }

    pub fn initialize(
        &self,
        callback: ReferenceFfiCallback,
        capture_logs: bool,
        sdk: &str,
        sdk_version: &str,
    ) {
        self.delivery.lock().config = callback.map(|callback| Config { callback, capture_logs });
        log::record(LogLevel::LogInfo, "server", format!("initialized by {sdk} {sdk_version}"));
    }

    /// Whether log records go to the client.
    pub fn captures_logs(&self) -> bool {
        self.delivery.lock().config.is_some_and(|config| config.capture_logs)
    }

    /// Delivers an event, and answers whether there was a callback for it.
    pub fn emit(&self, message: ffi_event::Message) -> bool {
        let config = {
            let mut delivery = self.delivery.lock();
            let Some(config) = delivery.config else { return false };
            delivery.in_flight += 1;
            config
        };
        let bytes = FfiEvent { message: Some(message) }.encode_to_vec();
        (config.callback)(bytes.as_ptr(), bytes.len());
        self.delivery.lock().in_flight -= 1;
        self.delivered.notify_all();
        true
    }

    /// Runs the asynchronous part of a request, which delivers its callback itself.
    pub fn spawn_operation<F>(&self, runtime: &Handle, faults: Faults, operation: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel();
        counters::spawn(runtime, "operation", async move {
            operation.await;
            // Nobody waits unless the fault is on.
            let _ = sender.send(());
        });
        if faults.callback_before_response() {
            // A callback that waits for this thread must not hang the process.
            let _ = receiver.recv_timeout(CALLBACK_PATIENCE);
        }
    }

    /// Carries out an encoded request; None refuses it.
    pub fn request(&'static self, bytes: &[u8]) -> Option<ResponseBuffer> {
        let _runtime = self.runtime.enter();
        let request = match FfiRequest::decode(bytes) {
            Ok(request) => request,
            Err(error) => {
                log::record(LogLevel::LogError, "request", format!("undecodable: {error}"));
                return None;
            }
        };
        let Some(message) = request.message else {
            log::record(LogLevel::LogError, "request", "no operation is set".to_owned());
            return None;
        };
        match dispatch::dispatch(self, message) {
            Ok(message) => {
                let data = FfiResponse { message: Some(message) }.encode_to_vec().into_boxed_slice();
                let (pointer, len) = (data.as_ptr(), data.len());
                let handle = self.handles.insert(Object::ResponseBuffer(data));
                Some(ResponseBuffer { handle, data: pointer, len })
            }
            Err(refusal) => {
                log::record(LogLevel::LogError, "request", refusal.to_string());
                None
            }
        }
    }

    /// Drops a handle for the client, and answers whether it was known.
    pub fn drop_handle(&self, id: u64) -> bool {
        let known = self.handles.drop_handle(id);
        if !known {
            log::record(
                LogLevel::LogWarn,
                "handles",
                format!("handle {id} is not known, it cannot be dropped"),
            );
        }
        known
    }

    /// Keeps a session until it has ended and all its events were forwarded.
    pub fn add_session(&self, session: Arc<Session>) {
        self.sessions.lock().push(session);
    }

    /// Forgets a session that is over.
    pub fn remove_session(&self, session: &Arc<Session>) {
        self.sessions.lock().retain(|other| !Arc::ptr_eq(other, session));
    }

    /// Number of connected sessions.
    pub fn session_count(&self) -> usize {
        self.sessions.lock().iter().filter(|session| !session.has_ended()).count()
    }

    /// Closes all rooms with their events, then forgets the callback.
    pub fn dispose(&self) {
        self.close_sessions();
        self.delivery.lock().config = None;
        self.clear();
    }

    /// Forgets the callback, then closes all rooms.
    pub fn dispose_silently(&self) {
        self.delivery.lock().config = None;
        self.close_sessions();
        self.clear();
    }

    fn close_sessions(&self) {
        callbacks::discard_all();
        self.runtime.block_on(async {
            // A session may be added by a connect in flight.
            loop {
                let sessions = self.sessions.lock().clone();
                if sessions.is_empty() {
                    break;
                }
                for session in sessions {
                    session.close(DisconnectReason::ClientInitiated).await;
                }
            }
        });
    }

    fn clear(&self) {
        let mut delivery = self.delivery.lock();
        while delivery.in_flight > 0 {
            self.delivered.wait(&mut delivery);
        }
        drop(delivery);
        self.handles.clear();
        self.world.clear();
        faults::clear();
    }
}
