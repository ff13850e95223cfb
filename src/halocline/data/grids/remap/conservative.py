"""From any grid with latitudes and longitudes to any other, conservatively."""

import numpy as np
import xarray as xr

from halocline.data.grids.grid import Grid
from halocline.data.grids.remap.corners import cell_corners
from halocline.data.grids.remap.overlap import areas_of, overlaps
from halocline.data.grids.remap.regrid import Coast, Regrid, settle
from halocline.runtime.errors import InputError


def conservative(source: Grid, cells: Grid, *, coast: Coast = "fill", dataset: xr.Dataset | None = None) -> Regrid:
    """Return the first-order conservative remapping (Jones 1999) from one grid to another.

    Source: Jones, P. W. 1999, Mon. Wea. Rev. 127, 2204-2210, with overlaps by ``overlap.overlaps``.

    Args:
        source: The cells that states come from.
        cells: The cells wanted.
        coast: See ``regrid.settle``.
        dataset: Where ``source`` comes from; bounds of its cells count, see ``corners.cell_corners``.

    Raises:
        InputError: If latitudes or longitudes are unknown, or the grids have no ocean in common.
    """
    for grid in (source, cells):
        if not (np.isfinite(grid.lat) & np.isfinite(grid.lon))[grid.mask].all():
            raise InputError(
                f"grid {grid.name}",
                found="ocean cells without latitude and longitude",
                expected="latitude and longitude of every ocean cell, in degrees",
                remedy="Add them to the file, or leave --grid out.",
            )
    corners = cell_corners(cells)
    corners[~cells.mask.ravel()] = np.nan
    shares = overlaps(cell_corners(source, dataset), corners)
    area = np.nan_to_num(np.abs(areas_of(corners)))
    found = settle(source, cells, shares, area, coast=coast, notes=(f"remapped conservatively to {cells.name}",))
    if not found.target.mask.any():
        raise InputError(
            f"grid {cells.name}",
            found="no ocean cell that lies in the files' ocean",
            expected="a grid that overlaps the files'",
            remedy="Choose another grid, or check the files' latitudes, longitudes and mask.",
        )
    return found
