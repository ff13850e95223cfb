"""NetCDF files or Zarr folders that follow the CF conventions and carry their grid."""

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from halocline.bridge.sources.base import SOURCES
from halocline.data.files.open import open_dataset
from halocline.runtime.errors import InputError


@SOURCES.register("cf")
def read(files: Sequence[Path]) -> xr.Dataset:
    """Return the files one after the other along time; the grid is that of each of them.

    Args:
        files: At least one; several have a dimension time and are read into memory.

    Raises:
        InputError: If a file cannot be read, or the files do not follow one another on one grid.
    """
    parts = [open_dataset(file, times="cftime") for file in files]
    if len(parts) == 1:
        return parts[0]
    try:
        whole = xr.concat(parts, "time", data_vars="minimal", coords="minimal", compat="equals", join="exact")
    except (ValueError, xr.MergeError, AttributeError) as error:
        raise InputError(
            f"files {', '.join(file.name for file in files)}",
            found=f"files that cannot be joined along time ({error})",
            expected="the same variables on the same grid at different times",
            remedy="Import them one at a time, or join them with xarray and call halocline.write_store.",
        ) from error
    return whole.sortby("time")
