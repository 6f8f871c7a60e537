"""Whether memory grows with the cycles: a slope, what noise makes of it, and the verdict."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

# Caches fill, and code is compiled, in the first part of a process's life.
_SETTLING = 1 / 3
# A process's samples are cut into so many stretches, of at least so many samples.
_STRETCHES, _FEWEST_SAMPLES = 4, 5
# Fewer slopes say nothing about how much slopes differ.
_FEWEST_SLOPES = 4
# Noise alone is as far above zero once in a hundred thousand times.
_NORMAL_QUANTILE = 4.265
# What a heap grows by while it settles is less in each stretch: by the logarithm, to two thirds of the mean.
_STEADY = 0.75

Sample = tuple[int, int]


@dataclass(frozen=True)
class Growth:
    """Bytes per cycle.

    Attributes:
        slope: the mean over all stretches; None when there are too few.
        error: the standard error of the mean, from how much the stretches differ.
        leaks: whether it is more than noise.
    """

    slope: float | None
    error: float
    leaks: bool


def growth(processes: Sequence[Sequence[Sample]], own: float = 0.0) -> Growth:
    """Compares the slopes of many stretches with each other.

    A leak has the same slope in all of them. A heap that grows in steps now and then, or less and less, has
    not, however much it has grown in the end.

    Args:
        processes: for each, samples of the number of the cycle and the bytes that it held.
        own: by how much the runtime grows by itself.
    """
    longest = max((samples[-1][0] - samples[0][0] for samples in processes if samples), default=0)
    each = [
        [statistics.linear_regression(*zip(*stretch, strict=True)).slope for stretch in stretches]
        for samples in processes
        # The rest of a run is short, and says little.
        if samples and samples[-1][0] - samples[0][0] > longest / 2
        if (stretches := _stretches(samples[int(len(samples) * _SETTLING) :]))
    ]
    slopes = [slope for process in each for slope in process]
    if len(slopes) < _FEWEST_SLOPES:
        return Growth(None, 0.0, False)
    slope = statistics.fmean(slopes)
    error = statistics.stdev(slopes) / math.sqrt(len(slopes))
    steady = statistics.fmean(process[-1] for process in each) > _STEADY * slope
    return Growth(slope, error, steady and slope - own > _quantile(len(slopes) - 1) * error)


def _stretches(samples: Sequence[Sample]) -> list[Sequence[Sample]]:
    number = min(_STRETCHES, len(samples) // _FEWEST_SAMPLES)
    return [
        samples[len(samples) * part // number : len(samples) * (part + 1) // number] for part in range(number)
    ]


def _quantile(freedom: int) -> float:
    """Of Student's distribution, from that of the normal one (the first terms of Fisher's expansion)."""
    z = _NORMAL_QUANTILE
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
