"""Blocks of cells: for scores that need all states of a cell at once, and no two cells together but in a sum."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from halocline.evaluate.engine.disk_states import States
from halocline.evaluate.engine.family import Labelled

CELLS = 4_096
"""Cells of a block, land counted."""


@dataclass(frozen=True, eq=False)
class Block:
    """Some cells of one channel.

    Attributes:
        channel: Which channel.
        cells: Which cells of the plane, counted along x, then y.
        inside: True on those that are ocean (cell,).
        wet: Where the ocean cells of the block stand among all ocean cells.
    """

    channel: int
    cells: slice
    inside: np.ndarray
    wet: slice

    def of(self, states: States) -> np.ndarray:
        """Return the values on the block's ocean cells (sample, cell) of states (sample, channel, y, x)."""
        if isinstance(states, np.ndarray):
            plane = states[:, self.channel].reshape(len(states), -1)[:, self.cells]
        else:
            plane = states.cells(self.channel, self.cells)
        return np.asarray(plane[:, self.inside])


def blocks_of(mask: np.ndarray, channels: Sequence[int]) -> Iterator[Block]:
    """Yield the blocks of some channels that hold ocean cells; ``mask`` (y, x) is True on ocean."""
    flat = mask.ravel()
    for channel in channels:
        first = 0
        for start in range(0, flat.size, CELLS):
            cells = slice(start, min(flat.size, start + CELLS))
            inside = flat[cells]
            if number := int(inside.sum()):
                yield Block(channel, cells, inside, slice(first, first + number))
            first += number


class CellScores(Labelled, Protocol):
    """A family whose scores are functions of sums over blocks of what the means of a block's cells tell."""

    def blocks(self) -> Iterator[Block]:
        """Yield all blocks."""

    def cell_summary(self, states: States, block: Block) -> np.ndarray:
        """Return what of a block enters by its mean over states (sample, k)."""

    def sums(self, a: np.ndarray, b: np.ndarray, block: Block) -> np.ndarray:
        """Return what the block adds (replicate, m), of mean summaries of two sets (replicate, k)."""

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Return the scores (replicate, score) of the sums over all blocks (replicate, m)."""


@dataclass(frozen=True, eq=False)
class ByCells:
    """A family of scores by cells with both sets of states: nothing is held of either.

    Attributes:
        family: The scores.
        generated: Generated states.
        real: Real states.
    """

    family: CellScores
    generated: States
    real: States
