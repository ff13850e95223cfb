"""Weighted isotonic regression of many columns at once."""

import numpy as np

from halocline.runtime.jit import njit


@njit(cache=True)
def isotonic(values: np.ndarray, weights: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the non-decreasing sequences nearest to ``values`` in the weighted sum of squares.

        r* = argmin sum_k w_k (r*_k - r_k)^2   subject to  r*_1 <= r*_2 <= ...

    Pool adjacent violators: blocks are merged into their weighted mean while they decrease; O(level) a column. The
    weighted sum of each block, so of the column, is kept. Values in blocks of one are returned unchanged.

    Source: Barlow et al. 1972, "Statistical inference under order restrictions".

    Args:
        values: (column, level) float64.
        weights: (column, level) float64, positive on the first ``counts`` levels.
        counts: Number of levels that count in each column (column,) int64; the others are returned as they are.
    """
    out = values.copy()
    columns, levels = values.shape
    mean = np.empty(levels)
    weight = np.empty(levels)
    size = np.empty(levels, np.int64)
    for c in range(columns):
        blocks = 0
        for k in range(counts[c]):
            mean[blocks], weight[blocks], size[blocks] = values[c, k], weights[c, k], 1
            blocks += 1
            while blocks > 1 and mean[blocks - 2] > mean[blocks - 1]:
                a, b = blocks - 2, blocks - 1
                total = weight[a] + weight[b]
                mean[a] = (weight[a] * mean[a] + weight[b] * mean[b]) / total
                weight[a] = total
                size[a] += size[b]
                blocks -= 1
        k = 0
        for b in range(blocks):
            for _ in range(size[b]):
                out[c, k] = mean[b]
                k += 1
    return out
