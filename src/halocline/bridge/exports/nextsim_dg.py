"""``halocline export nextsim-dg``: start files of neXtSIM-DG, see ``bridge/restarts/nextsim_dg.py``."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from halocline.bridge.exports.base import EXPORTS, Request


@EXPORTS.register("nextsim-dg")
@dataclass(frozen=True)
class NextSimDg:
    """Start files of neXtSIM-DG."""

    summary: ClassVar[str] = "Write start files of neXtSIM-DG: its mesh and means of the cells, damage 1 = intact."
    folder: ClassVar[bool] = False

    coordinates: Annotated[
        str | None, "cartesian (x, y of the states' plane) or spherical; cartesian where there is a plane."
    ] = None
    layout: Annotated[str, "flat (since July 2025) or groups (May 2024 to July 2025)."] = "flat"
    ice_layers: Annotated[int, "Temperatures in the ice: 1 (ThermoIce0) or 3 (ThermoWinton)."] = 1
    air_temperature: Annotated[str | None, "degC, or a file with t2m; the mean season of the date if left out."] = None
    water_salinity: Annotated[float, "Of the sea surface, psu; the water is at its freezing point."] = 33.0
    new_ice: Annotated[float, "Thickness, m, of ice where there is concentration and no volume."] = 0.1

    def write(self, request: Request) -> list[str]:
        """Write start files; return notes and settings."""
        from halocline.bridge.restarts.nextsim_dg import write_starts

        return write_starts(self, request)
