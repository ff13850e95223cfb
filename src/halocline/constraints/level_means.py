"""Means of ocean states over levels or over the basin: heat, salt and sea-surface height in units of the fields."""

from typing import Literal

import numpy as np

from halocline.data.grids.grid_layout import GridLayout
from halocline.physics.means import plane_sums
from halocline.runtime.errors import require_choice

Kind = Literal["level-means", "basin"]
KINDS: tuple[Kind, ...] = ("level-means", "basin")


def mean_groups(layout: GridLayout, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
    """Return cell weights (channel, y, x), m3 or m2, and which channels make up each mean (mean, channel), 0 or 1.

    Raises:
        ConfigError: If there is no such kind.
        InputError: If the area is unknown.
    """
    require_choice("kind of means", kind, KINDS)
    grid, fields = layout.grid, layout.fields
    cells = np.zeros((len(fields), *grid.shape))
    levels = [slice(k, k + 1) for k in range(grid.levels) if grid.wet[k].any()]
    groups: list[np.ndarray] = []
    for name in ("thetao", "so"):
        cells[fields[name]] = grid.volume
        groups += [fields.numbers(name)[group] for group in (levels if kind == "level-means" else [slice(None)])]
    if "zos" in fields:
        cells[fields["zos"]] = np.where(grid.mask, grid.known_area(), 0.0)
        groups.append(fields.numbers("zos"))
    belongs = np.zeros((len(groups), len(fields)))
    for row, group in zip(belongs, groups, strict=True):
        row[group] = 1.0
    return cells, belongs


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
    cells, belongs = mean_groups(layout, kind)
    sums = np.stack([plane_sums(state, cells) for state in states])
    return np.asarray((sums @ belongs.T) / (belongs @ cells.sum(axis=(1, 2))))
