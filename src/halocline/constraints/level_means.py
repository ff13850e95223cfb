"""Means of ocean states over levels or over the basin: heat, salt and sea-surface height in units of the fields."""

from typing import Literal

import numpy as np

from halocline.data.grids.grid_layout import GridLayout
from halocline.physics.means import plane_sums
from halocline.runtime.errors import require_choice

Kind = Literal["level-means", "basin"]
KINDS: tuple[Kind, ...] = ("level-means", "basin")


def mean_groups(layout: GridLayout, kind: Kind) -> np.ndarray:
    """Return which channels make up each mean (mean, channel), 0 or 1.

    Raises:
        ConfigError: If there is no such kind.
    """
    require_choice("kind of means", kind, KINDS)
    grid, fields = layout.grid, layout.fields
    levels = [slice(k, k + 1) for k in range(grid.levels) if grid.wet[k].any()]
    groups: list[np.ndarray] = []
    for name in ("thetao", "so"):
        groups += [fields.numbers(name)[group] for group in (levels if kind == "level-means" else [slice(None)])]
    if "zos" in fields:
        groups.append(fields.numbers("zos"))
    belongs = np.zeros((len(groups), len(fields)))
    for row, group in zip(belongs, groups, strict=True):
        row[group] = 1.0
    return belongs


def cell_weights(layout: GridLayout, channel: int) -> np.ndarray:
    """Return what each cell of a channel counts in its mean (y, x), m3 or m2; 0 where dry, and in other fields.

    One plane at a time: those of all channels are as large as a state in double precision.

    Raises:
        InputError: If the area is unknown.
    """
    grid, name = layout.grid, layout.fields.channel_fields[channel]
    if name in ("thetao", "so"):
        return grid.volume_at(channel - layout.fields[name].start)
    return np.where(grid.mask, grid.known_area(), 0.0) if name == "zos" else np.zeros(grid.shape)


def means_of(states: np.ndarray, layout: GridLayout, kind: Kind) -> np.ndarray:
    """Return means over the wet cells of states (member, mean): degC, psu and m.

    Level means are weighted by the volume of the level's cells, basin means by all cells' volumes, the sea-surface
    height by area. "level-means" has one mean a wet level of temperature and of salinity, "basin" two (basin
    temperature and salinity, that is heat and salt over the basin's volume); one more for the sea-surface height.
    Other fields have none.

    Raises:
        ConfigError: If there is no such kind.
        InputError: If the area is unknown.
    """
    belongs, channels = mean_groups(layout, kind), len(layout.fields)
    sums, total = np.zeros((len(states), channels)), np.zeros(channels)
    for channel in range(channels):
        cells = cell_weights(layout, channel)
        total[channel] = cells.sum()
        for member, state in enumerate(states):
            sums[member, channel] = plane_sums(state[channel], cells)
    return np.asarray((sums @ belongs.T) / (belongs @ total))
