//! The messages of the protocol, compiled from `native/webrtc/protocol`.

// Generated, and the sizes of messages are what the protocol makes them.
#![allow(clippy::large_enum_variant)]

include!(concat!(env!("OUT_DIR"), "/webrtc.ffi.rs"));
