"""The ice edge of two sets of states: where they differ in how often there is ice."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.blocks import Block, ByCells, blocks_of
from halocline.evaluate.engine.disk_states import States
from halocline.evaluate.engine.family import Label
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets
from halocline.physics.sea_ice import ICE_EDGE


@dataclass(frozen=True, eq=False)
class EdgeMapScores:
    """Areas between two sets' maps of p = P(sic > 0.15), the share of states with ice in a cell.

    edge probability error = integral of |p_1 - p_2| dA

    median edge error      = area where just one of p_1 >= 1/2 and p_2 >= 1/2 holds

    The median edge encloses the cells with ice in at least half of the states; the second is the IIEE of the two. Of
    one state on either side both are the IIEE.

    Source: Goessling et al. 2016, Geophys. Res. Lett. 43 (IIEE); Goessling and Jung 2018, Q. J. R. Meteorol. Soc. 144
    (median edge; their score of a forecast squares the difference).

    Attributes:
        grid: The grid.
        sic: Where concentration is among the channels.
    """

    grid: Grid
    sic: int

    @property
    def labels(self) -> tuple[Label, ...]:
        """Two areas."""
        return (
            Label("edge_probability_error", "ice-edge probability error", "sic", "m2", "lower"),
            Label("median_edge_error", "ice-edge error (IIEE) of the median edges", "sic", "m2", "lower"),
        )

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return where there is ice, on ocean cells (sample, cell), 0 or 1."""
        return (states[:, self.sic][:, self.grid.mask] > ICE_EDGE).astype(np.float64)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the areas (replicate, 2), m2."""
        return _areas(a, b, self.grid.area[self.grid.mask])

    def blocks(self) -> Iterator[Block]:
        """Yield blocks of cells of concentration."""
        return blocks_of(self.grid.mask, (self.sic,))

    def cell_summary(self, states: States, block: Block) -> np.ndarray:
        """Return where there is ice on the block's cells (sample, cell), 0 or 1."""
        return (block.of(states) > ICE_EDGE).astype(np.float64)

    def sums(self, a: np.ndarray, b: np.ndarray, block: Block) -> np.ndarray:
        """Return the areas in a block (replicate, 2), m2."""
        return _areas(a, b, self.grid.area[self.grid.mask][block.wet])

    def finish(self, sums: np.ndarray) -> np.ndarray:
        """Return the areas (replicate, 2), m2."""
        return sums


def _areas(a: np.ndarray, b: np.ndarray, area: np.ndarray) -> np.ndarray:
    half = 0.5 - 1e-9  # sums of weights round
    return np.stack([np.abs(a - b) @ area, ((a >= half) != (b >= half)) @ area], axis=1)


@ICE_SCORES.register("edge")
def edge(sets: IceSets) -> list[ByCells]:
    """Return the areas between the edges; none without concentration."""
    if "sic" not in sets.channels:
        return []
    return [ByCells(EdgeMapScores(sets.grid, sets.channels.index("sic")), sets.generated, sets.real)]
