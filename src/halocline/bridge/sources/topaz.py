"""Ice of TOPAZ as Copernicus Marine delivers it: analysis and forecast, and the multi-year reanalysis.

Sources: Product User Manuals CMEMS-ARC-PUM-002-ALL (ARCTIC_ANALYSISFORECAST_PHY_002_001, ARCTIC_MULTIYEAR_PHY_002_003)
and CMEMS-ARC-PUM-002-011 (neXtSIM-F); Sakov et al. 2012, doi:10.5194/os-8-633-2012. Polar stereographic plane of a
sphere of 6 378 273 m, true at the pole, x and y in 100 km; packed integers; drift along the axes of the plane;
``sithick`` and ``sisnthick`` of the ice-covered part unless their cell_methods say otherwise.
"""

from pathlib import Path

import xarray as xr

from halocline.bridge.sources._completed import ALONG_X, ALONG_Y, FRACTION, ICE, complete, require_one_of
from halocline.bridge.sources.base import SOURCES, FileByFile, Part

_NAMES = ("siconc", "sithick", "vxsi", "vysi", "sisnthick", "fice", "hice")
_MANUAL = {
    "siconc": FRACTION,
    "fice": FRACTION,
    "sithick": ICE,
    "sisnthick": ICE,
    "vxsi": ALONG_X,
    "vysi": ALONG_Y,
}
_SPHERE = 6_378_273.0  # m, of TOPAZ's conformal mapping
_SHAPE = ("semi_major_axis", "earth_radius", "semi_minor_axis", "inverse_flattening", "crs_wkt", "proj4")


class Topaz(FileByFile):
    """One file a day, a month, or a download of many days."""

    summary = "TOPAZ4/5 and neXtSIM-F ice of Copernicus Marine (ARCTIC_*_PHY*): siconc, sithick, vxsi, vysi, sisnthick"

    def open(self, part: Part) -> xr.Dataset:
        """Return the file; a mapping without the figure of the Earth gets TOPAZ's sphere."""
        dataset = super().open(part)
        require_one_of(dataset, _NAMES, "TOPAZ", Path(part.files[0]).name)
        dataset = complete(dataset, _MANUAL)
        for name in [n for n, v in dataset.variables.items() if "grid_mapping_name" in v.attrs]:
            if not any(key in dataset[name].attrs for key in _SHAPE):
                dataset[name].attrs["earth_radius"] = _SPHERE
        return dataset


SOURCES.register("topaz")(Topaz())
