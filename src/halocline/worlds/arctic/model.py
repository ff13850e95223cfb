"""One 6-h step of the Arctic world: three times (momentum, transport, open boundary), then growth and melt."""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from halocline.physics.quads import quad_mean
from halocline.runtime.errors import require_choice
from halocline.worlds.arctic.advection import advect
from halocline.worlds.arctic.bbm import step_bbm
from halocline.worlds.arctic.budget import VolumeBudget
from halocline.worlds.arctic.domain import Domain
from halocline.worlds.arctic.forcing import Atmosphere, Forcing
from halocline.worlds.arctic.freedrift import step_freedrift
from halocline.worlds.arctic.mevp import step_mevp
from halocline.worlds.arctic.momentum import CornerForcing
from halocline.worlds.arctic.parameters import DYNAMICS, THERMODYNAMICS, DynamicsParameters, ThermodynamicsParameters
from halocline.worlds.arctic.state import IceState
from halocline.worlds.arctic.thermodynamics import step_thermodynamics
from halocline.worlds.arctic.weather.currents import surface_current

Rheology = Literal["bbm", "mevp", "freedrift"]
CHANNELS = ("sit", "sic", "sid", "siu", "siv", "snt", "t2m", "q2m", "u10", "v10")
MODEL_STEP_HOURS = 6
SCRAP = 1e-6
"""Concentration below which ice that transport leaves behind is removed and booked."""

_STEPS: dict[str, Callable[[Domain, IceState, CornerForcing, DynamicsParameters], None]] = {
    "bbm": step_bbm,
    "mevp": step_mevp,
    "freedrift": step_freedrift,
}


class ArcticModel:
    """Ice on a domain under a forcing.

    Args:
        domain: Grid, coast and faces.
        forcing: The atmosphere.
        state: Where to start; changed in place.
        step: Number of the 6-h step to start at; 0 is 1 January 00:00 of the first stored year.
        rheology: ``bbm``, ``mevp`` or ``freedrift``.
        budget: Volume terms so far.
        dynamics: Constants of momentum and rheology.
        thermodynamics: Constants of growth and melt.

    Attributes:
        ridged: Cover that the last step's transport piled up (y, x), as a share of the cell.

    Raises:
        ConfigError: If there is no such rheology.
    """

    def __init__(
        self,
        domain: Domain,
        forcing: Forcing,
        state: IceState,
        *,
        step: int,
        rheology: str = "bbm",
        budget: VolumeBudget | None = None,
        dynamics: DynamicsParameters = DYNAMICS,
        thermodynamics: ThermodynamicsParameters = THERMODYNAMICS,
    ) -> None:
        check_rheology(rheology)
        self.domain, self.forcing, self.state, self.step = domain, forcing, state, step
        self.budget = budget or VolumeBudget()
        self.dynamics, self.thermodynamics = dynamics, thermodynamics
        self._move = _STEPS[rheology]
        current = surface_current(domain.corner_x, domain.corner_x)
        self._current = (current[0].astype(np.float32), current[1].astype(np.float32))
        self.air: Atmosphere = forcing.at(step)
        self._after = self.air
        self.ridged = np.zeros(domain.ocean.shape)

    def advance(self) -> None:
        """Advance the state by 6 h."""
        self.move()
        self.grow()

    def move(self) -> None:
        """Take the first half of a step: drift, damage and transport of 6 h; ``grow`` must follow."""
        before = self.air
        self._after = self.forcing.at(self.step + 1)
        parts = round(self.thermodynamics.step_s / self.dynamics.step_s)
        self.ridged = np.zeros(self.domain.ocean.shape)
        for part in range(parts):
            self._move(self.domain, self.state, self._wind(before, self._after, part, parts), self.dynamics)
            self.ridged += advect(self.domain, self.state, self.dynamics.step_s, (self.step * parts + part) % 2 == 0)
            self._empty_boundary()

    def grow(self) -> None:
        """Take the second half of a step: growth, melt and healing of 6 h."""
        before, after = self.air, self._after
        middle = Atmosphere(**{name: 0.5 * (value + getattr(after, name)) for name, value in vars(before).items()})
        step_thermodynamics(self.domain, self.state, middle, self.budget, self.thermodynamics)
        self.state.clear_where(self.state.sic == 0.0)
        self.step += 1
        self.air = after

    def find_velocity(self) -> None:
        """Give a state without drift the drift of 2 h in the present wind; ice and damage stay as they are."""
        trial = self.state.copy()
        self._move(self.domain, trial, self._wind(self.air, self.air, 0, 1), self.dynamics)
        for name in ("u", "v", "u_mean", "v_mean", "s11", "s22", "s12"):
            getattr(self.state, name)[...] = getattr(trial, name)

    def volume(self) -> float:
        """Return the ice volume, m3, on true areas."""
        return float((self.state.sit * self.domain.grid.area).sum())

    def sample(self) -> np.ndarray:
        """Return the state and the atmosphere of this moment (channel, y, x), float32, in the order of CHANNELS."""
        state, air = self.state, self.air
        ice = state.sic > 0.0
        u = np.where(ice, quad_mean(state.u_mean), 0.0)
        v = np.where(ice, quad_mean(state.v_mean), 0.0)
        fields = (state.sit, state.sic, state.damage, u, v, state.snow, air.t2m, air.q2m, air.u10, air.v10)
        return np.stack([np.asarray(f, np.float32) for f in fields])

    def _wind(self, before: Atmosphere, after: Atmosphere, part: int, parts: int) -> CornerForcing:
        def at(share: float) -> tuple[np.ndarray, np.ndarray]:
            return (
                before.u10_corner + share * (after.u10_corner - before.u10_corner),
                before.v10_corner + share * (after.v10_corner - before.v10_corner),
            )

        return CornerForcing(at(part / parts), at((part + 1) / parts), self._current)

    def _empty_boundary(self) -> None:
        state, outside = self.state, ~self.domain.inner
        # Next to nothing, left after transport; the cut-off of thermodynamics takes the larger rest.
        scraps = (state.sic < SCRAP) & (state.sit != 0.0)
        for term, gone in (("outflow", outside & (state.sit > 0.0)), ("cutoff", scraps)):
            if gone.any():
                self.budget.add(term, -float((state.sit[gone] * self.domain.grid.area[gone]).sum()))
                state.clear_where(gone)


def check_rheology(name: str) -> None:
    """Raise ConfigError unless ``name`` is a rheology."""
    require_choice("rheology", name, get_args(Rheology))
