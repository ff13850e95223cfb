"""Sea-ice concentration of EUMETSAT OSI SAF and ESA CCI: OSI-401, OSI-408, OSI-430, OSI-438, OSI-450, OSI-458, SICCI.

Sources: Product User Manuals of OSI-401-d, OSI-450-a and OSI-430-a (Lavergne et al. 2019, doi:10.5194/tc-13-49-2019).
``ice_conc`` (%) is the product, weather-filtered and bounded; ``raw_ice_conc_values`` are the retrievals before filter
and bounds, below 0 and above 100 too, and are left out. ``xc`` and ``yc`` are in km. Land, lakes and, where nothing is
retrieved, coasts are told by ``status_flag``; a hole around the pole or a missing swath is no open water.
"""

from pathlib import Path

import numpy as np
import xarray as xr

from halocline.bridge.sources._completed import PERCENT, complete, require_one_of
from halocline.bridge.sources.base import SOURCES, FileByFile, Part
from halocline.data.reading.flags import where_flag

_LEFT_OUT = ("raw_ice_conc_values", "ice_conc_unfiltered")
_LAND = ("land", "lake", "over_land", "inland_water", "lakes", "land_mask")
_COAST = ("coast", "coastal", "coastline")


class OsiSaf(FileByFile):
    """One file a day."""

    summary = "OSI SAF and ESA CCI sea-ice concentration (OSI-401 to OSI-458): ice_conc in %, with status_flag"

    def open(self, part: Part) -> xr.Dataset:
        """Return the concentration without the raw retrievals."""
        dataset = super().open(part)
        require_one_of(dataset, ("ice_conc",), "OSI SAF concentration", Path(part.files[0]).name)
        dataset = dataset.drop_vars([n for n in _LEFT_OUT if n in dataset.data_vars])
        for axis in ("xc", "yc"):
            if axis in dataset.variables:
                dataset[axis].attrs.setdefault("units", "km")
        return complete(dataset, {"ice_conc": PERCENT})

    def tidy(self, slab: xr.Dataset) -> xr.Dataset:
        """Return the slab with the ocean mask that the status flag tells: 0 on land and lakes."""
        if "status_flag" not in slab.data_vars or "flag_meanings" not in slab["status_flag"].attrs:
            return slab
        flag, gone = slab["status_flag"], np.isnan(slab["ice_conc"].values)
        land = where_flag(flag, _LAND) | (where_flag(flag, _COAST) & gone)
        land = land.reshape(-1, *land.shape[-2:]).all(axis=0)
        attrs = {"long_name": "ocean mask, 1 = ocean", "units": "1"}
        return slab.assign(mask=(flag.dims[-2:], (~land).astype(np.int8), attrs))


SOURCES.register("osisaf")(OsiSaf())
