//! A client of the C interface that keeps every event, one at a time in this process.
//!
//! Only for unix: tests of an abort look at the signal that ended the child.

use std::{
    env, mem,
    os::unix::process::ExitStatusExt,
    process::{Command, Output},
    ptr,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use prost::Message;
use reference_ffi::capi::{
    reference_ffi_dispose, reference_ffi_drop_handle, reference_ffi_initialize, reference_ffi_request,
    ReturnedBool,
};
pub use reference_ffi::proto::{
    ffi_event::Message as Event, ffi_request::Message as Request, ffi_response::Message as Response,
    room_event::Message as RoomMessage, *,
};

const PATIENCE: Duration = Duration::from_secs(10);
const CHILD: &str = "REFERENCE_FFI_TEST_CHILD";
const SIGABRT: i32 = 6;

/// An event, whether a test has looked at it, and the thread that it came on.
pub struct Received {
    pub event: Event,
    pub thread: String,
    pub thread_id: thread::ThreadId,
    taken: bool,
}

type Hook = Box<dyn Fn(&Event) + Send + Sync>;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
static RECEIVED: Mutex<Vec<Received>> = Mutex::new(Vec::new());
static HOOK: LazyLock<std::sync::RwLock<Option<Hook>>> = LazyLock::new(|| std::sync::RwLock::new(None));

extern "C" fn callback(data: *const u8, len: usize) {
    // SAFETY: the library promises len bytes at data until the callback returns.
    let bytes = unsafe { std::slice::from_raw_parts(data, len) };
    let event =
        FfiEvent::decode(bytes).expect("the event is well-formed").message.expect("the event has a case");
    if let Some(hook) = &*HOOK.read().expect("no hook panics") {
        hook(&event);
    }
    let current = thread::current();
    let thread = current.name().unwrap_or_default().to_owned();
    received().push(Received { event, thread, thread_id: current.id(), taken: false });
}

fn received() -> MutexGuard<'static, Vec<Received>> {
    RECEIVED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Polls until there is a value.
pub fn poll<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = look() {
            return value;
        }
        assert!(Instant::now() < deadline, "{what} did not come");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Drops a handle; the answer is all that the function returned.
pub fn drop_raw(id: u64) -> usize {
    let raw: extern "C" fn(u64) -> usize =
        // SAFETY: a transparent wrapper is returned as what it wraps.
        unsafe { mem::transmute(reference_ffi_drop_handle as extern "C" fn(u64) -> ReturnedBool) };
    raw(id)
}

/// Drops a handle.
pub fn drop_handle(id: u64) -> bool {
    drop_raw(id) & 0xff == 1
}

/// Sends bytes; the answer is what the function returned and stored.
pub fn request_raw(bytes: Option<&[u8]>) -> (u64, *const u8, usize) {
    let (mut pointer, mut len) = (ptr::without_provenance(7), 7);
    let (data, size) = bytes.map_or((ptr::null(), 0), |bytes| (bytes.as_ptr(), bytes.len()));
    // SAFETY: data has size bytes, and both results can be written.
    let handle = unsafe { reference_ffi_request(data, size, &mut pointer, &mut len) };
    (handle, pointer, len)
}

/// Sends a request; None when it is refused.
pub fn request(message: Request) -> Option<Response> {
    let bytes = FfiRequest { message: Some(message) }.encode_to_vec();
    let (handle, pointer, len) = request_raw(Some(&bytes));
    if handle == 0 {
        return None;
    }
    // SAFETY: the library promises len bytes at pointer until the handle is dropped.
    let response = FfiResponse::decode(unsafe { std::slice::from_raw_parts(pointer, len) });
    assert!(drop_handle(handle), "a response buffer is owned");
    Some(response.expect("the response is well-formed").message.expect("the response has a case"))
}

/// Initializes the library with the callback of the lab.
pub fn initialize(capture_logs: bool) {
    // SAFETY: both strings end in a zero.
    unsafe { reference_ffi_initialize(Some(callback), capture_logs, c"test".as_ptr(), c"1".as_ptr()) };
}

/// Disposes of the library.
pub fn dispose() {
    reference_ffi_dispose();
}

/// Runs a function in every callback, before the event is kept.
pub fn hook(hook: impl Fn(&Event) + Send + Sync + 'static) {
    *HOOK.write().expect("no hook panics") = Some(Box::new(hook));
}

/// Takes the first event that fits and was not taken; waits for it.
pub fn take<T>(what: &str, mut fits: impl FnMut(&Event) -> Option<T>) -> T {
    poll(what, || {
        received().iter_mut().filter(|received| !received.taken).find_map(|received| {
            let value = fits(&received.event)?;
            received.taken = true;
            Some(value)
        })
    })
}

/// Looks at all events so far.
pub fn events<T>(look: impl Fn(&Received) -> Option<T>) -> Vec<T> {
    received().iter().filter_map(look).collect()
}

/// The names of all events of a room so far.
pub fn room_events(room: u64) -> Vec<String> {
    events(|received| match &received.event {
        Event::RoomEvent(event) if event.room_handle == room => {
            let name = format!("{:?}", event.message.as_ref().expect("the event has a case"));
            Some(name.split('(').next().unwrap_or_default().to_owned())
        }
        Event::Disconnect(_) => Some("DisconnectCallback".to_owned()),
        _ => None,
    })
}

/// Sends a request and takes its answer apart.
#[macro_export]
macro_rules! ask {
    ($variant:ident $request:expr) => {
        match $crate::lab::request($crate::lab::Request::$variant($request)) {
            Some($crate::lab::Response::$variant(response)) => response,
            other => panic!("{} was answered {other:?}", stringify!($variant)),
        }
    };
}

/// Takes the first event of a case; waits for it.
#[macro_export]
macro_rules! event {
    ($variant:ident) => {
        $crate::lab::take(stringify!($variant), |event| match event {
            $crate::lab::Event::$variant(event) => Some(event.clone()),
            _ => None,
        })
    };
}

/// Takes the first event of a case of a room; waits for it.
#[macro_export]
macro_rules! room_event {
    ($room:expr, $variant:ident) => {
        $crate::lab::take(stringify!($variant), |event| match event {
            $crate::lab::Event::RoomEvent(event) if event.room_handle == $room => match &event.message {
                Some($crate::lab::RoomMessage::$variant(message)) => Some(message.clone()),
                _ => None,
            },
            _ => None,
        })
    };
}

/// The library, initialized for one test and disposed of after it.
pub struct Lab {
    _alone: MutexGuard<'static, ()>,
}

impl Lab {
    pub fn new() -> Self {
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        dispose();
        // What a socket fault keeps survives the dispose.
        ask!(ControlRepair ControlRepairRequest {});
        // What still runs would deliver its events to this test.
        poll("the end of the test before", || {
            (diagnostics().tasks.iter().all(|task| task.name == "logs")).then_some(())
        });
        ask!(ControlDiagnostics ControlDiagnosticsRequest { reset_drops: Some(true) });
        received().clear();
        initialize(false);
        Self { _alone: alone }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        *HOOK.write().unwrap_or_else(PoisonError::into_inner) = None;
        dispose();
    }
}

/// Runs a test that ends its process in a process of its own. None in that process.
fn in_child(test: &str) -> Option<Output> {
    if env::var_os(CHILD).is_some() {
        return None;
    }
    let tests = env::current_exe().expect("the tests are a program");
    let child = Command::new(tests).args([test, "--exact", "--nocapture"]).env(CHILD, test).output();
    Some(child.expect("the tests can be run again"))
}

/// Runs the test `test` in a process of its own, which has to abort and to say why.
pub fn aborts(test: &str, why: &str, run: impl FnOnce()) {
    let Some(child) = in_child(test) else {
        run();
        thread::sleep(PATIENCE);
        return;
    };
    let said = String::from_utf8_lossy(&child.stderr);
    assert_eq!(child.status.signal(), Some(SIGABRT), "{said}{}", String::from_utf8_lossy(&child.stdout));
    assert!(said.contains(why), "{said}");
}

/// Sets the faults of a room, or of the process.
pub fn set_faults(room_name: Option<&str>, faults: Faults) {
    let room_name = room_name.map(str::to_owned);
    ask!(ControlSetFaults ControlSetFaultsRequest { room_name, faults });
}

/// Holds the callbacks of a room back.
pub fn hold_callbacks(room_name: &str) {
    ask!(ControlHoldCallbacks ControlHoldCallbacksRequest { room_name: Some(room_name.to_owned()) });
}

/// Lets callbacks through once that many are waiting.
pub fn release_callbacks(room_name: &str, waiting: u32) {
    poll("the callbacks to hold", || (diagnostics().held_callbacks == waiting).then_some(()));
    let room_name = Some(room_name.to_owned());
    let answer = ask!(ControlReleaseCallbacks ControlReleaseCallbacksRequest { room_name });
    assert_eq!(answer.released, waiting);
}

/// Asks what is alive.
pub fn diagnostics() -> ControlDiagnosticsResponse {
    ask!(ControlDiagnostics ControlDiagnosticsRequest::default())
}

/// Number of running tasks of a name.
pub fn tasks(name: &str) -> u32 {
    diagnostics().tasks.iter().filter(|task| task.name == name).map(|task| task.count).sum()
}

/// A room as its client holds it.
pub struct Room {
    pub id: u64,
    pub local: u64,
    pub result: connect_callback::Result,
}

impl Room {
    /// Ids of all handles that the connect brought, children first.
    pub fn handles(&self) -> Vec<u64> {
        let mut ids = Vec::new();
        for remote in &self.result.participants {
            ids.extend(remote.publications.iter().map(|publication| publication.handle.id));
            ids.push(remote.participant.handle.id);
        }
        ids.extend([self.local, self.id]);
        ids
    }

    pub fn drop_all(&self) {
        for id in self.handles() {
            assert!(drop_handle(id), "handle {id} is owned");
        }
    }
}

/// Sends a connect request.
pub fn connect_request(url: &str, token: &str, auto_subscribe: Option<bool>) -> u64 {
    let options = RoomOptions { auto_subscribe, ..RoomOptions::default() };
    let (url, token) = (url.to_owned(), token.to_owned());
    ask!(Connect ConnectRequest { url, token, options, request_async_id: None }).async_id
}

/// Waits for the result of a connect.
pub fn connect_result(async_id: u64) -> connect_callback::Message {
    take("ConnectCallback", |event| match event {
        Event::Connect(callback) if callback.async_id == async_id => callback.message.clone(),
        _ => None,
    })
}

/// Connects, without being ready.
pub fn connect_with(room_name: &str, token: &str, auto_subscribe: Option<bool>) -> Room {
    let async_id = connect_request(&format!("ref://local/{room_name}"), token, auto_subscribe);
    match connect_result(async_id) {
        connect_callback::Message::Result(result) => {
            Room { id: result.room.handle.id, local: result.local_participant.handle.id, result }
        }
        connect_callback::Message::Error(error) => panic!("connect failed: {error}"),
    }
}

/// Lets the events of a room begin.
pub fn ready(room: &Room) {
    ask!(ReadyForRoomEvent ReadyForRoomEventRequest { room_handle: room.id });
}

/// Connects and lets the events begin.
pub fn connect(room_name: &str, token: &str) -> Room {
    let room = connect_with(room_name, token, None);
    ready(&room);
    room
}

/// Sends a disconnect request.
pub fn disconnect_request(room: &Room) -> u64 {
    ask!(Disconnect DisconnectRequest { room_handle: room.id, request_async_id: None, reason: None }).async_id
}

/// Waits for the callback of a disconnect.
pub fn disconnected(async_id: u64) {
    take("DisconnectCallback", |event| match event {
        Event::Disconnect(callback) if callback.async_id == async_id => Some(()),
        _ => None,
    });
}

/// Disconnects and waits for the end.
pub fn disconnect(room: &Room) {
    disconnected(disconnect_request(room));
}

/// Lets a scripted participant join.
pub fn join(room_name: &str, identity: &str) -> String {
    let (room_name, identity) = (room_name.to_owned(), identity.to_owned());
    ask!(ControlJoin ControlJoinRequest { room_name, identity, name: None, metadata: None }).sid
}

/// Lets a scripted participant publish a microphone or a camera.
pub fn publish(room_name: &str, identity: &str, kind: TrackKind) -> String {
    let source =
        if kind == TrackKind::KindAudio { TrackSource::SourceMicrophone } else { TrackSource::SourceCamera };
    ask!(ControlPublish ControlPublishRequest {
        room_name: room_name.to_owned(),
        identity: identity.to_owned(),
        name: "track".to_owned(),
        kind: kind.into(),
        source: source.into(),
    })
    .track_sid
}

/// Lets a scripted participant leave.
pub fn leave(room_name: &str, identity: &str) {
    let (room_name, identity) = (room_name.to_owned(), identity.to_owned());
    ask!(ControlLeave ControlLeaveRequest { room_name, identity, reason: None });
}

/// Lets frames arrive; answers how many streams they were given to.
pub fn emit_frames(room_name: &str, track_sid: &str, count: u32) -> u32 {
    let (room_name, track_sid) = (room_name.to_owned(), track_sid.to_owned());
    ask!(ControlEmitFrames ControlEmitFramesRequest { room_name, track_sid, count }).receivers
}

/// Makes a source of sound.
pub fn audio_source(num_channels: u32, sample_rate: u32) -> u64 {
    ask!(NewAudioSource NewAudioSourceRequest {
        r#type: AudioSourceType::AudioSourceNative.into(),
        options: None,
        sample_rate: Some(sample_rate),
        num_channels: Some(num_channels),
        queue_size_ms: None,
    })
    .source
    .handle
    .id
}

/// Makes a local track of sound.
pub fn audio_track(source_handle: u64) -> u64 {
    ask!(CreateAudioTrack CreateAudioTrackRequest { name: "mic".to_owned(), source_handle }).track.handle.id
}

/// Sends a request to publish a local track.
pub fn publish_request(room: &Room, track_handle: u64) -> u64 {
    let options = TrackPublishOptions {
        source: Some(TrackSource::SourceMicrophone.into()),
        ..TrackPublishOptions::default()
    };
    ask!(PublishTrack PublishTrackRequest {
        local_participant_handle: room.local,
        track_handle,
        options,
        request_async_id: None,
    })
    .async_id
}

/// Publishes a local track.
pub fn publish_local(room: &Room, track_handle: u64) -> OwnedTrackPublication {
    let async_id = publish_request(room, track_handle);
    let callback = event!(PublishTrack);
    assert_eq!(callback.async_id, async_id);
    match callback.message {
        Some(publish_track_callback::Message::Publication(publication)) => publication,
        other => panic!("publish answered {other:?}"),
    }
}

/// Describes samples in memory.
pub fn buffer_info(samples: &[i16], num_channels: u32, sample_rate: u32) -> AudioFrameBufferInfo {
    AudioFrameBufferInfo {
        data_ptr: samples.as_ptr() as u64,
        num_channels,
        sample_rate,
        samples_per_channel: samples.len() as u32 / num_channels,
    }
}

/// Captures samples, and answers the error of the callback.
pub fn capture(source_handle: u64, samples: &[i16], num_channels: u32, sample_rate: u32) -> Option<String> {
    let buffer = buffer_info(samples, num_channels, sample_rate);
    let async_id =
        ask!(CaptureAudioFrame CaptureAudioFrameRequest { source_handle, buffer, request_async_id: None })
            .async_id;
    let callback = event!(CaptureAudioFrame);
    assert_eq!(callback.async_id, async_id);
    callback.error
}

/// Streams a track of sound.
pub fn audio_stream(track_handle: u64) -> u64 {
    ask!(NewAudioStream NewAudioStreamRequest {
        track_handle,
        r#type: AudioStreamType::AudioStreamNative.into(),
        sample_rate: None,
        num_channels: None,
    })
    .stream
    .handle
    .id
}

/// Waits for a frame of a stream, copies its samples and drops it.
pub fn audio_frame(stream: u64) -> (Vec<i16>, AudioFrameBufferInfo) {
    let frame = take("an audio frame", |event| match event {
        Event::AudioStreamEvent(AudioStreamEvent {
            stream_handle,
            message: Some(audio_stream_event::Message::FrameReceived(received)),
        }) if *stream_handle == stream => Some(received.frame),
        _ => None,
    });
    samples_of(&frame)
}

/// Copies the samples of a buffer and drops it.
pub fn samples_of(buffer: &OwnedAudioFrameBuffer) -> (Vec<i16>, AudioFrameBufferInfo) {
    let len = (buffer.info.num_channels * buffer.info.samples_per_channel) as usize;
    // SAFETY: the library promises the samples that it describes until the handle is dropped.
    let samples = unsafe { std::slice::from_raw_parts(buffer.info.data_ptr as *const i16, len) }.to_vec();
    assert!(drop_handle(buffer.handle.id), "a frame is owned");
    (samples, buffer.info)
}

/// Waits for the end of a stream of sound.
pub fn audio_eos(stream: u64) {
    take("the end of the audio stream", |event| match event {
        Event::AudioStreamEvent(AudioStreamEvent {
            stream_handle,
            message: Some(audio_stream_event::Message::Eos(_)),
        }) if *stream_handle == stream => Some(()),
        _ => None,
    });
}
