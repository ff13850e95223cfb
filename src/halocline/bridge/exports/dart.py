"""``halocline export dart``: an ensemble for DART's CICE interface, see ``bridge/ensembles/dart.py``."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from halocline.bridge.exports.base import EXPORTS, Request
from halocline.bridge.exports.cice import Cice


@EXPORTS.register("dart")
@dataclass(frozen=True)
class Dart(Cice):
    """Ensembles for DART; the options are those of the restarts of CICE, some with other defaults."""

    summary: ClassVar[str] = "Write an ensemble for DART: a CICE restart for each member, and filter's list of them."
    folder: ClassVar[bool] = True

    ice_layers: Annotated[int, "nilyr; dart_to_cice reads 8."] = 8
    snow_layers: Annotated[int, "nslyr; dart_to_cice reads 3."] = 3
    constants: Annotated[str, "Heats of ice and water: icepack (CICE alone) or cesm (CICE within CESM)."] = "cesm"

    def write(self, request: Request) -> list[str]:
        """Write restarts and the list; return notes and settings."""
        from halocline.bridge.ensembles.dart import write_ensemble

        return write_ensemble(self, request)
