"""Start from a given state: a restart, a store, or a file of states such as a generated ensemble."""

import math
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.data.fields.variables import variable
from halocline.data.files.open import open_dataset
from halocline.data.files.problems import Problems
from halocline.data.files.same_grid import check_grid
from halocline.data.files.state_day import share_of_year
from halocline.data.files.validate import check_unit, check_values
from halocline.data.grids.grid import Grid
from halocline.runtime.errors import InputError
from halocline.worlds.arctic.domain import Domain
from halocline.worlds.arctic.forcing import Atmosphere
from halocline.worlds.arctic.model import MODEL_STEP_HOURS
from halocline.worlds.arctic.momentum import corner_mean
from halocline.worlds.arctic.parameters import THERMODYNAMICS
from halocline.worlds.arctic.restart import read_restart, state_from
from halocline.worlds.arctic.state import IceState, empty_state

STATE = ("sit", "sic", "sid", "siu", "siv", "snt")
REQUIRED = ("sit", "sic")
_TOLERANCE = 1e-5  # of float32 bounds in files


def start_state(path: Path, index: int, domain: Domain, air: Atmosphere) -> tuple[IceState, bool]:
    """Return (state, whether it has velocities) read from ``path``.

    Args:
        path: A restart (``.safetensors``), or NetCDF or Zarr with sit and sic, optionally sid, siu, siv, snt.
        index: Which state, counted over all dimensions but y and x (members first).
        domain: The domain.
        air: The atmosphere at the start: gives open water and ice surface their temperatures.

    Raises:
        InputError: If the file, its grid, units or values do not fit.
    """
    if path.suffix == ".safetensors":
        return state_from(read_restart(path, domain.grid)), True
    with open_dataset(path, "start") as dataset:
        check_grid(dataset, domain.grid, "start")
        fields, problems = {}, Problems(f"start {path}")
        for name in (name for name in STATE if _has(dataset, name)):
            with problems.collect():
                fields[name] = _read(dataset, name, index, domain.ocean, f"start {path}")
        problems.raise_all()
    for name in REQUIRED:
        if name not in fields:
            raise InputError(
                f"start variable '{name}'",
                found=f"only {', '.join(fields) or 'none of the sea-ice variables'}",
                expected="at least sit and sic; better also sid, siu, siv and snt",
                remedy="Add the variable to the file.",
            )
    return _assemble(fields, domain, air), "siu" in fields and "siv" in fields


def begin_hours(path: Path, index: int, grid: Grid, interval: int, year_hours: int) -> int:
    """Return the hours since 1 January at which a run begins: the state's day of the year, or 0 if none is given.

    Args:
        path: As in ``start_state``. Stores, and states without ``day_of_year``, start on 1 January.
        index: Which state.
        grid: The grid of the run.
        interval: Hours between stored states; the answer is a multiple of it.
        year_hours: Length of the year.

    Raises:
        InputError: If there is no such file or state, or its day is none of the year.
    """
    if path.suffix == ".safetensors":
        passed = int(read_restart(path, grid)["step"][0]) * MODEL_STEP_HOURS % year_hours
        return interval * math.floor(passed / interval + 0.5) % year_hours
    with open_dataset(path, "start") as dataset:
        name = "states" if "states" in dataset.variables else REQUIRED[0]
        share = share_of_year(dataset, name, index, f"start {path}") if name in dataset.variables else None
    return 0 if share is None else interval * math.floor(share * year_hours / interval + 0.5) % year_hours


def _has(dataset: xr.Dataset, name: str) -> bool:
    if "states" in dataset.variables and "channel" in dataset.variables:
        return name in [str(c) for c in dataset["channel"].values]
    return name in dataset.variables


def _read(dataset: xr.Dataset, name: str, index: int, ocean: np.ndarray, source: str) -> np.ndarray:
    if "states" in dataset.variables:
        stacked = dataset["states"]
        channels = [str(c) for c in dataset["channel"].values]
        attrs = stacked.attrs.get("channels", {}).get(name, {})
        array = stacked.isel(channel=channels.index(name))
    else:
        array, attrs = dataset[name], dataset[name].attrs
    if attrs.get("units"):
        check_unit(array.assign_attrs(units=attrs["units"]), variable(name), source)
    others = [d for d in array.dims if d not in ("y", "x")]
    counts = [array.sizes[d] for d in others]
    count = int(np.prod(counts)) if counts else 1
    if index >= count:
        raise InputError(
            "start-index", found=index, expected=f"0 to {count - 1}", remedy="The file holds no such state."
        )
    where = np.unravel_index(index, counts) if counts else ()
    chosen = array.isel({d: int(i) for d, i in zip(others, where, strict=True)}).transpose("y", "x")
    values = np.asarray(chosen.values, np.float64)
    check_values(values, variable(name), ocean, source, _TOLERANCE)
    return np.where(ocean, values, 0.0)


def _assemble(fields: dict[str, np.ndarray], domain: Domain, air: Atmosphere) -> IceState:
    p = THERMODYNAMICS
    state = empty_state(domain, air.sst)
    zero = np.zeros(domain.ocean.shape)
    state.sit[...] = np.maximum(fields["sit"], 0.0)
    state.sic[...] = np.clip(fields["sic"], 0.0, 1.0)
    state.damage[...] = np.clip(fields.get("sid", zero), 0.0, 1.0 - 1e-6)
    state.snow[...] = np.maximum(fields.get("snt", zero), 0.0)
    # Less ice than the model itself would keep: its own cut-off, applied once to the start.
    state.clear_where(~domain.inner | (state.sic < p.least_concentration) | (state.sit == 0.0))
    icy = state.sic > 0.0
    state.ocean[icy] = p.freezing
    state.surface[...] = np.where(icy, np.minimum(air.t2m, p.freezing), p.freezing)
    weight = corner_mean(icy.astype(np.float64))
    for name, corner in (("siu", state.u), ("siv", state.v)):
        mean = corner_mean(np.where(icy, fields.get(name, zero), 0.0)) / np.maximum(weight, 0.25)
        corner[...] = np.where(domain.corner_free, mean, 0.0)
    state.u_mean[...] = state.u
    state.v_mean[...] = state.v
    return state
