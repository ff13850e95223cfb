"""A score: how far the ice area is off in each sector of the Southern Ocean."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.family import Label
from halocline.evaluate.ice.families.base import IceSets

WEST = (-60.0, 20.0, 90.0, 160.0, -130.0)
"""Western borders of the Weddell, Indian, Pacific, Ross, and Bellingshausen-Amundsen sectors, degrees east.

Source: Zwally et al. 1983, NASA SP-459.
"""


@dataclass(frozen=True, eq=False)
class SectorArea:
    """Root-mean-square difference of the mean ice area over the five sectors, m2.

    Attributes:
        grid: The grid.
        channel: Which channel concentration is.
    """

    grid: Grid
    channel: int

    @property
    def labels(self) -> tuple[Label, ...]:
        """One score."""
        return (Label("sector_area", "ice area by sector, rms error", "sic", "m2", "lower"),)

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return the ice area in each sector (sample, sector), m2."""
        east = [(self.grid.lon - west) % 360.0 for west in WEST]
        widths = [(end - start) % 360.0 for start, end in zip(WEST, (*WEST[1:], WEST[0]), strict=True)]
        inside = np.stack([(e < width) & self.grid.mask for e, width in zip(east, widths, strict=True)])
        return np.einsum("nyx,syx->ns", states[:, self.channel], inside * self.grid.area)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the difference (replicate, 1)."""
        return np.sqrt(((a - b) ** 2).mean(axis=1, keepdims=True))


def sectors(sets: IceSets) -> list[SectorArea]:
    """Return the family for grids of the southern hemisphere with concentration."""
    south = bool((sets.grid.lat < 0).all())
    return [SectorArea(sets.grid, sets.channels.index("sic"))] if south and "sic" in sets.channels else []
