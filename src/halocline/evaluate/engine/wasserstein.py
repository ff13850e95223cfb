"""The first Wasserstein distance of distributions on the line, from cumulative shares on a ladder of bins."""

import numpy as np


def bin_edges(real: np.ndarray, other: np.ndarray, bins: int) -> np.ndarray:
    """Return equal bins over the range of both sets, at most one real range beyond the real ones on either side.

    Args:
        real: Values of the real set, any shape.
        other: Values of the set to compare, any shape.
        bins: How many bins.

    Returns:
        Edges (bin + 1,).
    """
    low, high = float(real.min()), float(real.max())
    span = max(high - low, 1e-12, 1e-6 * max(abs(low), abs(high)))  # bins that can be told apart
    low = max(min(low, float(other.min())), low - span)
    high = min(max(high, float(other.max())), high + span)
    margin = 1e-6 * span
    return np.linspace(low - margin, high + margin, bins + 1)


def shares(values: np.ndarray, edges: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted share of each sample's values in each bin; values beyond the ends count in the end bins.

    Args:
        values: (sample, cell).
        edges: Equal bins (bin + 1,).
        weights: (cell,) or (sample, cell), never negative.

    Returns:
        (sample, bin); sums to the sum of the weights of each sample.
    """
    bins = len(edges) - 1
    width = (edges[-1] - edges[0]) / bins
    index = np.clip(((values - edges[0]) / width).astype(np.int64), 0, bins - 1)
    index += bins * np.arange(len(values))[:, None]
    weight = np.broadcast_to(weights, values.shape)
    return np.bincount(index.ravel(), weight.ravel(), bins * len(values)).reshape(len(values), bins)


def wasserstein(a: np.ndarray, b: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the W1 distance, the integral of |F_a - F_b|, of binned distributions.

    Accurate to a small part of the bin width where distributions are smooth on the scale of a bin.

    Source: Vallender 1974, "Calculation of the Wasserstein distance between probability distributions on the line",
    Theory Probab. Appl. 18.

    Args:
        a: Shares (..., bin); normalised here.
        b: Shares (..., bin); normalised here.
        edges: Equal bins (bin + 1,).

    Returns:
        (...), unit of the edges.
    """
    width = (edges[-1] - edges[0]) / (len(edges) - 1)
    difference = np.cumsum(_normalised(a) - _normalised(b), axis=-1)
    result: np.ndarray = np.abs(difference).sum(axis=-1) * width
    return result


def _normalised(shares_: np.ndarray) -> np.ndarray:
    total = shares_.sum(axis=-1, keepdims=True)
    result: np.ndarray = shares_ / np.where(total > 0, total, 1.0)
    return result
