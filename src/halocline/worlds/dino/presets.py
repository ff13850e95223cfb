"""Grid sizes and time steps of the DINO world, as measured for stability."""

from dataclasses import dataclass

import numpy as np

from halocline.runtime.errors import require_choice

BASIN_WIDTH = 50.0
"""Width of the basin between its walls, degrees of longitude."""
DEPTH = 4000.0
"""Greatest depth, m."""


@dataclass(frozen=True)
class Preset:
    """One size of the basin.

    Attributes:
        name: ``R8``, ``R4``, ``R2`` or ``R1``.
        columns: Ocean columns between the walls.
        walls: Columns of land that close the basin outside the channel.
        rows: Mercator rows from south to north; the equator lies between the two in the middle.
        levels: Levels.
        surface: Thickness of the top level, m.
        dt_momentum: Momentum step of accelerated runs, s.
        dt_tracer: Tracer step of accelerated runs, s; the model's clock.
        dt_synchronous: Common step of synchronous runs, s; at most 3600 (inertial limit at 70 degrees).
        viscosity_power: Lateral viscosity falls with cos(latitude) to this power: explicit steps need it on 7 degrees.
    """

    name: str
    columns: int
    walls: int
    rows: int
    levels: int
    surface: float
    dt_momentum: float
    dt_tracer: float
    dt_synchronous: float
    viscosity_power: int

    @property
    def spacing(self) -> float:
        """Distance of columns, degrees of longitude."""
        return BASIN_WIDTH / self.columns

    @property
    def shape(self) -> tuple[int, int, int]:
        """(level, y, x), walls included."""
        return self.levels, self.rows, self.columns + self.walls

    def thickness(self) -> np.ndarray:
        """Return the levels' thickness (level,), m, surface first: grows as sin2 from ``surface``; the sum is DEPTH."""
        shape = np.sin(0.5 * np.pi * np.arange(self.levels) / (self.levels - 1)) ** 2
        growth = (DEPTH - self.levels * self.surface) / shape.sum()
        return np.asarray(self.surface + growth * shape)


PRESETS: dict[str, Preset] = {
    p.name: p
    for p in (
        Preset("R8", 7, 1, 28, 8, 80.0, 1800.0, 86400.0, 3600.0, 3),
        Preset("R4", 15, 1, 60, 15, 40.0, 1800.0, 86400.0, 3600.0, 1),
        Preset("R2", 31, 1, 124, 20, 30.0, 3600.0, 43200.0, 3600.0, 1),
        Preset("R1", 50, 2, 198, 36, 12.0, 3000.0, 21600.0, 3000.0, 1),
    )
}


def preset(name: str) -> Preset:
    """Return the preset called ``name``.

    Raises:
        ConfigError: If there is none.
    """
    require_choice("preset", name, PRESETS)
    return PRESETS[name]
