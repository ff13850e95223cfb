"""A data source: one NumPy archive a year, concentration in percent, platelets in centimetres, no grid but x and y."""

from collections.abc import Sequence
from pathlib import Path

import cftime
import numpy as np
import xarray as xr

from halocline.data.fields.variables import variable
from halocline.data.grids.projected import projected_grid
from halocline.data.grids.projection import Plane

PLANE = "EPSG:3976"  # NSIDC's south polar stereographic plane
UNITS = {"sic": 0.01, "sipl": 0.01}  # percent and centimetres


def read(files: Sequence[Path]) -> xr.Dataset:
    """Return the states and the weather of all years on the polar plane.

    Args:
        files: Archives with x, y (km), land (y, x), day (days since 2000-01-01, noleap) and fields (time, y, x).
    """
    years = [np.load(file) for file in files]
    grid = projected_grid("toy-antarctic", Plane.of(PLANE), *(1e3 * years[0][axis] for axis in "xy"), ~years[0]["land"])
    days = np.concatenate([year["day"] for year in years])
    times = cftime.num2date(24 * days, "hours since 2000-01-01", "noleap")
    dataset = grid.to_dataset().assign_coords(time=("time", times))
    for name in [name for name in years[0].files if name not in ("x", "y", "land", "day")]:
        values = np.concatenate([year[name] for year in years]) * UNITS.get(name, 1.0)
        dataset[name] = (("time", "y", "x"), values.astype(np.float32), variable(name).attributes())
    return dataset
