"""What "nearest" means between members of an ensemble: named distances of forcing, of the season, and of states."""

import numpy as np


def scaled(values: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """Return parameters (..., parameter) in the range of the trained ones (member, parameter): 0..1 inside.

    A parameter that does not vary among the trained ones is 0: it counts for nothing.
    """
    low, span = trained.min(axis=0), np.ptp(trained, axis=0)
    return np.where(span > 0, (values - low) / np.where(span > 0, span, 1.0), 0.0)


def trained_range(values: np.ndarray, target: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """Return the Euclidean distance (member,) of parameters in the range of the trained ones, see ``scaled``.

    Args:
        values: (member, parameter).
        target: (parameter,).
        trained: What the range is taken from (member, parameter).
    """
    return np.linalg.norm(scaled(values, trained) - scaled(target, trained), axis=1)


def trained_width_squared(values: np.ndarray, target: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """Return the squared distance (member,) over the width of the trained range.

    Unlike in ``trained_range`` a parameter that does not vary among the trained ones counts, in its own unit.
    """
    width = np.ptp(trained, axis=0)
    width = np.where(width > 0, width, 1.0)
    return np.asarray(((values / width - target / width) ** 2).sum(axis=1))


def fixed_range(values: np.ndarray, target: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Return the rms difference (member,) of parameters over fixed widths (parameter,), those of the world's ranges."""
    return np.asarray(np.sqrt((((values - target) / width) ** 2).mean(axis=1)))


def season(days: np.ndarray, day: float, days_per_year: float) -> np.ndarray:
    """Return the share of the year (sample,) between days of the year (sample,) and a day, the shorter way round."""
    apart = np.abs(days - day)
    return np.asarray(np.minimum(apart, days_per_year - apart) / days_per_year)


def state_squared(a: np.ndarray, b: np.ndarray, scale: np.ndarray, weight: np.ndarray) -> float:
    """Return the weighted squared difference of two states (variable, cell).

    Args:
        a: One state.
        b: The other.
        scale: Spread of each variable (variable, 1).
        weight: Root of each cell's share of the volume (cell,).
    """
    return float((((a - b) / scale * weight) ** 2).sum())
