"""Files of a grid among the files of states: mesh_mask, domain_cfg, CICE's grid file; they go with every part."""

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from halocline.bridge.sources.base import Part
from halocline.data.files.open import open_dataset
from halocline.data.reading.names import named

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

    The horizontal dimensions of the grid's file are taken for those of the states by their order, y before x.
    """
    for file in files:
        grid = open_dataset(file, "grid", times="raw")
        for name in [n for ours in _OF_A_GRID if (n := named(grid, ours))] + [n for n in _STEPS if n in grid]:
            array = grid[name]
            flat = array.isel({d: 0 for d in array.dims[:-2]}, drop=True) if array.ndim > 2 else array
            if flat.ndim == 2:
                values = xr.Variable(_horizontal(dataset), flat.values, flat.attrs)
                dataset = dataset.drop_vars(name, errors="ignore").assign({name: values})
    return dataset


def _is_grid(file: Path, state_names: Sequence[str]) -> bool:
    dataset = open_dataset(file, times="raw")
    states = any(name in dataset.data_vars for name in state_names)
    return not states and any(named(dataset, ours) is not None for ours in ("lat", "mask"))


def _horizontal(dataset: xr.Dataset) -> tuple[str, str]:
    field = max(dataset.data_vars.values(), key=lambda v: v.ndim)
    return str(field.dims[-2]), str(field.dims[-1])
