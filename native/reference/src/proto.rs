//! The messages of the protocol, compiled from `native/protocol`.

include!(concat!(env!("OUT_DIR"), "/reference.proto.rs"));
