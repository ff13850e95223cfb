"""Files of a grid among the files of states: mesh_mask, domain_cfg, CICE's grid file; they go with every part."""

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from halocline.bridge.sources.base import Part
from halocline.data.files.open import open_dataset
from halocline.data.reading.names import coordinate_names, named

_OF_A_GRID = ("lat", "lon", "mask", "area")
_STEPS = ("e1t", "e2t")


def with_grid(files: Sequence[Path], state_names: Sequence[str]) -> list[Part]:
    """Return one part for each file of states, with the files of the grid behind it.

    Args:
        files: In any order; a file with positions or a mask, and none of the variables ``state_names``, is of the grid.
        state_names: Names of variables, each of which makes a file one of states.
    """
    grid = tuple(file for file in files if _is_grid(file, state_names))
    return [Part((file, *grid)) for file in files if file not in grid]


def add_grid(dataset: xr.Dataset, files: Sequence[Path]) -> xr.Dataset:
    """Return states with the positions, mask and cell sizes that files of their grid hold.

    Where names do not tell the grid's dimensions y comes before x.
    """
    for file in files:
        grid = open_dataset(file, "grid", times="raw")
        found = {ours: name for ours in _OF_A_GRID if (name := named(grid, ours)) is not None}
        for name in [*found.values(), *(n for n in _STEPS if n in grid)]:
            array = rows_first(grid[name])
            flat = array.isel(dict.fromkeys(array.dims[:-2], 0), drop=True) if array.ndim > 2 else array
            if flat.ndim == 2:
                less = {name, *(named(dataset, ours) for ours, theirs in found.items() if theirs == name)} - {None}
                values = xr.Variable(horizontal(dataset), flat.values, flat.attrs)
                dataset = dataset.drop_vars(less, errors="ignore").assign({name: values})
    return dataset


def horizontal(dataset: xr.Dataset) -> tuple[str, str]:
    """Return the dimensions along the columns and along the rows, y and x, of the fields of a dataset."""
    field = rows_first(max(dataset.data_vars.values(), key=lambda v: v.ndim))
    return str(field.dims[-2]), str(field.dims[-1])


def rows_first(field: xr.DataArray) -> xr.DataArray:
    """Return a field with y and x last, in this order, as far as their names tell them."""
    last = [next((d for d in field.dims if str(d).lower() in coordinate_names(ours)), None) for ours in ("y", "x")]
    return field if None in last else field.transpose(..., *last)


def _is_grid(file: Path, state_names: Sequence[str]) -> bool:
    dataset = open_dataset(file, times="raw")
    states = any(name in dataset.data_vars for name in state_names)
    return not states and any(named(dataset, ours) is not None for ours in ("lat", "mask"))
