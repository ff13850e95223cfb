"""Sea-ice concentration of EUMETSAT OSI SAF and ESA CCI with its uncertainty.

Sources: Product User Manuals of OSI-401-d, OSI-450-a and OSI-430-a (Lavergne et al. 2019, doi:10.5194/tc-13-49-2019).
``raw_ice_conc_values`` are the retrievals before filter and bounds, to which a Gaussian error belongs; they may stand
only where they differ from ``ice_conc``, whose value then counts elsewhere. A value that is exactly 0 or 100 % with no
raw one was cut off, and is censored. Uncertainties: ``total_standard_uncertainty``, in older files
``total_standard_error``, in per cent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import xarray as xr

from halocline.data.reading.flags import LAND, where_flag
from halocline.observations.forms._parts import converted, flagged, opened, require, times_of
from halocline.observations.forms.base import FORMS
from halocline.observations.table import Observations, concatenate
from halocline.runtime.errors import InputError, require_choice

_UNCERTAINTY = ("total_standard_uncertainty", "total_standard_error", "total_uncertainty")
_RAW = ("raw_ice_conc_values", "ice_conc_unfiltered")
_FILLED = ("spatial_interp", "temporal_interp", "interpolated", "max_ice_climatology", "over_lake", "missing_value")


@FORMS.register("osisaf")
@dataclass(frozen=True)
class OsiSaf:
    """One file a day."""

    summary: ClassVar[str] = "OSI SAF and ESA CCI concentration with raw values, uncertainty and status flag: sic"
    writes: ClassVar[str] = "no"

    values: Annotated[str, "raw: retrievals before the bounds, where there are; filtered: ice_conc"] = "raw"
    least: Annotated[float, "smallest error, 1; uncertainties of the files below it are raised to it"] = 0.01
    representativeness: Annotated[float, "added to each row, 1"] = 0.0

    def read(self, files: Sequence[Path]) -> Observations:
        """Return the cells with a value."""
        require_choice("osisaf.values", self.values, ("raw", "filtered"))
        return concatenate([self._file(path) for path in files])

    def _file(self, path: Path) -> Observations:
        source = path.name
        dataset = opened(path)
        require(dataset, ("ice_conc", "lat", "lon", "time"), "OSI SAF concentration", source)
        spread = next((name for name in _UNCERTAINTY if name in dataset.variables), None)
        if spread is None:
            raise InputError(
                f"{source} as OSI SAF concentration",
                found="no uncertainty",
                expected=f"one of {', '.join(_UNCERTAINTY)}",
                remedy="Take files with uncertainties.",
            )
        time, calendar = times_of(dataset["time"], source)
        conc = _fraction(dataset, "ice_conc", source).reshape(len(np.atleast_1d(time)), -1)
        error = _fraction(dataset, spread, source, spread=True).reshape(conc.shape)
        raw_name = next((name for name in _RAW if name in dataset.variables), None) if self.values == "raw" else None
        raw = np.full(conc.shape, np.nan)
        if raw_name is not None:
            raw = _fraction(dataset, raw_name, source).reshape(conc.shape)
        value = np.where(np.isfinite(raw), raw, conc)
        cut = np.isnan(raw) & np.isfinite(conc)
        censored = np.where(cut & (conc <= 0), -1, np.where(cut & (conc >= 1), 1, 0)).astype(np.int8)
        flag, land = self._flags(dataset, conc.shape)
        lat, lon = (np.broadcast_to(np.asarray(dataset[n].values, float).ravel(), conc.shape) for n in ("lat", "lon"))
        there = np.isfinite(value) & ~land & np.isfinite(lat) & np.isfinite(lon)
        times = np.broadcast_to(np.atleast_1d(time)[:, None], conc.shape)
        value, error, flag = value[there], np.maximum(error, self.least)[there], flag[there]
        return Observations.of(
            time=times[there],
            latitude=lat[there],
            longitude=lon[there],
            variable="sic",
            value=value,
            error=error,
            representativeness=np.full(value.size, self.representativeness),
            flag=flagged(flag, value, error, "sic"),
            censored=censored[there],
            kind="concentration",
            calendar=calendar,
            source=source,
        )

    def _flags(self, dataset: xr.Dataset, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        if "status_flag" not in dataset.variables:
            return np.zeros(shape, np.int8), np.zeros(shape, bool)
        status = dataset["status_flag"]
        filled = where_flag(status, _FILLED).reshape(shape)
        return filled.astype(np.int8), where_flag(status, LAND).reshape(shape)


def _fraction(dataset: xr.Dataset, name: str, source: str, *, spread: bool = False) -> np.ndarray:
    """Return a variable as a fraction; per cent if the file does not say, as the manuals have it."""
    said = str(dataset[name].attrs.get("units", "")).strip() or "%"
    return converted(np.asarray(dataset[name].values), said, "sic", f"'{name}' in {source}", spread=spread)
