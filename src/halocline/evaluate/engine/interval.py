"""Intervals of scores from their replicates."""

import numpy as np

LEVEL = 0.90
"""Probability that an interval should hold."""


def centred(replicates: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Shift replicates (replicate, score) so that their median is the value (score,).

    Resampling adds noise of its own, which lifts every score that is a distance above its value on the sample. The
    shift takes this lift away and leaves the spread: the interval is that of the score *at this sample size*.
    """
    shifted: np.ndarray = replicates - np.median(replicates, axis=0) + value
    return shifted


def interval(replicates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the central interval (low, high), each (score,), that holds ``LEVEL`` of the replicates."""
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(replicates, [tail, 1.0 - tail], axis=0)
    return low, high


def known_interval(replicates: np.ndarray, *, enough: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of the scores whose replicates (replicate, score) are all finite; NaN for others.

    Args:
        replicates: The replicates.
        enough: Whether enough was resampled for an interval; NaN for all scores if not.
    """
    low, high = np.full((2, replicates.shape[1]), np.nan)
    finite = np.isfinite(replicates).all(axis=0)
    if enough and finite.any():
        low[finite], high[finite] = interval(replicates[:, finite])
    return low, high
