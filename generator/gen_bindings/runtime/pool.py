"""Runs independent scenarios side by side on the cores that there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial

from gen_bindings.runtime.process import Outcome
from gen_bindings.runtime.scenario import Scenario, run_scenario

Progress = Callable[[int, int, Outcome], None]


def run_scenarios(
    scenarios: Sequence[Scenario], progress: Progress | None = None, workers: int | None = None
) -> tuple[Outcome, ...]:
    """Runs each in its own child process.

    Args:
        scenarios: in any number.
        progress: called after each with how many are done, how many there are, and the outcome.
        workers: how many run at once; the available cores when not given.

    Returns:
        The outcomes, in the order of the scenarios.
    """
    return run_jobs([partial(run_scenario, one) for one in scenarios], progress, workers)


def run_jobs(
    jobs: Sequence[Callable[[], Outcome]], progress: Progress | None = None, workers: int | None = None
) -> tuple[Outcome, ...]:
    """The same for anything that ends in an outcome, for example a full-AOT program."""
    with ThreadPoolExecutor(workers or len(os.sched_getaffinity(0))) as pool:
        futures = [pool.submit(job) for job in jobs]
        for done, future in enumerate(as_completed(futures), start=1):
            if progress is not None:
                progress(done, len(jobs), future.result())
        return tuple(future.result() for future in futures)
