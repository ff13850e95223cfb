"""Reference forecasts: persistence; or the ice drifts with the wind and all else persists."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from halocline.chain.forecast.request import Forecaster
from halocline.chain.forecast.stepper import StepContext
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.grids.grid import Grid
from halocline.data.grids.orientation import handedness
from halocline.runtime.errors import require_names
from halocline.runtime.ranks import Ranks
from halocline.runtime.registry import Registry

WIND_FACTOR = 0.0174  # drift speed over 10-m wind speed
TURN = np.deg2rad(25.0)  # to the right of the wind in the north, to its left in the south


@dataclass(frozen=True)
class Persistence(Forecaster):
    """x_{t+12h} = x_t."""

    channels: tuple[str, ...] = ("sit", "sic", "sid", "siu", "siv", "snt")
    forcing: tuple[str, ...] = ()
    degree_days: DegreeDays = DegreeDays(())  # noqa: RUF009
    step_hours: int = 12
    card: dict[str, Any] = field(default_factory=lambda: {"name": "persistence"})
    trained_grid: None = None

    @property
    def device(self) -> None:
        """Nowhere: there is no network."""
        return None

    def fitting(self, names: tuple[str, ...]) -> "Persistence":
        """Return the baseline for the variables that a start holds."""
        return replace(self, channels=names) if names else self

    @property
    def provenance(self) -> dict[str, str]:
        """Nothing beyond its name."""
        return {}

    def trained_strength(self, name: str) -> float | None:
        """Return None: nothing was trained."""
        return None

    def working_bytes(self, grid: Grid) -> tuple[int, int, int]:
        """Return memory in bytes: none of its own, three copies of the states for each member, none for tiles."""
        return 0, 4 * 3 * len(self.channels) * grid.mask.size, 0

    def advance(self, states: np.ndarray, context: StepContext, grid: Grid, batch: int, ranks: Ranks) -> np.ndarray:
        """Return the states as they are."""
        return states.copy()


@dataclass(frozen=True)
class FreeDrift(Persistence):
    """Drift = 1.74 % of the 10-m wind at the end of the step, 25 degrees to its right (south: left); all else persists.

    Source: factor and angle as in the baseline of Finn et al. 2024, JAMES (diffusion for regional surrogates).
    """

    forcing: tuple[str, ...] = ("u10", "v10")
    card: dict[str, Any] = field(default_factory=lambda: {"name": "free-drift"})
    trained_grid: None = None

    def advance(self, states: np.ndarray, context: StepContext, grid: Grid, batch: int, ranks: Ranks) -> np.ndarray:
        """Return the states with the drift that the wind at the end of the step gives; all else as it is."""
        u, v = context.later
        out = states.copy()
        remedy = "Start from states of sea ice with its drift, or forecast with persistence."
        require_names("states for free-drift", ("sic", "siu", "siv"), self.channels, remedy)
        ice = out[:, self.channels.index("sic")] > 0
        # Where y lies left of x, seen from above, a turn to the right is clockwise on the grid.
        right = np.sign(grid.lat) * handedness(grid) * np.sin(TURN)
        drift = (u * np.cos(TURN) + v * right, v * np.cos(TURN) - u * right)
        for name, component in zip(("siu", "siv"), drift, strict=True):
            out[:, self.channels.index(name)] = np.where(ice, np.float32(WIND_FACTOR) * component, 0.0)
        return out


BASELINES: Registry[Callable[[], Persistence]] = Registry("baseline", group="halocline.baselines")
"""Baselines by name."""
BASELINES.register("persistence")(Persistence)
BASELINES.register("free-drift")(FreeDrift)
