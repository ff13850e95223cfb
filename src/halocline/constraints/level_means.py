"""Means of ocean states over levels or over the basin: heat, salt and sea-surface height in units of the fields."""

from typing import Literal

import numpy as np

from halocline.data.grids.ocean_layout import OceanLayout
from halocline.runtime.errors import require_choice

Kind = Literal["level-means", "basin"]
KINDS: tuple[Kind, ...] = ("level-means", "basin")


def mean_groups(layout: OceanLayout, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
    """Return cell weights (channel, y, x), m3 or m2, and which channels make up each mean (mean, channel), 0 or 1.

    Raises:
        ConfigError: If there is no such kind.
        InputError: If the area is unknown.
    """
    require_choice("kind of means", kind, KINDS)
    grid, n = layout.grid, layout.grid.levels
    cells = np.zeros((layout.channels, *grid.mask.shape[1:]))
    cells[:n] = cells[n : 2 * n] = grid.volume
    levels = [[k] for k in range(n) if grid.mask[k].any()] if kind == "level-means" else [list(range(n))]
    groups = [[offset + k for k in group] for offset in (0, n) for group in levels]
    if layout.with_zos:
        cells[-1] = np.where(grid.mask[0], grid.known_area(), 0.0)
        groups.append([2 * n])
    belongs = np.zeros((len(groups), layout.channels))
    for row, group in zip(belongs, groups, strict=True):
        row[group] = 1.0
    return cells, belongs


def mean_weights(layout: OceanLayout, kind: Kind) -> np.ndarray:
    """Return the weights (mean, channel, y, x) over wet cells; each mean's sum to 1."""
    cells, belongs = mean_groups(layout, kind)
    weights = belongs[:, :, None, None] * cells
    return np.asarray(weights / weights.sum(axis=(1, 2, 3), keepdims=True))


def means_of(states: np.ndarray, layout: OceanLayout, kind: Kind) -> np.ndarray:
    """Return means over the wet cells of states (member, mean): degC, psu and m.

    Level means are weighted by the volume of the level's cells, basin means by all cells' volumes, the sea-surface
    height by area. "level-means" has one mean a wet channel, "basin" two (basin temperature and salinity, that is heat
    and salt over the basin's volume); one more for the sea-surface height.

    Raises:
        ConfigError: If there is no such kind.
        InputError: If the area is unknown.
    """
    cells, belongs = mean_groups(layout, kind)
    sums = np.stack([(np.nan_to_num(state) * cells).sum(axis=(1, 2)) for state in states])
    return np.asarray((sums @ belongs.T) / (belongs @ cells.sum(axis=(1, 2))))
