"""The season: which share of its year has passed, and how far apart two times are in it, whatever their years."""

import numpy as np

from halocline.data.fields.calendar import mean_year_hours, season_hour

WINDOW_DAYS = 15.0
"""States of other years are of the same season within so many days."""

YEAR_DAYS = 365.25
"""Length of the year in which distances between seasons are told."""


def season_share(hours: np.ndarray, calendar: str) -> np.ndarray:
    """Return which share of its own year has passed at each time, 0 to less than 1."""
    return np.asarray(season_hour(np.asarray(hours), calendar) / mean_year_hours(calendar))


def days_to_nearest(shares: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the days in the season from each time to the nearest of others.

    Args:
        shares: Shares of the year (time,).
        others: Shares of the year (other,), at least one.

    Returns:
        Days (time,), at most half a year.
    """
    ring = np.sort(np.asarray(others, np.float64).ravel() % 1.0)
    ring = np.concatenate([ring[-1:] - 1.0, ring, ring[:1] + 1.0])
    place = np.asarray(shares, np.float64) % 1.0
    after = np.searchsorted(ring, place, side="left").clip(1, len(ring) - 1)
    return np.asarray(YEAR_DAYS * np.minimum(np.abs(place - ring[after - 1]), np.abs(ring[after] - place)))
