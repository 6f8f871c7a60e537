//! What a stream carries, bytes or text: each has messages and handles of its own, and nothing else differs.

use std::sync::Arc;

use crate::{
    data_stream::{Ending, Info, Reader, Writer},
    handles::{HandleTable, Object},
    proto::{
        byte_stream_open_callback, byte_stream_reader_event, byte_stream_reader_read_all_callback,
        ffi_event::Message, stream_send_bytes_callback, stream_send_text_callback, text_stream_open_callback,
        text_stream_reader_event, text_stream_reader_read_all_callback, ByteStreamInfo,
        ByteStreamOpenCallback, ByteStreamReaderChunkReceived, ByteStreamReaderEos, ByteStreamReaderEvent,
        ByteStreamReaderReadAllCallback, ByteStreamWriterCloseCallback, ByteStreamWriterWriteCallback,
        FfiOwnedHandle, OwnedByteStreamWriter, OwnedTextStreamWriter, StreamError, StreamSendBytesCallback,
        StreamSendTextCallback, TextStreamInfo, TextStreamOpenCallback, TextStreamReaderChunkReceived,
        TextStreamReaderEos, TextStreamReaderEvent, TextStreamReaderReadAllCallback,
        TextStreamWriterCloseCallback, TextStreamWriterWriteCallback,
    },
};

/// Bytes or text.
pub trait Content: Sized + Send + 'static {
    /// The description of a stream of it.
    type Info: Clone + Send + 'static;

    /// What a reader and a writer are called where a request is refused.
    const READER: &'static str;
    const WRITER: &'static str;

    fn from_bytes(bytes: Vec<u8>) -> Self;
    fn into_bytes(self) -> Vec<u8>;

    fn any_info(info: Self::Info) -> Info;
    fn with_length(info: Self::Info, total_length: u64) -> Self::Info;

    /// The reader or the writer that an object is.
    fn reader(object: Object) -> Option<Reader>;
    fn writer(object: Object) -> Option<Arc<Writer>>;
    fn find_writer(handles: &HandleTable, id: u64) -> Option<Arc<Writer>>;
    fn own_writer(handles: &HandleTable, writer: Arc<Writer>) -> FfiOwnedHandle;

    fn chunk(reader_handle: u64, content: Self) -> Message;
    fn end(reader_handle: u64, ending: Ending) -> Message;
    fn all_read(async_id: u64, content: Result<Self, StreamError>) -> Message;
    fn sent(async_id: u64, info: Result<Self::Info, StreamError>) -> Message;
    fn opened(async_id: u64, writer: Result<(FfiOwnedHandle, Self::Info), StreamError>) -> Message;
    fn written(async_id: u64, error: Option<StreamError>) -> Message;
    fn closed(async_id: u64, error: Option<StreamError>) -> Message;
}

impl Content for Vec<u8> {
    type Info = ByteStreamInfo;

    const READER: &'static str = "byte stream reader";
    const WRITER: &'static str = "byte stream writer";

    fn from_bytes(bytes: Vec<u8>) -> Self {
        bytes
    }

    fn into_bytes(self) -> Vec<u8> {
        self
    }

    fn any_info(info: ByteStreamInfo) -> Info {
        Info::Byte(info)
    }

    fn with_length(info: ByteStreamInfo, total_length: u64) -> ByteStreamInfo {
        ByteStreamInfo { total_length: Some(total_length), ..info }
    }

    fn reader(object: Object) -> Option<Reader> {
        if let Object::ByteStreamReader(reader) = object {
            Some(reader)
        } else {
            None
        }
    }

    fn writer(object: Object) -> Option<Arc<Writer>> {
        if let Object::ByteStreamWriter(writer) = object {
            Some(writer)
        } else {
            None
        }
    }

    fn find_writer(handles: &HandleTable, id: u64) -> Option<Arc<Writer>> {
        handles.byte_stream_writer(id)
    }

    fn own_writer(handles: &HandleTable, writer: Arc<Writer>) -> FfiOwnedHandle {
        handles.own(Object::ByteStreamWriter(writer))
    }

    fn chunk(reader_handle: u64, content: Self) -> Message {
        use byte_stream_reader_event::Detail;
        let detail = Some(Detail::ChunkReceived(ByteStreamReaderChunkReceived { content }));
        Message::ByteStreamReaderEvent(ByteStreamReaderEvent { reader_handle, detail })
    }

    fn end(reader_handle: u64, Ending { error, attributes }: Ending) -> Message {
        use byte_stream_reader_event::Detail;
        let detail = Some(Detail::Eos(ByteStreamReaderEos { error, attributes }));
        Message::ByteStreamReaderEvent(ByteStreamReaderEvent { reader_handle, detail })
    }

    fn all_read(async_id: u64, content: Result<Self, StreamError>) -> Message {
        use byte_stream_reader_read_all_callback::Result;
        let result = Some(content.map_or_else(Result::Error, Result::Content));
        Message::ByteStreamReaderReadAll(ByteStreamReaderReadAllCallback { async_id, result })
    }

    fn sent(async_id: u64, info: Result<ByteStreamInfo, StreamError>) -> Message {
        use stream_send_bytes_callback::Result;
        let result = Some(info.map_or_else(Result::Error, Result::Info));
        Message::SendBytes(StreamSendBytesCallback { async_id, result })
    }

    fn opened(async_id: u64, writer: Result<(FfiOwnedHandle, ByteStreamInfo), StreamError>) -> Message {
        use byte_stream_open_callback::Result;
        let result = match writer {
            Ok((handle, info)) => Result::Writer(OwnedByteStreamWriter { handle, info }),
            Err(error) => Result::Error(error),
        };
        Message::ByteStreamOpen(ByteStreamOpenCallback { async_id, result: Some(result) })
    }

    fn written(async_id: u64, error: Option<StreamError>) -> Message {
        Message::ByteStreamWriterWrite(ByteStreamWriterWriteCallback { async_id, error })
    }

    fn closed(async_id: u64, error: Option<StreamError>) -> Message {
        Message::ByteStreamWriterClose(ByteStreamWriterCloseCallback { async_id, error })
    }
}

impl Content for String {
    type Info = TextStreamInfo;

    const READER: &'static str = "text stream reader";
    const WRITER: &'static str = "text stream writer";

    fn from_bytes(bytes: Vec<u8>) -> Self {
        // Chunks of text come from protobuf strings, each of them whole.
        Self::from_utf8_lossy(&bytes).into_owned()
    }

    fn into_bytes(self) -> Vec<u8> {
        self.into_bytes()
    }

    fn any_info(info: TextStreamInfo) -> Info {
        Info::Text(info)
    }

    fn with_length(info: TextStreamInfo, total_length: u64) -> TextStreamInfo {
        TextStreamInfo { total_length: Some(total_length), ..info }
    }

    fn reader(object: Object) -> Option<Reader> {
        if let Object::TextStreamReader(reader) = object {
            Some(reader)
        } else {
            None
        }
    }

    fn writer(object: Object) -> Option<Arc<Writer>> {
        if let Object::TextStreamWriter(writer) = object {
            Some(writer)
        } else {
            None
        }
    }

    fn find_writer(handles: &HandleTable, id: u64) -> Option<Arc<Writer>> {
        handles.text_stream_writer(id)
    }

    fn own_writer(handles: &HandleTable, writer: Arc<Writer>) -> FfiOwnedHandle {
        handles.own(Object::TextStreamWriter(writer))
    }

    fn chunk(reader_handle: u64, content: Self) -> Message {
        use text_stream_reader_event::Detail;
        let detail = Some(Detail::ChunkReceived(TextStreamReaderChunkReceived { content }));
        Message::TextStreamReaderEvent(TextStreamReaderEvent { reader_handle, detail })
    }

    fn end(reader_handle: u64, Ending { error, attributes }: Ending) -> Message {
        use text_stream_reader_event::Detail;
        let detail = Some(Detail::Eos(TextStreamReaderEos { error, attributes }));
        Message::TextStreamReaderEvent(TextStreamReaderEvent { reader_handle, detail })
    }

    fn all_read(async_id: u64, content: Result<Self, StreamError>) -> Message {
        use text_stream_reader_read_all_callback::Result;
        let result = Some(content.map_or_else(Result::Error, Result::Content));
        Message::TextStreamReaderReadAll(TextStreamReaderReadAllCallback { async_id, result })
    }

    fn sent(async_id: u64, info: Result<TextStreamInfo, StreamError>) -> Message {
        use stream_send_text_callback::Result;
        let result = Some(info.map_or_else(Result::Error, Result::Info));
        Message::SendText(StreamSendTextCallback { async_id, result })
    }

    fn opened(async_id: u64, writer: Result<(FfiOwnedHandle, TextStreamInfo), StreamError>) -> Message {
        use text_stream_open_callback::Result;
        let result = match writer {
            Ok((handle, info)) => Result::Writer(OwnedTextStreamWriter { handle, info }),
            Err(error) => Result::Error(error),
        };
        Message::TextStreamOpen(TextStreamOpenCallback { async_id, result: Some(result) })
    }

    fn written(async_id: u64, error: Option<StreamError>) -> Message {
        Message::TextStreamWriterWrite(TextStreamWriterWriteCallback { async_id, error })
    }

    fn closed(async_id: u64, error: Option<StreamError>) -> Message {
        Message::TextStreamWriterClose(TextStreamWriterCloseCallback { async_id, error })
    }
}
