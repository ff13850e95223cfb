"""The space in which distances between ocean states are taken."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid_layout import GridLayout
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

    layout: GridLayout
    scale: np.ndarray
    level_scale: np.ndarray
    variable: np.ndarray
    levels: Levels

    @classmethod
    def of(cls, layout: GridLayout, std: np.ndarray) -> "NormalisedSpace":
        """Build the space; ``std`` (channel,) is the training data's standard deviation of each channel."""
        grid, levels = layout.grid, Levels.of(layout)
        one_over = np.divide(1.0, std, out=np.zeros(len(std)), where=np.asarray(std) > 0)
        of_levels, of_surface = grid.volume / grid.volume.sum(), grid.volume[0] / grid.volume[0].sum()
        shares = layout.fields.per_channel(of_levels, of_surface) / len(levels.present)
        wet = shares > 0
        scale = (np.sqrt(shares) * one_over[:, None, None])[wet]
        names = np.array(layout.fields.channel_fields)
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
        return np.asarray(values[:, self.layout.wet] * self.scale)

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
