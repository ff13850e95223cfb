"""What the kinds of ocean files share: the files of the grid, told by what they hold; attributes of the manuals."""

from collections.abc import Callable, Sequence
from pathlib import Path

import xarray as xr

from halocline.bridge.sources.base import FileByFile, Part
from halocline.data.files.open import open_dataset
from halocline.data.reading.names import ours_of
from halocline.data.reading.work import Group
from halocline.runtime.errors import InputError

_OF_A_MESH = ("tmask", "bottom_level", "e1t", "e3t_0", "deptho", "mask")
MANUAL = {"thetao": "degC", "so": "1e-3", "zos": "m", "votemper": "degC", "vosaline": "1e-3", "sossheig": "m"}


class OceanFiles(FileByFile):
    """One file a part; the static files go with each."""

    group: Group = "ocean"

    def parts(self, files: Sequence[Path]) -> list[Part]:
        """Return one part for each file of states."""
        states, grids = apart(files)
        return [Part((file, *grids)) for file in states]


def completed(dataset: xr.Dataset) -> xr.Dataset:
    """Return the dataset with the units of the manual where it has none, and depths downwards."""
    for name, unit in MANUAL.items():
        if name in dataset.variables:
            dataset[name].attrs.setdefault("units", unit)
    for name in ("depth", "deptht"):
        if name in dataset.variables:
            dataset[name].attrs.setdefault("positive", "down")
            dataset[name].attrs.setdefault("units", "m")
    return dataset


def is_grid_file(path: Path) -> bool:
    """Tell whether a file holds a grid and no ocean states: a mesh_mask, a domain_cfg, a static file of a product."""
    with open_dataset(path, times="raw") as dataset:
        return not ours_of(dataset, "ocean") and any(name in dataset.variables for name in _OF_A_MESH)


def apart(
    files: Sequence[Path],
    of_grid: Callable[[Path], bool] = is_grid_file,
    expected: str = "files with temperature and salinity",
) -> tuple[list[Path], list[Path]]:
    """Return the files of states and those of the grid.

    Args:
        files: All.
        of_grid: Tells whether a file holds no states.
        expected: Files of states, in words.

    Raises:
        InputError: If all are of the grid.
    """
    grids = [file for file in files if of_grid(file)]
    states = [file for file in files if file not in grids]
    if not states:
        raise InputError(
            "files of states",
            found=f"only files of a grid: {', '.join(f.name for f in grids)}",
            expected=expected,
            remedy="Give the files of states too.",
        )
    return states, grids
