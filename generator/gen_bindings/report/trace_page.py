"""A recording as one HTML page that needs nothing else: timeline, order of release, records, findings."""

from __future__ import annotations

import json
from typing import Any

from gen_bindings.render.environment import render
from gen_bindings.report.trace_text import history, how_it_ended
from gen_bindings.trace.life import Life
from gen_bindings.trace.lives import Lives
from gen_bindings.trace.trace import Trace, diagnostics_line


class _Names:
    """Strings that occur often, each once."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._index: dict[str, int] = {}

    def __call__(self, name: str) -> int:
        index = self._index.get(name)
        if index is None:
            index = self._index[name] = len(self.all)
            self.all.append(name)
        return index


def report_html(trace: Trace, *, payloads: bool = False) -> str:
    """The page; the recording is in it as JSON, times in microseconds."""
    names = _Names()
    lives: list[list[Any]] = []
    marks: list[list[Any]] = []
    processes = []
    phases = []
    for index, process in enumerate(trace.processes):
        first = len(marks)
        lives += [_life(life, names, first) for life in process.lives]
        marks += [
            [
                mark.time // 1000,
                names(mark.what),
                names(mark.name),
                names(str(mark.thread)),
                len(mark.data),
                -1 if mark.handle is None else mark.handle,
                max(0, mark.ended - mark.time) // 1000 if mark.ended else 0,
                index,
                *([mark.data.hex()] if payloads else []),
            ]
            for mark in process.marks
        ]
        phases += [[names(p.name), p.start // 1000, p.end // 1000, index] for p in process.phases]
        processes.append(_process(trace, process))
    marks_in_time = sorted(range(len(marks)), key=lambda at: marks[at][0])
    moved = {old: new for new, old in enumerate(marks_in_time)}
    for life in lives:
        life[-1] = [moved[at] for at in life[-1]]
    for column in trace.contract.binding.columns:
        names(column)
    wanted = {key for finding in trace.findings for key in finding.handles}
    document = {
        "names": names.all,
        "lives": lives,
        "marks": [marks[at] for at in marks_in_time],
        "phases": phases,
        "columns": list(trace.contract.binding.columns),
        "processes": processes,
        "problems": list(trace.problems),
        "folded": dict(sorted(trace.folded.items())),
        "histories": {str(key): history(trace.life(key), payloads=payloads) for key in sorted(wanted)},
        "fixes": {finding.check.id: finding.check.fix for finding in trace.findings},
        "findings": [
            [
                finding.check.id,
                finding.check.severity.value,
                finding.side.value if finding.side is not None else "",
                finding.message,
                finding.time // 1000,
                list(finding.handles),
            ]
            for finding in trace.findings
        ],
    }
    data = json.dumps(document, separators=(",", ":")).replace("<", "\\u003c")
    return render("recorder/report.html.j2", title=trace.contract.binding.name, data=data)


def _life(life: Life, names: _Names, first: int) -> list[Any]:
    return [
        life.id,
        names(life.kind),
        names(life.role or life.kind),
        names(life.path),
        -1 if life.parent is None else life.parent.key,
        life.born // 1000,
        life.ended // 1000 if life.gone else -1,
        names(life.gone),
        names(str(life.thread)),
        -1 if life.released_on is None else names(str(life.released_on)),
        int(life.lasting),
        names(life.column),
        [first + call.mark for call in life.uses],
    ]


def _process(trace: Trace, process: Lives) -> dict[str, Any]:
    return {
        "process": process.process,
        "how": how_it_ended(process),
        "alive": diagnostics_line(trace.contract, process.at_end()),
        "end": process.last // 1000,
    }
