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
    """

    def __init__(self, path: Path, netcdf: bool) -> None:
        self._path, self._netcdf, self._begun = path, netcdf, False

    def append(self, dataset: xr.Dataset) -> None:
        """Write further members (member, ...); the grid and other variables without members come with the first."""
        if not self._begun:
            begin(dataset, self._path, netcdf=self._netcdf, grows=["member"])
        elif self._netcdf:
            with netCDF4.Dataset(self._path, "a") as file:
                before = file.dimensions["member"].size
                for name, field in _by_member(dataset).variables.items():
                    file[str(name)][before : before + len(field)] = np.asarray(field.values)
        else:
            _by_member(dataset).to_zarr(self._path, append_dim="member", consolidated=False)
        self._begun = True

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
def writing(path: Path) -> Iterator[StateFile]:
    """Yield a file to append to; it appears at ``path`` whole when the block ends, or not at all.

    Raises:
        OutputError: If ``path`` exists, has an ending that is not written, or the disk is full.
    """
    check_output(path)
    with files.new_path(path) as hidden, files.explain_write_errors(path):
        file = StateFile(hidden, path.suffix == ".nc")
        yield file
        file.finish()


def _by_member(dataset: xr.Dataset) -> xr.Dataset:
    return dataset.drop_vars([name for name, field in dataset.variables.items() if "member" not in field.dims])
