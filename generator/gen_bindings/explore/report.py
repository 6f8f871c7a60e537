"""What an exploration found, as text for people and as findings for the other forms of reports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gen_bindings.explore.run import Exploration, Found
from gen_bindings.findings.finding import Certainty, Check, Finding, Place, Severity


def _check(identifier: str, title: str, why: str, fix: str) -> Check:
    return Check(identifier, title, Severity.ERROR, Certainty.PROVABLE, why, fix)


# For each property the check that it is.
_CHECKS = {
    "left": _check(
        "GB930", "A handle is never released", "It is lost for good.", "Give it an owner on this way, too."
    ),
    "released twice": _check(
        "GB931",
        "A handle is released twice",
        "By then it may be another object's.",
        "Let one owner release it.",
    ),
    "unknown handle": _check(
        "GB931",
        "A handle that was never given out",
        "It may be another object's.",
        "Find out where the number comes from.",
    ),
    "parent first": _check(
        "GB932",
        "A parent is released before its child",
        "The library may use it for the child.",
        "Release children first.",
    ),
    "used after release": _check(
        "GB933",
        "A handle is used after its release",
        "The library aborts, or uses another object.",
        "Hold it while it is used.",
    ),
    "released too early": _check(
        "GB933",
        "A handle is released before the callback that uses it",
        "The library aborts, or uses another object.",
        "Hold it until the callback came.",
    ),
    "abort": _check(
        "GB933",
        "The library looks a handle up that was released",
        "It aborts the process.",
        "Release it after the answer.",
    ),
    "after dispose": _check(
        "GB934",
        "The library is called after it was disposed of",
        "It is not there any more.",
        "Dispose of it last.",
    ),
    "end": _check(
        "GB935",
        "The end of a session is not raised once",
        "A program waits for it, or cleans up twice.",
        "Raise it in one place.",
    ),
    "thread": _check(
        "GB936",
        "User code runs on the wrong thread",
        "It is not written for two threads.",
        "Post it to the thread that is promised.",
    ),
    "handler": _check(
        "GB936",
        "Dispose returns while an inline handler runs",
        "The handler touches what is gone.",
        "Let Dispose wait for it, unless the handler itself calls it.",
    ),
    "never completed": _check(
        "GB937", "An operation never ends", "Whoever awaits it waits for ever.", "End it whatever happens."
    ),
    "deadlock": _check("GB937", "A deadlock", "The program hangs.", "Break the circle of waiting."),
    "livelock": _check("GB937", "A run that never ends", "The program hangs.", "Let the loop end."),
    "thread left": _check("GB937", "A thread is left", "It stays for ever.", "Let it end with the client."),
    "race": _check(
        "GB938",
        "A race on a field",
        "Other processors may see other values, and what was searched counts only without races.",
        "Guard both accesses by one lock, or make them volatile.",
    ),
}
_OTHER = _check(
    "GB939", "An exception or an expectation", "Something happened that must not.", "Follow the steps."
)
_LINE = re.compile(r"\(([^():]+):(\d+)\)")


def findings_of(exploration: Exploration) -> list[Finding]:
    """The findings for JSON and SARIF; the way of each is its shortest schedule."""
    return [_finding(found) for found in exploration.found]


def _finding(found: Found) -> Finding:
    check = _CHECKS.get(found.kind, _OTHER)
    place = Place()
    for text in (found.text, *(step[2] for step in reversed(found.steps))):
        matched = _LINE.search(text)
        if matched:
            place = Place(matched.group(1), int(matched.group(2)))
            break
    return check.at(
        place,
        f"{found.text.rstrip('.')}. Scenario: {found.scenario}; replay: {found.choices or 'usual'}.",
        path=tuple(f"{thread}: {what} at {where}" for thread, what, where in found.steps[-40:]),
        subject=f"{found.scenario}: {re.sub('[0-9]+', 'N', found.text)}",
    )


def to_text(exploration: Exploration, *, steps: int = 60) -> Iterator[str]:
    """Line by line: each finding with its schedule, then how far the search went.

    Args:
        exploration: what was found.
        steps: at most so many steps of each schedule, the last ones; 0 for none.
    """
    for found in exploration.found:
        check = _CHECKS.get(found.kind, _OTHER)
        yield f"{check.id} {check.title}: {found.text}"
        yield f"    scenario: {found.scenario}; found after {found.schedule} schedules"
        yield f"    replay:   --only '{found.scenario}' --replay '{found.choices}'"
        yield from _steps(found, steps)
        yield ""
    for name, why in exploration.left_out:
        yield f"left out: {name}: {why}"
    whole = sum(one.whole for one in exploration.searched)
    seconds = sum(one.seconds for one in exploration.searched)
    rate = f", {exploration.schedules / seconds:.0f} a second" if seconds >= 1 else ""
    yield (
        f"{len(exploration.searched)} scenarios, {whole} of them searched to the bound; "
        f"{exploration.schedules} schedules{rate}; {len(exploration.found)} findings."
        + (" Interrupted: what is told is what was found until then." if exploration.interrupted else "")
    )


def _steps(found: Found, most: int) -> Iterator[str]:
    shown = found.steps[-most:] if most else ()
    if len(shown) < len(found.steps) and shown:
        yield f"    … {len(found.steps) - len(shown)} steps before"
    running = ""
    for thread, what, where in shown:
        yield f"    {thread if thread != running else '':<28} {what:<44} {where}".rstrip()
        running = thread


def coverage_table(exploration: Exploration) -> Iterator[str]:
    """What the library did for which message, and in how many places of the search."""
    actions = sorted({action for action, _ in exploration.coverage})
    for message in sorted({message for _, message in exploration.coverage}):
        counts = [
            f"{action} {exploration.coverage[action, message]}"
            for action in actions
            if (action, message) in exploration.coverage
        ]
        yield f"{message}: {', '.join(counts)}"
