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

macro_rules! merge {
    ($own:expr, $process:expr, $($field:ident),+ $(,)?) => {
        Faults { $($field: $own.$field.or($process.$field),)+ ..$process }
    };
}

/// The faults of a room: its own and those of the process.
pub fn of_room(name: &str) -> Faults {
    let switches = SWITCHES.read();
    let Some(own) = switches.rooms.get(name) else { return switches.process };
    merge!(
        own,
        switches.process,
        callback_before_response,
        republished_handle_is_new,
        room_looked_up_late,
        publication_never_named,
        disconnected_lost,
        end_of_stream_lost,
        disconnect_callback_lost,
        close_takes_ms,
        callback_fate,
        callback_delay_ms,
        ready_times_out,
        socket_candidate_cycle,
        socket_checklist_kept,
        socket_selected_pair_kept,
        socket_mdns_query_kept,
        socket_dtls_task_stuck,
        drop_needs_runtime,
    )
}

/// Ends the process as a panic does in a release build of the library that this one stands for.
pub fn abort(why: &str) -> ! {
    eprintln!("reference_ffi: {why}");
    std::process::abort()
}
