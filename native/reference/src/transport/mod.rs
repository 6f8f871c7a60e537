//! A client's connection to a room: its sockets, its candidates, its tasks, and how all of it ends.
//!
//! It imitates a peer connection of the webrtc crate. A candidate holds its connection, and the connection holds
//! its candidates in three places; a task holds the connection as well. So nothing of it goes by itself: closing
//! empties each place and ends each task. Every socket fault leaves one of these steps out.

mod candidate;
mod tasks;

use std::{
    future::Future,
    io, mem,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        Arc, LazyLock, Weak,
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{runtime::Handle, task::JoinHandle, time::timeout};

use crate::{
    check_list::CheckList,
    counters::{self, Socket},
    faults,
    flag::Flag,
    held::{self, Marker},
    proto::{ControlRepairResponse, Unfinished},
};
use candidate::{Candidate, Pair};

/// How long a close waits for a handshake that waits for an answer.
const HANDSHAKE_PATIENCE: Duration = Duration::from_millis(50);

/// Every connection that anything holds.
static CONNECTIONS: LazyLock<Mutex<Vec<Weak<Connection>>>> = LazyLock::new(Mutex::default);

/// Packets that a session sent and received.
#[derive(Default)]
pub struct Traffic {
    pub sent: AtomicU64,
    pub received: AtomicU64,
}

/// A task of a connection, which owns or uses a socket.
struct Task {
    name: &'static str,
    socket: Place,
    handle: JoinHandle<()>,
}

/// A socket as lists name it.
#[derive(Clone, PartialEq)]
struct Place {
    name: &'static str,
    address: String,
}

/// What a client uses to reach a room.
pub struct Connection {
    room_name: String,
    traffic: Arc<Traffic>,
    sockets: Vec<Place>,
    candidates: Mutex<Vec<Arc<Candidate>>>,
    checklist: Mutex<Vec<Arc<Pair>>>,
    selected_pair: Mutex<Option<Arc<Pair>>>,
    tasks: Mutex<Vec<Task>>,
    /// Media is over: no more probes, and no answers to them.
    media_over: Flag,
    /// Nobody wants to know the name any more.
    query_over: Flag,
    /// The handshake has to say goodbye.
    handshake_over: Flag,
    /// The handshake waits for an answer to its goodbye.
    unanswered: Flag,
    /// What waits without end gives up.
    repaired: Flag,
    /// Closing has walked its list.
    closed: AtomicBool,
    _marker: Marker,
}

impl Connection {
    /// Opens the sockets and starts the tasks.
    pub async fn open(
        runtime: &Handle,
        room_name: &str,
        client: &str,
        traffic: Arc<Traffic>,
    ) -> io::Result<Arc<Self>> {
        let gathering = Socket::open(room_name, "gathering", "task").await?;
        let media = Socket::open(room_name, "media", "candidate").await?;
        let mdns = Socket::open(room_name, "mdns", "task").await?;
        let dtls = Socket::open(room_name, "dtls", "task").await?;
        let place = |socket: &Socket| Place { name: socket.name(), address: socket.address().to_string() };
        let [at_gathering, at_media, at_mdns, at_dtls] = [&gathering, &media, &mdns, &dtls].map(place);
        let (probing, peer) = (gathering.address(), media.address());
        let connection = Arc::new(Self {
            room_name: room_name.to_owned(),
            traffic,
            sockets: [&at_gathering, &at_media, &at_mdns, &at_dtls].map(Clone::clone).to_vec(),
            candidates: Mutex::default(),
            checklist: Mutex::default(),
            selected_pair: Mutex::default(),
            tasks: Mutex::default(),
            media_over: Flag::new(),
            query_over: Flag::new(),
            handshake_over: Flag::new(),
            unanswered: Flag::new(),
            repaired: Flag::new(),
            closed: AtomicBool::new(false),
            _marker: Marker::new("connection", client, room_name),
        });
        held::list(&connection, "connection", client.to_owned(), room_name);

        let candidate = Candidate::new(media, Arc::clone(&connection));
        let pair = Pair::new(Arc::clone(&candidate), probing);
        connection.checklist.lock().push(Arc::clone(&pair));
        // The only pair is selected at once.
        *connection.selected_pair.lock() = Some(pair);
        connection.candidates.lock().push(Arc::clone(&candidate));

        let this = || Arc::clone(&connection);
        connection.start(runtime, "gathering", at_gathering, tasks::gather(this(), gathering, peer));
        connection.start(runtime, "keepalive", at_media, tasks::keep_alive(this(), candidate));
        connection.start(runtime, "mdns_query", at_mdns, tasks::query(this(), mdns));
        connection.start(runtime, "dtls", at_dtls, tasks::shake_hands(this(), dtls, peer));
        let mut connections = CONNECTIONS.lock();
        connections.retain(|other| other.strong_count() > 0);
        connections.push(Arc::downgrade(&connection));
        drop(connections);
        Ok(connection)
    }

    fn start<F>(&self, runtime: &Handle, name: &'static str, socket: Place, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let marker = Marker::new("task", name, &self.room_name);
        let handle = counters::spawn(runtime, name, async move {
            let _marker = marker;
            task.await;
        });
        self.tasks.lock().push(Task { name, socket, handle });
    }

    /// Walks the check list. Whoever calls gives its hold on the connection up.
    pub async fn close(self: Arc<Self>, list: &mut CheckList) {
        let faults = faults::of_room(&self.room_name);
        self.media_over.set();
        self.end(list, "gathering").await;
        self.end(list, "keepalive").await;
        self.end_handshake(list).await;
        if faults.socket_mdns_query_kept() {
            list.skipped("mdns_query", format!("still asks on {}", self.socket_of("mdns_query")));
        } else {
            self.query_over.set();
            self.end(list, "mdns_query").await;
        }

        empty(list, "candidates", &self.candidates, faults.socket_candidate_cycle());
        empty(list, "checklist", &self.checklist, faults.socket_checklist_kept());
        empty(list, "selected_pair", &self.selected_pair, faults.socket_selected_pair_kept());
        self.closed.store(true, Ordering::SeqCst);

        // Whoever looks at connections holds one meanwhile.
        let nobody_looks = CONNECTIONS.lock();
        let sockets = self.sockets.clone();
        let connection = Arc::downgrade(&self);
        drop(self);
        match connection.strong_count() {
            0 => list.done("connection", "dropped".to_owned()),
            count => list.unfinished("connection", format!("strong count {count}")),
        }
        drop(nobody_looks);
        let open: Vec<String> = counters::sockets()
            .into_iter()
            .filter(|open| sockets.iter().any(|socket| socket.address == open.local_address))
            .map(|open| format!("{} {}", open.name, open.local_address))
            .collect();
        if open.is_empty() {
            list.done("sockets", format!("{} closed", sockets.len()));
        } else {
            list.unfinished("sockets", format!("open: {}", open.join(", ")));
        }
    }

    async fn end(&self, list: &mut CheckList, name: &'static str) {
        let task = self.take(name);
        // A task that panicked has ended too.
        let _ = task.handle.await;
        list.done(name, format!("ended, was on {}", task.socket.address));
    }

    /// Waits for the handshake, but not for an answer without end.
    async fn end_handshake(&self, list: &mut CheckList) {
        self.handshake_over.set();
        let mut task = self.take("dtls");
        let ended = tokio::select! {
            _ = &mut task.handle => true,
            () = self.unanswered.wait() => timeout(HANDSHAKE_PATIENCE, &mut task.handle).await.is_ok(),
        };
        if ended {
            list.done("dtls", format!("ended, was on {}", task.socket.address));
        } else {
            list.unfinished("dtls", format!("waits for an answer on {}", task.socket.address));
            self.tasks.lock().push(task);
        }
    }

    fn take(&self, name: &str) -> Task {
        let mut tasks = self.tasks.lock();
        let index = tasks.iter().position(|task| task.name == name).expect("every task is waited for once");
        tasks.swap_remove(index)
    }

    fn socket_of(&self, task: &str) -> String {
        let tasks = self.tasks.lock();
        tasks
            .iter()
            .find(|other| other.name == task)
            .map_or_else(String::new, |task| task.socket.address.clone())
    }

    /// What outlives the close; nothing before it.
    fn unfinished(&self) -> Vec<Unfinished> {
        if !self.closed.load(Ordering::SeqCst) {
            return Vec::new();
        }
        let left = |kind: &str, name: &str, address: Option<String>, held_by: &str| Unfinished {
            room_name: self.room_name.clone(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            local_address: address,
            held_by: held_by.to_owned(),
        };
        let socket = |place: Place, held_by: &str| left("socket", place.name, Some(place.address), held_by);
        let mut found = Vec::new();
        found.extend(self.candidates.lock().iter().map(|kept| socket(kept.place(), "candidate_cycle")));
        found.extend(self.checklist.lock().iter().map(|kept| socket(kept.local.place(), "checklist")));
        found
            .extend(self.selected_pair.lock().iter().map(|kept| socket(kept.local.place(), "selected_pair")));
        for task in self.tasks.lock().iter().filter(|task| !task.handle.is_finished()) {
            found.push(left("task", task.name, None, task.name));
            found.push(socket(task.socket.clone(), task.name));
        }
        found
    }

    /// Does what the close left out.
    fn repair(&self) {
        self.repaired.set();
        self.query_over.set();
        // What these hold may hold this connection, so it is dropped outside of the locks.
        let candidates = mem::take(&mut *self.candidates.lock());
        let checklist = mem::take(&mut *self.checklist.lock());
        let selected_pair = mem::take(&mut *self.selected_pair.lock());
        drop((candidates, checklist, selected_pair));
    }
}

/// A place in which a connection holds candidates.
trait Holds: Default {
    fn held(&self) -> usize;
}

impl<T> Holds for Vec<T> {
    fn held(&self) -> usize {
        self.len()
    }
}

impl<T> Holds for Option<T> {
    fn held(&self) -> usize {
        usize::from(self.is_some())
    }
}

fn empty<T: Holds>(list: &mut CheckList, name: &str, place: &Mutex<T>, skip: bool) {
    if skip {
        list.skipped(name, format!("{} kept", place.lock().held()));
        return;
    }
    let held = mem::take(&mut *place.lock());
    let count = held.held();
    drop(held);
    list.done(name, format!("{count} given up"));
}

/// What does not come to an end, of one room or of all.
pub fn unfinished(room_name: Option<&str>) -> Vec<Unfinished> {
    let connections = CONNECTIONS.lock();
    connections
        .iter()
        .filter_map(Weak::upgrade)
        .filter(|connection| room_name.is_none_or(|name| connection.room_name == name))
        .flat_map(|connection| connection.unfinished())
        .collect()
}

/// Ends what outlives its room, and answers how much that was. Tasks and their sockets end a moment later.
pub fn repair() -> ControlRepairResponse {
    let connections = CONNECTIONS.lock();
    let mut answer = ControlRepairResponse::default();
    for connection in connections.iter().filter_map(Weak::upgrade) {
        let unfinished = connection.unfinished();
        let mut sockets: Vec<_> = unfinished.iter().filter_map(|left| left.local_address.as_ref()).collect();
        sockets.sort();
        sockets.dedup();
        answer.sockets += sockets.len() as u32;
        answer.tasks += unfinished.iter().filter(|left| left.kind == "task").count() as u32;
        if connection.closed.load(Ordering::SeqCst) {
            connection.repair();
        }
    }
    answer
}
