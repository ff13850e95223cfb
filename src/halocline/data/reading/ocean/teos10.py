"""Conservative temperature and absolute salinity of TEOS-10: other quantities than ours, converted if asked."""

from typing import Any

import numpy as np
import xarray as xr

from halocline.data.reading.units import is_absolute_salinity
from halocline.data.reading.work import Work
from halocline.runtime.errors import InputError

_WORDS = {"thetao": "conservative temperature", "so": "absolute salinity"}
_WANTED = {"thetao": "potential temperature, degC", "so": "practical salinity, psu, in CF 1e-3"}


def settle_teos10(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return potential temperature and practical salinity; those of TEOS-10 are refused, or converted by gsw if asked.

    Source: IOC, SCOR and IAPSO 2010; the toolbox GSW of McDougall and Barker 2011.
    """
    theirs = [n for n in _WORDS if n in names and _is_teos10(dataset[n], n, work)]
    if not theirs:
        return dataset
    if work.choices.teos10 != "convert":
        for name in theirs:
            said = dataset[name].attrs.get("standard_name", dataset[name].attrs.get("units"))
            work.wrong(
                f"'{name}'",
                found=f"{_WORDS[name]} of TEOS-10 ({said})",
                expected=_WANTED[name],
                remedy="Convert it with --teos10 convert (Python package gsw)"
                + ("; or, if the values are psu, --unit so=psu." if name == "so" else "."),
            )
        return dataset
    if not {"thetao", "so"} <= set(names) or not {"lat", "lon", "depth"} <= set(dataset.variables):
        work.wrong(
            " and ".join(f"'{n}'" for n in theirs),
            found="--teos10 convert for a file without temperature, salinity, depths or positions",
            expected="all of them, by which the conversion is made",
            remedy="Add what is missing.",
        )
        return dataset
    return _converted(dataset, theirs, work)


def _is_teos10(array: xr.DataArray, name: str, work: Work) -> bool:
    if name == "so" and "so" in work.choices.units:
        return is_absolute_salinity(work.choices.units["so"])
    words = " ".join(str(array.attrs.get(k, "")) for k in ("standard_name", "long_name", "halocline_name"))
    words = words.lower().replace("_", " ")
    if name == "so" and is_absolute_salinity(str(array.attrs.get("units", ""))):
        return True
    return _WORDS[name] in words or (name == "thetao" and "bigthetao" in words)


def _converted(dataset: xr.Dataset, theirs: list[str], work: Work) -> xr.Dataset:
    gsw = _gsw()
    lat, lon = (np.asarray(dataset[n].values, np.float64) for n in ("lat", "lon"))
    depth = np.asarray(dataset["gdept" if "gdept" in dataset.variables else "depth"].values, np.float64)
    depth = depth[:, None, None] if depth.ndim == 1 else depth
    pressure = gsw.p_from_z(-depth, lat)
    so, thetao = (dataset[n].values.astype(np.float64) for n in ("so", "thetao"))
    absolute = so if "so" in theirs else gsw.SA_from_SP(so, pressure, lon, lat)
    new = {"so": gsw.SP_from_SA(absolute, pressure, lon, lat), "thetao": gsw.pt_from_CT(absolute, thetao)}
    standard = {"so": ("sea_water_salinity", "1e-3"), "thetao": ("sea_water_potential_temperature", "degC")}
    for name in theirs:
        attrs = {**dataset[name].attrs, "standard_name": standard[name][0], "units": standard[name][1]}
        dataset[name] = dataset[name].copy(data=new[name].astype(dataset[name].dtype)).assign_attrs(attrs)
        work.notes.add("converted", name, f"{_WORDS[name]} to {_WANTED[name].split(',')[0]}, by gsw {gsw.__version__}")
    return dataset


def _gsw() -> Any:
    try:
        import gsw
    except ImportError as error:
        raise InputError(
            "--teos10 convert",
            found="no Python package gsw",
            expected="the toolbox GSW",
            remedy="Install it: pip install gsw",
        ) from error
    return gsw
