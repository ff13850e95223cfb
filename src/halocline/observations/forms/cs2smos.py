"""CS2SMOS, the weekly thickness of CryoSat-2 and SMOS, with the error that TOPAZ gives it.

Sources: Ricker et al. 2017, doi:10.5194/tc-11-1607-2017; Product User Guide, versions 1.3 to 2.06; for the error Xie et
al. 2018, doi:10.5194/tc-12-3671-2018, and ``errors``. Thickness is that of the ice-covered part; names of version 1 and
2 differ. The stated uncertainty is that of the mapping only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import xarray as xr

from halocline.observations.errors import thickness_error
from halocline.observations.forms._parts import converted, flagged, opened, require, times_of
from halocline.observations.forms.base import FORMS
from halocline.observations.table import Observations, concatenate
from halocline.runtime.errors import InputError, require_choice

_THICKNESS = ("analysis_sea_ice_thickness", "analysis_ice_thickness")
_UNCERTAINTY = ("analysis_sea_ice_thickness_unc", "analysis_thickness_unc")
_CONCENTRATION = ("sea_ice_concentration", "ice_concentration", "ice_conc")
WHICH = {
    "analysis": (_THICKNESS, _UNCERTAINTY),
    "cryosat": (
        ("cryosat_sea_ice_thickness", "cs2_ice_thickness", "cs2_thickness"),
        ("cryosat_sea_ice_thickness_unc", "cs2_thickness_unc"),
    ),
    "smos": (
        ("smos_sea_ice_thickness", "smos_ice_thickness", "smos_thickness"),
        ("smos_sea_ice_thickness_unc", "smos_thickness_unc"),
    ),
}


@FORMS.register("cs2smos")
@dataclass(frozen=True)
class Cs2Smos:
    """One file a week."""

    summary: ClassVar[str] = "CS2SMOS level 4, versions 1.3 to 2.06, with TOPAZ's error: sit_ice"
    writes: ClassVar[str] = "no"

    error: Annotated[str, "topaz-2019, topaz-2017, or stated: the uncertainty alone"] = "topaz-2019"
    which: Annotated[str, "analysis, or one sensor's: cryosat, smos"] = "analysis"
    least: Annotated[float, "concentration from which on thickness is taken"] = 0.15
    representativeness: Annotated[float, "added to each row, m"] = 0.0

    def read(self, files: Sequence[Path]) -> Observations:
        """Return the cells with thickness."""
        require_choice("cs2smos.which", self.which, WHICH)
        return concatenate([self._file(path) for path in files])

    def _file(self, path: Path) -> Observations:
        source = path.name
        dataset = opened(path)
        require(dataset, ("lat", "lon", "time"), "CS2SMOS", source)
        names = [_first(dataset, row, source) for row in WHICH[self.which]]
        time, calendar = times_of(dataset["time"], source)
        records = len(np.atleast_1d(time))
        thickness, uncertainty = (
            converted(
                np.asarray(dataset[n].values), _unit(dataset[n]), "sit_ice", f"'{n}' in {source}", spread=k > 0
            ).reshape(records, -1)
            for k, n in enumerate(names)
        )
        cover = self._cover(dataset, thickness.shape, source)
        shape = thickness.shape
        lat, lon = (np.broadcast_to(np.asarray(dataset[n].values, float).ravel(), shape) for n in ("lat", "lon"))
        there = np.isfinite(thickness) & (cover >= self.least) & np.isfinite(lat) & np.isfinite(lon)
        value, error = thickness[there], thickness_error(thickness[there], uncertainty[there], self.error)
        times = np.broadcast_to(np.atleast_1d(time)[:, None], shape)
        return Observations.of(
            time=times[there],
            latitude=lat[there],
            longitude=lon[there],
            variable="sit_ice",
            value=value,
            error=error,
            representativeness=np.full(value.size, self.representativeness),
            flag=flagged(np.zeros(value.size, np.int8), value, error, "sit_ice"),
            kind="thickness",
            calendar=calendar,
            source=source,
        )

    def _cover(self, dataset: xr.Dataset, shape: tuple[int, ...], source: str) -> np.ndarray:
        name = next((n for n in _CONCENTRATION if n in dataset.variables), None)
        if name is None:
            return np.ones(shape)
        said = str(dataset[name].attrs.get("units", "")).strip() or "%"
        values = converted(np.asarray(dataset[name].values), said, "sic", f"'{name}' in {source}")
        return np.nan_to_num(values).reshape(shape)


def _first(dataset: xr.Dataset, names: Sequence[str], source: str) -> str:
    for name in names:
        if name in dataset.variables:
            return name
    raise InputError(
        f"{source} as CS2SMOS",
        found=f"variables {', '.join(map(str, dataset.variables))}",
        expected=f"one of {', '.join(names)}",
        remedy="Give files of CS2SMOS level 4, or read them as another form: halocline observe --list.",
    )


def _unit(array: xr.DataArray) -> str:
    return str(array.attrs.get("units", "")).strip() or "m"
