pub mod proto { include!(concat!(env!("OUT_DIR"), "/reference.proto.rs")); }
