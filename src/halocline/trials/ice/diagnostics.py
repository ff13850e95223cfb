"""What is measured of a run of the Arctic world: energy, deformation, what was made and lost, extent."""

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import binary_dilation

from halocline.physics.deformation import strain_rates
from halocline.physics.quads import quad_mean
from halocline.physics.sea_ice import ICE_EDGE, extent, volume
from halocline.trials.run_table import Figures
from halocline.worlds.arctic.budget import TERMS
from halocline.worlds.arctic.domain import Domain
from halocline.worlds.arctic.model import MODEL_STEP_HOURS, ArcticModel

FIGURES: Figures = {
    "kinetic_energy": ("kinetic energy of the ice", "J"),
    "acceleration": ("rms change of drift over 6 h, mean since the last time", "m s-2"),
    "deformation": ("total deformation, mean over ice-covered area", "s-1"),
    "deformation_p95": ("95th percentile of total deformation over ice-covered cells", "s-1"),
    "deformation_p99": ("99th percentile of total deformation over ice-covered cells", "s-1"),
    "damage_made": ("damaged area made by drift, since the last time", "m2 s-1"),
    "damage_healed": ("damaged area healed or melted, since the last time", "m2 s-1"),
    "growth": ("ice volume grown, since the last time", "m3 s-1"),
    "lead_growth": ("ice volume grown in leads and open water, since the last time", "m3 s-1"),
    "melt": ("ice volume melted, since the last time", "m3 s-1"),
    "ridging": ("cover piled up by convergence, since the last time", "m2 s-1"),
    "coastal_ridging": ("the same in cells beside land, since the last time", "m2 s-1"),
    "volume": ("ice volume", "m3"),
    "extent": ("ice extent", "m2"),
    "roughness": ("rms difference of concentration from the mean of the four cells around, within the ice", "1"),
    "thickest": ("largest cell-mean thickness", "m"),
}
"""Long name and unit of what each run measures; rates are means over the time since the last diagnostics."""
RATES = ("acceleration", "damage_made", "damage_healed", "growth", "lead_growth", "melt", "ridging", "coastal_ridging")
FASTEST = 5.0
"""Drift beyond which a run counts as crashed, m/s: several times that of any sea ice."""
_GROWN = tuple(TERMS.index(name) for name in ("congelation", "open_water_growth", "snow_ice"))
_LEADS = TERMS.index("open_water_growth")
_MELTED = tuple(TERMS.index(name) for name in ("surface_melt", "basal_melt"))
_STEP_S = MODEL_STEP_HOURS * 3600.0


def coast_of(domain: Domain) -> np.ndarray:
    """Return the cells where ice may be that touch land, by a side or a corner (y, x)."""
    beside_land: np.ndarray = binary_dilation(~domain.ocean, np.ones((3, 3), bool))
    return domain.inner & beside_land


@dataclass(eq=False)
class Watch:
    """Advances a model and sums up what happens between two diagnostics.

    Attributes:
        model: The model; advanced in place.
        sums: Sums of RATES since the last diagnostics, each times 6 h of seconds.
        steps: Steps since then.
    """

    model: ArcticModel
    sums: dict[str, float] = field(default_factory=lambda: dict.fromkeys(RATES, 0.0))
    steps: int = 0

    def __post_init__(self) -> None:
        self._coast = coast_of(self.model.domain)
        self._area = self.model.domain.grid.area

    def advance(self) -> bool:
        """Advance by 6 h; return False if the model has blown up."""
        model, state = self.model, self.model.state
        before_u, before_v, broken = state.u.copy(), state.v.copy(), self._broken()
        model.move()
        ice = covered_corners(state.sic)
        moved = (
            float(np.sqrt(np.mean((state.u - before_u)[ice] ** 2 + (state.v - before_v)[ice] ** 2)))
            if ice.any()
            else 0.0
        )
        after_drift = self._broken()
        totals = model.budget.totals.copy()
        model.grow()
        gained = model.budget.totals - totals
        piled = model.ridged * self._area
        each = {
            "acceleration": moved,
            "damage_made": after_drift - broken,
            "damage_healed": after_drift - self._broken(),
            "growth": float(gained[list(_GROWN)].sum()),
            "lead_growth": float(gained[_LEADS]),
            "melt": -float(gained[list(_MELTED)].sum()),
            "ridging": float(piled.sum()),
            "coastal_ridging": float(piled[self._coast].sum()),
        }
        for name, value in each.items():
            self.sums[name] += value
        self.steps += 1
        sound = all(np.isfinite(values).all() for values in (state.sit, state.sic, state.u, state.v))
        return sound and max(float(np.abs(state.u).max()), float(np.abs(state.v).max())) <= FASTEST

    def figures(self) -> dict[str, float]:
        """Return all FIGURES of this moment, rates since the last call; rates of the start are NaN."""
        state, domain = self.model.state, self.model.domain
        u, v = quad_mean(state.u_mean), quad_mean(state.v_mean)
        energy = 0.5 * self.model.dynamics.rho_ice * state.sit * (u**2 + v**2) * self._area
        total = strain_rates(state.u_mean, state.v_mean, domain.dx).total
        icy = (state.sic > ICE_EDGE) & domain.inner
        there = total[icy] if icy.any() else np.zeros(1)
        weight = (state.sic * self._area)[icy] if icy.any() else np.ones(1)
        low, high = np.quantile(there, [0.95, 0.99])
        out = {
            "kinetic_energy": float(energy.sum()),
            "deformation": float(np.average(there, weights=weight)),
            "deformation_p95": float(low),
            "deformation_p99": float(high),
            "volume": float(volume(state.sit, self._area, domain.ocean)),
            "extent": float(extent(state.sic, self._area, domain.ocean)),
            "roughness": roughness(state.sic, icy),
            "thickest": float(state.sit.max()),
        }
        for name in RATES:
            out[name] = self.sums[name] / (self.steps * _STEP_S) if self.steps else np.nan
            self.sums[name] = 0.0
        self.steps = 0
        return {name: out[name] for name in FIGURES}

    def _broken(self) -> float:
        state = self.model.state
        return float((state.damage * state.sic * self._area).sum())


def covered_corners(sic: np.ndarray) -> np.ndarray:
    """Return the corners (y + 1, x + 1) around which all four cells have ice."""
    ice = np.pad(sic > ICE_EDGE, 1)
    return ice[:-1, :-1] & ice[1:, :-1] & ice[:-1, 1:] & ice[1:, 1:]


def roughness(field: np.ndarray, icy: np.ndarray) -> float:
    """Return the rms difference of a field from the mean of the four cells around, where all five have ice.

    Args:
        field: (y, x).
        icy: True where there is ice (y, x).
    """
    around = (field[:-2, 1:-1] + field[2:, 1:-1] + field[1:-1, :-2] + field[1:-1, 2:]) / 4.0
    inside = icy[1:-1, 1:-1] & icy[:-2, 1:-1] & icy[2:, 1:-1] & icy[1:-1, :-2] & icy[1:-1, 2:]
    return float(np.sqrt(np.mean((field[1:-1, 1:-1] - around)[inside] ** 2))) if inside.any() else 0.0
