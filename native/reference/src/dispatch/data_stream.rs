//! The requests of `data_stream.proto`, each for bytes and for text.

use std::{collections::HashMap, sync::Arc};

use super::{Call, Refusal};
use crate::{
    callbacks,
    content::Content,
    counters,
    data_stream::{Chunk, Reader, Writer},
    faults,
    proto::{ffi_event, StreamError},
};

impl Call {
    /// Takes the reader behind a handle.
    fn take_reader<C: Content>(self, id: u64) -> Result<Reader, Refusal> {
        // Whatever the handle is, it is gone now: a take looks at the kind afterwards.
        self.server.handles.take(id).and_then(C::reader).ok_or(Refusal::NoSuchHandle { kind: C::READER, id })
    }

    pub(super) fn read_incremental<C: Content>(self, id: u64) -> Result<(), Refusal> {
        let reader = self.take_reader::<C>(id)?;
        counters::spawn(self.server.runtime(), "reader", reader.read::<C>(self.server, id));
        Ok(())
    }

    pub(super) fn read_all<C: Content>(self, id: u64, chosen: Option<u64>) -> Result<u64, Refusal> {
        let async_id = self.async_id(chosen);
        let reader = self.take_reader::<C>(id)?;
        counters::spawn(self.server.runtime(), "reader", reader.read_all::<C>(self.server, async_id));
        Ok(async_id)
    }

    pub(super) fn send<C: Content>(
        self,
        participant: u64,
        chosen: Option<u64>,
        to: Vec<String>,
        info: impl FnOnce() -> C::Info,
        content: C,
    ) -> Result<u64, Refusal> {
        let async_id = self.async_id(chosen);
        let session = self.local_session(participant)?;
        let content = content.into_bytes();
        let info = C::with_length(info(), content.len() as u64);
        self.spawn(&Arc::clone(&session), async move {
            let writer = session.open_stream(self.server, &C::any_info(info.clone()), &to);
            let result = send_once(writer, content).map(|()| info);
            self.answer(&session, C::sent(async_id, result)).await;
        });
        Ok(async_id)
    }

    pub(super) fn open_stream<C: Content>(
        self,
        participant: u64,
        chosen: Option<u64>,
        to: Vec<String>,
        info: impl FnOnce() -> C::Info + Send + 'static,
    ) -> Result<u64, Refusal> {
        let async_id = self.async_id(chosen);
        let session = self.local_session(participant)?;
        self.spawn(&Arc::clone(&session), async move {
            let info = info();
            let writer = session
                .open_stream(self.server, &C::any_info(info.clone()), &to)
                .map(|writer| (C::own_writer(&self.server.handles, writer), info))
                .ok_or_else(room_closed);
            self.answer(&session, C::opened(async_id, writer)).await;
        });
        Ok(async_id)
    }

    pub(super) fn write_stream<C: Content>(
        self,
        id: u64,
        chosen: Option<u64>,
        content: C,
    ) -> Result<u64, Refusal> {
        let async_id = self.async_id(chosen);
        let writer =
            C::find_writer(&self.server.handles, id).ok_or(Refusal::NoSuchHandle { kind: C::WRITER, id })?;
        let error = writer.send(Chunk::Data(content.into_bytes())).err();
        self.tell_of_writer(C::written(async_id, error));
        Ok(async_id)
    }

    pub(super) fn close_stream<C: Content>(
        self,
        id: u64,
        chosen: Option<u64>,
        reason: Option<String>,
        attributes: HashMap<String, String>,
    ) -> Result<u64, Refusal> {
        let async_id = self.async_id(chosen);
        let writer = self
            .server
            .handles
            .take(id)
            .and_then(C::writer)
            .ok_or(Refusal::NoSuchHandle { kind: C::WRITER, id })?;
        let error = writer.send(Chunk::End { reason, attributes }).err();
        self.tell_of_writer(C::closed(async_id, error));
        Ok(async_id)
    }

    /// Delivers the callback of an operation of a writer, which belongs to no room.
    fn tell_of_writer(self, callback: ffi_event::Message) {
        self.server.spawn_operation(self.server.runtime(), faults::process(), async move {
            callbacks::deliver(self.server, None, callback).await;
        });
    }
}

fn send_once(writer: Option<Arc<Writer>>, content: Vec<u8>) -> Result<(), StreamError> {
    let writer = writer.ok_or_else(room_closed)?;
    writer.send(Chunk::Data(content))?;
    writer.send(Chunk::regular_end())
}

fn room_closed() -> StreamError {
    StreamError { description: "the room is closed".to_owned() }
}
