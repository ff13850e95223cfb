"""NetCDF files of NEMO: opened, squeezed of their time dimension, with errors that say what is wrong."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import netCDF4
import numpy as np

from halocline.runtime.errors import InputError


@contextlib.contextmanager
def open_nemo(path: Path, field: str) -> Iterator[netCDF4.Dataset]:
    """Open a NetCDF file for reading.

    netCDF4 and not xarray: NEMO writes two-dimensional variables ``x`` and ``y`` named like their dimensions.

    Raises:
        InputError: If it is absent or cannot be read.
    """
    if not Path(path).is_file():
        raise InputError(
            f"{field} {path}", found="no such file", expected="a NetCDF file of NEMO", remedy="Check the path."
        )
    try:
        dataset = netCDF4.Dataset(str(path))
    except OSError as error:
        raise InputError(
            f"{field} {path}",
            found=f"a file that cannot be read ({error})",
            expected="a NetCDF file of NEMO",
            remedy="The file is truncated or of another format; copy it again.",
        ) from error
    dataset.set_auto_mask(False)
    try:
        yield dataset
    finally:
        dataset.close()


def read(dataset: netCDF4.Dataset, name: str, field: str) -> np.ndarray:
    """Return a variable without its leading time dimension of length 1.

    Raises:
        InputError: If it is missing or holds several times.
    """
    if name not in dataset.variables:
        raise InputError(
            f"variable '{name}' of {field}",
            found=f"only {', '.join(list(dataset.variables)[:12])}, …",
            expected=f"'{name}'",
            remedy="Give a mesh_mask or a restart as NEMO writes it.",
        )
    variable = dataset[name]
    values = np.asarray(variable[:])
    if variable.dimensions and variable.dimensions[0] in ("time_counter", "t"):
        if len(values) != 1:
            raise InputError(
                f"variable '{name}' of {field}",
                found=f"{len(values)} times",
                expected="one",
                remedy="Cut out one time, keeping time_counter unlimited.",
            )
        values = values[0]
    return values
