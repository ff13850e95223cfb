"""Stochastic weather: smooth random fields for wind, temperature and salinity, a pure function of (seed, member, day).

Each field is a sum of 50 modes (five in x: constant and two wave numbers; ten in y) whose coefficients follow AR(1)
processes with a memory of 30 days. Twelve coefficients would leave the ocean's states in a dozen patterns.
"""

import numpy as np
from scipy.signal import lfilter

from halocline.runtime import keyed
from halocline.worlds.dino.climate import YEAR_DAYS

FIELDS = ("wind", "temperature", "salinity")
AMPLITUDES = {"wind": 0.25, "temperature": 1.0, "salinity": 0.1}
"""Standard deviation of the fields: share of the mean stress, K, psu."""
MEMORY_DAYS = 30.0
_IN_X, _IN_Y = 2, 10
MODES = (2 * _IN_X + 1) * _IN_Y


def modes(lat: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the patterns (mode, y, x); with coefficients of unit variance their sum has variance 1 on average.

    Args:
        lat: (y,), degrees north, -70..70.
        x: (x,), position around the channel, 0..1.
    """
    along = [np.ones_like(x)]
    for k in range(1, _IN_X + 1):
        along += [np.sqrt(2) * np.cos(2 * np.pi * k * x), np.sqrt(2) * np.sin(2 * np.pi * k * x)]
    wave_x = [0, *(k for k in range(1, _IN_X + 1) for _ in range(2))]
    out, power = [], []
    for j in range(_IN_Y):
        across = np.cos(np.pi * j * (lat + 70.0) / 140.0) * (np.sqrt(2) if j else 1.0)
        for k, pattern in zip(wave_x, along, strict=True):
            out.append(across[:, None] * pattern[None, :])
            power.append(1.0 / (1.0 + ((k / 1.0) ** 2 + (j / 4.0) ** 2)))
    weight = np.sqrt(np.array(power) / np.sum(power))
    return np.asarray(weight[:, None, None] * np.stack(out))


def coefficients(seed: int, member: int, first_day: int, days: int) -> np.ndarray:
    """Return the coefficients (day, field, mode), each of unit variance, for days counted from the run's beginning.

    The process of a year is filtered from white noise of that year and of the one before, so that any day can be had
    without those before it; what the cut loses is exp(-12).
    """
    out = []
    first_year, last_year = first_day // YEAR_DAYS, (first_day + days - 1) // YEAR_DAYS
    for year in range(first_year, last_year + 1):
        random = [keyed.generator(seed, "dino-weather", member, y) for y in (year - 1, year)]
        white = np.concatenate([each.standard_normal((YEAR_DAYS, len(FIELDS), MODES)) for each in random])
        a = np.exp(-1.0 / MEMORY_DAYS)
        out.append(lfilter([np.sqrt(1 - a**2)], [1.0, -a], white, axis=0)[YEAR_DAYS:])
    start = first_day - first_year * YEAR_DAYS
    return np.asarray(np.concatenate(out)[start : start + days])
