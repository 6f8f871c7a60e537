"""The table of live handles while the command runs."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from gen_bindings.trace.contract import Contract, TraceError
from gen_bindings.trace.lives import Lives
from gen_bindings.trace.log import Log, RecordKind
from gen_bindings.trace.read import feed

_REFRESH_SECONDS = 0.5


@dataclass(slots=True)
class Growing:
    """One log that is read while it grows; a call that ends something counts once it has returned."""

    lives: Lives
    at: int = 0
    running: list[int] = field(default_factory=list)

    def read(self, log: Log) -> None:
        """Takes what was written since."""
        for offset in list(self.running):
            record = next(log.records(offset, growing=True), None)
            if record is not None and record.finished:
                self.running.remove(offset)
                feed(self.lives, record)
        for record in log.records(self.at, growing=True):
            self.at = record.offset + record.size
            if not record.finished and record.kind in (RecordKind.RELEASE, RecordKind.DISPOSE):
                self.running.append(record.offset)
            else:
                feed(self.lives, record)


class LiveTable:
    """Shows live handles by kind on standard error, for as long as it is entered."""

    def __init__(self, contract: Contract, folder: Path) -> None:
        self._contract = contract
        self._folder = folder
        self._logs: dict[Path, Growing] = {}
        self._peak: Counter[str] = Counter()
        self._shown = 0.0
        self._live = Live(console=Console(stderr=True), auto_refresh=False)

    def __enter__(self) -> LiveTable:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.update(self.table(), refresh=True)
        self._live.stop()
        if not self._live.console.is_terminal:
            self._live.console.line()

    def refresh(self) -> None:
        """Reads what was recorded since and shows it, twice a second at most."""
        if time.monotonic() - self._shown >= _REFRESH_SECONDS:
            self._live.update(self.table(), refresh=True)
            self._shown = time.monotonic()

    def table(self) -> Table:
        """The table as it is now: kind, alive, the most that were alive at a look, born."""
        for path in sorted(self._folder.glob("*.gblog")):
            try:
                log = Log(path, self._contract)
            except TraceError:
                continue  # it is being made
            growing = self._logs.setdefault(path, Growing(Lives(self._contract, log, 0)))
            growing.read(log)
        alive: Counter[str] = Counter()
        born: Counter[str] = Counter()
        for growing in self._logs.values():
            alive += growing.lives.by_kind()
            born += Counter(life.kind for life in growing.lives.lives)
        table = Table(title="handles")
        for heading in ("kind", "alive", "peak", "born"):
            table.add_column(heading, justify="left" if heading == "kind" else "right")
        for kind in sorted(born):
            self._peak[kind] = max(self._peak[kind], alive[kind])
            table.add_row(kind, str(alive[kind]), str(self._peak[kind]), str(born[kind]))
        return table
