"""The space in which distances between ocean states are taken."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.ocean_layout import OceanLayout
from halocline.data.store.store import StateStore
from halocline.evaluate.ocean.levels import Levels, level_means


@dataclass(frozen=True, eq=False)
class NormalisedSpace:
    """States as vectors whose squared Euclidean distance is a mean of squared normalised differences.

        |x - y|^2 = mean over variables of sum_c v_c ((x_c - y_c) / s_level(c))^2,   sum_c v_c = 1 within a variable

    with v the share of a cell in the basin's volume (in the area, for zos) and s the training data's standard
    deviation of the level. A level that never varies counts for nothing.

    Attributes:
        layout: Channels and cells.
        scale: sqrt(v) / (s sqrt(variables)) of every wet cell (cell,).
        level_scale: The same for level means, v the share of the level (number,).
        variable: Variable of each wet cell (cell,).
        levels: The levels.
    """

    layout: OceanLayout
    scale: np.ndarray
    level_scale: np.ndarray
    variable: np.ndarray
    levels: Levels

    @classmethod
    def of(cls, layout: OceanLayout, std: np.ndarray) -> "NormalisedSpace":
        """Build the space; ``std`` (channel,) is the training data's standard deviation of each channel."""
        grid, levels = layout.grid, Levels.of(layout)
        one_over = np.divide(1.0, std, out=np.zeros(len(std)), where=np.asarray(std) > 0)
        parts = [grid.volume / grid.volume.sum()] * 2 + [grid.volume[:1] / grid.volume[0].sum()]
        shares = np.concatenate(parts[: 2 + int(layout.with_zos)]) / len(levels.present)
        wet = shares > 0
        scale = (np.sqrt(shares) * one_over[:, None, None])[wet]
        names = np.array(["thetao"] * grid.levels + ["so"] * grid.levels + ["zos"] * int(layout.with_zos))
        of_level = shares.sum(axis=(1, 2))[levels.channels]
        return cls(
            layout,
            scale.astype(np.float32),
            np.sqrt(of_level) * one_over[levels.channels],
            np.broadcast_to(names[:, None, None], wet.shape)[wet],
            levels,
        )

    def states(self, values: np.ndarray) -> np.ndarray:
        """Return the vectors (sample, cell) of states (sample, channel, y, x)."""
        mask = self.layout.grid.mask
        wet = np.concatenate([mask, mask, mask[:1]])[: self.layout.channels]
        return np.asarray(values[:, wet] * self.scale)

    def means(self, values: np.ndarray) -> np.ndarray:
        """Return the vectors (sample, number) of the level means of states (sample, channel, y, x)."""
        return level_means(values, self.layout) * self.level_scale

    def parts(self, values: np.ndarray) -> dict[tuple[str, str], np.ndarray]:
        """Return the vectors under (id of the distance, variable): whole states, level means, and each variable alone.

        Variables alone are scaled so that their squared distance is their own volume mean.
        """
        whole = self.states(values)
        found = {("energy", "all"): whole, ("energy_levels", "all"): self.means(values)}
        names = self.levels.present
        for name in names:
            found["energy", name] = whole[:, self.variable == name] * np.float32(np.sqrt(len(names)))
        return found


def channel_std(store: StateStore, channels: int) -> np.ndarray:
    """Return the training data's standard deviation of the first ``channels`` channels (channel,)."""
    return np.array([store.statistics[name]["std"] for name in store.channels[:channels]])
