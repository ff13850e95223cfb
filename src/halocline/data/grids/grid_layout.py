"""A layout of fields on the cells of a grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.data.fields.layout import Layout
from halocline.data.fields.variables import channel_variable
from halocline.data.grids.grid import Grid
from halocline.runtime.errors import InputError


def wet_of(channels: Sequence[str], grid: Grid) -> np.ndarray:
    """Return the wet cells of any channels (channel, y, x), some levels of a field among them.

    Raises:
        InputError: If a channel is a level that the grid has not.
    """
    found = []
    for name in channels:
        level = channel_variable(name)[1]
        if level is not None and level >= grid.levels:
            raise InputError(
                f"channel '{name}'",
                found=f"a grid of {grid.levels} levels",
                expected=f"at least {level + 1} levels",
                remedy="Take another channel, or a store whose grid has this level.",
            )
        found.append(grid.mask if level is None else grid.wet[level])
    return np.stack(found)


@dataclass(frozen=True, eq=False)
class GridLayout:
    """What an array (..., channel, y, x) of states holds: which fields, and on which cells. Dry cells are NaN or 0.

    Attributes:
        fields: Which channel is what.
        grid: The cells.
    """

    fields: Layout
    grid: Grid

    def __post_init__(self) -> None:
        for field in self.fields:
            if field.levels is not None and field.levels != self.grid.levels:
                raise InputError(
                    f"field '{field.name}'",
                    found=f"{field.levels} levels on a grid of {self.grid.levels} levels",
                    expected=f"all {self.grid.levels} levels" if self.grid.levels else "a grid with levels",
                    remedy="Give the grid the levels of the states, or leave the field out.",
                )

    @classmethod
    def ocean(cls, grid: Grid, *, zos: bool = True) -> "GridLayout":
        """Return temperature and salinity on all levels of a grid and, if wanted, the sea-surface height."""
        return cls(Layout.ocean(grid.columns.levels, zos=zos), grid)

    @cached_property
    def wet(self) -> np.ndarray:
        """Wet cells (channel, y, x)."""
        levels = self.grid.mask[None] if self.grid.vertical is None else self.grid.wet
        return self.fields.per_channel(levels, self.grid.mask)

    @cached_property
    def volume(self) -> np.ndarray:
        """Volume of the cells (channel, y, x), m3; that of the uppermost level for fields without levels."""
        return self.fields.per_channel(self.grid.volume, self.grid.volume[0])

    def select(self, states: np.ndarray, *names: str) -> tuple[np.ndarray, ...]:
        """Return views of some fields of states; see Layout.select."""
        return self.fields.select(states, *names)
