"""Small arrays of a Zarr group, each whole in one chunk: coordinates, grids, tables."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
import zarr

_PACKED = {"_FillValue", "missing_value", "scale_factor", "add_offset", "_Unsigned"}


def put_array(
    group: zarr.Group, name: str, dims: Sequence[Hashable], values: np.ndarray, attrs: Mapping[Any, Any]
) -> None:
    """Write an array whole, in one chunk, with its dimensions' names as xarray reads them."""
    array = group.create_array(
        name,
        shape=values.shape,
        dtype=values.dtype,
        chunks=tuple(max(1, n) for n in values.shape),
        dimension_names=[str(d) for d in dims],
    )
    array[...] = values
    array.attrs.update(dict(attrs))


def read_arrays(group: zarr.Group, *leave_out: str) -> xr.Dataset:
    """Return the arrays of a group in memory, without indexes, which xarray would spend a third of its time on.

    Args:
        group: The group; what is packed by the CF conventions (another program's copy) is unpacked.
        leave_out: Names of arrays that are not read.
    """
    variables = {
        name: xr.Variable(array.metadata.dimension_names or (), array[...], dict(array.attrs))  # type: ignore[union-attr]
        for name, array in group.arrays()
        if name not in leave_out
    }
    axes = {dim for variable in variables.values() for dim in variable.dims}
    coords = {name: variables.pop(str(name)) for name in axes if name in variables}
    dataset = xr.Dataset(variables, coords=xr.Coordinates(coords, indexes={}), attrs=dict(group.attrs))
    packed = any(_PACKED & set(variable.attrs) for variable in dataset.variables.values())
    return xr.decode_cf(dataset, decode_times=False) if packed else dataset


def put_dataset(group: zarr.Group, dataset: xr.Dataset) -> None:
    """Write every variable and coordinate of a dataset whole; its own attributes are not written."""
    for name, values in dataset.variables.items():
        put_array(group, str(name), values.dims, np.asarray(values.values), values.attrs)


def copy_small(source: zarr.Group, target: zarr.Group, leave_out: Collection[str]) -> None:
    """Copy every array of a group but some, whole, with their attributes."""
    for name, array in source.arrays():
        if name not in leave_out:
            dims = array.metadata.dimension_names or ()  # type: ignore[union-attr]
            put_array(target, name, tuple(dims), np.asarray(array[...]), dict(array.attrs))
