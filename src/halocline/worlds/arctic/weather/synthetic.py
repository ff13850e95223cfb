"""Synthetic weather: the parts put together, every 6 h, on the 100-km grid, interpolated to the model's grid.

Wind is geostrophic from mean pressure, a random streamfunction and cyclones, slowed and turned towards low pressure by
friction. Temperature follows the seasons, the meridional wind, a random field and a slow year-to-year index. All
randomness is keyed by (seed, member, step); the memory of the random fields travels in the restart.
"""

import numpy as np

from halocline.data.reading.notes import Notes
from halocline.runtime import keyed
from halocline.worlds.arctic.domain import PROJECTION, Domain
from halocline.worlds.arctic.forcing import Atmosphere
from halocline.worlds.arctic.parameters import ZERO_CELSIUS
from halocline.worlds.arctic.weather import coarse, cyclones
from halocline.worlds.arctic.weather.climatology import bumps, climatology, cloud_cover, season
from halocline.worlds.arctic.weather.noise import SpectralNoise
from halocline.worlds.arctic.weather.radiation import shortwave_down, specific_humidity

STEPS_PER_YEAR = 1460
STEP_DAYS = 0.25
FRICTION_SPEED = 0.60  # 1, 10-m wind over geostrophic wind
FRICTION_TURN = np.deg2rad(22.0)  # towards low pressure
RHO_F = 1.3 * 1.42e-4  # kg m-3 s-1
RANDOM_PRESSURE = (930.0, 620.0)  # Pa, standard deviation in winter and summer
RANDOM_AIR = (3.0, 0.6)  # K, the same
AO_PRESSURE = 350.0  # Pa, polar-cap anomaly of one unit of the AO-like index
AO_MEMORY_DAYS = 20.0
SLOW_AIR = (0.8, 0.4)  # K, year-to-year index, winter and summer
SLOW_MEMORY_DAYS = 300.0
ADVECTION = (0.9, 0.15)  # K per m/s of poleward wind, winter and summer
ADVECTION_MEMORY_DAYS = 1.5
RELATIVE_HUMIDITY = 0.88


class SyntheticWeather:
    """A ``Forcing`` that invents its weather.

    Args:
        domain: The model's domain.
        seed: Seed of the run.
        member: Member number.
        warming: Linear warming of air and sea, K per decade, 0 at step 0.
    """

    def __init__(self, domain: Domain, seed: int, member: int, warming: float = 0.0) -> None:
        self.origin, self.notes = 0, Notes()
        self._seed, self._member, self._warming = seed, member, warming
        self._x = coarse.centres()
        self._climate = climatology(self._x, self._x)
        _, lon = PROJECTION.inverse(self._x[None, :], self._x[:, None])
        self._poleward = PROJECTION.rotate_to_grid(np.zeros_like(lon), np.ones_like(lon), lon)
        self._cap = self._gradient(-AO_PRESSURE * bumps(self._x[None, :], self._x[:, None], 90.0, 0.0, 1400.0))
        self._mean_winter = self._gradient(self._climate.pressure_winter)
        self._mean_summer = self._gradient(self._climate.pressure_summer)
        self._to_centre = coarse.Interpolation(domain.grid.x)
        self._to_corner = coarse.Interpolation(domain.corner_x)
        self._local = climatology(domain.grid.x, domain.grid.y)
        self._pressure = SpectralNoise(seed, member, "pressure", slope=5.2, memory_days=2.6)
        self._air = SpectralNoise(seed, member, "air", slope=4.0, memory_days=5.0)
        self._index = np.zeros(2)  # AO-like, slow temperature
        self._heat = np.zeros((coarse.CELLS, coarse.CELLS))  # remembered poleward wind, m/s
        self._step: int | None = None

    @staticmethod
    def _gradient(pressure: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        py, px = np.gradient(pressure, coarse.SPACING)
        return px, py

    def _wind(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        summer = season(step % STEPS_PER_YEAR * STEP_DAYS, warmest=200.0, sharpness=1.0)
        px, py = cyclones.pressure_gradient(self._x, self._x, self._seed, self._member, step)
        noise = RANDOM_PRESSURE[0] + (RANDOM_PRESSURE[1] - RANDOM_PRESSURE[0]) * summer
        random = self._pressure.gradient()
        mean = [(1.0 - summer) * w + summer * s for w, s in zip(self._mean_winter, self._mean_summer, strict=True)]
        px = px + mean[0] + noise * random[0] + self._index[0] * self._cap[0]
        py = py + mean[1] + noise * random[1] + self._index[0] * self._cap[1]
        u, v = -py / RHO_F, px / RHO_F
        cos, sin = FRICTION_SPEED * np.cos(FRICTION_TURN), FRICTION_SPEED * np.sin(FRICTION_TURN)
        return cos * u - sin * v, sin * u + cos * v

    def _move_to(self, step: int) -> None:
        if self._step is None:
            self._pressure.start(step)
            self._air.start(step)
            self._index = keyed.generator(self._seed, "weather", "index", self._member, step).standard_normal(2)
            self._step = step
        while self._step < step:
            self._step += 1
            self._pressure.advance(self._step)
            self._air.advance(self._step)
            draw = keyed.generator(self._seed, "weather", "index", self._member, self._step).standard_normal(2)
            keep = np.exp(-STEP_DAYS / np.array([AO_MEMORY_DAYS, SLOW_MEMORY_DAYS]))
            self._index = keep * self._index + np.sqrt(1.0 - keep**2) * draw
            u, v = self._wind(self._step)
            poleward = u * self._poleward[0] + v * self._poleward[1]
            share = STEP_DAYS / ADVECTION_MEMORY_DAYS
            self._heat = self._heat + share * (poleward - self._heat)

    def at(self, step: int) -> Atmosphere:
        """Return the atmosphere of a step; steps must not decrease."""
        self._move_to(step)
        day = step % STEPS_PER_YEAR * STEP_DAYS
        u, v = self._wind(step)
        summer = season(day, warmest=200.0, sharpness=1.6)
        random = RANDOM_AIR[0] + (RANDOM_AIR[1] - RANDOM_AIR[0]) * summer
        carried = ADVECTION[0] + (ADVECTION[1] - ADVECTION[0]) * summer
        slow = SLOW_AIR[0] + (SLOW_AIR[1] - SLOW_AIR[0]) * summer
        trend = self._warming * step / (10.0 * STEPS_PER_YEAR)
        anomaly = random * self._air.field() + carried * self._heat + slow * self._index[1]
        anomaly_here = self._to_centre(anomaly)
        t2m = np.clip(self._local.air(day) + trend + anomaly_here, 205.0, ZERO_CELSIUS + 25.0)
        cloud = np.clip(cloud_cover(day) + 0.02 * anomaly_here, 0.1, 1.0)
        return Atmosphere(
            t2m=t2m,
            q2m=specific_humidity(t2m, RELATIVE_HUMIDITY),
            u10=self._to_centre(u),
            v10=self._to_centre(v),
            u10_corner=self._to_corner(u),
            v10_corner=self._to_corner(v),
            cloud=cloud,
            snowfall=self._local.snowfall(day),
            shortwave=shortwave_down(self._local.lat, day, cloud),
            sst=self._local.sst(day) + trend,
        )

    def memory(self) -> dict[str, np.ndarray]:
        """Return the random fields' memory, for a restart."""
        assert self._step is not None
        return {
            "weather_step": np.array([self._step], np.int64),
            "weather_pressure": self._pressure.modes.view(np.float64),
            "weather_air": self._air.modes.view(np.float64),
            "weather_index": self._index,
            "weather_heat": self._heat,
        }

    def recall(self, memory: dict[str, np.ndarray]) -> None:
        """Take the memory of a restart up again."""
        self._step = int(memory["weather_step"][0])
        self._pressure.modes = memory["weather_pressure"].view(np.complex128)
        self._air.modes = memory["weather_air"].view(np.complex128)
        self._index = memory["weather_index"]
        self._heat = memory["weather_heat"]
