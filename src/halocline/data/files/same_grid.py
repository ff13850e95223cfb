"""Is a file on this grid: its shape, its coordinates and its mask."""

import numpy as np
import xarray as xr

from halocline.data.grids.grid import Grid
from halocline.runtime.errors import InputError


def check_grid(dataset: xr.Dataset, grid: Grid, field: str) -> None:
    """Raise InputError unless what ``dataset`` says about shape, mask and coordinates fits ``grid``."""
    sizes = (dataset.sizes.get("y"), dataset.sizes.get("x"))
    if sizes != grid.shape:
        raise InputError(
            f"{field} grid",
            found=f"y, x = {sizes[0]}, {sizes[1]}",
            expected=f"y, x = {grid.shape[0]}, {grid.shape[1]} ({grid.name})",
            remedy="Pass the --resolution of the file, or regrid the file.",
        )
    for name, mine in (("lat", grid.lat), ("lon", grid.lon), ("x", grid.x), ("y", grid.y)):
        if name in dataset.variables and dataset[name].shape == mine.shape:
            worst = float(np.abs(_turn(np.asarray(dataset[name].values, np.float64) - mine, name)).max())
            if not worst < (0.02 if name in ("lat", "lon") else grid.spacing / 50.0):
                raise InputError(
                    f"{field} coordinate '{name}'",
                    found=f"values up to {worst:.3g} away from the grid's",
                    expected=f"the coordinates of {grid.name}",
                    remedy="Regrid the file, or check that its rows and columns are in the grid's order.",
                )
    if "mask" in dataset.variables:
        differ = int((np.asarray(dataset["mask"].values) > 0.5).__ne__(grid.mask).sum())
        if differ:
            raise InputError(
                f"{field} mask",
                found=f"another coast: {differ} cells differ",
                expected=f"the ocean mask of {grid.name}",
                remedy="Use states made on this grid.",
            )


def _turn(difference: np.ndarray, name: str) -> np.ndarray:
    return (difference + 180.0) % 360.0 - 180.0 if name == "lon" else difference
