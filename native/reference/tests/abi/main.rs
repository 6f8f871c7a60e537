//! The library through its C interface, as a client sees it.

mod calls;
mod ends;
mod faults;
mod lab;
mod media;
mod rooms;
mod sockets;
mod streams;
