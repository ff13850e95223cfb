"""``halocline export enkf``: a static ensemble of EnKF-C, see ``bridge/ensembles/enkf.py``."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from halocline.bridge.exports.base import EXPORTS, Request


@EXPORTS.register("enkf")
@dataclass(frozen=True)
class Enkf:
    """Static ensembles of EnKF-C."""

    summary: ClassVar[str] = "Write a static ensemble and background of EnKF-C: mem001_sic.nc, bg_sic.nc, grid.nc."
    folder: ClassVar[bool] = True

    background: Annotated[str, "mean of the members, or the number of one, counted from 0 as --member is."] = "mean"

    def write(self, request: Request) -> list[str]:
        """Write the ensemble; return notes and settings."""
        from halocline.bridge.ensembles.enkf import write_ensemble

        return write_ensemble(self, request)
