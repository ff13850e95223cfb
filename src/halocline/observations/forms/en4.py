"""Profiles of temperature and salinity in the form of EN4.

Source: Good, Martin and Rayner 2013, doi:10.1002/2013JC009067; product notes of EN.4.2.2: ``POTM_CORRECTED`` (potential
temperature, degC), ``PSAL_CORRECTED`` (practical scale), ``DEPH_CORRECTED`` (m), days since 1950 in ``JULD``; quality 1
is good, 4 rejected, by level and by profile. The files state no error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import xarray as xr

from halocline.observations.forms._parts import converted, flagged, hours, opened, require
from halocline.observations.forms.base import FORMS
from halocline.observations.instruments.base import require_positive
from halocline.observations.table import Observations, concatenate

_JULD = "days since 1950-01-01 00:00:00"
_FIELDS = {"thetao": ("POTM_CORRECTED", "PROFILE_POTM_QC"), "so": ("PSAL_CORRECTED", "PROFILE_PSAL_QC")}
_FILL = 9e4  # EN4 writes 99999 where there is no value


@FORMS.register("en4")
@dataclass(frozen=True)
class En4:
    """One file a month."""

    summary: ClassVar[str] = "EN4 profiles of potential temperature and salinity: thetao, so"
    writes: ClassVar[str] = "no"

    temperature_error: Annotated[float, "degC"] = 0.02
    salinity_error: Annotated[float, "1e-3"] = 0.01
    temperature_representativeness: Annotated[float, "degC"] = 0.5
    salinity_representativeness: Annotated[float, "1e-3"] = 0.1

    def read(self, files: Sequence[Path]) -> Observations:
        """Return every level with a value; those that are not of quality 1 are flagged."""
        require_positive("en4", temperature_error=self.temperature_error, salinity_error=self.salinity_error)
        return concatenate([table for path in files for table in self._file(path)])

    def _file(self, path: Path) -> list[Observations]:
        source = path.name
        dataset = opened(path)
        require(dataset, ("LATITUDE", "LONGITUDE", "JULD", "DEPH_CORRECTED"), "EN4 profiles", source)
        juld = dataset["JULD"]
        time, calendar = hours(np.asarray(juld.values), str(juld.attrs.get("units", "")) or _JULD, "standard", source)
        lat, lon = (np.asarray(dataset[n].values, float) for n in ("LATITUDE", "LONGITUDE"))
        depth = np.asarray(dataset["DEPH_CORRECTED"].values, float)
        depth = np.where(np.abs(depth) < _FILL, depth, np.nan)
        placed = np.isfinite(lat) & np.isfinite(lon) & np.isfinite(time) & (np.abs(lat) <= 90) & (np.abs(lon) <= 360)
        errors = {
            "thetao": (self.temperature_error, self.temperature_representativeness),
            "so": (self.salinity_error, self.salinity_representativeness),
        }
        tables = []
        for name, (theirs, of_profile) in _FIELDS.items():
            if theirs not in dataset.variables:
                continue
            value = np.asarray(dataset[theirs].values, float)
            value = np.where(np.abs(value) < _FILL, value, np.nan)
            bad = np.zeros(value.shape, bool)
            for each in (f"{theirs}_QC", "DEPH_CORRECTED_QC"):
                bad |= ~_good(dataset, each, value.shape)
            for each in (of_profile, "POSITION_QC", "JULD_QC"):
                bad |= ~_good(dataset, each, value.shape[:1])[:, None]
            there = np.isfinite(value) & (depth >= 0) & placed[:, None]
            value = converted(value, _unit(dataset[theirs], name), name, f"'{theirs}' in {source}")[there]
            error, rest = (np.full(value.size, v) for v in errors[name])
            spread = (np.broadcast_to(v[:, None], there.shape)[there] for v in (time, lat, lon))
            t, y, x = spread
            tables.append(
                Observations.of(
                    time=t,
                    latitude=y,
                    longitude=x,
                    depth=depth[there],
                    variable=name,
                    value=value,
                    error=error,
                    representativeness=rest,
                    flag=flagged(bad[there].astype(np.int8), value, error, name),
                    kind="profile",
                    calendar=calendar,
                    source=source,
                )
            )
        return tables


def _good(dataset: xr.Dataset, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return True where a quality variable, characters or numbers, is 1; everywhere if the file has none."""
    if name not in dataset.variables:
        return np.ones(shape, bool)
    values = np.asarray(dataset[name].values)
    if values.dtype.kind in "SO":
        values = np.array([v.decode() if isinstance(v, bytes) else str(v) for v in values.ravel()]).reshape(
            values.shape
        )
    if values.shape != shape and values.size == int(np.prod(shape)):
        values = values.reshape(shape)
    if values.dtype.kind == "U" and values.shape != shape:  # characters were joined along the levels
        values = np.array([list(word.ljust(shape[-1]))[: shape[-1]] for word in values.ravel()]).reshape(shape)
    return np.asarray(values.astype(str) == "1") if values.dtype.kind == "U" else np.asarray(values == 1)


def _unit(array: xr.DataArray, name: str) -> str:
    said = str(array.attrs.get("units", "")).strip()
    return "" if name == "so" else said  # psu, and what else salinity is given in, is ours
