"""On which cells an import stores its states: cropped, brought to a grid, coarsened, or as they come."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import xarray as xr

from halocline.data.grids.grid import Grid
from halocline.data.grids.remap.coarse import coarse
from halocline.data.grids.remap.conservative import conservative
from halocline.data.grids.remap.crop import crop
from halocline.data.grids.remap.regrid import Coast, OtherCells


@dataclass(frozen=True)
class Cells:
    """What the user asked for.

    Attributes:
        grid: Grid to bring the states to; None for the files' own.
        coast: See ``regrid.settle``.
        coarsen: Cells a side of the blocks to average; 1 for none.
        crop: Rectangle to keep, see ``crop.crop``; None for all.
    """

    grid: Grid | None = None
    coast: Coast = "fill"
    coarsen: int = 1
    crop: str | None = None

    def settings(self) -> dict[str, Any]:
        """Return what decides the states, JSON-able."""
        name = None if self.grid is None else f"{self.grid.name} {self.grid.fingerprint()}"
        return {"grid": name, "coast": self.coast, "coarsen": self.coarsen, "crop": self.crop}

    def changes(self, source: Grid, dataset: xr.Dataset) -> Iterator[OtherCells]:
        """Yield the changes of cells in order, from those of the files on.

        Args:
            source: The files' grid.
            dataset: Where it comes from; bounds of its cells count.
        """
        if self.crop is not None:
            cropped = crop(source, self.crop)
            source, dataset = cropped.target, dataset.isel(y=cropped.rows, x=cropped.columns)
            yield cropped
        if self.grid is not None:
            remapped = conservative(source, self.grid, coast=self.coast, dataset=dataset)
            source = remapped.target
            yield remapped
        if self.coarsen != 1:
            yield coarse(source, self.coarsen)
