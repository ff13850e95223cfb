"""States as vectors whose distance is one between anomalies, worked out block by block of cells."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.blocks import Block, blocks_of
from halocline.evaluate.engine.disk_states import States
from halocline.evaluate.engine.samples import RealStates

_SEASONAL_PATTERNS = 4


@dataclass(frozen=True, eq=False)
class AnomalySpace:
    """States as vectors whose Euclidean distance is a distance between anomalies, the seasonal cycle taken out.

    Each variable is divided by its standard deviation over the training set, each cell weighted by the root of its
    share of the ocean's area, and the training mean subtracted. A generated state has no date, so the seasonal cycle
    is removed by projection: the leading patterns of the twelve monthly training means (annual and semi-annual cycle)
    are taken out of every vector, generated or real, by the same rule.

    Attributes:
        grid: The grid.
        mean: Training mean (channel * cell,).
        scale: Multiplies the anomalies (channel * cell,).
        patterns: Orthonormal patterns of the seasonal cycle (pattern, channel * cell).
    """

    grid: Grid
    mean: np.ndarray
    scale: np.ndarray
    patterns: np.ndarray

    @classmethod
    def of(cls, grid: Grid, training: RealStates) -> "AnomalySpace":
        """Build the space of a training set; of its states a block of cells is in memory at a time.

        The patterns are those of the singular value decomposition of the monthly means (month, channel * cell), by the
        eigenvectors of their products with one another (month, month).
        """
        states, channels, cells = training.values, training.values.shape[1], int(grid.mask.sum())
        months, area = np.unique(training.months), grid.area[grid.mask]
        weights = np.sqrt(area / area.sum() / channels)
        mean, squares = np.empty((channels, cells), np.float32), np.zeros(channels)
        products = np.zeros((channels, len(months), len(months)))
        for block in blocks_of(grid.mask, range(channels)):
            fields = block.of(states)
            centre = fields.mean(axis=0, dtype=np.float64).astype(np.float32)
            mean[block.channel, block.wet] = centre
            squares[block.channel] += np.sum((fields - centre) ** 2, dtype=np.float64)
            cycle = _cycle(fields, training.months, months) * weights[block.wet]
            products[block.channel] += cycle @ cycle.T
        std = np.sqrt(squares / (len(states) * cells))
        over = 1.0 / np.where(std > 0, std, 1.0)
        kept = min(_SEASONAL_PATTERNS, len(months) - 1)
        values, vectors = np.linalg.eigh(np.einsum("cmn,c->mn", products, over**2))
        values, vectors = values[::-1][:kept], vectors[:, ::-1][:, :kept]
        there = values > 1e-12 * max(float(values.max(initial=0.0)), np.finfo(np.float64).tiny)
        mixed = (vectors / np.sqrt(np.where(there, values, 1.0)))[:, there]
        patterns = np.empty((mixed.shape[1], channels, cells), np.float32)
        for block in blocks_of(grid.mask, range(channels)):
            cycle = _cycle(block.of(states), training.months, months) * (weights[block.wet] * over[block.channel])
            patterns[:, block.channel, block.wet] = mixed.T @ cycle
        scale = (weights[None, :] * over[:, None]).astype(np.float32).ravel()
        return cls(grid, mean.ravel(), scale, patterns.reshape(len(patterns), mean.size))

    def __call__(self, states: np.ndarray) -> np.ndarray:
        """Return the vectors (sample, channel * cell) of states (sample, channel, y, x)."""
        vectors = (states[..., self.grid.mask].reshape(len(states), self.mean.size) - self.mean) * self.scale
        vectors -= (vectors @ self.patterns.T) @ self.patterns
        result: np.ndarray = vectors
        return result

    def seasons(self, states: States) -> np.ndarray:
        """Return how much of each pattern states hold (sample, pattern), float64."""
        found = np.zeros((len(states), len(self.patterns)))
        for block, place in self._blocks():
            found += self._scaled(states, block, place) @ self.patterns[:, place].T
        return found

    def parts(self, *sets: States) -> Iterator[tuple[np.ndarray, ...]]:
        """Yield the vectors of several sets of states block by block, (sample, cell) float32 of each."""
        held = [self.seasons(states).astype(np.float32) for states in sets]
        for block, place in self._blocks():
            yield tuple(
                self._scaled(states, block, place) - of @ self.patterns[:, place]
                for states, of in zip(sets, held, strict=True)
            )

    def _blocks(self) -> Iterator[tuple[Block, slice]]:
        """Yield the blocks, and where their cells stand in a vector."""
        cells = int(self.grid.mask.sum())
        for block in blocks_of(self.grid.mask, range(len(self.mean) // cells)):
            first = block.channel * cells
            yield block, slice(first + block.wet.start, first + block.wet.stop)

    def _scaled(self, states: States, block: Block, place: slice) -> np.ndarray:
        return np.asarray((block.of(states) - self.mean[place]) * self.scale[place])


def _cycle(fields: np.ndarray, month: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Return the monthly means minus their mean (month, cell), float64, of fields (sample, cell)."""
    means = np.stack([fields[month == one].mean(axis=0, dtype=np.float64) for one in months])
    return np.asarray(means - means.mean(axis=0))
