"""Observations of EnKF-C: superobservations as PREP writes them, and the form of its reader ``scattered``.

Source: EnKF-C user guide (Sakov, arXiv:1410.1233), sections on observations and ``obs.prm``; the variables of
``observations.nc`` as version 2.47 has them. Its times are counted from the day of the analysis ("days from 6565.5 days
since 1990-01-01"), its types are named by the user of EnKF-C. From the manual, not tried in EnKF-C.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import netCDF4
import numpy as np
import pandas as pd
import xarray as xr

from halocline.observations.forms._parts import (
    converted,
    flagged,
    for_writing,
    hours,
    names_with,
    opened,
    require,
    times_of,
    unknown_name,
)
from halocline.observations.forms.base import FORMS
from halocline.observations.quantities import observable_names, quantity
from halocline.observations.table import Observations, concatenate
from halocline.runtime.errors import InputError

_TYPES = {"SIC": "sic", "ICEC": "sic", "TEM": "thetao", "SAL": "so", "SST": "thetao", "SSH": "zos"}
_PREP = ("type", "value", "estd", "lon", "lat", "depth", "time", "status")
_OUTSIDE = ("STATUS_OUTSIDEGRID", "STATUS_LAND", "STATUS_SHALLOW", "STATUS_OUTSIDEOBSDOMAIN")
_UNITS = "days since 1970-01-01 00:00:00"


@FORMS.register("enkf-c")
@dataclass(frozen=True)
class EnkfC:
    """``observations.nc``, or scattered files; written as scattered files, one for each variable and kind."""

    summary: ClassVar[str] = "EnKF-C: observations.nc of PREP, and files of its reader 'scattered'"
    writes: ClassVar[str] = "folder"

    names: Annotated[str, "types or variables that are not known by name: SIT=sit_ice,HICE=sit"] = ""

    def read(self, files: Sequence[Path]) -> Observations:
        """Return the rows of files."""
        known = names_with(_TYPES | {name: name for name in observable_names()}, self.names)
        return concatenate([self._file(path, known) for path in files])

    def _file(self, path: Path, known: dict[str, str]) -> Observations:
        dataset = opened(path)
        if "estd" in dataset.variables and "type" in dataset.variables:
            return _of_prep(dataset, path.name, known)
        return _scattered(dataset, path.name, known)

    def write(self, table: Observations, path: Path) -> list[str]:
        """Write one file for each variable and kind into a new folder."""
        rows, told = for_writing(table)
        path.mkdir(parents=True)
        groups = pd.DataFrame({"variable": rows.variable, "kind": rows.kind}).groupby(["variable", "kind"]).indices
        lines = ["In EnKF-C's obs.prm:"]
        for (variable, kind), numbers in sorted(groups.items()):
            name = f"{variable}_{kind.replace(' ', '-')}.nc"
            _write(path / name, rows.select(np.asarray(numbers)), str(variable), str(kind))
            lines += _section(str(variable), str(kind), f"{path.name}/{name}")
        return [*told, f"{len(groups)} file(s) of {len(rows)} rows.", *lines]


def _of_prep(dataset: xr.Dataset, source: str, known: dict[str, str]) -> Observations:
    require(dataset, _PREP, "EnKF-C observations", source)
    columns = {name: np.asarray(dataset[name].values) for name in _PREP}
    types = {int(v): str(k) for k, v in dataset["type"].attrs.items() if _is_whole(v)}
    products = {}
    if "product" in dataset.variables:
        products = {int(v): str(k) for k, v in dataset["product"].attrs.items() if _is_whole(v)}
    variable = np.empty(len(columns["type"]), object)
    for number in np.unique(columns["type"]):
        theirs = types.get(int(number), f"type {number}")
        if theirs not in known:
            raise unknown_name(theirs, source, "enkf-c", known)
        variable[columns["type"] == number] = known[theirs]
    kind = np.full(len(variable), "enkf-c", dtype=object)
    if products:
        kind = np.array([products.get(int(p), "enkf-c") for p in dataset["product"].values], dtype=object)
    time, calendar = hours(columns["time"], str(dataset["time"].attrs.get("units", "")), "standard", source)
    status = dataset["status"]
    flag = np.where(columns["status"] == int(status.attrs.get("STATUS_OK", 0)), 0, 1)
    for name, number in (*((n, 2) for n in _OUTSIDE), ("STATUS_RANGE", 3)):
        if name in status.attrs:
            flag[columns["status"] == int(status.attrs[name])] = number
    return _table(
        time=time,
        latitude=columns["lat"],
        longitude=columns["lon"],
        depth=columns["depth"],
        variable=variable,
        value=columns["value"],
        error=columns["estd"],
        flag=flag,
        kind=kind,
        calendar=calendar,
        source=source,
    )


def _scattered(dataset: xr.Dataset, source: str, known: dict[str, str]) -> Observations:
    require(dataset, ("lon", "lat", "time"), "EnKF-C scattered observations", source)
    found = [str(n) for n in dataset.data_vars if str(n) in known]
    if not found:
        raise unknown_name(next(iter(map(str, dataset.data_vars)), "none"), source, "enkf-c", known)
    time, calendar = times_of(dataset["time"], source)
    tables = []
    for theirs in found:
        name, array = known[theirs], dataset[theirs]
        what = f"'{theirs}' in {source}"
        value = converted(np.asarray(array.values), str(array.attrs.get("units", "")), name, what)
        spread = next((n for n in ("error_std", "estd", f"{theirs}_error_std") if n in dataset.variables), None)
        error = dataset[spread].values if spread else np.full(value.shape, float(array.attrs.get("error_std", np.nan)))
        if spread is None and np.isnan(error).all():
            raise InputError(
                what, found="no error", expected="error_std, as a variable or attribute", remedy="Add the error."
            )
        said = str(dataset[spread].attrs.get("units", "")) if spread else str(array.attrs.get("units", ""))
        error = converted(np.asarray(error), said, name, what, spread=True)
        flag = dataset["qcflag"].values if "qcflag" in dataset.variables else np.zeros(value.shape)
        depth = dataset["depth"].values if "depth" in dataset.variables else np.full(value.shape, np.nan)
        kind = str(array.attrs.get("kind", "enkf-c"))
        tables.append(
            _table(
                time=np.broadcast_to(time, value.shape),
                latitude=dataset["lat"].values,
                longitude=dataset["lon"].values,
                depth=depth,
                variable=np.full(value.shape, name),
                value=value,
                error=error,
                flag=np.asarray(flag, int),
                kind=np.full(value.shape, kind),
                calendar=calendar,
                source=source,
            )
        )
    return concatenate(tables)


def _table(*, flag: np.ndarray, **columns: object) -> Observations:
    """Return a table: depths only where the variable has one, at the surface if the file says none."""
    variable = np.asarray(columns["variable"]).astype(np.str_)
    value, error = (np.asarray(columns[n], np.float64) for n in ("value", "error"))
    depth = np.abs(np.nan_to_num(np.asarray(columns["depth"], np.float64)))
    flag = np.where(np.isin(flag, range(6)), flag, 1).astype(np.int8)
    for name in np.unique(variable):
        here = variable == name
        if not quantity(str(name)).levelled:
            depth[here] = np.nan
        flag[here] = flagged(flag[here], value[here], error[here], str(name))
    return Observations.of(**(columns | {"variable": variable, "depth": depth, "flag": flag}))  # type: ignore[arg-type]


def _write(path: Path, rows: Observations, variable: str, kind: str) -> None:
    of = quantity(variable)
    days, _ = rows.time / 24.0 + 10957.0, None  # 2000-01-01 is day 10957 of 1970
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("nobs", len(rows))
        for name, values, attrs in (
            ("lon", rows.longitude, {"units": "degrees_east"}),
            ("lat", rows.latitude, {"units": "degrees_north"}),
            ("time", days, {"units": _UNITS, "calendar": "standard"}),
            (variable, rows.value, {"units": of.unit, "long_name": of.long_name, "kind": kind}),
            ("error_std", rows.sigma, {"units": of.unit, "long_name": "standard deviation of the error"}),
        ):
            file.createVariable(name, np.float64, ("nobs",))[:] = values
            file[name].setncatts(attrs)
        if of.levelled:
            file.createVariable("depth", np.float64, ("nobs",))[:] = rows.depth
            file["depth"].setncatts({"units": "m", "positive": "down"})
        file.createVariable("qcflag", np.int32, ("nobs",))[:] = rows.flag
        file["qcflag"].long_name = "0 good"


def _section(variable: str, kind: str, path: str) -> list[str]:
    depth = ["   PARAMETER ZNAME = depth"] if quantity(variable).levelled else ["   PARAMETER ZVALUE = 0"]
    return [
        f"PRODUCT = {kind}",
        "   READER = scattered",
        f"   TYPE = {variable.upper()}",
        f"   FILE = {path}",
        f"   PARAMETER VARNAME = {variable}",
        "   PARAMETER ESTDNAME = error_std",
        *depth,
        "   PARAMETER QCFLAGNAME = qcflag",
        "   PARAMETER QCFLAGVALS = 0",
    ]


def _is_whole(value: object) -> bool:
    return np.ndim(value) == 0 and np.issubdtype(np.asarray(value).dtype, np.integer)  # type: ignore[arg-type]
