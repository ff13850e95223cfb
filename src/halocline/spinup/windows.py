"""Overlapping windows of ten years over the blocks of a run: what the criterion looks at."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from halocline.spinup.block import Block, stretches
from halocline.spinup.criterion import WINDOW, Series

EVERY = 2
"""Years from one window to the next."""


@dataclass(frozen=True, eq=False)
class Window:
    """Ten consecutive years that no extrapolation parts.

    Attributes:
        states: On the 1 January that ends each year (year, variable, level, y, x).
        series: Diagnostics of the same days.
        years: Model years of the run up to the window's end.
        cpu_seconds: CPU seconds up to there; within a block they grow with its years.
        began: How the block began in which it ends.
    """

    states: np.ndarray
    series: Series
    years: float
    cpu_seconds: float
    began: str


def windows(blocks: Iterable[Block]) -> Iterator[Window]:
    """Yield the windows of a run in the order of their ends; the first of each stretch ends with its first block."""
    years = seconds = 0.0
    for part in stretches(blocks):
        states = np.concatenate([block.states for block in part])
        series = [line for block in part for line in block.series]
        ends: list[tuple[float, float, str]] = []
        for block in part:
            within = [block.years - WINDOW + year for year in range(1, WINDOW + 1)]
            ends += [(years + y, seconds + block.cpu_seconds * y / block.years, block.began) for y in within]
            years, seconds = years + block.years, seconds + block.cpu_seconds
        for last in range(WINDOW, len(states) + 1, EVERY):
            yield Window(states[last - WINDOW : last], series[last - WINDOW : last], *ends[last - 1])
