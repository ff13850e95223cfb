"""What a file does not say and only its owner knows: the answers to the reader's questions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

Thickness = Literal["cell", "ice"]
Ones = Literal["ocean", "land"]
Damage = Literal["broken", "intact"]
Basis = Literal["grid", "east"]


@dataclass(frozen=True)
class Choices:
    """Answers of the user, each the option of the same name; None leaves it to the file, and asks if that is silent.

    Attributes:
        thickness: Ice and snow thickness as volume per ``cell`` area, or per ``ice``-covered area.
        damage: What damage = 1 means: fully ``broken`` ice, or ``intact`` ice as neXtSIM-DG writes it.
        vectors: Along the axes of the ``grid``, or ``east`` and north.
        mask_ones: What 1 means in the mask of the file: ``ocean`` or ``land``.
        open_water: ``zero``: missing values of ice variables on ocean cells are open water. ``none``: they never are.
        positive: Direction of the depth coordinate: ``down`` or ``up``.
        land: ``zero``: cells of an ocean where every variable is exactly 0 are land.
        layer_thickness: ``depth``: take the thickness of cells from midpoints between the depths of their centres.
        teos10: ``convert``: conservative temperature and absolute salinity to potential and practical ones.
        mesh: File of the grid beside the states: positions, mask, levels and their thickness.
        units: Unit by variable, where the file has none or a wrong one.
        accept: Variables whose values are real although they lie outside the plausible range.
    """

    thickness: Thickness | None = None
    damage: Damage | None = None
    vectors: Basis | None = None
    mask_ones: Ones | None = None
    open_water: Literal["zero", "none"] | None = None
    positive: Literal["down", "up"] | None = None
    land: Literal["zero"] | None = None
    layer_thickness: Literal["depth"] | None = None
    teos10: Literal["convert"] | None = None
    mesh: Path | str | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    accept: frozenset[str] = frozenset()

    def table(self) -> dict[str, Any]:
        """Return the answers that were given, for a provenance."""
        given = {f.name: getattr(self, f.name) for f in fields(self)} | {
            "units": dict(sorted(self.units.items())),
            "accept": sorted(self.accept),
            "mesh": None if self.mesh is None else str(self.mesh),
        }
        return {name: value for name, value in given.items() if value}


AS_THE_FILE_SAYS = Choices()
