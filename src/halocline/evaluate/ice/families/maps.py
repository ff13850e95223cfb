"""Errors of the climatological mean and standard-deviation maps."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from halocline.data.fields.variables import variable
from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.blocks import Block, ByCells, blocks_of
from halocline.evaluate.engine.disk_states import States, batches
from halocline.evaluate.engine.family import Label
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets


@dataclass(frozen=True, eq=False)
class MapScores:
    """RMSE by area between two sets' maps of the mean and of the standard deviation per cell, for each variable.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        centre: Subtracted from the fields (channel, cell) before squares are taken; for rounding only.
    """

    grid: Grid
    channels: tuple[str, ...]
    centre: np.ndarray

    @classmethod
    def around(cls, grid: Grid, channels: tuple[str, ...], real: States) -> "MapScores":
        """Build the family with the mean map of ``real`` states (sample, channel, y, x) as centre."""
        total = np.zeros((real.shape[1], int(grid.mask.sum())))
        for part in batches(real):
            for state in real[part]:
                total += state[:, grid.mask]
        return cls(grid, channels, (total / len(real)).astype(np.float32))

    @property
    def labels(self) -> tuple[Label, ...]:
        """Two scores per variable: all of the mean maps, then all of the standard deviations."""
        return tuple(
            Label(f"map_{id}", f"{what} map error", name, variable(name).unit, "lower")
            for id, what in (("mean", "mean"), ("sd", "standard-deviation"))
            for name in self.channels
        )

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return fields and their squares on ocean cells (sample, 2 * channel * cell)."""
        fields = states[..., self.grid.mask] - self.centre
        return np.concatenate([fields, fields**2], axis=1).reshape(len(states), -1)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the errors (replicate, 2 * channel)."""
        squares = [(x - y) ** 2 for x, y in zip(self.maps(a), self.maps(b), strict=True)]
        share = self._share(slice(None))
        return self.finish(np.concatenate([each @ share.astype(each.dtype) for each in squares], axis=1))

    def blocks(self) -> Iterator[Block]:
        """Yield blocks of cells of each variable."""
        return blocks_of(self.grid.mask, range(len(self.channels)))

    def cell_summary(self, states: States, block: Block) -> np.ndarray:
        """Return fields and their squares on the block's cells (sample, 2 * cell)."""
        fields = block.of(states) - self.centre[block.channel, block.wet]
        return np.concatenate([fields, fields**2], axis=1)

    def sums(self, a: np.ndarray, b: np.ndarray, block: Block) -> np.ndarray:
        """Return squared errors by area of the block's variable (replicate, 2 * channel), those of others 0."""
        found = np.zeros((len(a), 2 * len(self.channels)))
        share = self._share(block.wet)
        for k, (x, y) in enumerate(zip(_moments(a), _moments(b), strict=True)):
            square = np.square(x - y)
            found[:, block.channel + k * len(self.channels)] = square @ share.astype(square.dtype)
        return found

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Return the errors (replicate, 2 * channel) of mean squares."""
        return np.asarray(np.sqrt(sums))

    def means(self, states: States) -> np.ndarray:
        """Return the mean summary (2 * channel * cell,) of states."""
        found = np.empty((2, *self.centre.shape), np.float32)
        for block in self.blocks():
            found[:, block.channel, block.wet] = self.cell_summary(states, block).mean(axis=0).reshape(2, -1)
        return found.ravel()

    def maps(self, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return centred mean and standard-deviation maps, each (replicate, channel, cell), of mean summaries."""
        first, second = mean.reshape(len(mean), 2, *self.centre.shape).swapaxes(0, 1)
        return first, _spread(first, second)

    def _share(self, cells: slice) -> np.ndarray:
        area = self.grid.area[self.grid.mask]
        return np.asarray((area / area.sum())[cells])


def _moments(mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return centred means and standard deviations, each (replicate, cell), of a block's mean summaries."""
    first, second = np.split(mean, 2, axis=1)
    return first, _spread(first, second)


def _spread(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(np.clip(second - first**2, 0.0, None)))


@ICE_SCORES.register("maps")
def maps(sets: IceSets) -> list[ByCells]:
    """Return the errors of maps around the real states' mean."""
    return [ByCells(MapScores.around(sets.grid, sets.channels, sets.real), sets.generated, sets.real)]
