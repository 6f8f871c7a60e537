//! Where log records go: to the client as events, or to the standard error stream.

use std::sync::OnceLock;

use tokio::{runtime::Handle, sync::mpsc};

use crate::{
    counters,
    proto::{ffi_event, LogBatch, LogLevel, LogRecord},
    server,
};

static QUEUE: OnceLock<mpsc::UnboundedSender<LogRecord>> = OnceLock::new();

/// Starts the task that sends records in their order, one to a batch.
pub fn start(runtime: &Handle) {
    let (sender, mut records) = mpsc::unbounded_channel();
    if QUEUE.set(sender).is_ok() {
        counters::spawn(runtime, "logs", async move {
            while let Some(record) = records.recv().await {
                server::get().emit(ffi_event::Message::Logs(LogBatch { records: vec![record] }));
            }
        });
    }
}

/// Sends a record as an event, whether records are captured or not.
pub fn emit(level: LogLevel, target: &str, message: String) {
    if let Some(queue) = QUEUE.get() {
        // The task reads for as long as the process lives.
        let _ = queue.send(LogRecord {
            level: level.into(),
            target: target.to_owned(),
            file: None,
            line: None,
            message,
        });
    }
}

/// Records something that happened in the library.
pub fn record(level: LogLevel, target: &str, message: String) {
    if server::get().captures_logs() {
        emit(level, target, message);
    } else if level == LogLevel::LogError {
        eprintln!("reference_ffi: {target}: {message}");
    }
}
