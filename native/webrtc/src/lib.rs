//! The webrtc crate behind a protobuf FFI protocol over four C functions; one source for two versions of the crate.

pub mod capi;
pub mod proto;

mod channel;
mod connection;
mod dispatch;
mod gate;
mod handles;
mod media;
mod server;
mod stats;
