"""Observations in IODA's form: groups MetaData, ObsValue, ObsError and PreQC along ``Location``.

Source: JEDI documentation, "Interface for Observation Data Access", file format and naming conventions; see also
``bridge/ensembles/ioda.py``, which writes states so. From the manual, not tried in JEDI. Names of thickness differ
between operators: say which with the option ``names``. ``waterTemperature`` is in situ, and becomes potential.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import netCDF4
import numpy as np
import xarray as xr

from halocline.bridge.ensembles.ioda import MISSING
from halocline.data.files.open import open_dataset
from halocline.observations.forms._parts import (
    converted,
    flagged,
    for_writing,
    in_situ,
    names_with,
    potential,
    require,
    times_of,
    unknown_name,
)
from halocline.observations.forms.base import FORMS
from halocline.observations.quantities import observable_names, quantity
from halocline.observations.table import Observations, concatenate
from halocline.runtime.errors import InputError

OUT = {
    "sic": "seaIceFraction",
    "sit_ice": "iceThickness",
    "thetao": "waterPotentialTemperature",
    "so": "salinity",
    "zos": "absoluteDynamicTopography",
}
"""Names that are written."""
_IN = {name: ours for ours, name in OUT.items()} | {
    "sea_ice_area_fraction": "sic",
    "waterTemperature": "thetao",
    "sea_water_temperature": "thetao",
    "sea_surface_temperature": "thetao",
    "seaSurfaceTemperature": "thetao",
    "seaSurfaceSalinity": "so",
}
_IN_SITU = ("waterTemperature", "sea_water_temperature")
_DEPTHS = ("depthBelowWaterSurface", "depth", "ocean_depth")
_EPOCH = "seconds since 1970-01-01T00:00:00Z"
_GROUPS = ("ObsValue", "ObsError", "PreQC")
_DIM = ("Location",)


@FORMS.register("ioda")
@dataclass(frozen=True)
class Ioda:
    """One file for all variables; a location that lacks a variable has a missing value there."""

    summary: ClassVar[str] = "IODA (JEDI): groups MetaData, ObsValue, ObsError, PreQC"
    writes: ClassVar[str] = "file"

    names: Annotated[str, "THEIRS=OURS of variables that are not known by name: iceThickness=sit"] = ""

    def read(self, files: Sequence[Path]) -> Observations:
        """Return the values that are not missing."""
        known = names_with(_IN | {name: name for name in observable_names()}, self.names)
        return concatenate([table for path in files for table in _file(path, known)])

    def write(self, table: Observations, path: Path) -> list[str]:
        """Write a new file; each row is a location."""
        rows, told = for_writing(table)
        given = {ours: theirs for theirs, ours in names_with({}, self.names).items()}
        names = OUT | given
        used = [str(n) for n in dict.fromkeys(rows.variable.tolist())]
        for name in used:
            if name not in names:
                raise InputError(
                    f"'{name}' in IODA's form",
                    found="no name of it that the convention has",
                    expected=", ".join(names),
                    remedy=f"Give the name that your operator reads: --set ioda.names=NAME={name}",
                )
        with netCDF4.Dataset(path, "w") as file:
            file.setncatts({"_ioda_layout": "ObsGroup", "_ioda_layout_version": np.int32(0)})
            _write(file, rows, [(name, names[name]) for name in used])
        return [*told, f"{len(rows)} locations of {', '.join(names[n] for n in used)}."]


def _write(file: netCDF4.Dataset, rows: Observations, variables: list[tuple[str, str]]) -> None:
    file.createDimension("Location", len(rows))
    file.createVariable("Location", np.int32, _DIM)[:] = np.arange(len(rows))
    meta = file.createGroup("MetaData")
    for name, values, unit in (
        ("latitude", rows.latitude, "degrees_north"),
        ("longitude", rows.longitude, "degrees_east"),
        (_DEPTHS[0], np.where(np.isnan(rows.depth), MISSING, rows.depth), "m"),
    ):
        held = meta.createVariable(name, np.float32, _DIM, fill_value=MISSING)
        held.units = unit
        held[:] = values
    seconds = np.rint(rows.time * 3600.0).astype(np.int64) + 946684800  # 2000-01-01 in seconds since 1970
    meta.createVariable("dateTime", np.int64, _DIM)[:] = seconds
    meta["dateTime"].units = _EPOCH
    meta.createVariable("observationKind", str, _DIM)[:] = rows.kind.astype(object)
    groups = [file.createGroup(name) for name in _GROUPS]
    for ours, theirs in variables:
        here, value = rows.variable == ours, rows.value
        if theirs in _IN_SITU:
            value = in_situ(value, rows.depth, rows.latitude)
        for group, values in zip(groups[:2], (value, rows.sigma), strict=True):
            held = group.createVariable(theirs, np.float32, _DIM, fill_value=MISSING)
            held.units = quantity(ours).unit
            held[:] = np.where(here, values, MISSING)
        groups[2].createVariable(theirs, np.int32, _DIM)[:] = np.where(here, rows.flag, 0)


def _file(path: Path, known: dict[str, str]) -> list[Observations]:
    source = path.name
    open_dataset(path, "observations", times="raw").close()  # its errors, and the seal
    groups = {name: _group(path, name) for name in ("MetaData", *_GROUPS)}
    meta, values, errors, quality = groups.values()
    require(meta, ("latitude", "longitude", "dateTime"), "IODA", source)
    if not values.data_vars:
        raise InputError(source, found="no group ObsValue", expected="IODA's groups", remedy="Give a file of IODA's.")
    time, calendar = times_of(meta["dateTime"], source)
    deep = next((name for name in _DEPTHS if name in meta.variables), None)
    depth = np.full(len(time), np.nan) if deep is None else np.abs(_numbers(meta[deep]))
    kinds = np.asarray(meta["observationKind"].values).astype(str) if "observationKind" in meta.variables else None
    tables = []
    for theirs in map(str, values.data_vars):
        if theirs not in known:
            raise unknown_name(theirs, source, "ioda", known)
        name, what = known[theirs], f"'{theirs}' in {source}"
        if theirs not in errors.data_vars:
            raise InputError(what, found="no ObsError", expected="its standard deviation", remedy="Add the error.")
        value = converted(_numbers(values[theirs]), _unit(values[theirs]), name, what)
        error = converted(
            _numbers(errors[theirs]), _unit(errors[theirs]) or _unit(values[theirs]), name, what, spread=True
        )
        flag = np.asarray(quality[theirs].values) if theirs in quality.data_vars else np.zeros(len(value))
        flag = np.where(np.isin(flag, range(6)), flag, 1).astype(np.int8)
        there = np.isfinite(value)
        if theirs in _IN_SITU:
            value = potential(value, depth, _numbers(meta["latitude"]))
        z = np.nan_to_num(depth) if quantity(name).levelled else np.full(len(value), np.nan)
        tables.append(
            Observations.of(
                time=time[there],
                latitude=_numbers(meta["latitude"])[there],
                longitude=_numbers(meta["longitude"])[there],
                depth=z[there],
                variable=np.full(int(there.sum()), name),
                value=value[there],
                error=error[there],
                flag=flagged(flag[there], value[there], error[there], name),
                kind="ioda" if kinds is None else kinds[there],
                calendar=calendar,
                source=source,
            )
        )
    return tables


def _group(path: Path, name: str) -> xr.Dataset:
    try:
        return xr.open_dataset(path, group=name, decode_times=False).load()
    except OSError:  # the file has no such group
        return xr.Dataset()


def _numbers(array: xr.DataArray) -> np.ndarray:
    values = np.asarray(array.values, np.float64)
    return np.where(np.abs(values) < 1e30, values, np.nan)


def _unit(array: xr.DataArray) -> str:
    said = str(array.attrs.get("units", "")).strip()
    return "" if said.lower() == "psu" else said
