"""``halocline export dart``: an ensemble for DART's interfaces to CICE and POP, see ``bridge/ensembles/dart*.py``."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from halocline.bridge.exports.base import EXPORTS, Request
from halocline.bridge.exports.cice import Cice, CiceOptions
from halocline.runtime.errors import ConfigError, InputError, require_choice

Model = Literal["cice", "pop"]
_BOTH = ("model", "template", "date")


@EXPORTS.register("dart")
@dataclass(frozen=True, kw_only=True)
class Dart(CiceOptions):
    """Ensembles for DART; of sea ice by the options of the restarts of CICE, of an ocean by those of velocities."""

    summary: ClassVar[str] = (
        "Write an ensemble for DART: a restart of CICE (sea ice) or POP (ocean) for each member, and filter's list."
    )
    folder: ClassVar[bool] = True

    model: Annotated[str | None, "cice or pop; by what the states hold if left out."] = None
    template: Annotated[
        Path | None,
        "CICE's grid file, or a history file of CICE or POP. Of an ocean the states' own cells are the grid without.",
    ] = None
    ice_layers: Annotated[int, "nilyr; dart_to_cice reads 8."] = 8
    snow_layers: Annotated[int, "nslyr; dart_to_cice reads 3."] = 3
    constants: Annotated[str, "Heats of ice and water: icepack (CICE alone) or cesm (CICE within CESM)."] = "cesm"
    velocities: Annotated[str, "POP: rest or balanced (geostrophic)."] = "rest"
    no_motion: Annotated[float | None, "POP, balanced: level of no motion, m, instead of the sea-surface height."] = (
        None
    )
    stream_function: Annotated[
        Path | None, "POP, balanced: barotropic stream function on the corners, m3/s, for the depth means."
    ] = None
    equator_rule: Annotated[str, "POP, balanced: beta (beta-plane balance at the equator) or zero (at rest there)."] = (
        "beta"
    )
    equator: Annotated[float | None, "POP, balanced: the rule's latitude, degrees; 2.2 for beta, 5 for zero."] = None
    wind: Annotated[
        str | None, "POP, balanced: whose stress adds an Ekman layer: none, dino or a NetCDF with utau and vtau."
    ] = None
    ekman_depth: Annotated[float, "POP, balanced: thickness of the Ekman layer, m."] = 32.5
    equation: Annotated[str, "POP, balanced: density by seos (DINO's) or teos10."] = "seos"

    def write(self, request: Request) -> list[str]:
        """Write restarts, grid and lists; return notes and settings."""
        if self.model_of(request) == "pop":
            from halocline.bridge.ensembles.dart_pop import write_ensemble as write_pop

            return write_pop(self, request)
        from halocline.bridge.ensembles.dart import write_ensemble

        return write_ensemble(self, request)

    def model_of(self, request: Request) -> Model:
        """Return which model the states are for.

        Raises:
            ConfigError: If there is no such model.
            InputError: If the states hold both sea ice and an ocean, and none is named.
        """
        from halocline.data.files.states import open_state_file

        if self.model is not None:
            require_choice("model", self.model, ("cice", "pop"))
            return "pop" if self.model == "pop" else "cice"
        held = {
            group: bool(open_state_file(request.states, choices=request.choices, group=group).names)
            for group in ("seaice", "ocean")
        }
        if all(held.values()):
            raise InputError(
                "states",
                found="both sea ice and an ocean",
                expected="a restart of one model",
                remedy="Say which by --model cice or --model pop; export twice for both.",
            )
        return "pop" if held["ocean"] else "cice"

    def foreign(self, model: Model) -> list[ConfigError]:
        """Return an error for each option that is given and belongs to the other model."""
        ice = {f.name for f in fields(CiceOptions)} - set(_BOTH)
        theirs = ice if model == "pop" else {f.name for f in fields(self)} - ice - set(_BOTH)
        changed = [f.name for f in fields(self) if f.name in theirs and getattr(self, f.name) != f.default]
        return [
            ConfigError(
                f"--{name.replace('_', '-')}",
                found=f"states for {model}",
                expected=f"states for {'cice' if model == 'pop' else 'pop'}",
                remedy="Leave it out.",
            )
            for name in changed
        ]

    def cice(self) -> Cice:
        """Return the options of the restarts of CICE.

        Raises:
            ConfigError: If there is no template.
        """
        if self.template is None:
            raise ConfigError(
                "template",
                found="none",
                expected="the grid of CICE",
                remedy="Give --template grid.nc (ulat, ulon, kmt), or a history file with TLAT, TLON and tmask.",
            )
        return Cice(template=self.template, **{f.name: getattr(self, f.name) for f in fields(CiceOptions)})
