"""Open a user's NetCDF file or Zarr store, or say why not."""

from pathlib import Path

import numpy as np
import xarray as xr

from halocline.data.grids.grid import Grid
from halocline.runtime.errors import InputError


def open_dataset(path: Path, field: str) -> xr.Dataset:
    """Open ``path`` lazily; times become cftime dates of the file's own calendar.

    Raises:
        InputError: If there is nothing that can be read.
    """
    coder = xr.coders.CFDatetimeCoder(use_cftime=True)
    try:
        if path.is_dir():
            return xr.open_zarr(path, consolidated=False, decode_times=coder, chunks=None)
        return xr.open_dataset(path, decode_times=coder)
    except Exception as error:
        raise InputError(
            f"{field} {path}",
            found="no such file" if not path.exists() else f"a file that cannot be read ({error})",
            expected="a NetCDF file or a Zarr store",
            remedy="Check the path and the file.",
        ) from error


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
