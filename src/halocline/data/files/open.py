"""Open states of any origin as one xarray dataset."""

import json
from pathlib import Path
from typing import Literal

import xarray as xr

from halocline.data.fields.calendar import TIME_UNITS
from halocline.data.fields.variables import adopt, load_beside, variable
from halocline.data.store.parts import PARTS
from halocline.data.store.store import open_store
from halocline.runtime.errors import InputError
from halocline.runtime.places.zarr_place import open_zarr
from halocline.runtime.seals.file_end import check_file
from halocline.runtime.seals.zarr_group import check_seal

Times = Literal["decoded", "cftime", "raw"]
Source = xr.Dataset | Path | str
"""Data in memory, or where they lie."""


def source_name(source: Source, what: str = "the dataset") -> str:
    """Return the name of a file or folder, or words for data in memory."""
    return what if isinstance(source, xr.Dataset) else Path(source).name


def source_text(source: Source) -> str:
    """Return a path as it was given, or words for data in memory, for errors."""
    return "in memory" if isinstance(source, xr.Dataset) else str(source)


def open_dataset(path: Source, what: str = "states", times: Times = "decoded") -> xr.Dataset:
    """Open a NetCDF file or a Zarr folder lazily and unchecked; everything that is read passes through here.

    A dataset in memory is returned with its times in the form asked for.

    Variables that the file defines itself, or a ``variables.toml`` beside it, are added to the registry.

    Args:
        path: Where it lies, or a dataset.
        what: What it is, for errors.
        times: ``decoded`` as xarray does, ``cftime`` for dates of the file's own calendar, ``raw`` for numbers.

    Raises:
        InputError: If it is absent or cannot be read, or a variable is defined wrongly.
    """
    if isinstance(path, xr.Dataset):
        return _with_times(path, times)
    path = Path(path)
    if not path.exists():
        raise InputError(
            f"{what} {path}",
            found="nothing at this path: no such file",
            expected="a NetCDF file or a Zarr folder",
            remedy="Check the path.",
        )
    check_unchanged(path, what)
    try:
        if path.is_dir():
            dataset = open_zarr(path)
        else:
            dataset = xr.open_dataset(path, decode_times=False)
        dataset = _dated(dataset, times)
    except Exception as error:
        raise _unreadable(path, what, error) from error
    load_beside(path)
    try:
        adopt(json.loads(dataset.attrs.get("halocline_variables", "{}")), f"{what} {path}")
        if "halocline_forecast" in dataset.attrs:
            adopt(dataset.attrs.get("variables", {}), f"{what} {path}")
    except (ValueError, TypeError, AttributeError) as error:
        raise _unreadable(path, what, error) from error
    return dataset


def check_unchanged(path: Path, what: str = "states", *, whole: bool = False) -> None:
    """Raise InputError if a file or Zarr folder that has a seal is not as it was written; see runtime/seals."""
    if path.is_dir():
        check_seal(path, what, whole=whole)
    else:
        check_file(path, what, whole=whole)


def _dated(dataset: xr.Dataset, times: Times) -> xr.Dataset:
    """Decode the times of a file; those that cannot be decoded stay numbers, since not every command needs them."""
    if times == "raw":
        return dataset
    coder = True if times == "decoded" else xr.coders.CFDatetimeCoder(use_cftime=True)
    for name in [n for n, v in dataset.variables.items() if " since " in str(v.attrs.get("units", ""))]:
        calendar = str(dataset[name].attrs.get("calendar", "standard")).lower()
        dataset[name].attrs["calendar"] = _CALENDARS.get(calendar, calendar)
        bounds = str(dataset[name].attrs.get("bounds", ""))
        try:
            dated = xr.decode_cf(
                dataset[[name, *([bounds] if bounds in dataset.variables else [])]], decode_times=coder
            )
            dated.load()
        except (ValueError, OverflowError):
            continue
        coords = {n: dated[n] for n in dated.variables if n in dataset.coords}
        dataset = dataset.assign_coords(coords).assign({n: dated[n] for n in dated.variables if n not in coords})
    return dataset


_CALENDARS = {"360d": "360_day", "360": "360_day", "noleap_365": "noleap", "365": "noleap", "leap": "standard"}
"""Calendars that models write under names of their own: NEMO's without XIOS (IOIPSL), CICE's."""


def _with_times(dataset: xr.Dataset, times: Times) -> xr.Dataset:
    """Return a dataset in memory with dates as cftime's, or as hours since 2000-01-01 of their calendar."""
    for name, field in dataset.coords.items():
        if field.dtype.kind not in "MO" or times == "decoded" or not hasattr(field, "dt"):
            continue
        if times == "cftime" and field.dtype.kind == "M":
            dataset = dataset.convert_calendar("standard", dim=str(name), use_cftime=True)
        elif times == "raw":
            encoding = {"units": TIME_UNITS, "calendar": str(field.dt.calendar), "dtype": "int64"}
            encoded = xr.conventions.encode_cf_variable(xr.Variable(field.dims, field.values, field.attrs, encoding))
            dataset = dataset.assign_coords({name: encoded})
    return dataset


def read_dataset(path: Source) -> xr.Dataset:
    """Read a NetCDF file or a Zarr folder into memory as it is, unchecked; a dataset is loaded.

    Raises:
        InputError: If it is absent or cannot be read.
    """
    return loaded(open_dataset(path), path)


def loaded(dataset: xr.Dataset, path: Source) -> xr.Dataset:
    """Return a dataset, or some records of it, in memory.

    Raises:
        InputError: If it cannot be read; the error names ``path``.
    """
    try:
        return dataset.load()
    except Exception as error:
        raise _unreadable(Path(source_text(path)), "states", error) from error


def _unreadable(path: Path, what: str, error: Exception) -> InputError:
    return InputError(
        f"{what} {path}",
        found=f"a file that cannot be read ({type(error).__name__}: {error})",
        expected="NetCDF 4 or Zarr",
        remedy="The file is truncated or of another format; write or copy it again.",
    )


def is_store(path: Source) -> bool:
    """Tell whether a path holds a state store (finished or not)."""
    return _marked(path, b'"halocline_store"')


def is_forecast(path: Source) -> bool:
    """Tell whether a path or dataset holds a forecast that Halocline made (finished or not)."""
    if isinstance(path, xr.Dataset):
        return "halocline_forecast" in path.attrs
    return _marked(path, b'"halocline_forecast"')


def _marked(path: Source, mark: bytes) -> bool:
    if isinstance(path, xr.Dataset):
        return False
    file = Path(path) / "zarr.json"
    return file.is_file() and mark in file.read_bytes()


def store_dataset(path: Path | str) -> xr.Dataset:
    """Return a store as states, read lazily: dims (member, time, [depth,] y, x); grid and roles beside."""
    store = open_store(path)
    raw = open_dataset(path, "store")
    dataset = store.grid.to_dataset()
    dataset.attrs = dict(raw.attrs)
    arrays = [raw[name].rename({raw[name].dims[2]: "channel"}) for name in ("states", *PARTS) if name in raw]
    for name, surface in store.layout.surfaces.items():
        array = next(a for a in arrays if surface in a.attrs.get("numbers", [surface]))
        states, numbers = array.drop_vars("channel", errors="ignore"), array.attrs.get("numbers")
        at = surface if numbers is None else numbers.index(surface)
        if name in store.layout.levelled:
            levels = store.layout[name]
            field = states.isel(channel=slice(at, at + levels.stop - levels.start)).rename(channel="depth")
        else:
            field = states.isel(channel=at, drop=True)
        field = field.drop_attrs()
        dataset[name] = field.assign_attrs(variable(name).attributes())
    if store.table is not None:
        for k, name in enumerate(store.table.names):
            dataset = dataset.assign_coords(
                {name: ("member", store.table.values[:, k], {"units": store.table.units[k], "forcing": "1"})}
            )
        dataset = dataset.assign_coords(role=("member", list(store.table.roles)))
    return dataset
