"""``halocline export cice``: restarts of CICE 6 on the B or C grid, see ``bridge/restarts/cice.py``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from halocline.bridge.exports.base import EXPORTS, Request


@dataclass(frozen=True, kw_only=True)
class CiceOptions:
    """What restarts of CICE are made with, but for the grid."""

    categories: Annotated[int, "ncat, number of thickness categories."] = 5
    category_bounds: Annotated[
        str | None, "Inner bounds, m, e.g. 0.3,0.7,1.2,2; those of kcatbound = 0 if left out."
    ] = None
    ice_layers: Annotated[int, "nilyr."] = 7
    snow_layers: Annotated[int, "nslyr."] = 1
    thermodynamics: Annotated[str, "mushy (ktherm = 2) or bl99 (ktherm = 1)."] = "mushy"
    constants: Annotated[str, "Heats of ice and water: icepack (CICE alone) or cesm (CICE within CESM)."] = "icepack"
    air_temperature: Annotated[str | None, "degC, or a file with t2m; the mean season of the date if left out."] = None
    water_salinity: Annotated[float, "Of the sea surface, psu; gives the freezing point."] = 33.0
    new_ice: Annotated[float, "Thickness, m, of ice where there is concentration and no volume."] = 0.1
    date: Annotated[str | None, "When, e.g. 2020-03-01T12:00; that of the states if left out."] = None
    ridged: Annotated[float, "Share of the ice that is ridged, in area and volume (1 - alvl, 1 - vlvl)."] = 0.0


@EXPORTS.register("cice")
@dataclass(frozen=True, kw_only=True)
class Cice(CiceOptions):
    """Restarts of CICE 6."""

    summary: ClassVar[str] = (
        "Write restarts of CICE 6 (B and C grid): categories, enthalpies and salinities of the layers."
    )
    folder: ClassVar[bool] = False

    template: Annotated[Path, "CICE's grid file (ulat, ulon, kmt), or a history file with TLAT, TLON and tmask."]

    def write(self, request: Request) -> list[str]:
        """Write restarts; return notes and settings."""
        from halocline.bridge.restarts.cice import write_restarts

        return write_restarts(self, request)
