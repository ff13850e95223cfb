"""The ocean codec: levels as channels, normalised by level or by cell, padded for the network; exact inverse."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from halocline.data.codecs.level_selection import LevelSelection
from halocline.data.codecs.padding import Padding
from halocline.data.fields.layout import Field, Layout
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.store.ocean_statistics import OceanStatistics, floored

Normalisation = Literal["level", "cell"]


@dataclass(frozen=True, eq=False)
class OceanCodec:
    """Physical ocean states to network space and back: (x - mean) / std, 0 where dry, levels chosen, padded.

    ``level``: the mean of each level and ``scale`` times its horizontal standard deviation (Meunier et al. 2025 take
    scale 3). ``cell``: the mean state, cell by cell, and the level's rms anomaly: what varies between states is 5 to
    20 % of what varies in space, and would be that small in network space otherwise.

    Attributes:
        fields: Physical channels, in any layout.
        mean: (channel, y, x) or (channel, 1, 1), physical units.
        std: (channel,), physical units.
        wet: Wet cells (channel, y, x).
        levels: Which levels the network sees.
        padding: Around the plane.
    """

    fields: Layout
    mean: np.ndarray
    std: np.ndarray
    wet: np.ndarray
    levels: LevelSelection
    padding: Padding

    @classmethod
    def build(
        cls,
        grid: Grid,
        fields: Layout,
        statistics: OceanStatistics,
        *,
        normalisation: Normalisation = "cell",
        scale: float = 1.0,
        every: int = 1,
        multiple: int = 1,
    ) -> "OceanCodec":
        """Make a codec from the statistics of training states."""
        channels = fields.channels
        if normalisation == "level":
            mean, std = statistics.mean[:, None, None], scale * floored(statistics.horizontal_std, channels)
        else:
            mean, std = statistics.mean_state, scale * floored(statistics.rms_anomaly, channels)
        arrays: dict[str, np.ndarray] = {"mean": mean.astype(np.float32), "std": std}
        return cls.from_arrays(grid, fields, arrays, every=every, multiple=multiple)

    @classmethod
    def from_arrays(
        cls, grid: Grid, fields: Layout, arrays: dict[str, np.ndarray], *, every: int, multiple: int
    ) -> "OceanCodec":
        """Make a codec from the form of ``arrays``."""
        vertical = grid.columns
        return cls(
            fields,
            np.asarray(arrays["mean"], np.float64),
            np.asarray(arrays["std"], np.float64),
            GridLayout(fields, grid).wet,
            LevelSelection(vertical.nominal_depth, vertical.mask, every),
            Padding.to_multiple(grid.shape, multiple, periodic=grid.topology.periodic),
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what a model folder stores of it."""
        return {"mean": self.mean.astype(np.float32), "std": self.std}

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the physical channels, in order."""
        return self.fields.channels

    @property
    def kept(self) -> Layout:
        """The fields as the network sees them: those levels that are kept."""
        n = len(self.levels.kept)
        return Layout(*(Field(f.name, None if f.levels is None else n) for f in self.fields))

    @property
    def network_variables(self) -> tuple[str, ...]:
        """The variable of each channel in network space."""
        return self.kept.channel_fields

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (channel, y, x) in network space."""
        return len(self.kept), *self.padding.padded(self.wet.shape[1:])  # type: ignore[arg-type]

    @cached_property
    def network_mask(self) -> np.ndarray:
        """Wet cells in network space (channel, y, x) float32; zeros around the plane are land."""
        return self.padding.pad(self._selected(self.wet)).astype(np.float32)

    @property
    def loss_mask(self) -> np.ndarray:
        """The same (channel, y, x) float32 without any padding: each cell of the plane counts once."""
        return replace(self.padding, periodic=()).pad(self._selected(self.wet)).astype(np.float32)

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
        return self.kept.join(self._each(values, self.fields, self.levels.select))

    def _expanded(self, values: np.ndarray) -> np.ndarray:
        return self.fields.join(self._each(values, self.kept, self.levels.expand))

    @staticmethod
    def _each(
        values: np.ndarray, fields: Layout, along_levels: Callable[[np.ndarray], np.ndarray]
    ) -> dict[str, np.ndarray]:
        parts = fields.split(values)
        return parts | {name: along_levels(parts[name]) for name in fields.levelled}
