//! Which ways to misbehave are switched on, for the process and for each room.

use std::{collections::HashMap, sync::LazyLock};

use parking_lot::RwLock;

use crate::proto::Faults;

#[derive(Default)]
struct Switches {
    process: Faults,
    rooms: HashMap<String, Faults>,
}

static SWITCHES: LazyLock<RwLock<Switches>> = LazyLock::new(RwLock::default);

/// Replaces the faults of a room, or of the process when there is no name.
pub fn set(room_name: Option<String>, faults: Faults) {
    let mut switches = SWITCHES.write();
    match room_name {
        Some(name) => {
            switches.rooms.insert(name, faults);
        }
        None => switches.process = faults,
    }
}

/// Switches everything off.
pub fn clear() {
    *SWITCHES.write() = Switches::default();
}

/// The faults of the process.
pub fn process() -> Faults {
    SWITCHES.read().process
}

/// The faults of a room: its own and those of the process.
pub fn of_room(name: &str) -> Faults {
    let switches = SWITCHES.read();
    let mut faults = switches.process;
    if let Some(own) = switches.rooms.get(name) {
        faults.callback_before_response = own.callback_before_response.or(faults.callback_before_response);
        faults.republished_handle_is_new = own.republished_handle_is_new.or(faults.republished_handle_is_new);
    }
    faults
}
