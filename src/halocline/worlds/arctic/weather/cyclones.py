"""Moving cyclones: Gaussian depressions born at random, whole life a function of (seed, member, step of birth).

Nothing is remembered: the cyclones alive at a step are those born in the last 8 days.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from halocline.runtime import keyed
from halocline.worlds.arctic.domain import PROJECTION

# (latitude, longitude, share of births, heading in degrees clockwise from north)
GENESIS = (
    (63.0, -30.0, 0.24, 45.0),  # Iceland
    (70.0, 2.0, 0.20, 50.0),  # Norwegian Sea
    (73.0, 38.0, 0.16, 60.0),  # Barents Sea
    (74.0, 75.0, 0.10, 50.0),  # Kara Sea
    (71.0, 130.0, 0.10, 30.0),  # Laptev Sea
    (63.0, -172.0, 0.11, 10.0),  # Bering Strait
    (66.0, -60.0, 0.09, 0.0),  # Baffin Bay
)
BIRTHS_PER_STEP = 0.135  # about one in two days
LONGEST_STEPS = 32  # 8 days


@dataclass(frozen=True)
class Cyclone:
    """One depression on the projection plane.

    Attributes:
        x, y: Place of birth, m.
        speed: m/s.
        heading: Direction on the plane at birth, radians from +x.
        turn: Change of heading, radians per day (positive to the left).
        radius: Of the Gaussian, m.
        depth: Greatest depth, Pa.
        life: Steps.
    """

    x: float
    y: float
    speed: float
    heading: float
    turn: float
    radius: float
    depth: float
    life: int

    def at(self, age: float) -> tuple[float, float, float]:
        """Return (x, y, depth in Pa) at ``age`` steps: it grows and decays as a squared sine."""
        days = age * 0.25
        half = self.heading + 0.5 * self.turn * days
        way = self.speed * age * 21600.0
        return (
            self.x + way * np.cos(half),
            self.y + way * np.sin(half),
            self.depth * np.sin(np.pi * age / self.life) ** 2,
        )


@lru_cache(maxsize=256)
def births(seed: int, member: int, step: int) -> tuple[Cyclone, ...]:
    """Return the cyclones born at a step."""
    random = keyed.generator(seed, "weather", "cyclones", member, step)
    winter = 0.5 + 0.5 * np.cos(2.0 * np.pi * (step % 1460) / 1460.0)
    born = []
    for _ in range(random.poisson(BIRTHS_PER_STEP)):
        lat, lon, _share, compass = GENESIS[random.choice(len(GENESIS), p=[g[2] for g in GENESIS])]
        x, y = PROJECTION.forward(np.array(lat), np.array(lon))
        angle = np.deg2rad(compass + random.normal(0.0, 25.0))
        ex, ey = PROJECTION.rotate_to_grid(np.sin(angle), np.cos(angle), np.array(lon))
        born.append(
            Cyclone(
                x=float(x) + random.normal(0.0, 3.0e5),
                y=float(y) + random.normal(0.0, 3.0e5),
                speed=random.uniform(4.0, 11.0),
                heading=float(np.arctan2(ey, ex)),
                turn=random.normal(0.12, 0.2),
                radius=random.uniform(2.8e5, 6.2e5),
                depth=100.0 * random.gamma(4.0, 3.5 + 2.0 * winter),
                life=int(random.integers(8, LONGEST_STEPS + 1)),
            )
        )
    return tuple(born)


def pressure_gradient(x: np.ndarray, y: np.ndarray, seed: int, member: int, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (dp/dx, dp/dy) of all living cyclones at positions ``x`` (x,), ``y`` (y,), Pa/m, each (y, x)."""
    px, py = np.zeros((y.size, x.size)), np.zeros((y.size, x.size))
    for age in range(LONGEST_STEPS):
        for cyclone in births(seed, member, step - age):
            if age < cyclone.life:
                cx, cy, depth = cyclone.at(age)
                along = np.exp(-((x - cx) ** 2) / (2.0 * cyclone.radius**2))
                across = np.exp(-((y - cy) ** 2) / (2.0 * cyclone.radius**2))
                shape = depth / cyclone.radius**2 * across[:, None] * along[None, :]
                px += shape * (x - cx)[None, :]
                py += shape * (y - cy)[:, None]
    return px, py
