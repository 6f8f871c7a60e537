//! A native library that speaks a protobuf FFI protocol over four C functions: real enough to break bindings with.

pub mod capi;
pub mod proto;

mod callbacks;
mod check_list;
mod content;
mod counters;
mod data_stream;
mod dispatch;
mod faults;
mod flag;
mod handles;
mod held;
mod log;
mod media;
mod picture;
mod server;
mod session;
mod sound;
mod stats;
mod transport;
mod world;
