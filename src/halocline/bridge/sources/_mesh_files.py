"""Files of the grid among files of states: told by what they hold, and carried by each part for the reader."""

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from halocline.data.files.open import open_dataset
from halocline.data.files.pieces import join, siblings
from halocline.data.reading.mesh import carrying
from halocline.data.reading.names import ours_of
from halocline.runtime.errors import InputError

_OF_A_MESH = ("tmask", "bottom_level", "e1t", "e3t_0", "deptho", "mask")


def is_grid_file(path: Path) -> bool:
    """Tell whether a file holds a grid and no ocean states: a mesh_mask, a domain_cfg, a static file of a product."""
    with open_dataset(path, times="raw") as dataset:
        return not ours_of(dataset, "ocean") and any(name in dataset.variables for name in _OF_A_MESH)


def apart(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Return the files of states and those of the grid.

    Raises:
        InputError: If all are of the grid.
    """
    grids = [file for file in files if is_grid_file(file)]
    states = [file for file in files if file not in grids]
    if not states:
        raise InputError(
            "files of states",
            found=f"only files of a grid: {', '.join(f.name for f in grids)}",
            expected="files with temperature and salinity",
            remedy="Give the files of states too.",
        )
    return states, grids


def with_grid(dataset: xr.Dataset, grids: Sequence[Path]) -> xr.Dataset:
    """Return states that carry the files of their grid, joined if they are several."""
    if not grids:
        return dataset
    whole = [join(siblings(file)) for file in grids if siblings(file)[0] == file]
    mesh = xr.merge([file.reset_coords() for file in whole], compat="override", join="outer")
    return carrying(dataset, mesh.assign_attrs({k: v for file in whole for k, v in file.attrs.items()}))
