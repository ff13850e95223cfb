"""Whether two sets of real states suffice for a floor: enough states, of the same seasons."""

import numpy as np

from halocline.data.fields.season import days_to_nearest, season_share

LEAST_STATES = 4
"""Fewest real states of a half; with fewer there is no floor."""

_MANY_STATES = 24

_SEASON_DAYS = 31.0
"""Two sets are of the same seasons if each state of one has one of the other within so many days of the year."""


def coarse_floor(first: int, second: int) -> list[str]:
    """Return a note if the floor is that of few real states, none if they are many."""
    words = f"The floor compares {first} real states with {second}: so few make it coarse, and its interval, too."
    return [words] if min(first, second) < _MANY_STATES else []


def seasons_differ(first: np.ndarray, second: np.ndarray, calendar: str) -> str | None:
    """Return words if two sets of times, hours since 2000-01-01, lie in different seasons; None if not."""
    shares = season_share(first, calendar), season_share(second, calendar)
    away = max(days_to_nearest(*shares).max(), days_to_nearest(*shares[::-1]).max())
    return "the two halves of the held-out states lie in different seasons" if away > _SEASON_DAYS else None
