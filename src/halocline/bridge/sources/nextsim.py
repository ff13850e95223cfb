"""neXtSIM's regular output: the files Moorings_*.nc, and the same on the grid of NEMO from coupled runs.

Sources: Rampal et al. 2016, doi:10.5194/tc-10-1055-2016; Ólason et al. 2022, doi:10.1029/2021MS002685 (damage: 0 is
undamaged, 1 fully damaged); neXtSIM's class GridOutput. ``sit``, ``snt`` and their ``_thin`` parts are volumes per area
of the cell; ``siu`` and ``siv`` lie along the axes of the grid unless the standard names say east and north; fill
value -1e14. The mapping, where there is one, is a PROJ string.
"""

from pathlib import Path

import xarray as xr

from halocline.bridge.sources._completed import ALONG_X, ALONG_Y, BROKEN, CELL, FRACTION, complete, require_one_of
from halocline.bridge.sources.base import SOURCES, FileByFile, Part

_NAMES = ("sic", "sit", "damage", "snt", "siu", "siv")
_MANUAL = {
    "sic": FRACTION,
    "sit": CELL,
    "snt": CELL,
    "damage": BROKEN,
    "siu": ALONG_X,
    "siv": ALONG_Y,
}
_MISSING = -1e14


class NextSim(FileByFile):
    """One file a month."""

    summary = "neXtSIM's regular output (Moorings_*.nc): sic, sit and snt per area of the cell, damage, siu, siv"

    def open(self, part: Part) -> xr.Dataset:
        """Return the file; velocities without a standard name lie along the grid's axes."""
        dataset = super().open(part)
        require_one_of(dataset, _NAMES, "neXtSIM", Path(part.files[0]).name)
        if "sic" in dataset.data_vars and "sea_ice_drift" in dataset.data_vars:
            dataset = dataset.drop_vars("sea_ice_drift")
        for name in ("siu", "siv"):
            if name in dataset.data_vars:
                dataset[name].attrs.setdefault("halocline_name", name)
        return complete(dataset, _MANUAL)

    def tidy(self, slab: xr.Dataset) -> xr.Dataset:
        """Return the slab without fill values that were not declared."""
        return slab.assign({n: slab[n].where(slab[n] > 0.99 * _MISSING) for n in _NAMES if n in slab.data_vars})


SOURCES.register("nextsim")(NextSim())
