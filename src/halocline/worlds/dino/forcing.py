"""The forcing of a run, step by step, as plain arrays: what the ocean model is given and nothing else."""

from dataclasses import dataclass

import numpy as np

from halocline.worlds.dino import climate, weather
from halocline.worlds.dino.parameters import ForcingParameters


@dataclass(frozen=True)
class ForcingPlan:
    """Whose forcing, from when on.

    Attributes:
        seed: Seed of the weather.
        member: Number of the weather; -1 for none.
        start: Parameters on day 0.
        end: Parameters from ``ramp_days`` on; between, they change linearly, because a step can break the model.
        ramp_days: Length of the change, days.
        first_day: Day of the year and year of the run's day 0, counted from a 1 January.
    """

    seed: int
    member: int
    start: ForcingParameters
    end: ForcingParameters
    ramp_days: int
    first_day: int = 0

    def parameters(self, day: float) -> ForcingParameters:
        """Return the parameters on a day of the run."""
        share = 1.0 if self.ramp_days <= 0 else min(1.0, day / self.ramp_days)
        return self.start.blend(self.end, share)


@dataclass(frozen=True, eq=False)
class ForcingRows:
    """Forcing of consecutive steps.

    Attributes:
        profiles: (step, 3, y): zonal wind stress (Pa), restoring temperature (degC), restoring salinity (psu).
        weather: (step, 3, mode): coefficients of weather.modes for wind (share of the stress), K and psu.
    """

    profiles: np.ndarray
    weather: np.ndarray


def forcing_rows(plan: ForcingPlan, lat: np.ndarray, day: float, steps: int, step_days: float) -> ForcingRows:
    """Return the forcing of ``steps`` steps from ``day`` of the run on.

    Args:
        plan: Whose.
        lat: Rows (y,), degrees north.
        day: Day of the run of the first step.
        steps: How many.
        step_days: Length of a step, days.
    """
    days = day + step_days * np.arange(steps)
    profiles = np.empty((steps, 3, len(lat)))
    scale = np.empty((steps, 3))
    amplitudes = np.array([weather.AMPLITUDES[f] for f in weather.FIELDS])
    for n, now in enumerate(days):
        p = plan.parameters(float(now))
        profiles[n, 0] = climate.wind_stress(lat, p)
        profiles[n, 1] = climate.restoring_temperature(lat, float(now) + plan.first_day, p)
        profiles[n, 2] = climate.restoring_salinity(lat, p)
        scale[n] = p.storms * amplitudes
    if plan.member < 0:
        return ForcingRows(profiles, np.zeros((steps, 3, weather.MODES)))
    first, last = int(np.floor(days[0])), int(np.floor(days[-1]))
    daily = weather.coefficients(plan.seed, plan.member, plan.first_day + first, last - first + 1)
    rows = daily[np.floor(days).astype(int) - first]
    return ForcingRows(profiles, rows * scale[:, :, None])
