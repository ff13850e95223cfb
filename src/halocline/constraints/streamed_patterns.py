"""The leading patterns of states that do not fit in memory: a randomised singular value decomposition."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from halocline.constraints.pattern_basis import PatternBasis
from halocline.runtime import keyed
from halocline.runtime.errors import ConfigError

MEMORY_LIMIT = 2_000_000_000
"""Bytes of states that are decomposed at once; more are streamed."""


def fit_patterns(
    read: Callable[[], Iterable[np.ndarray]], states: int, wet: np.ndarray, count: int, limit: int = MEMORY_LIMIT
) -> PatternBasis:
    """Return ``PatternBasis.fit`` of states, or ``fit_streamed`` of them if they take more than ``limit`` bytes."""
    if 4 * states * int(wet.sum()) <= limit:
        return PatternBasis.fit(read(), wet, count)
    return fit_streamed(read, wet, count)


def fit_streamed(
    read: Callable[[], Iterable[np.ndarray]], wet: np.ndarray, count: int, *, extra: int = 10, turns: int = 2
) -> PatternBasis:
    """Find the ``count`` leading patterns of states that are read 3 + 2 ``turns`` times, one by one.

    Y = A^T Omega for a random Omega spans the leading patterns of the anomalies A (state, cell) nearly, and more nearly
    after each turn Y = A^T (A Y). With Q an orthonormal basis of Y, those of A Q are those of A.

    Source: Halko, Martinsson and Tropp 2011, SIAM Review 53, algorithms 4.4 and 5.1.

    Args:
        read: Returns the training states (channel, y, x) anew, in one order, physical units.
        wet: Wet cells (channel, y, x).
        count: Number of patterns.
        extra: Directions beside them; memory holds two arrays (cell, count + extra) of float32.
        turns: Power iterations.

    Raises:
        ConfigError: If there are not more states than patterns.
    """
    mean, scale, states = _moments(read, wet)
    if not 0 < count < states:
        raise ConfigError(
            "patterns",
            found=f"{count} patterns from {states} states",
            expected="fewer patterns than states, at least one",
            remedy="Give more states, or ask for fewer patterns.",
        )
    each = np.repeat(scale, wet.sum(axis=(1, 2))).astype(np.float32)

    def anomalies() -> Iterator[np.ndarray]:
        return ((state[wet].astype(np.float32) - mean) / each for state in read())

    size = min(count + extra, states)
    weights = keyed.normal(0, (states, size), "patterns")
    for turn in range(turns + 1):
        sketch = np.zeros((len(mean), size), np.float32)
        for row, anomaly in zip(weights, anomalies(), strict=True):
            for k, weight in enumerate(row):  # no third array of that size
                sketch[:, k] += weight * anomaly
        basis = np.linalg.qr(sketch)[0]
        weights = np.stack([anomaly @ basis for anomaly in anomalies()])
        if turn < turns:  # only the span counts; sums stay far from the limits of float32
            weights = np.linalg.qr(weights)[0]
    _, values, right = np.linalg.svd(weights.astype(np.float64), full_matrices=False)
    kept = values[:count] ** 2 > 1e-6 * values[0] ** 2
    patterns = (right[:count][kept] @ basis.T.astype(np.float64)) * np.sqrt(len(mean))
    return PatternBasis.from_arrays(wet, {"mean": mean, "scale": scale, "patterns": patterns.astype(np.float16)})


def _moments(read: Callable[[], Iterable[np.ndarray]], wet: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the mean state (cell,), the rms anomaly of each channel (channel,), and how many states there are."""
    total, states = np.zeros(int(wet.sum())), 0
    for state in read():
        total += state[wet]
        states += 1
    mean = (total / max(states, 1)).astype(np.float32)
    square, cells = np.zeros(len(wet)), wet.sum(axis=(1, 2))
    ends = np.concatenate([[0], np.cumsum(cells)])
    for state in read():
        anomaly = (state[wet].astype(np.float64) - mean) ** 2
        square += [anomaly[a:b].sum() for a, b in zip(ends[:-1], ends[1:], strict=True)]
    scale = np.sqrt(square / max(states, 1) / np.maximum(cells, 1))
    return mean, np.where(scale > 0, scale, 1.0), states
