//! A data channel: what it sends, in order, and what it tells.

use std::sync::Arc;

use prost::bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use webrtc::data_channel::{data_channel_message::DataChannelMessage, RTCDataChannel};

use crate::{
    gate::Gate,
    handles::Object,
    proto::{
        data_channel_event, ffi_event, BufferInfo, BytesReceived, DataChannelClosed, DataChannelEvent,
        DataChannelFailed, DataChannelInfo, DataChannelOpened, OwnedBuffer, OwnedDataChannel, TextReceived,
    },
    server,
};

/// Something that is done to a channel, after what was asked before.
pub enum Action {
    SendText(String),
    SendBytes(Bytes),
    Close,
}

/// A data channel behind a handle.
pub struct Channel(mpsc::UnboundedSender<(Action, oneshot::Sender<Option<String>>)>);

impl Channel {
    /// Asks for something; the answer, which says what went wrong, comes later.
    pub fn ask(&self, action: Action) -> oneshot::Receiver<Option<String>> {
        let (done, answer) = oneshot::channel();
        // The task reads for as long as the channel's handle lives.
        let _ = self.0.send((action, done));
        answer
    }
}

/// Hands a channel over and forwards what it tells.
pub fn own(gate: &Arc<Gate>, channel: Arc<RTCDataChannel>) -> OwnedDataChannel {
    let server = server::get();
    let id = server.handles.next_id();
    listen(id, gate, &channel);
    let info = DataChannelInfo {
        label: channel.label().to_owned(),
        protocol: channel.protocol().to_owned(),
        ordered: channel.ordered(),
    };

    let (actions, mut asked) = mpsc::unbounded_channel::<(Action, oneshot::Sender<Option<String>>)>();
    server.runtime().spawn(async move {
        while let Some((action, done)) = asked.recv().await {
            let outcome = match action {
                Action::SendText(text) => channel.send_text(text).await.map(drop),
                Action::SendBytes(bytes) => channel.send(&bytes).await.map(drop),
                Action::Close => channel.close().await,
            };
            // Nobody waits for the close that comes with a release.
            let _ = done.send(outcome.err().map(|error| error.to_string()));
        }
    });
    let handle = server.handles.put(id, Object::Channel(Arc::new(Channel(actions))));
    OwnedDataChannel { handle: Some(handle), info: Some(info) }
}

fn listen(id: u64, gate: &Arc<Gate>, channel: &RTCDataChannel) {
    let gate = Arc::clone(gate);
    let tell = move |make: &dyn Fn() -> data_channel_event::Message| {
        // A client that dropped the handle does not know the id any more.
        if server::get().handles.holds(id) {
            gate.send(|| event(id, make()));
        }
    };

    let say = tell.clone();
    channel.on_message(Box::new(move |message| {
        say(&|| received(&message));
        Box::pin(async {})
    }));
    let say = tell.clone();
    channel.on_close(Box::new(move || {
        say(&|| data_channel_event::Message::Closed(DataChannelClosed {}));
        Box::pin(async {})
    }));
    let say = tell.clone();
    channel.on_error(Box::new(move |error| {
        say(&|| data_channel_event::Message::Failed(DataChannelFailed { message: error.to_string() }));
        Box::pin(async {})
    }));
    channel.on_open(Box::new(move || {
        tell(&|| data_channel_event::Message::Opened(DataChannelOpened {}));
        Box::pin(async {})
    }));
}

fn received(message: &DataChannelMessage) -> data_channel_event::Message {
    if message.is_string {
        let text = String::from_utf8_lossy(&message.data).into_owned();
        return data_channel_event::Message::TextReceived(TextReceived { text });
    }
    let bytes: Box<[u8]> = message.data.as_ref().into();
    let data = BufferInfo { data_ptr: bytes.as_ptr() as u64, data_len: bytes.len() as u64 };
    let handle = server::get().handles.own(Object::Buffer(bytes));
    data_channel_event::Message::BytesReceived(BytesReceived {
        buffer: Some(OwnedBuffer { handle: Some(handle), data: Some(data) }),
    })
}

fn event(id: u64, message: data_channel_event::Message) -> ffi_event::Message {
    ffi_event::Message::DataChannelEvent(DataChannelEvent { channel_handle: id, message: Some(message) })
}
