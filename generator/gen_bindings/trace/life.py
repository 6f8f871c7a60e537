"""What a recording is about: threads, clients, calls, the lives of handles, phases and moments."""

from __future__ import annotations

from dataclasses import dataclass, field

from gen_bindings.trace.plans import Plan


@dataclass(slots=True, eq=False)
class Client:
    """A registration of a callback: one of the clients that a process has had.

    Attributes:
        number: 1 first.
        several: the process has had others.
    """

    number: int
    time: int
    several: bool = False

    def __str__(self) -> str:
        return f"client {self.number}"


@dataclass(slots=True, eq=False)
class Thread:
    """A thread of a process.

    Attributes:
        client: the one that it registered last.
    """

    number: int
    name: str
    client: Client | None = None

    @property
    def finalizer(self) -> bool:
        """Whether a runtime finalizes objects on it."""
        return "finali" in self.name.lower()

    def __str__(self) -> str:
        return f"{self.name or 'thread'} ({self.number})"


@dataclass(slots=True, eq=False)
class Call:
    """A request.

    Attributes:
        name: the operation.
        function: entry point.
        ended: 0 while it runs, or when it never came back.
        callback: when its callback came, 0 if not.
        waits: it has a callback.
        mark: place of its record among the marks.
        data: the encoded request.
        unknown: kinds and ids that it names and that were not alive.
        lives: the lives that it names; it consumes those in ``taken``.
    """

    name: str
    function: str
    time: int
    thread: Thread
    mark: int
    data: bytes
    plan: Plan | None = None
    ended: int = 0
    refused: bool = False
    waits: bool = False
    callback: int = 0
    reply_size: int = 0
    unknown: list[tuple[str, int]] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    taken: list[Life] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes of the request."""
        return len(self.data)


@dataclass(slots=True, eq=False)
class Life:
    """One handle from its birth to its end; times in nanoseconds since the recording began.

    Attributes:
        key: names it among all lives of all logs.
        path: acquisition that brought it (``ConnectCallback.result.room``).
        client: whom it was brought to, as far as that is known.
        lasting: not short-lived, nor delivered for whoever wants it.
        gone: how it ended: ``released``, ``taken``, ``disposed``, ``library`` (the library had let go of it
            by itself), ``swept`` by a census, or empty.
        by: operation that took it.
        answered: its release said that it was known.
        released_on: thread on which it ended.
        uses: requests that named it.
        adopted: made by the client and then put under another; it may outlive that.
        closed: its session was ended, or its end was announced.
        doubtful: the library may have let go of it without saying so.
        late_children: those that were alive when it was released.
        events: what else happened to it.
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
    client: Client | None = None
    parent: Life | None = None
    children: list[Life] = field(default_factory=list)
    name: str = ""
    gone: str = ""
    by: str = ""
    answered: bool = False
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
        """The role, or kind, and the id."""
        return f"{self.role or self.kind} {self.id}"

    @property
    def root(self) -> Life:
        """The topmost life that it is under, itself where it is under none."""
        life = self
        while life.parent is not None:
            life = life.parent
        return life

    def put_under(self, parent: Life) -> None:
        """Makes it a child of another."""
        if self.parent is not None:
            self.parent.children.remove(self)
        self.parent = parent
        parent.children.append(self)


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the process's life: initialised, a session."""

    name: str
    start: int
    end: int


@dataclass(slots=True, eq=False)
class Mark:
    """Something at a moment, for the page's record list."""

    time: int
    what: str
    name: str
    thread: Thread
    data: bytes
    ended: int
    handle: int | None = None
    client: Client | None = None
