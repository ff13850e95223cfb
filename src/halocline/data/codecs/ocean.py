"""The ocean codec: levels as channels, normalised by level or by cell, padded for the network; exact inverse."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from halocline.data.codecs.level_selection import LevelSelection
from halocline.data.codecs.padding import Padding
from halocline.data.fields.variables import ocean_channels
from halocline.data.grids.grid import Grid
from halocline.data.store.ocean_statistics import OceanStatistics, floored
from halocline.runtime.errors import InputError

Normalisation = Literal["level", "cell"]


@dataclass(frozen=True, eq=False)
class OceanCodec:
    """Physical ocean states to network space and back: (x - mean) / std, 0 where dry, levels chosen, padded.

    ``level``: the mean of each level and ``scale`` times its horizontal standard deviation (Meunier et al. 2025 take
    scale 3). ``cell``: the mean state, cell by cell, and the level's rms anomaly: what varies between states is 5 to
    20 % of what varies in space, and would be that small in network space otherwise.

    Attributes:
        channels: Physical channels: thetao on all levels, so on all levels, zos.
        mean: (channel, y, x) or (channel, 1, 1), physical units.
        std: (channel,), physical units.
        wet: Wet cells (channel, y, x).
        levels: Which levels the network sees.
        padding: Around the plane.
    """

    channels: tuple[str, ...]
    mean: np.ndarray
    std: np.ndarray
    wet: np.ndarray
    levels: LevelSelection
    padding: Padding

    @classmethod
    def build(
        cls,
        grid: Grid,
        statistics: OceanStatistics,
        *,
        normalisation: Normalisation = "cell",
        scale: float = 1.0,
        every: int = 1,
        multiple: int = 1,
    ) -> "OceanCodec":
        """Make a codec from the statistics of training states."""
        channels = ocean_channels(_levels(grid))
        if normalisation == "level":
            mean, std = statistics.mean[:, None, None], scale * floored(statistics.horizontal_std, channels)
        else:
            mean, std = statistics.mean_state, scale * floored(statistics.rms_anomaly, channels)
        arrays: dict[str, np.ndarray] = {"mean": mean.astype(np.float32), "std": std}
        return cls.from_arrays(grid, arrays, every=every, multiple=multiple)

    @classmethod
    def from_arrays(cls, grid: Grid, arrays: dict[str, np.ndarray], *, every: int, multiple: int) -> "OceanCodec":
        """Make a codec from the form of ``arrays``."""
        vertical, channels = grid.vertical, ocean_channels(_levels(grid))
        assert vertical is not None
        return cls(
            channels,
            np.asarray(arrays["mean"], np.float64),
            np.asarray(arrays["std"], np.float64),
            grid.channel_mask(channels),
            LevelSelection(vertical.depth, vertical.mask, every),
            Padding.to_multiple(grid.shape, multiple),
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what a model folder stores of it."""
        return {"mean": self.mean.astype(np.float32), "std": self.std}

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (channel, y, x) in network space."""
        return 2 * len(self.levels.kept) + 1, *self.padding.padded(self.wet.shape[1:])  # type: ignore[arg-type]

    @property
    def network_mask(self) -> np.ndarray:
        """Wet cells in network space (channel, y, x) float32; padding counts as land."""
        return self.padding.pad(self._selected(self.wet)).astype(np.float32)

    def encode(self, states: np.ndarray) -> np.ndarray:
        """Return network-space values (..., channel, y, x) float32 of physical ones; dry cells and padding are 0."""
        scaled = (np.where(self.wet, states, 0.0) - self.mean) / self.std[:, None, None]
        return self.padding.pad(self._selected(np.where(self.wet, scaled, 0.0))).astype(np.float32)

    def decode(self, values: np.ndarray) -> np.ndarray:
        """Return physical values (..., channel, y, x) float32 of network-space ones; dry cells are NaN."""
        full = self._expanded(self.padding.unpad(values.astype(np.float64)))
        physical = (full * self.std[:, None, None] + self.mean).astype(np.float32)
        return np.where(self.wet, physical, np.float32(np.nan))

    def bounds_in_network_space(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (-inf, +inf), each (channel,): no ocean variable lies at a bound."""
        none = np.full(self.shape[0], np.inf, np.float32)
        return -none, none

    def to_card(self) -> dict[str, Any]:
        """Return what people read of it in a model's card."""
        return {"variables": list(self.channels), "levels_every": self.levels.every, "network_shape": list(self.shape)}

    def _selected(self, values: np.ndarray) -> np.ndarray:
        n = len(self.levels.depth)
        parts = [self.levels.select(values[..., k * n : (k + 1) * n, :, :]) for k in range(2)]
        return np.concatenate([*parts, values[..., 2 * n :, :, :]], axis=-3)

    def _expanded(self, values: np.ndarray) -> np.ndarray:
        n = len(self.levels.kept)
        parts = [self.levels.expand(values[..., k * n : (k + 1) * n, :, :]) for k in range(2)]
        return np.concatenate([*parts, values[..., 2 * n :, :, :]], axis=-3)


def _levels(grid: Grid) -> int:
    if grid.vertical is None:
        raise InputError(
            f"grid {grid.name}",
            found="no levels",
            expected="an ocean grid with depth, thickness and a mask by level",
            remedy="Use a store of ocean states, made by: halocline simulate dino --out DATA.zarr",
        )
    return grid.vertical.levels
