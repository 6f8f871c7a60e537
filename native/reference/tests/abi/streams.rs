//! Streams of bytes and text: readers, writers, and what consumes them.

use std::collections::HashMap;

use crate::{ask, event, lab::*, room_event};

fn send_text(chunks: &[&str], leave_open: bool) {
    ask!(ControlSendText ControlSendTextRequest {
        room_name: "room".to_owned(),
        identity: "bob".to_owned(),
        topic: "topic".to_owned(),
        chunks: chunks.iter().map(|chunk| (*chunk).to_owned()).collect(),
        leave_open: Some(leave_open),
    });
}

fn send_bytes(chunks: &[&[u8]]) {
    ask!(ControlSendBytes ControlSendBytesRequest {
        room_name: "room".to_owned(),
        identity: "bob".to_owned(),
        topic: "topic".to_owned(),
        name: "file".to_owned(),
        chunks: chunks.iter().map(|chunk| chunk.to_vec()).collect(),
        leave_open: None,
    });
}

fn room_with_bob() -> Room {
    join("room", "bob");
    connect("room", "me")
}

#[test]
fn reading_all_consumes_the_reader() {
    let _lab = Lab::new();
    let room = room_with_bob();
    send_text(&["hello ", "world"], false);
    let opened = room_event!(room.id, TextStreamOpened);
    assert_eq!((opened.participant_identity.as_str(), opened.reader.info.topic.as_str()), ("bob", "topic"));
    let reader_handle = opened.reader.handle.id;
    let read = TextStreamReaderReadAllRequest { reader_handle, request_async_id: Some(9) };
    assert_eq!(ask!(TextReadAll read).async_id, 9);
    let callback = event!(TextStreamReaderReadAll);
    assert_eq!(callback.async_id, 9);
    let content = text_stream_reader_read_all_callback::Result::Content("hello world".to_owned());
    assert_eq!(callback.result, Some(content));
    assert!(request(Request::TextReadAll(read)).is_none());
    assert!(!drop_handle(reader_handle));

    send_bytes(&[b"\x00\xff", b"\x01"]);
    let reader_handle = room_event!(room.id, ByteStreamOpened).reader.handle.id;
    ask!(ByteReadAll ByteStreamReaderReadAllRequest { reader_handle, request_async_id: None });
    let content = byte_stream_reader_read_all_callback::Result::Content(vec![0, 255, 1]);
    assert_eq!(event!(ByteStreamReaderReadAll).result, Some(content));
    assert!(!drop_handle(reader_handle));
}

#[test]
fn reading_piece_by_piece_consumes_the_reader() {
    let _lab = Lab::new();
    let room = room_with_bob();
    send_text(&["a", "b"], false);
    let reader_handle = room_event!(room.id, TextStreamOpened).reader.handle.id;
    ask!(TextReadIncremental TextStreamReaderReadIncrementalRequest { reader_handle });
    assert!(!drop_handle(reader_handle));
    let mut pieces = Vec::new();
    loop {
        let event = event!(TextStreamReaderEvent);
        assert_eq!(event.reader_handle, reader_handle);
        match event.detail.expect("the event has a case") {
            text_stream_reader_event::Detail::ChunkReceived(chunk) => pieces.push(chunk.content),
            text_stream_reader_event::Detail::Eos(eos) => {
                assert_eq!(eos.error, None);
                break;
            }
        }
    }
    assert_eq!(pieces, ["a", "b"]);

    send_bytes(&[b"x"]);
    let reader_handle = room_event!(room.id, ByteStreamOpened).reader.handle.id;
    ask!(ByteReadIncremental ByteStreamReaderReadIncrementalRequest { reader_handle });
    let chunk = byte_stream_reader_event::Detail::ChunkReceived(ByteStreamReaderChunkReceived {
        content: b"x".to_vec(),
    });
    assert_eq!(event!(ByteStreamReaderEvent).detail, Some(chunk));
    let end = byte_stream_reader_event::Detail::Eos(ByteStreamReaderEos::default());
    assert_eq!(event!(ByteStreamReaderEvent).detail, Some(end));
}

#[test]
fn an_unread_reader_is_owned_also_after_the_room() {
    let _lab = Lab::new();
    let room = room_with_bob();
    send_text(&["a"], false);
    let reader = room_event!(room.id, TextStreamOpened).reader.handle.id;
    disconnect(&room);
    assert_eq!(diagnostics().handles.other, 1);
    assert!(drop_handle(reader));
    assert!(!drop_handle(reader));
}

#[test]
fn a_stream_that_is_cut_ends_with_an_error() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    for by_sender in [true, false] {
        join("room", "bob");
        send_text(&["a"], true);
        let reader_handle = room_event!(room.id, TextStreamOpened).reader.handle.id;
        ask!(TextReadAll TextStreamReaderReadAllRequest { reader_handle, request_async_id: None });
        if by_sender {
            leave("room", "bob");
        } else {
            disconnect(&room);
        }
        let result = event!(TextStreamReaderReadAll).result;
        assert!(matches!(result, Some(text_stream_reader_read_all_callback::Result::Error(_))));
    }
    poll("the end of the readers", || (tasks("reader") == 0).then_some(()));
}

#[test]
fn a_request_that_consumes_destroys_whatever_it_names() {
    let _lab = Lab::new();
    let source = audio_source(1, 48000);
    let message = ByteStreamReaderReadAllRequest { reader_handle: source, request_async_id: None };
    assert!(request(Request::ByteReadAll(message)).is_none());
    assert!(!drop_handle(source));
}

#[test]
fn a_writer_writes_to_the_other_client_and_close_consumes_it() {
    let _lab = Lab::new();
    let (alice, bob) = (connect("room", "alice"), connect("room", "bob"));
    let options = StreamTextOptions { topic: "chat".to_owned(), ..Default::default() };
    let open =
        TextStreamOpenRequest { local_participant_handle: alice.local, options, request_async_id: None };
    ask!(TextStreamOpen open);
    let Some(text_stream_open_callback::Result::Writer(writer)) = event!(TextStreamOpen).result else {
        panic!("the room is open")
    };
    let writer_handle = writer.handle.id;
    let reader = room_event!(bob.id, TextStreamOpened).reader;
    assert_eq!(reader.info.stream_id, writer.info.stream_id);
    let reader_handle = reader.handle.id;
    ask!(TextReadIncremental TextStreamReaderReadIncrementalRequest { reader_handle });
    let text = "hi".to_owned();
    ask!(TextStreamWrite TextStreamWriterWriteRequest { writer_handle, text, request_async_id: None });
    assert_eq!(event!(TextStreamWriterWrite).error, None);
    let chunk = TextStreamReaderChunkReceived { content: "hi".to_owned() };
    assert_eq!(
        event!(TextStreamReaderEvent).detail,
        Some(text_stream_reader_event::Detail::ChunkReceived(chunk))
    );
    let attributes = HashMap::from([("k".to_owned(), "v".to_owned())]);
    let close = TextStreamWriterCloseRequest {
        writer_handle,
        reason: None,
        request_async_id: None,
        attributes: attributes.clone(),
    };
    ask!(TextStreamClose close.clone());
    assert_eq!(event!(TextStreamWriterClose).error, None);
    let end = TextStreamReaderEos { error: None, attributes };
    assert_eq!(event!(TextStreamReaderEvent).detail, Some(text_stream_reader_event::Detail::Eos(end)));
    assert!(!drop_handle(writer_handle));
    assert!(request(Request::TextStreamClose(close)).is_none());
}

#[test]
fn a_writer_that_is_dropped_or_whose_room_ends_cuts_its_stream() {
    let _lab = Lab::new();
    let (alice, bob) = (connect("room", "alice"), connect("room", "bob"));
    for dropped in [true, false] {
        let options = StreamByteOptions { topic: "file".to_owned(), ..Default::default() };
        let open =
            ByteStreamOpenRequest { local_participant_handle: alice.local, options, request_async_id: None };
        ask!(ByteStreamOpen open);
        let Some(byte_stream_open_callback::Result::Writer(writer)) = event!(ByteStreamOpen).result else {
            panic!("the room is open")
        };
        let writer_handle = writer.handle.id;
        let reader_handle = room_event!(bob.id, ByteStreamOpened).reader.handle.id;
        ask!(ByteReadAll ByteStreamReaderReadAllRequest { reader_handle, request_async_id: None });
        if dropped {
            assert!(drop_handle(writer_handle));
        } else {
            disconnect(&alice);
            let bytes = vec![1];
            ask!(ByteStreamWrite ByteStreamWriterWriteRequest { writer_handle, bytes, request_async_id: None });
            assert!(event!(ByteStreamWriterWrite).error.is_some());
            // A close that fails consumes the writer too.
            ask!(ByteStreamClose ByteStreamWriterCloseRequest { writer_handle, ..Default::default() });
            assert!(event!(ByteStreamWriterClose).error.is_some());
            assert!(!drop_handle(writer_handle));
        }
        let result = event!(ByteStreamReaderReadAll).result;
        assert!(matches!(result, Some(byte_stream_reader_read_all_callback::Result::Error(_))));
    }
}

#[test]
fn sending_in_one_go_needs_the_local_participant() {
    let _lab = Lab::new();
    let (alice, bob) = (connect("room", "alice"), connect("room", "bob"));
    let options = StreamTextOptions { topic: "chat".to_owned(), ..Default::default() };
    let send = |local_participant_handle| StreamSendTextRequest {
        local_participant_handle,
        options: options.clone(),
        text: "all of it".to_owned(),
        request_async_id: None,
    };
    ask!(SendText send(alice.local));
    let Some(stream_send_text_callback::Result::Info(info)) = event!(SendText).result else {
        panic!("it is sent")
    };
    assert_eq!(info.total_length, Some(9));
    let reader = room_event!(bob.id, TextStreamOpened).reader;
    let reader_handle = reader.handle.id;
    ask!(TextReadAll TextStreamReaderReadAllRequest { reader_handle, request_async_id: None });
    let content = text_stream_reader_read_all_callback::Result::Content("all of it".to_owned());
    assert_eq!(event!(TextStreamReaderReadAll).result, Some(content));

    let remote = bob.result.participants[0].participant.handle.id;
    assert!(request(Request::SendText(send(remote))).is_none());
    let bytes = vec![1, 2, 3];
    let options =
        StreamByteOptions { topic: "file".to_owned(), name: Some("n".to_owned()), ..Default::default() };
    ask!(SendBytes StreamSendBytesRequest {
        local_participant_handle: bob.local,
        options,
        bytes,
        request_async_id: None,
    });
    assert!(matches!(event!(SendBytes).result, Some(stream_send_bytes_callback::Result::Info(_))));
    assert_eq!(room_event!(alice.id, ByteStreamOpened).reader.info.name, "n");
}
