//! Something that becomes true once, and that tasks wait for.

use tokio::sync::watch;

/// A flag that is not set yet, or set for good.
#[derive(Clone)]
pub struct Flag(watch::Sender<bool>);

impl Flag {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self(watch::channel(false).0)
    }

    pub fn set(&self) {
        self.0.send_replace(true);
    }

    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when the flag is set.
    pub async fn wait(&self) {
        // The flag holds its own sender, so that waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|set| *set).await;
    }
}
