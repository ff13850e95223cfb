"""``halocline export ioda``: states as observations of JEDI, see ``bridge/ensembles/ioda.py``."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from halocline.bridge.exports.base import EXPORTS, Request


@EXPORTS.register("ioda")
@dataclass(frozen=True)
class Ioda:
    """States as observations in IODA's form."""

    summary: ClassVar[str] = "Write states as observations of JEDI (IODA): groups MetaData, ObsValue, ObsError, PreQC."
    folder: ClassVar[bool] = False

    error: Annotated[
        list[str], "Standard error of a variable, in its unit: sic=0.1; may be repeated. Only these are written."
    ]
    name: Annotated[list[str] | None, "Name of a variable in the file: sit=iceThickness; may be repeated."] = None
    thickness_of: Annotated[
        str, "cell: volume per area of the cell, as UFO's SeaIceThickness computes; ice: of the ice, missing without."
    ] = "cell"
    every: Annotated[int, "Take every so-manieth row and column."] = 1
    date: Annotated[str | None, "When, e.g. 2020-03-01T12:00; that of the states if left out."] = None

    def write(self, request: Request) -> list[str]:
        """Write observations; return notes and settings."""
        from halocline.bridge.ensembles.ioda import write_observations

        return write_observations(self, request)
