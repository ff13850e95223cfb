"""Open states of any origin as one xarray dataset."""

from pathlib import Path

import numpy as np
import xarray as xr

from halocline.data.fields.variables import OCEAN, VARIABLES, variable
from halocline.data.files.ocean import ocean_states
from halocline.data.files.validate import check_states
from halocline.data.grids.grid import Grid
from halocline.data.store.store import open_store
from halocline.runtime.errors import InputError


def open_states(path: Path | str) -> xr.Dataset:
    """Open generated states (NetCDF or Zarr) or a state store.

    Returns:
        Dataset of physical variables with CF attributes, land NaN, grid beside. Generated states have dims
        (member, y, x) and are checked whole; a store has (member, time, y, x) and is read lazily. ``thetao`` and ``so``
        have depth before y. Forcing parameters are coordinates along member, ``role`` too in a store.

    Raises:
        InputError: If a variable, unit, mask or value is wrong.
        StoreError: If a store is damaged or unfinished.
    """
    path = Path(path)
    if path.exists() and is_store(path):
        return _store_dataset(path)
    dataset = read_dataset(path)
    if any(name in dataset.data_vars for name in OCEAN):
        return _ocean(dataset, str(path))
    names = [str(name) for name in dataset.data_vars if name in VARIABLES]
    if not names:
        names = ["sit", "sic"]  # the error then names what is missing
    check_states(dataset, names, str(path))
    grid = Grid.from_dataset(dataset)
    for name in names:
        dataset[name] = dataset[name].where(xr.DataArray(grid.mask, dims=dataset[name].dims[-2:]))
    return dataset


def read_dataset(path: Path | str) -> xr.Dataset:
    """Read a NetCDF file or a Zarr folder into memory as it is, unchecked.

    Raises:
        InputError: If it is absent or cannot be read.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(
            f"states {path}",
            found="nothing at this path",
            expected="a NetCDF file, a Zarr folder or a state store",
            remedy="Check the path.",
        )
    try:
        return (
            xr.open_zarr(path, consolidated=False, chunks=None)
            if path.is_dir()
            else xr.open_dataset(path, engine="netcdf4")
        ).load()
    except Exception as error:
        raise InputError(
            f"states {path}",
            found=f"a file that cannot be read ({type(error).__name__}: {error})",
            expected="NetCDF 4 or Zarr",
            remedy="The file is truncated or of another format; write or copy it again.",
        ) from error


def is_store(path: Path) -> bool:
    """Tell whether a path holds a state store (finished or not)."""
    file = Path(path) / "zarr.json"
    return file.is_file() and b'"halocline_store"' in file.read_bytes()


def _store_dataset(path: Path) -> xr.Dataset:
    store = open_store(path)
    raw = xr.open_zarr(path, consolidated=False, chunks=None)
    dataset = store.grid.to_dataset()
    dataset.attrs = dict(raw.attrs)
    states = raw["states"].drop_vars("channel")
    for name, surface in store.layout.surfaces.items():
        if name in store.layout.levelled:
            field = states.isel(channel=store.layout[name]).rename(channel="depth")
        else:
            field = states.isel(channel=surface, drop=True)
        dataset[name] = field.assign_attrs(variable(name).attributes())
    if store.table is not None:
        for k, name in enumerate(store.table.names):
            dataset = dataset.assign_coords(
                {name: ("member", store.table.values[:, k], {"units": store.table.units[k], "forcing": "1"})}
            )
        dataset = dataset.assign_coords(role=("member", list(store.table.roles)))
    return dataset


def _ocean(dataset: xr.Dataset, source: str) -> xr.Dataset:
    wet = ocean_states(dataset, source=source).layout.grid.wet
    for name in OCEAN:
        if name in dataset.data_vars:
            dims = dataset["thetao"].dims[-3:]
            mask = xr.DataArray(wet[0], dims=dims[1:]) if name == "zos" else xr.DataArray(wet, dims=dims)
            dataset[name] = dataset[name].where(mask)
    return dataset


def states_array(dataset: xr.Dataset, names: tuple[str, ...]) -> np.ndarray:
    """Return (member, channel, y, x) float32 of a generated dataset."""
    return np.stack([np.asarray(dataset[name].values, np.float32) for name in names], axis=1)
