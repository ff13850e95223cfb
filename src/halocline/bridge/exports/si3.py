"""``halocline export si3``: ice restarts of NEMO 4.2 and 5.0, see ``bridge/restarts/si3.py``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from halocline.bridge.exports.base import EXPORTS, Request


@EXPORTS.register("si3")
@dataclass(frozen=True)
class Si3:
    """Ice restarts of NEMO-SI3."""

    summary: ClassVar[str] = "Write ice restarts of NEMO 4.2 and 5.0 (SI3): categories, heat content, C grid."
    folder: ClassVar[bool] = False

    template: Annotated[Path, "mesh_mask, domain_cfg or ocean restart of the mesh that NEMO will run on."]
    categories: Annotated[int, "jpl, number of thickness categories."] = 5
    category_bounds: Annotated[str | None, "Inner bounds, m (rn_catbnd); those of ln_cat_hfn if left out."] = None
    mean_thickness: Annotated[float, "rn_himean, m, which the bounds of ln_cat_hfn follow."] = 2.0
    ice_layers: Annotated[int, "nlay_i."] = 2
    snow_layers: Annotated[int, "nlay_s."] = 2
    air_temperature: Annotated[str | None, "degC, or a file with t2m; the mean season of the date if left out."] = None
    water_salinity: Annotated[float, "Of the sea surface, psu; gives the freezing point."] = 33.0
    new_ice: Annotated[float, "Thickness, m, of ice where there is concentration and no volume."] = 0.1
    most: Annotated[float, "rn_amax_n, largest concentration; ice beyond piles up."] = 0.997
    nemo: Annotated[str, "4.2 or 5.0, whose heats of ice differ."] = "4.2"
    step: Annotated[int, "kt_ice, the last step done: nn_it000 - 1 of the run."] = 0
    frequency: Annotated[int, "nn_fsbc of the run: ocean steps to one of the ice."] = 1

    def write(self, request: Request) -> list[str]:
        """Write restarts; return notes and settings."""
        from halocline.bridge.restarts.si3 import write_restarts

        return write_restarts(self, request)
