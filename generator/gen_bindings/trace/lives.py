"""From records to the lives of handles, the calls that used them, and what was wrong with either."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gen_bindings.model.binding import (
    Acquisition,
    BorrowMode,
    Delivery,
    Lifetime,
    MessageCall,
    Operation,
    Place,
)
from gen_bindings.trace import findings as checks
from gen_bindings.trace.contract import REPLY_KIND, Arrival, Contract, numbers_along, numbers_of
from gen_bindings.trace.findings import Check, Finding, Side
from gen_bindings.trace.log import Log, Record, RecordKind
from gen_bindings.trace.wire import Wire

# An answer that is still out when the process ends is missed only when there was time for it.
OVERDUE_NS = 1_000_000_000


@dataclass(slots=True)
class Thread:
    """A thread of a process."""

    number: int
    name: str

    @property
    def finalizer(self) -> bool:
        """Whether a runtime finalizes objects on it."""
        return "finali" in self.name.lower()

    def __str__(self) -> str:
        return f"{self.name or 'thread'} ({self.number})"


@dataclass(slots=True)
class Call:
    """A request or another call of the contract.

    Attributes:
        name: the operation, or the function where it is no request.
        ended: 0 while it runs, or when it never came back.
        callback: when its callback came, 0 if not.
        waits: it has a callback.
        mark: place of its record among the marks.
        data: the encoded request.
    """

    name: str
    function: str
    time: int
    thread: Thread
    ended: int = 0
    refused: bool = False
    waits: bool = False
    callback: int = 0
    size: int = 0
    reply_size: int = 0
    mark: int = 0
    operation: Operation | None = None
    data: bytes = b""
    handles: list[tuple[str, int]] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    taken: list[Life] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Life:
    """One handle from its birth to its end; times in nanoseconds since the recording began.

    Attributes:
        key: names it among all lives of all logs.
        path: acquisition that brought it (``ConnectCallback.result.room``).
        gone: how it ended: ``released``, ``taken``, ``disposed``, ``library`` (the library had let go of it
            by itself), or empty.
        by: operation that took it.
        release: when the release was called; ``ended`` when it was gone.
        lasting: not short-lived, nor delivered for whoever wants it.
        uses: requests that named it.
        adopted: made by the client and then put under another; it may outlive that.
        closed: its session was ended, or its end was announced.
        doubtful: the library may have let go of it without saying so.
    """

    key: int
    process: int
    id: int
    kind: str
    role: str
    path: str
    origin: str
    born: int
    thread: Thread
    lasting: bool
    column: str
    parent: Life | None = None
    children: list[Life] = field(default_factory=list)
    name: str = ""
    gone: str = ""
    by: str = ""
    ended: int = 0
    released_on: Thread | None = None
    uses: list[Call] = field(default_factory=list)
    adopted: bool = False
    closed: bool = False
    doubtful: bool = False
    late_children: list[Life] = field(default_factory=list)
    events: list[tuple[int, str, Thread]] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The kind, or role, and the id."""
        return f"{self.role or self.kind} {self.id}"


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch or a moment of the process's life: initialised, a session, disposed."""

    name: str
    start: int
    end: int


@dataclass(slots=True)
class Mark:
    """Something at a moment, for the page's record list."""

    time: int
    what: str
    name: str
    thread: Thread
    size: int
    handle: int | None
    ended: int = 0
    data: bytes = b""
    message: str = ""


class Lives:
    """The state of one process's handles while its records are read in order.

    Attributes:
        lives: every life, ended or not, in order of birth.
        marks: one for every record that is worth a line.
    """

    def __init__(self, contract: Contract, log: Log, zero: int, first_key: int = 0) -> None:
        """``zero`` is the wall clock, in nanoseconds, at which times begin."""
        self.contract = contract
        self.log = log
        self.process = log.head.process
        self.lives: list[Life] = []
        self.calls: list[Call] = []
        self.marks: list[Mark] = []
        self.phases: list[Phase] = []
        self.findings: list[Finding] = []
        self.swept: set[int] = set()
        self.last = 0
        self.exited = False
        self._offset = log.head.started_clock - zero - log.head.started
        self._first_key = first_key
        self._threads: dict[int, Thread] = {}
        self._by_id: dict[int, Life] = {}
        self._replies: dict[int, Life] = {}
        self._asked: dict[int, Call] = {}
        self._waiting: dict[tuple[int, int], list[Call]] = {}
        self._early: dict[tuple[int, int], tuple[int, list[Life]]] = {}
        self._initialised = 0
        self._disposed = 0
        self._disposing: Record | None = None
        self._after_dispose: list[tuple[int, str]] = []
        self._census_done = False
        self._by_key: dict[tuple[str, str], list[Life]] = {}
        self._kinds = {kind.name: kind for kind in contract.binding.kinds}
        self._releases = {kind.release.function for kind in contract.binding.kinds}
        self._by_address = contract.request.result != "handle"
        self._pending_adoption: dict[int, Life] = {}
        self._borrows: dict[str, list[tuple[tuple[int, ...], str, BorrowMode, bool]]] = {}
        self._sessions = {s.kind: s for s in contract.binding.sessions}
        self._via: dict[tuple[str, str], tuple[int, ...]] = {}
        self._unended: list[Record] = []

    # --- reading -----------------------------------------------------------------------------------

    def feed(self, record: Record) -> None:
        """Takes the next record."""
        time = record.time + self._offset
        self.last = max(self.last, time, record.ended + self._offset if record.ended else 0)
        thread = self._threads.get(record.thread)
        if thread is None:
            thread = self._threads[record.thread] = Thread(record.thread, "")
        match record.kind:
            case RecordKind.THREAD:
                self._threads[record.thread] = Thread(record.thread, record.data.decode("utf-8", "replace"))
            case RecordKind.REQUEST:
                self._request(record, time, thread)
            case RecordKind.RESPONSE:
                self._response(record, time, thread)
            case RecordKind.EVENT:
                self._event(record, time, thread)
            case RecordKind.RELEASE:
                self._release(record, time, thread)
            case RecordKind.INITIALIZE:
                self._note(record, time, thread, "initialize", self._function(record))
                if self._disposed or not self._initialised:
                    self._initialised = time
                self._disposed = 0
            case RecordKind.DISPOSE:
                self._note(record, time, thread, "dispose", self._function(record))
                self._dispose(record, time)
            case RecordKind.BIRTH:
                self._unfolded(record, time)
            case RecordKind.CENSUS:
                self._census(record, time)
            case RecordKind.EXIT:
                self.exited = True
                self._note(record, time, thread, "exit", "")
            case RecordKind.CALL:
                self._note(record, time, thread, "call", self._function(record))
        if not record.finished and record.kind not in _SINGLE:
            self._unended.append(record)

    def finish(self) -> None:
        """Says what can be said only at the end: what is still held, what never came, what is unnamed."""
        for slot in self.log.short_lived():
            names = self.contract.short_kinds
            kind = names[slot.kind - 1] if 0 < slot.kind <= len(names) else REPLY_KIND
            self._birth_of(
                slot.id, kind, "", "(folded)", "event", slot.time + self._offset, self._thread(slot.thread)
            )
        if self._initialised and not self._disposed:
            self.phases.append(Phase("initialised", self._initialised, self.last))
        for life in self.lives:
            if life.kind in self._sessions:
                self.phases.append(Phase(life.label, life.born, life.ended or self.last))
        self._after_dispose_findings()
        status = self.log.head.status
        if status is not None and status < 0:
            self._crashed(-status)
        elif not self.log.head.lost and not any("truncated" in p for p in self.log.problems):
            self._left_behind()
        for life in self.lives:
            if life.late_children:
                self._order(life)
        if self._census_done:
            self._unnamed()
        self.findings.sort(key=lambda finding: finding.time)

    def table(self) -> Counter[str]:
        """Live handles by column of the diagnostics line."""
        return Counter(life.column for life in self._living())

    def by_kind(self) -> Counter[str]:
        """Live handles by kind; the response buffer has the kind ``buffer``."""
        return Counter(life.kind for life in self._living())

    def live_ids(self) -> set[int]:
        """The ids that are alive, response buffers included."""
        return {life.id for life in self._living()}

    def _living(self) -> Iterator[Life]:
        yield from self._by_id.values()
        yield from self._replies.values()

    # --- requests ----------------------------------------------------------------------------------

    def _request(self, record: Record, time: int, thread: Thread) -> None:
        envelope = Wire(record.data)
        operation, number = self._operation(envelope)
        name = operation.name if operation is not None else f"request {number}"
        call = Call(name, self._function(record), time, thread, operation=operation, data=record.data)
        call.size = len(record.data)
        call.ended = record.ended + self._offset if record.finished else 0
        self._asked[record.offset] = call
        self.calls.append(call)
        self._note(record, time, thread, "request", name, data=record.data)
        call.mark = len(self.marks) - 1
        if self._disposed:
            self._after_dispose.append((time, name))
        if operation is None or not isinstance(operation.call, MessageCall):
            return
        message = envelope.message(operation.call.number) or Wire(b"")
        for numbers, kind, mode, optional in self._borrowed(operation):
            for _, value in message.follow(numbers):
                if isinstance(value, int) and (value or not optional):
                    self._use(call, value, kind, mode)
        self._note_handle(call)
        if operation.call.callback is not None:
            call.waits = True
            chosen = self._field(operation.call.message, operation.call.async_id)
            if chosen and message.all(chosen):
                self._wait(call, operation.call.callback.number, message.integer(chosen))
        session = next((s for s in self._sessions.values() if s.close == operation.name), None)
        if session is not None and call.lives:
            call.lives[0].closed = True
            self.marks[-1].what = "close"
        if operation.role == "handshake" and call.lives:
            call.lives[0].events.append((time, f"{operation.name} sent", thread))

    def _note_handle(self, call: Call) -> None:
        if call.lives:
            self.marks[-1].handle = call.lives[0].key

    def _use(self, call: Call, value: int, kind: str, mode: BorrowMode) -> None:
        call.handles.append((kind, value))
        life = self._by_id.get(value)
        if life is None:
            return
        life.uses.append(call)
        call.lives.append(life)
        if mode is BorrowMode.TAKE:
            call.taken.append(life)

    def _response(self, record: Record, time: int, thread: Thread) -> None:
        call = self._asked.get(record.link)
        if call is None:
            call = Call("request", self._function(record), time, thread)
        call.ended = call.ended or time
        call.reply_size = len(record.data)
        failed = record.answer == 0 if not self._by_address else record.answer != 0
        call.refused = failed
        self._misuse(call, time)
        if failed:
            for life in call.taken:
                life.doubtful = True
            call.waits = False
            return
        if record.id:
            self._birth_reply(record.id, time, thread, call)
        for life in call.taken:
            self._end(life, "taken", time, thread, call.name)
        operation = call.operation
        if operation is None or not isinstance(operation.call, MessageCall):
            return
        if operation.role == "shutdown":
            self._all_disposed(time)
        answer = operation.call.response
        message = Wire(record.data).message(answer.number)
        if message is None:
            return
        inner = operation.call.inner_response
        root = answer.message
        if inner is not None and any(self.contract.arrivals[a].acquisition.path for a in answer.acquisitions):
            first = self.contract.arrivals[answer.acquisitions[0]].acquisition.path
            if first is not None and first.root != root:
                message = message.message(inner.number) or Wire(b"")
        self._arrive(message, answer.acquisitions, time, thread, call, None)
        if operation.call.callback is not None:
            echoed = self._field(answer.message, answer.async_id)
            if echoed and message.all(echoed):
                self._wait(call, operation.call.callback.number, message.integer(echoed))
            failure = answer.failure
            if failure is not None and message.at(numbers_of(failure.path)) is not None:
                call.waits = False

    def _misuse(self, call: Call, time: int) -> None:
        dead = False
        for kind, value in call.handles:
            if value in self._by_id and self._by_id[value] in call.lives:
                continue
            if any(life.id == value for life in call.lives):
                continue
            gone = next((life for life in reversed(self.lives) if life.id == value), None)
            if gone is not None and gone.gone and gone.ended <= call.time:
                how = {"taken": f"{gone.by} took it", "disposed": "the library was disposed of"}
                told = how.get(gone.gone, "it was released")
                dead = True
                self._found(
                    checks.USED_AFTER_RELEASE,
                    Side.BINDING,
                    f"{call.name} names {gone.label} after {told}.",
                    call.time,
                    (gone,),
                )
            elif gone is None and value and call.refused:
                dead = True
                self._found(
                    checks.REFUSED,
                    Side.BINDING,
                    f"{call.name} was refused: it names {kind} {value}, which no message ever brought.",
                    call.time,
                )
        if call.refused and not dead:
            self._found(
                checks.REFUSED,
                Side.LIBRARY,
                f"{call.name} was refused, although every handle that it names was alive.",
                call.time,
                tuple(call.lives),
            )

    def _wait(self, call: Call, number: int, async_id: int) -> None:
        key = (number, async_id)
        early = self._early.pop(key, None)
        if early is not None:
            call.callback, born = early
            self._complete(call, born)
            return
        waiting = self._waiting.setdefault(key, [])
        if call not in waiting and not call.callback:
            waiting.append(call)

    # --- events ------------------------------------------------------------------------------------

    def _event(self, record: Record, time: int, thread: Thread) -> None:
        envelope = Wire(record.data)
        number = next((n for n in envelope.numbers() if n in self._events()), 0)
        message = envelope.message(number)
        operations = self.contract.callbacks.get(number)
        if operations and message is not None:
            self._callback(record, operations, number, message, time, thread)
        elif message is not None:
            self._delivery(record, number, message, time, thread)
        else:
            numbers = envelope.numbers()
            name = f"event {numbers[0]}" if numbers else "event"
            self._note(record, time, thread, "event", name, data=record.data)
        if self._disposed and time > self._disposed:
            self._found(
                checks.LATE_EVENT,
                Side.LIBRARY,
                f"{self.marks[-1].name} came {_ms(time - self._disposed)} after the library was disposed of.",
                time,
            )

    def _callback(
        self,
        record: Record,
        operations: tuple[Operation, ...],
        number: int,
        message: Wire,
        time: int,
        thread: Thread,
    ) -> None:
        shape = operations[0].call
        assert isinstance(shape, MessageCall)
        assert shape.callback is not None
        answer = shape.callback
        echoed = self._field(answer.message, answer.async_id)
        async_id = message.integer(echoed) if echoed else 0
        key = (number, async_id)
        waiting = self._waiting.get(key)
        call = waiting.pop(0) if waiting else None
        if waiting == []:
            del self._waiting[key]
        self._note(record, time, thread, "callback", operations[0].name, data=record.data)
        first = len(self.lives)
        self._arrive(message, answer.acquisitions, time, thread, call, None)
        born = self.lives[first:]
        if call is None:
            self._early[key] = time, born
            return
        call.callback = time
        self._complete(call, born)
        if call.lives and self.marks[-1].handle is None:
            self.marks[-1].handle = call.lives[0].key

    def _complete(self, call: Call, born: list[Life]) -> None:
        """Gives what a callback brought its place, now that the request is known."""
        for life in born:
            if life.parent is None and life.path in self.contract.arrivals:
                placement = self.contract.arrivals[life.path].acquisition.placement
                if placement.place in (Place.RECEIVER, Place.BORROWED):
                    for named in call.lives:
                        if named.kind == placement.parent:
                            self._under(life, named)
                            break
        operation = call.operation
        if operation is None or not operation.adopts or not born:
            return
        kinds = [borrow.kind for borrow in operation.borrows if borrow.path.plain == operation.adopts]
        for life in call.lives:
            if life.kind in kinds and not life.gone:
                self._under(life, born[0])
                life.adopted = True

    def _delivery(self, record: Record, number: int, message: Wire, time: int, thread: Thread) -> None:
        delivery = self._delivered(number, message)
        name = delivery.name if delivery is not None else f"event {number}"
        self._note(record, time, thread, "event", name, data=record.data)
        if delivery is None:
            return
        route = delivery.route
        target = None
        if route.correlation_number:
            target = self._by_id.get(message.integer(route.correlation_number))
            if target is not None:
                self.marks[-1].handle = target.key
        content = message.message(route.arm_number) if route.arm_number else message
        if content is None:
            return
        if target is not None and delivery.ends in ("session", "stream"):
            target.events.append((time, f"{delivery.name}", thread))
            target.closed = True
        if target is not None and delivery.ends == "announce":
            target.events.append((time, f"{delivery.name}", thread))
            target.closed = True
        if delivery.ends == "panic":
            for life in self._by_id.values():
                if life.kind in self._sessions:
                    life.closed = life.doubtful = True
        self._arrive(content, delivery.acquisitions, time, thread, None, target, delivery)

    def _delivered(self, number: int, message: Wire) -> Delivery | None:
        found = self.contract.deliveries.get(number, ())
        present = message.numbers()
        for delivery in found:
            if not delivery.route.arm_number or delivery.route.arm_number in present:
                return delivery
        return None

    # --- arrivals ----------------------------------------------------------------------------------

    def _arrive(
        self,
        message: Wire,
        acquisitions: Iterable[str],
        time: int,
        thread: Thread,
        call: Call | None,
        target: Life | None,
        delivery: Delivery | None = None,
    ) -> None:
        here: dict[str, list[tuple[tuple[int, ...], Life]]] = {}
        for name in acquisitions:
            arrival = self.contract.arrivals[name]
            acquisition = arrival.acquisition
            for positions, value in message.follow(arrival.numbers):
                if not isinstance(value, int) or value == 0:
                    continue
                if acquisition.transfers and value in self._by_id:
                    continue
                place = positions[: arrival.owned]
                life = self._birth_of(
                    value,
                    acquisition.kind,
                    acquisition.role or "",
                    acquisition.id,
                    acquisition.origin.value,
                    time,
                    thread,
                )
                self._name(life, arrival, message, positions)
                parent = self._parent(acquisition, message, here, place, call, target, delivery)
                if parent is not None:
                    self._under(life, parent)
                here.setdefault(name, []).append((place, life))
                if self.marks and self.marks[-1].handle is None:
                    self.marks[-1].handle = life.key

    def _name(self, life: Life, arrival: Arrival, message: Wire, positions: tuple[int, ...]) -> None:
        if not arrival.key:
            return
        at = arrival.numbers[: arrival.owned]
        for where, owned in message.follow(at):
            if where == positions[: len(where)] and isinstance(owned, bytes):
                life.name = Wire(owned).text(arrival.key)
                self._by_key.setdefault((life.kind, life.name), []).append(life)

    def _parent(
        self,
        acquisition: Acquisition,
        message: Wire,
        here: dict[str, list[tuple[tuple[int, ...], Life]]],
        positions: tuple[int, ...],
        call: Call | None,
        target: Life | None,
        delivery: Delivery | None,
    ) -> Life | None:
        placement = acquisition.placement
        match placement.place:
            case Place.RECEIVER | Place.BORROWED:
                lives = call.lives if call is not None else []
                return next((life for life in lives if life.kind == placement.parent), None)
            case Place.SIBLING:
                best: Life | None = None
                length = -1
                for place, life in here.get(placement.via, ()):
                    common = _common(place, positions)
                    if common > length:
                        best, length = life, common
                return best
            case Place.TARGET:
                return target
            case Place.KEY if delivery is not None and placement.parent is not None:
                numbers = self._numbers_via(delivery.message, placement.via)
                return self._keyed(placement.parent, message.text(numbers), target) if numbers else None
            case Place.REPLACED if delivery is not None:
                numbers = self._numbers_via(delivery.message, placement.via)
                old = self._keyed(acquisition.kind, message.text(numbers), target) if numbers else None
                return old.parent if old is not None else None
            case _:
                return None

    def _keyed(self, kind: str, key: str, target: Life | None) -> Life | None:
        found = [life for life in self._by_key.get((kind, key), ()) if not life.gone]
        within = [life for life in found if target is None or _root(life) is _root(target)]
        candidates = within or found
        return candidates[-1] if candidates else None

    def _birth_of(
        self, id_: int, kind: str, role: str, path: str, origin: str, time: int, thread: Thread
    ) -> Life:
        known = self._kinds.get(kind)
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
        )
        self.lives.append(life)
        if kind == REPLY_KIND:
            self._replies[id_] = life
        else:
            self._by_id[id_] = life
        return life

    def _birth_reply(self, id_: int, time: int, thread: Thread, call: Call) -> None:
        self._birth_of(id_, REPLY_KIND, "", f"{call.name} response", "return", time, thread)

    def _under(self, life: Life, parent: Life) -> None:
        if life.parent is not None:
            life.parent.children.remove(life)
        life.parent = parent
        parent.children.append(life)

    # --- ends --------------------------------------------------------------------------------------

    def _release(self, record: Record, time: int, thread: Thread) -> None:
        function = self._function(record)
        lives = self._by_id if function in self._releases else self._replies
        life = lives.get(record.id)
        if life is None and not self._by_address and function == self.contract.request.release:
            life = self._replies.get(record.id)
        kind = self._kinds.get(life.kind) if life is not None else None
        ended = record.ended + self._offset if record.finished else time
        self._note(
            record, time, thread, "release", life.label if life is not None else f"{function} {record.id}"
        )
        if life is not None:
            self.marks[-1].handle = life.key
        is_reply = life is not None and life.kind == REPLY_KIND
        if self._disposed and function in self._releases and not is_reply:
            self._after_dispose.append((time, f"{function}({record.id})"))
        answers = any(k.release.answers for k in self._kinds.values() if k.release.function == function)
        ok = record.answer != 0 or not answers
        if not record.finished:
            if life is not None:
                life.events.append((time, f"{function} was called and did not return", thread))
            return
        if life is None:
            if record.id or answers:
                self._released_unknown(record, function, ok, time)
        elif ok:
            self._released(life, time, ended, thread)
        elif (kind is not None and kind.release.self_released) or life.doubtful:
            self._end(life, "library", ended, thread)
        else:
            self._end(life, "library", ended, thread)
            self._found(
                checks.BAD_RELEASE,
                Side.LIBRARY,
                f"{life.label} was released once, but the library no longer knew it.",
                time,
                (life,),
            )

    def _released(self, life: Life, time: int, ended: int, thread: Thread) -> None:
        late = [c for c in life.children if not c.gone and c.lasting and not c.adopted]
        life.late_children = late
        session = self._sessions.get(life.kind)
        if session is not None and not life.closed:
            self._found(
                checks.NOT_CLOSED,
                Side.BINDING,
                f"{life.label} was released without {session.close}, and its end was not announced.",
                time,
                (life,),
            )
        self._end(life, "released", ended, thread)
        life.released_on = thread
        if thread.finalizer:
            self._found(
                checks.FINALIZER,
                Side.BINDING,
                f"{life.label} was released on the thread {thread.name}.",
                time,
                (life,),
            )

    def _released_unknown(self, record: Record, function: str, ok: bool, time: int) -> None:
        earlier = [life for life in self.lives if life.id == record.id]
        if self._disposed and not ok:
            return
        if earlier and not ok:
            life = earlier[-1]
            how = {
                "taken": f"although {life.by} had taken it",
                "disposed": "although the library was disposed of since",
            }.get(life.gone, "twice")
            self._found(checks.BAD_RELEASE, Side.BINDING, f"{life.label} was released {how}.", time, (life,))
            life.events.append((time, f"released again, answer {record.answer}", self._thread(record.thread)))
            return
        if self.log.head.parent or self.log.head.lost or self.log.problems:
            return
        if ok:
            if not self._is_reply_function(function):
                self._found(
                    checks.UNNAMED,
                    Side.LIBRARY,
                    f"{function} of {record.id} succeeded, but no message brought that handle.",
                    time,
                )
            return
        self._found(
            checks.BAD_RELEASE,
            Side.BINDING,
            f"{function} of {record.id} failed: no message ever brought that handle.",
            time,
        )

    def _is_reply_function(self, function: str) -> bool:
        return function == self.contract.request.release and function not in self._releases

    def _end(self, life: Life, gone: str, time: int, thread: Thread, by: str = "") -> None:
        life.gone, life.ended, life.by = gone, time, by
        life.released_on = thread
        table = self._replies if life.kind == REPLY_KIND else self._by_id
        if table.get(life.id) is life:
            del table[life.id]

    def _dispose(self, record: Record, time: int) -> None:
        if record.finished:
            self._all_disposed(record.ended + self._offset)

    def _all_disposed(self, time: int) -> None:
        if self._initialised and not self._disposed:
            self.phases.append(Phase("initialised", self._initialised, time))
        self._missing_callbacks(time)
        self._disposed = time
        self._waiting.clear()
        crashed = self.log.head.status is not None and self.log.head.status < 0
        for life in self._replies.values():
            life.doubtful = True  # its request was under way; it may still be given back
        for life in list(self._by_id.values()):
            self._end(life, "disposed", time, life.thread)
            life.released_on = None
            if not crashed:
                self._leaked(life, time, " before the library was disposed of")

    def _missing_callbacks(self, time: int) -> None:
        seen: set[int] = set()
        for waiting in list(self._waiting.values()):
            for call in waiting:
                if call.waits and id(call) not in seen and time - call.time >= OVERDUE_NS:
                    seen.add(id(call))
                    self._found(
                        checks.NO_CALLBACK,
                        Side.LIBRARY,
                        f"The callback of {call.name} did not come within {_ms(time - call.time)}.",
                        call.time,
                        tuple(call.lives),
                    )

    def _left_behind(self) -> None:
        if not self._disposed:
            self._missing_callbacks(self.last)
        for life in list(self._living()):
            self._leaked(life, life.born, "")

    def _leaked(self, life: Life, time: int, when: str) -> None:
        if life.doubtful and life.kind != REPLY_KIND:
            return
        if life.origin == "event" and not life.uses and life.path != "(folded)":
            self._found(
                checks.NOBODY_TOOK,
                Side.BINDING,
                f"{life.label} came in {life.path}; it was never used and never released{when}.",
                time,
                (life,),
            )
            return
        what = "The response buffer" if life.kind == REPLY_KIND else "Handle"
        self._found(
            checks.NEVER_RELEASED,
            Side.BINDING,
            f"{what} {life.label}, brought by {life.path}, was never released{when}.",
            time,
            (life,),
        )

    def _order(self, life: Life) -> None:
        late = [
            child for child in life.late_children if child.gone == "released" and child.ended >= life.ended
        ]
        if late:
            names = ", ".join(child.label for child in late)
            self._found(
                checks.ORDER,
                Side.BINDING,
                f"{life.label} was released before its children {names}.",
                life.ended,
                (life, *late),
            )

    def _after_dispose_findings(self) -> None:
        counts = Counter(name for _, name in self._after_dispose)
        if counts:
            names = ", ".join(name if n == 1 else f"{name} ({n} times)" for name, n in counts.items())
            self._found(
                checks.AFTER_DISPOSE,
                Side.BINDING,
                f"Called after the library was disposed of: {names}.",
                self._after_dispose[0][0],
            )

    def _crashed(self, number: int) -> None:
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = f"signal {number}"
        running = [
            f"{self._called(record)} on {self._thread(record.thread)}"
            for record in self._unended
            if record.kind is not RecordKind.EVENT
        ]
        events = [
            f"the handler of {self._event_name(record)} on {self._thread(record.thread)}"
            for record in self._unended
            if record.kind is RecordKind.EVENT
        ]
        where = "; ".join([*running, *events]) or "no call of the library"
        side = Side.LIBRARY if running else Side.BINDING
        alive = tuple(life for life in self._living())
        self._found(
            checks.CRASHED,
            side,
            f"The process was ended by {name} while running: {where}; {len(alive)} handles were alive.",
            self.last,
            alive[:20],
        )

    def _called(self, record: Record) -> str:
        call = self._asked.get(record.offset)
        name = self._function(record)
        if call is not None:
            return f"{name} ({call.name})"
        return f"{name} of {record.id}" if record.id else name

    def _event_name(self, record: Record) -> str:
        time = record.time + self._offset
        return next((mark.name for mark in self.marks if mark.time == time), "an event")

    def _census(self, record: Record, time: int) -> None:
        if record.id:
            self.swept.add(record.id)
            return
        self._census_done = True
        for id_ in list(self.swept):
            life = self._by_id.get(id_) or self._replies.get(id_)
            if life is not None:
                self._end(life, "swept", time, life.thread)
                self._leaked(life, time, " (the census found it alive)")
                self.swept.discard(id_)

    def _unnamed(self) -> None:
        known = {life.id for life in self.lives}
        unnamed = sorted(self.swept - known)
        if unnamed:
            shown = ", ".join(map(str, unnamed[:20])) + (" …" if len(unnamed) > 20 else "")
            self._found(
                checks.UNNAMED,
                Side.LIBRARY,
                f"The census released {len(unnamed)} handles that no message named: {shown}.",
                self.last,
            )

    def _unfolded(self, record: Record, time: int) -> None:
        names = self.contract.short_kinds
        kind = names[record.function - 1] if 0 < record.function <= len(names) else REPLY_KIND
        self._birth_of(record.id, kind, "", "(folded)", "event", time, self._thread(record.answer))

    # --- small things ------------------------------------------------------------------------------

    def _found(self, check: Check, side: Side, message: str, time: int, lives: tuple[Life, ...] = ()) -> None:
        self.findings.append(Finding(check, side, message, time, tuple(life.key for life in lives)))

    def _note(
        self, record: Record, time: int, thread: Thread, what: str, name: str, data: bytes = b""
    ) -> None:
        ended = record.ended + self._offset if record.finished else 0
        self.marks.append(Mark(time, what, name, thread, len(record.data), None, ended, data))

    def _thread(self, number: int) -> Thread:
        return self._threads.setdefault(number, Thread(number, ""))

    def _function(self, record: Record) -> str:
        functions = self.contract.functions
        return functions[record.function] if record.function < len(functions) else "?"

    def _operation(self, envelope: Wire) -> tuple[Operation | None, int]:
        number = 0
        for number in envelope.numbers():
            operations = self.contract.requests.get(number)
            if not operations:
                continue
            if len(operations) == 1:
                return operations[0], number
            message = envelope.message(number)
            present = message.numbers() if message is not None else ()
            for operation in operations:
                call = operation.call
                if isinstance(call, MessageCall) and call.inner and call.inner.number in present:
                    return operation, number
            return operations[0], number
        return None, number

    def _events(self) -> set[int]:
        return self.contract.callbacks.keys() | self.contract.deliveries.keys()

    def _borrowed(self, operation: Operation) -> list[tuple[tuple[int, ...], str, BorrowMode, bool]]:
        found = self._borrows.get(operation.name)
        if found is None:
            assert isinstance(operation.call, MessageCall)
            found = []
            for borrow in operation.borrows:
                numbers = numbers_of(borrow.path)
                inner = operation.call.inner
                if inner is not None and borrow.path.root != operation.call.message:
                    numbers = (inner.number, *numbers)
                found.append((numbers, borrow.kind, borrow.mode, borrow.optional))
            self._borrows[operation.name] = found
        return found

    def _field(self, message: str, name: str | None) -> int:
        numbers = self._numbers_via(message, name) if name else ()
        return numbers[-1] if numbers else 0

    def _numbers_via(self, message: str, path: str) -> tuple[int, ...]:
        found = self._via.get((message, path))
        if found is None:
            found = self._via[message, path] = numbers_along(self.contract.schema, message, path)
        return found


_SINGLE = frozenset(
    {RecordKind.THREAD, RecordKind.RESPONSE, RecordKind.BIRTH, RecordKind.CENSUS, RecordKind.EXIT}
)


def _common(first: tuple[int, ...], second: tuple[int, ...]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def _root(life: Life) -> Life:
    while life.parent is not None:
        life = life.parent
    return life


def _ms(nanoseconds: int) -> str:
    return f"{nanoseconds / 1e6:.0f} ms"
