"""Ocean states as channels: temperature on all levels, salinity on all levels, sea-surface height."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.ocean_grid import OceanGrid


@dataclass(frozen=True, eq=False)
class OceanLayout:
    """Which channel is what in an array (member, channel, y, x); land and dry cells are NaN.

    Attributes:
        grid: The cells.
        with_zos: Whether the last channel is the sea-surface height (m).
    """

    grid: OceanGrid
    with_zos: bool = True

    @property
    def channels(self) -> int:
        """2 levels, and one for the sea-surface height."""
        return 2 * self.grid.levels + int(self.with_zos)

    @property
    def wet(self) -> np.ndarray:
        """Wet cells (channel, y, x)."""
        mask = self.grid.mask.astype(bool)
        return np.concatenate([mask, mask, *([mask[:1]] if self.with_zos else [])])

    def split(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Return views: thetao and so (member, level, y, x), zos (member, y, x) or None."""
        n = self.grid.levels
        return states[:, :n], states[:, n : 2 * n], states[:, 2 * n] if self.with_zos else None

    def join(self, thetao: np.ndarray, so: np.ndarray, zos: np.ndarray | None) -> np.ndarray:
        """Return states (member, channel, y, x) from their parts; the inverse of ``split``."""
        parts = [thetao, so] + ([zos[:, None]] if zos is not None and self.with_zos else [])
        return np.concatenate(parts, axis=1)
