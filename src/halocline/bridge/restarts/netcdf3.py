"""Files of NetCDF 3 (64-bit offset), every variable of which is defined before one is written.

The library moves all that a file holds when another variable is defined.
SciPy writes the header and zeros; the values follow by the usual library, one variable after the other.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
from scipy.io import netcdf_file

LARGEST = 2**32 - 4
"""Bytes of the largest variable that the form takes."""


@contextmanager
def netcdf3(
    path: Path, attrs: Mapping[str, Any], sizes: Mapping[str, int], variables: Mapping[str, tuple[tuple[str, ...], str]]
) -> Iterator[netCDF4.Dataset]:
    """Yield a new file whose variables, in double precision, are all 0.

    Args:
        path: The file to make.
        attrs: Global attributes: words and numbers.
        sizes: Length by dimension.
        variables: Dimensions and unit by name; an empty unit is left out.
    """
    with netcdf_file(path, "w", version=2) as file:
        for name, size in sizes.items():
            file.createDimension(name, size)
        for name, value in attrs.items():
            setattr(file, name, value.encode() if isinstance(value, str) else value)
        for name, (dims, unit) in variables.items():
            made = file.createVariable(name, "d", dims)
            # not by an assignment, which would make it an attribute of the file, too
            vars(made)["data"] = np.broadcast_to(np.zeros((), ">f8"), [sizes[d] for d in dims])
            if unit:
                made.units = unit.encode()
    with netCDF4.Dataset(path, "a") as written:
        yield written
