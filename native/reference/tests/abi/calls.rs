//! Requests, handles, callbacks and diagnostics.

use std::{
    collections::HashSet,
    process::Command,
    sync::{
        atomic::{AtomicBool, AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use crate::{ask, event, lab::*};

#[test]
fn bad_requests_answer_zero_and_store_nothing() {
    let _lab = Lab::new();
    let source_handle = audio_source(1, 48000);
    let wrong_type =
        Request::ClearAudioBuffer(ClearAudioBufferRequest { source_handle: source_handle + 1000 });
    let unknown = FfiRequest { message: Some(wrong_type) };
    for bytes in
        [Some(&b"\xff\xff\xff"[..]), Some(&b""[..]), None, Some(&prost::Message::encode_to_vec(&unknown)[..])]
    {
        let (handle, pointer, len) = request_raw(bytes);
        assert_eq!((handle, pointer as usize, len), (0, 7, 7), "{bytes:?}");
    }
    assert!(request(Request::NewAudioStream(NewAudioStreamRequest {
        track_handle: source_handle,
        ..NewAudioStreamRequest::default()
    }))
    .is_none());
    assert!(drop_handle(source_handle), "a handle of the wrong kind is left alone");
}

#[test]
fn a_response_is_an_owned_handle() {
    let _lab = Lab::new();
    let message = Request::NewAudioResampler(NewAudioResamplerRequest {});
    let bytes = prost::Message::encode_to_vec(&FfiRequest { message: Some(message) });
    let (handle, _, len) = request_raw(Some(&bytes));
    assert!(handle > 0 && len > 0);
    // The buffer of the resampler's response, and the resampler.
    assert_eq!(diagnostics().handles.data_buffers, 1);
    assert_eq!(diagnostics().handles.other, 1);
    assert!(drop_handle(handle));
    assert!(!drop_handle(handle));
    assert_eq!(diagnostics().handles.data_buffers, 0);
}

#[test]
fn ids_ascend_and_are_never_reused() {
    let _lab = Lab::new();
    let first = audio_source(1, 48000);
    assert!(drop_handle(first));
    dispose();
    initialize(false);
    let second = audio_source(1, 48000);
    assert!(second > first);
    assert!(diagnostics().last_id > second, "response buffers take ids as well");
}

#[test]
fn drops_are_recorded_in_order() {
    let _lab = Lab::new();
    let source = audio_source(1, 48000);
    let track = audio_track(source);
    assert!(drop_handle(track));
    assert!(drop_handle(source));
    assert!(!drop_handle(source));
    let answer = ask!(ControlDiagnostics ControlDiagnosticsRequest { reset_drops: Some(true) });
    let drops: Vec<_> = answer.drops.iter().map(|drop| (drop.id, drop.kind.as_str(), drop.known)).collect();
    assert_eq!(drops, [(track, "track", true), (source, "audio_source", true), (source, "unknown", false)]);
    assert!(diagnostics().drops.is_empty());
    assert!(answer.response_buffers_dropped >= 2);
}

#[test]
fn diagnostics_count_by_kind() {
    let _lab = Lab::new();
    let source = audio_source(1, 48000);
    let track = audio_track(source);
    audio_stream(track);
    let answer = diagnostics();
    assert_eq!(
        answer.line,
        "[ffi-handles-diag] total=3 rooms=0 participants=0 tracks=1 publications=0 video_sources=0 audio_sources=1 \
         video_streams=0 audio_streams=1 audio_frames=0 data_buffers=0 byte_boxes=0 other=0"
    );
    let kinds: Vec<_> = answer.kinds.iter().map(|kind| (kind.name.as_str(), kind.count)).collect();
    assert_eq!(kinds, [("audio_source", 1), ("audio_stream", 1), ("track", 1)]);
    assert_eq!(answer.handles.total, 3);
}

#[test]
fn an_asynchronous_id_is_what_the_client_chose() {
    let _lab = Lab::new();
    let source_handle = audio_source(1, 48000);
    let samples = [0_i16; 480];
    for chosen in [0, u64::MAX, 5, 5] {
        let buffer = buffer_info(&samples, 1, 48000);
        let request_async_id = Some(chosen);
        let response =
            ask!(CaptureAudioFrame CaptureAudioFrameRequest { source_handle, buffer, request_async_id });
        assert_eq!(response.async_id, chosen);
        assert_eq!(event!(CaptureAudioFrame).async_id, chosen);
    }
}

#[test]
fn callbacks_come_on_threads_of_the_library() {
    let _lab = Lab::new();
    let source = audio_source(1, 48000);
    assert_eq!(capture(source, &[0; 480], 1, 48000), None);
    connect_result(connect_request("refuse://local/room", "me", None));
    let threads = events(|received| Some((received.thread.clone(), received.thread_id)));
    let names: HashSet<_> = threads.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, HashSet::from(["reference-ffi", "reference-audio"]));
    assert!(threads.iter().all(|(_, id)| *id != thread::current().id()));
}

#[test]
fn callbacks_of_different_rooms_run_at_once() {
    let _lab = Lab::new();
    let (one, two) = (connect_with("one", "me", None), connect_with("two", "me", None));
    let (first, second) = (one.id, two.id);
    let inside = AtomicU32::new(0);
    // Each room's first event waits in its callback for that of the other room.
    hook(move |event| match event {
        Event::RoomEvent(RoomEvent { room_handle, message: Some(RoomMessage::RoomSidChanged(_)) })
            if *room_handle == first || *room_handle == second =>
        {
            inside.fetch_add(1, Ordering::SeqCst);
            poll("the callback of the other room", || (inside.load(Ordering::SeqCst) == 2).then_some(()));
        }
        _ => {}
    });
    ready(&one);
    ready(&two);
    crate::room_event!(first, ConnectionStateChanged);
    crate::room_event!(second, ConnectionStateChanged);
}

#[test]
fn logs_and_panics_are_events() {
    let _lab = Lab::new();
    ask!(ControlEmitLog ControlEmitLogRequest { message: "hello".to_owned() });
    let batch = event!(Logs);
    assert_eq!(batch.records[0].message, "hello");
    ask!(ControlPanicEvent ControlPanicEventRequest { message: "oh".to_owned() });
    assert_eq!(event!(Panic).message, "oh");

    initialize(true);
    assert!(!drop_handle(u64::MAX));
    take("the warning", |event| match event {
        Event::Logs(batch) => {
            batch.records.iter().find(|record| record.message.contains("cannot be dropped")).cloned()
        }
        _ => None,
    });
}

#[test]
fn without_a_callback_requests_work_and_events_are_lost() {
    let _lab = Lab::new();
    dispose();
    let source = audio_source(1, 48000);
    let buffer = buffer_info(&[0; 480], 1, 48000);
    ask!(CaptureAudioFrame CaptureAudioFrameRequest { source_handle: source, buffer, request_async_id: None });
    poll("the end of the operation", || (tasks("operation") == 0).then_some(()));
    assert!(drop_handle(source));
    assert!(events(|_| Some(())).is_empty());
}

#[test]
fn dispose_delivers_the_end_of_rooms_and_drops_all_handles() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    crate::room_event!(room.id, ConnectionStateChanged);
    dispose();
    // All of it came while the caller was inside dispose.
    let names = room_events(room.id);
    assert_eq!(names[names.len() - 3..], ["ConnectionStateChanged", "Disconnected", "Eos"]);
    assert!(!drop_handle(room.id) && !drop_handle(room.local));
    let after = diagnostics();
    assert_eq!((after.handles.total, after.sessions, after.sockets.len()), (0, 0, 0));
}

#[test]
fn a_dispose_request_delivers_nothing() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    crate::room_event!(room.id, ConnectionStateChanged);
    let before = room_events(room.id).len();
    assert!(request(Request::Dispose(DisposeRequest { r#async: true })).is_none());
    ask!(Dispose DisposeRequest { r#async: false });
    assert_eq!(room_events(room.id).len(), before);
    assert_eq!(diagnostics().sessions, 0);
    assert!(!drop_handle(room.id));
}

#[test]
fn dispose_waits_for_a_callback_in_flight() {
    let _lab = Lab::new();
    static RETURNED: AtomicBool = AtomicBool::new(false);
    let (entered, inside) = mpsc::channel();
    hook(move |event| {
        if matches!(event, Event::Panic(_)) {
            entered.send(()).expect("the test waits");
            // Long enough for a dispose that does not wait to return before.
            thread::sleep(Duration::from_millis(200));
            RETURNED.store(true, Ordering::SeqCst);
        }
    });
    ask!(ControlPanicEvent ControlPanicEventRequest { message: String::new() });
    inside.recv().expect("the callback runs");
    dispose();
    assert!(RETURNED.load(Ordering::SeqCst));
}

/// The child of the next test; it does nothing when it is run alone.
#[test]
fn dispose_inside_a_callback() {
    if std::env::var_os("DISPOSE_INSIDE_A_CALLBACK").is_none() {
        return;
    }
    let _lab = Lab::new();
    hook(|event| {
        if matches!(event, Event::Panic(_)) {
            dispose();
        }
    });
    ask!(ControlPanicEvent ControlPanicEventRequest { message: String::new() });
    event!(Panic);
}

#[test]
fn dispose_inside_a_callback_aborts_the_process() {
    let status = Command::new(std::env::current_exe().expect("the test is a file"))
        .args(["--exact", "calls::dispose_inside_a_callback"])
        .env("DISPOSE_INSIDE_A_CALLBACK", "1")
        .output()
        .expect("the test can be started")
        .status;
    #[cfg(unix)]
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(6), "{status}");
    assert!(!status.success());
}
