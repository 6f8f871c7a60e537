//! Streams of bytes and text between participants: readers, writers and what joins them.

use std::{
    collections::HashMap,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
};

use parking_lot::Mutex;
use tokio::{runtime::Handle, sync::mpsc};

use crate::{
    callbacks,
    content::Content,
    faults::abort,
    flag::Flag,
    proto::{
        text_stream_info::OperationType, ByteStreamInfo, StreamByteOptions, StreamError, StreamTextOptions,
        TextStreamInfo,
    },
    server::Server,
    world::{self, new_sid},
};

/// What a stream is about.
#[derive(Clone)]
pub enum Info {
    Byte(ByteStreamInfo),
    Text(TextStreamInfo),
}

/// What travels on a stream. A stream that ends without `End` was cut.
#[derive(Clone)]
pub enum Chunk {
    Data(Vec<u8>),
    End { reason: Option<String>, attributes: HashMap<String, String> },
}

impl Chunk {
    /// The end of a stream that lacks nothing.
    pub fn regular_end() -> Self {
        Self::End { reason: None, attributes: HashMap::new() }
    }
}

/// Describes a stream of text as its writer wants it.
pub fn text_info(options: StreamTextOptions) -> TextStreamInfo {
    TextStreamInfo {
        operation_type: options.operation_type.unwrap_or(OperationType::Create.into()),
        stream_id: options.id.unwrap_or_else(|| new_sid("ST")),
        timestamp: world::now(),
        mime_type: "text/plain".to_owned(),
        topic: options.topic,
        total_length: None,
        attributes: options.attributes,
    }
}

/// Describes a stream of bytes as its writer wants it.
pub fn byte_info(options: StreamByteOptions) -> ByteStreamInfo {
    ByteStreamInfo {
        stream_id: options.id.unwrap_or_else(|| new_sid("ST")),
        timestamp: world::now(),
        mime_type: options.mime_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        topic: options.topic,
        total_length: options.total_length,
        attributes: options.attributes,
        name: options.name.unwrap_or_else(|| "unknown".to_owned()),
    }
}

/// The receiving end of a stream.
pub struct Reader {
    chunks: mpsc::UnboundedReceiver<Chunk>,
    room_closed: Flag,
}

/// How a stream ended.
pub struct Ending {
    pub error: Option<StreamError>,
    pub attributes: HashMap<String, String>,
}

impl Ending {
    fn early(description: &str) -> Self {
        let error = Some(StreamError { description: description.to_owned() });
        Self { error, attributes: HashMap::new() }
    }
}

impl Reader {
    /// Reads from a channel for as long as the room of the reader is open.
    pub fn new(chunks: mpsc::UnboundedReceiver<Chunk>, room_closed: Flag) -> Self {
        Self { chunks, room_closed }
    }

    async fn next(&mut self) -> Result<Vec<u8>, Ending> {
        let chunk = tokio::select! {
            biased;
            chunk = self.chunks.recv() => chunk,
            () = self.room_closed.wait() => return Err(Ending::early("the room was closed")),
        };
        match chunk {
            Some(Chunk::Data(data)) => Ok(data),
            Some(Chunk::End { reason: None, attributes }) => Err(Ending { error: None, attributes }),
            Some(Chunk::End { reason: Some(reason), attributes }) => {
                Err(Ending { error: Some(StreamError { description: reason }), attributes })
            }
            None => Err(Ending::early("the stream was cut")),
        }
    }

    async fn rest(mut self) -> Result<Vec<u8>, StreamError> {
        let mut content = Vec::new();
        loop {
            match self.next().await {
                Ok(data) => content.extend(data),
                Err(Ending { error: Some(error), .. }) => return Err(error),
                Err(Ending { error: None, .. }) => return Ok(content),
            }
        }
    }

    /// Reads to the end and delivers what came.
    pub async fn read_all<C: Content>(self, server: &Server, async_id: u64) {
        let content = self.rest().await.map(C::from_bytes);
        callbacks::deliver(server, None, C::all_read(async_id, content)).await;
    }

    /// Delivers what comes as it comes.
    pub async fn read<C: Content>(mut self, server: &Server, reader_handle: u64) {
        loop {
            match self.next().await {
                Ok(content) => {
                    server.emit(C::chunk(reader_handle, C::from_bytes(content)));
                }
                Err(ending) => {
                    server.emit(C::end(reader_handle, ending));
                    break;
                }
            }
        }
    }
}

/// The sending end of a stream. Dropping it without an end cuts the stream.
pub struct Writer {
    receivers: Mutex<Option<Vec<mpsc::UnboundedSender<Chunk>>>>,
    needs_runtime: AtomicBool,
}

impl Writer {
    /// A stream to the receivers that were there when it was opened.
    pub fn new(receivers: Vec<mpsc::UnboundedSender<Chunk>>) -> Arc<Self> {
        Arc::new(Self { receivers: Mutex::new(Some(receivers)), needs_runtime: AtomicBool::new(false) })
    }

    /// Sends a piece or the end. After the end nothing can be sent.
    pub fn send(&self, chunk: Chunk) -> Result<(), StreamError> {
        let mut open = self.receivers.lock();
        let receivers =
            open.as_ref().ok_or_else(|| StreamError { description: "the stream is closed".to_owned() })?;
        for receiver in receivers {
            // A receiver that stopped reading is no failure of the writer.
            let _ = receiver.send(chunk.clone());
        }
        if matches!(chunk, Chunk::End { .. }) {
            *open = None;
        }
        Ok(())
    }

    /// Says whether the client may drop it, while it is open, only on a thread that has a runtime.
    pub fn needs_runtime(&self, needed: bool) {
        self.needs_runtime.store(needed, Ordering::Relaxed);
    }

    /// Aborts the process where the client must not drop it.
    pub fn before_drop(&self) {
        let open = self.receivers.lock().is_some();
        if open && self.needs_runtime.load(Ordering::Relaxed) && Handle::try_current().is_err() {
            abort("a stream that is open was dropped on a thread without a runtime");
        }
    }

    /// Cuts the stream, because the room of the writer ended.
    pub fn cut(&self) {
        self.receivers.lock().take();
    }
}
