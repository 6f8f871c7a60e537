"""The state of one process's handles while its records are read in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gen_bindings.findings.finding import Check, Finding, Side
from gen_bindings.model.binding import Lifetime
from gen_bindings.trace.contract import REPLY_KIND, Contract
from gen_bindings.trace.life import Call, Client, Life, Mark, Phase, Thread
from gen_bindings.trace.log import Log, Record


class Lives:
    """What is known of a process so far.

    Attributes:
        process: its number.
        lives: every life, ended or not, in order of birth.
        marks: one for every record that is worth a line.
        began: when its recording began; ``last`` the time of the last record.
        exited: it ended by itself.
        by_id: the handles that are alive, ``replies`` the response buffers; ``latest`` the last life with
            an id.
        by_key: lives by kind and the string that names the object.
        asked: calls by the offset of their request.
        waiting: calls that have no callback yet, by its case and asynchronous id; ``early`` the callbacks
            that came before the response, with what they brought.
        clients: by the number of their registration.
        initialised: since when, 0 if never; ``disposed`` since when, 0 if not.
        late_calls: calls after dispose, with their time.
        swept: ids that a census released and that no live handle has; ``censused`` what was alive before.
        running: records of calls that did not come back.
    """

    def __init__(self, contract: Contract, log: Log, zero: int, first_key: int = 0) -> None:
        """``zero`` is the wall clock, in nanoseconds, at which times begin."""
        self.contract = contract
        self.log = log
        self.process = log.head.process
        self.began = log.head.started_clock - zero
        self.offset = self.began - log.head.started
        self.lives: list[Life] = []
        self.calls: list[Call] = []
        self.marks: list[Mark] = []
        self.phases: list[Phase] = []
        self.findings: list[Finding] = []
        self.last = 0
        self.exited = False
        self.by_id: dict[int, Life] = {}
        self.replies: dict[int, Life] = {}
        self.latest: dict[int, Life] = {}
        self.by_key: dict[tuple[str, str], list[Life]] = {}
        self.asked: dict[int, Call] = {}
        self.waiting: dict[tuple[int, int], list[Call]] = {}
        self.early: dict[tuple[int, int], tuple[int, list[Life]]] = {}
        self.clients: dict[int, Client] = {}
        self.initialised = 0
        self.disposed = 0
        self.late_calls: list[tuple[int, str]] = []
        self.swept: set[int] = set()
        self.censused: Counter[str] | None = None
        self.running: list[Record] = []
        self.sessions = frozenset(session.kind for session in contract.binding.sessions)
        self._threads: dict[int, Thread] = {}
        self._events: dict[int, Client | None] = {}
        self._first_key = first_key

    # --- what is alive -----------------------------------------------------------------------------

    def living(self) -> Iterator[Life]:
        """The lives that have not ended."""
        yield from self.by_id.values()
        yield from self.replies.values()

    def table(self) -> Counter[str]:
        """Live handles by column of the diagnostics line."""
        return Counter(life.column for life in self.living())

    def by_kind(self) -> Counter[str]:
        """Live handles by kind; the response buffer has the kind ``buffer``."""
        return Counter(life.kind for life in self.living())

    def at_end(self) -> Counter[str]:
        """Live handles by column at the end, before a census released them."""
        return self.table() if self.censused is None else self.censused

    # --- births and ends ---------------------------------------------------------------------------

    def born(
        self,
        id_: int,
        kind: str,
        role: str,
        path: str,
        origin: str,
        time: int,
        thread: Thread,
        client: Client | None,
    ) -> Life:
        """A new life, which is alive from now on."""
        known = self.contract.kinds.get(kind)
        life = Life(
            self._first_key + len(self.lives),
            self.process,
            id_,
            kind,
            role,
            path,
            origin,
            time,
            thread,
            known is not None and known.lifetime is Lifetime.TREE,
            known.column if known is not None else self.contract.binding.reply_column,
            client,
        )
        self.lives.append(life)
        self.latest[id_] = life
        if kind == REPLY_KIND:
            self.replies[id_] = life
        else:
            self.by_id[id_] = life
        return life

    def end(self, life: Life, gone: str, time: int, thread: Thread | None, by: str = "") -> None:
        """Ends a life."""
        life.gone, life.ended, life.by, life.released_on = gone, time, by, thread
        table = self.replies if life.kind == REPLY_KIND else self.by_id
        if table.get(life.id) is life:
            del table[life.id]

    # --- records -----------------------------------------------------------------------------------

    def note(
        self, record: Record, time: int, thread: Thread, what: str, name: str, data: bytes = b""
    ) -> Mark:
        """A mark for a record."""
        ended = record.ended + self.offset if record.finished else 0
        mark = Mark(time, what, name, thread, data, ended, None, self.client_of(record, thread))
        self.marks.append(mark)
        return mark

    def found(self, check: Check, side: Side, message: str, time: int, lives: tuple[Life, ...] = ()) -> None:
        """A finding."""
        self.findings.append(
            check.seen(message, side=side, time=time, handles=tuple(life.key for life in lives))
        )

    def thread(self, number: int) -> Thread:
        """The thread with this number."""
        thread = self._threads.get(number)
        if thread is None:
            thread = self._threads[number] = Thread(number, "")
        return thread

    def names_thread(self, number: int, name: str) -> None:
        """A thread is first seen; an old number may have come to another thread."""
        self._threads[number] = Thread(number, name)

    def function(self, record: Record) -> str:
        """Entry point of a record."""
        functions = self.contract.functions
        return functions[record.function] if record.function < len(functions) else "?"

    # --- clients -----------------------------------------------------------------------------------

    def client(self, number: int, time: int) -> Client:
        """The client with this number, which is new when it was not seen before."""
        found = self.clients.get(number)
        if found is None:
            found = self.clients[number] = Client(number, time)
            if len(self.clients) > 1:
                for client in self.clients.values():
                    client.several = True
        return found

    def delivered(self, record: Record, client: Client) -> None:
        """An event goes to a client; what its handler calls is that client's."""
        self._events[record.offset] = client

    def client_of(self, record: Record, thread: Thread) -> Client | None:
        """Whose record it is: its event's, else that of the event in whose handler it was made, else that of
        the one who was registered on its thread, else the only one there is."""
        own = self._events.get(record.offset) or self._events.get(record.link) or thread.client
        if own is None and len(self.clients) == 1:
            (own,) = self.clients.values()
        return own
