"""The forcing parameters that tell members apart, and how an ensemble is spread over them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np

from halocline.data.store.members import Role
from halocline.runtime import keyed
from halocline.runtime.errors import ConfigError


@dataclass(frozen=True)
class ForcingParameters:
    """What is changed in DINO's forcing; the defaults are DINO.

    Attributes:
        wind_stress: Zonal stress at 45S, Pa.
        warming: Added to the restoring temperature everywhere, K.
        temperature_contrast: Factor on the restoring temperature's drop from the equator to the poles.
        salinity_contrast: Factor on the restoring salinity's departures from its mean.
        season: Factor on the seasonal cycle of the restoring temperature.
        storms: Factor on the stochastic weather.
    """

    wind_stress: float = 0.2
    warming: float = 0.0
    temperature_contrast: float = 1.0
    salinity_contrast: float = 1.0
    season: float = 1.0
    storms: float = 1.0

    def blend(self, other: "ForcingParameters", share: float) -> "ForcingParameters":
        """Return the parameters a share (0..1) of the way to ``other``."""
        return ForcingParameters(*(a + share * (b - a) for a, b in zip(self.values(), other.values(), strict=True)))

    def values(self) -> tuple[float, ...]:
        """Return the numbers in the order of NAMES."""
        return tuple(float(v) for v in asdict(self).values())

    @classmethod
    def of(cls, columns: Mapping[str, np.ndarray], row: int) -> "ForcingParameters":
        """Return the parameters in a row of columns by name; DINO's where there is no column."""
        return cls(**{name: float(columns[name][row]) for name in NAMES if name in columns})


NAMES: tuple[str, ...] = tuple(f.name for f in fields(ForcingParameters))
UNITS: dict[str, str] = {"wind_stress": "Pa", "warming": "K"}  # the others are factors, unit 1
RANGES: dict[str, tuple[float, float]] = {
    "wind_stress": (0.10, 0.30),
    "warming": (-2.0, 4.0),
    "temperature_contrast": (0.85, 1.15),
    "salinity_contrast": (0.7, 1.3),
    "season": (0.5, 1.5),
    "storms": (0.5, 1.5),
}
END_WARMING = 3.0
"""Members warmer than this are held out as the end of the range."""


@dataclass(frozen=True)
class Member:
    """One member of an ensemble.

    Attributes:
        parameters: Its forcing.
        role: Trained on, validated on, or held out: inside the range or at its warm end.
    """

    parameters: ForcingParameters
    role: Role


def ensemble(members: int, seed: int) -> list[Member]:
    """Spread members over the parameters by Latin hypercubes, one for each role (see ``role_plan``).

    Raises:
        ConfigError: If there are fewer than 4 members.
    """
    out: list[Member] = []
    for role, count, ranges, margin in role_plan(members):
        out += [Member(p, role) for p in _hypercube(count, seed, role, ranges, margin)]
    return out


def role_plan(members: int) -> list[tuple[Role, int, dict[str, tuple[float, float]], float]]:
    """Return each role with its members, the ranges of their parameters, and the share of these kept free at the ends.

    The last sixth (at least one each) is held out: inside the range the parameters keep 15 % away from its ends; at the
    end the warming lies between 3 and 4 K, where no training member does. One in twelve validates.

    Raises:
        ConfigError: If there are fewer than 4 members.
    """
    if members < 4:
        remedy = "Ask for more members."
        raise ConfigError(
            "members", found=members, expected="at least 4: each split needs members of its own", remedy=remedy
        )
    ends = max(1, members // 18)
    interior = max(1, members // 9)
    validation = max(1, members // 12)
    train = members - ends - interior - validation
    warm = RANGES["warming"]
    return [
        ("train", train, RANGES | {"warming": (warm[0], END_WARMING)}, 0.0),
        ("validation", validation, RANGES | {"warming": (warm[0], END_WARMING)}, 0.0),
        ("interior", interior, RANGES | {"warming": (warm[0], END_WARMING)}, 0.15),
        ("end", ends, RANGES | {"warming": (END_WARMING, warm[1])}, 0.0),
    ]


def _hypercube(
    count: int, seed: int, role: Role, ranges: dict[str, tuple[float, float]], margin: float
) -> list[ForcingParameters]:
    rng = keyed.generator(seed, "dino-parameters", role)
    columns = []
    for name in NAMES:
        low, high = ranges[name]
        inset = margin * (high - low)
        share = (rng.permutation(count) + rng.random(count)) / count
        columns.append(low + inset + share * (high - low - 2 * inset))
    return [ForcingParameters(*(round(float(v), 6) for v in row)) for row in zip(*columns, strict=True)]
