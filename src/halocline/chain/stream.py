"""Drawn states written as they come: a file that grows by batches of members and appears whole."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import xarray as xr
import zarr

from halocline.chain.dataset import begin, check_output, seal_states
from halocline.runtime import files


class StateFile:
    """A NetCDF or Zarr file of states that is being written.

    Args:
        path: Where it is written; the ending tells the format.
        netcdf: Whether it is NetCDF.
        along: The dimension that grows.
    """

    def __init__(self, path: Path, netcdf: bool, along: str = "member") -> None:
        self._path, self._netcdf, self._along, self._begun = path, netcdf, along, False

    def append(self, dataset: xr.Dataset) -> None:
        """Write further members (member, ...); the grid and other variables without members come with the first."""
        if not self._begun:
            begin(dataset, self._path, netcdf=self._netcdf, grows=[self._along])
        elif self._netcdf:
            with netCDF4.Dataset(self._path, "a") as file:
                before = file.dimensions[self._along].size
                for name, field in self._growing(dataset).variables.items():
                    at = [slice(None)] * field.ndim
                    at[field.dims.index(self._along)] = slice(before, before + dataset.sizes[self._along])
                    file[str(name)][tuple(at)] = np.asarray(field.values)
        else:
            self._growing(dataset).to_zarr(self._path, append_dim=self._along, consolidated=False)
        self._begun = True

    def _growing(self, dataset: xr.Dataset) -> xr.Dataset:
        return dataset.drop_vars([name for name, field in dataset.variables.items() if self._along not in field.dims])

    def finish(self) -> None:
        """Seal what was written."""
        seal_states(self._path)

    def describe(self, attributes: dict[str, Any]) -> None:
        """Set attributes of the whole file."""
        if self._netcdf:
            with netCDF4.Dataset(self._path, "a") as file:
                file.setncatts(attributes)
        else:
            zarr.open_group(self._path, mode="r+").attrs.update(attributes)


@contextlib.contextmanager
def writing(path: Path, along: str = "member") -> Iterator[StateFile]:
    """Yield a file to append to; it appears at ``path`` whole when the block ends, or not at all.

    Raises:
        OutputError: If ``path`` exists, has an ending that is not written, or the disk is full.
    """
    check_output(path)
    with files.new_path(path) as hidden, files.explain_write_errors(path):
        file = StateFile(hidden, path.suffix == ".nc", along)
        yield file
        file.finish()
