"""CS2SMOS, the weekly thickness of CryoSat-2 and SMOS: level 4 on EASE2, 25 km.

Sources: Ricker et al. 2017, doi:10.5194/tc-11-1607-2017; ESA CryoSat-SMOS Merged Sea Ice Thickness, Product User
Guide (AWI), versions 1.3 to 2.06. Thickness is that of the ice-covered part; concentration is in percent, 0 in open
water; ``xc`` and ``yc`` are in km; the time is the middle of seven days.
"""

from pathlib import Path

import xarray as xr

from halocline.bridge.sources._completed import ICE, PERCENT, complete, renamed, require_one_of
from halocline.bridge.sources.base import SOURCES, FileByFile, Part
from halocline.data.fields.variables import Variable, register_variable

UNCERTAINTY = register_variable(
    Variable(
        name="sit_uncertainty",
        standard_name="sea_ice_thickness standard_error",
        long_name="standard error of the sea-ice thickness (cell mean)",
        unit="m",
        plausible=(0.0, 20.0),
        lower=0.0,
        group="seaice",
        zero_without_ice=True,
    )
)

_THICKNESS = ("analysis_sea_ice_thickness", "analysis_ice_thickness")
_NAMES = {
    **dict.fromkeys(_THICKNESS, "sit"),
    **dict.fromkeys(("analysis_sea_ice_thickness_unc", "analysis_thickness_unc"), UNCERTAINTY.name),
    **dict.fromkeys(("sea_ice_concentration", "ice_conc"), "sic"),
}
_MANUAL = {
    **dict.fromkeys(_THICKNESS, ICE),
    **dict.fromkeys(("analysis_sea_ice_thickness_unc", "analysis_thickness_unc"), ICE),
    **dict.fromkeys(("sea_ice_concentration", "ice_conc"), PERCENT),
}
_PARTS_OF_THE_ANALYSIS = (
    "background_sea_ice_thickness",
    "weighted_mean_sea_ice_thickness",
    "smos_sea_ice_thickness",
    "cryosat_sea_ice_thickness",
    "background_ice_thickness",
    "weighted_mean_thickness",
    "smos_thickness",
    "smos_ice_thickness",
    "cs2_ice_thickness",
    "cs2_thickness",
)


class Cs2Smos(FileByFile):
    """One file a week."""

    summary = "CS2SMOS level-4 thickness and concentration on EASE2, versions 1.3 to 2.06: W_XX-ESA,SMOS_CS2,*.nc"

    def open(self, part: Part) -> xr.Dataset:
        """Return the analysis and its uncertainty; the background and the two sensors' own thickness are left out."""
        dataset = super().open(part)
        require_one_of(dataset, _THICKNESS, "CS2SMOS", Path(part.files[0]).name)
        dataset = complete(dataset.drop_vars(_PARTS_OF_THE_ANALYSIS, errors="ignore"), _MANUAL)
        for axis in ("xc", "yc"):
            if axis in dataset.variables:
                dataset[axis].attrs.setdefault("units", "km")
        return renamed(dataset, _NAMES)


SOURCES.register("cs2smos")(Cs2Smos())
