"""The faults that a run switches on, and which of them each cycle has."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

# Under none of these rows does a cycle leave anything; the client survives all of them.
NO_FAULT = "none"


@dataclass(frozen=True)
class Fault:
    """One row.

    Attributes:
        name: for reports.
        fields: of the message `Faults`, as C# names them.
        needs: steps that every script under it has, so that there is something to strike.
        process: it holds only for the whole process.
        repair: the server is asked to end what it kept, as the client cannot.
        alone: fields that must not be set beside it.
    """

    name: str
    fields: Mapping[str, bool | int | str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    process: bool = False
    repair: bool = False
    alone: frozenset[str] = frozenset()


TABLE = (
    Fault(NO_FAULT),
    Fault("callback_before_response", {"CallbackBeforeResponse": True}, ("Publish",)),
    Fault("dirty_bool", {"DirtyBool": True}, ("Join",), process=True),
    Fault("republished_handle_is_new", {"RepublishedHandleIsNew": True}, ("Publish", "Reconnect")),
    # A close that finds no room aborts the process by design, also when the library itself forgot the room.
    Fault(
        "room_looked_up_late", {"RoomLookedUpLate": True}, ("EndRoom",), alone=frozenset({"ReadyTimesOut"})
    ),
    Fault("publication_never_named", {"PublicationNeverNamed": True}, ("Publish",)),
    Fault("disconnected_lost", {"DisconnectedLost": True}),
    Fault("end_of_stream_lost", {"EndOfStreamLost": True}),
    Fault("disconnect_callback_lost", {"DisconnectCallbackLost": True}),
    Fault("markers_lost", {"EndOfStreamLost": True, "DisconnectCallbackLost": True}),
    Fault("close_takes_ms", {"CloseTakesMs": 25}),
    Fault("callback_held", needs=("Hold", "Publish", "OpenWriter", "Connect")),
    Fault("callback_never", {"CallbackFate": "Never"}, ("Publish", "OpenWriter")),
    Fault("callback_twice", {"CallbackFate": "Twice"}, ("Publish", "OpenWriter")),
    Fault("callback_delay_ms", {"CallbackDelayMs": 10}, ("Publish", "OpenWriter", "Connect")),
    Fault("ready_times_out", {"ReadyTimesOut": True}, ("Connect",), alone=frozenset({"RoomLookedUpLate"})),
    Fault("panic_event", needs=("Publish", "Panic")),
    Fault("drop_needs_runtime", {"DropNeedsRuntime": True}, ("OpenWriter", "Write", "OpenWriter")),
    Fault("malformed_bytes", needs=("Malformed",)),
    Fault("socket_candidate_cycle", {"SocketCandidateCycle": True}, ("EndRoom",), repair=True),
    Fault("socket_checklist_kept", {"SocketChecklistKept": True}, ("EndRoom",), repair=True),
    Fault("socket_selected_pair_kept", {"SocketSelectedPairKept": True}, ("EndRoom",), repair=True),
    Fault("socket_mdns_query_kept", {"SocketMdnsQueryKept": True}, ("EndRoom",), repair=True),
    Fault("socket_dtls_task_stuck", {"SocketDtlsTaskStuck": True}, ("EndRoom",), repair=True),
)


def faults_of(seed: int, cycle: int, table: tuple[Fault, ...] = TABLE) -> tuple[Fault, ...]:
    """One row, and now and then another beside it.

    Every row comes once in each stretch of as many cycles as there are rows, in an order of its own.
    """
    stretch, place = divmod(cycle, len(table))
    order = list(table)
    random.Random(f"{seed}/stretch/{stretch}").shuffle(order)
    first = order[place]
    chance = random.Random(f"{seed}/second/{cycle}")
    second = chance.choice(table)
    if first.name == NO_FAULT or chance.random() > 0.3 or not _together(first, second):
        return (first,)
    return (first, second)


def cycle_seed(seed: int, cycle: int) -> int:
    """The seed of a cycle's script."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{cycle}".encode()).digest()[:8], "big")


def _together(first: Fault, second: Fault) -> bool:
    return second.name != NO_FAULT and not (
        first.fields.keys() & (second.fields.keys() | second.alone) or second.fields.keys() & first.alone
    )
