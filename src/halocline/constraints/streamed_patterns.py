"""The leading patterns of states that do not fit in memory: they are read again and again, some cells at once.

Every pattern is a combination of the anomalies, A^T C for A (state, cell). C (state, pattern) is small; it is found by
sums over cells, which blocks of them add up one after the other. Only the patterns themselves are held whole.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from halocline.constraints.pattern_basis import PatternBasis
from halocline.runtime import keyed
from halocline.runtime.errors import ConfigError
from halocline.runtime.limits import spans

MEMORY_LIMIT = 2_000_000_000
"""Bytes of states that are decomposed at once; more are streamed."""
_TURNS = 2

Read = Callable[[], Iterable[np.ndarray]]
"""Returns the training states (channel, y, x) anew, in one order, physical units."""


def fit_patterns(read: Read, states: int, wet: np.ndarray, count: int, limit: int = MEMORY_LIMIT) -> PatternBasis:
    """Return ``PatternBasis.fit`` of states, or ``fit_streamed`` of them if they take more than ``limit`` bytes."""
    if 4 * states * int(wet.sum()) <= limit:
        return PatternBasis.fit(read(), wet, count)
    return fit_streamed(read, wet, count, limit=limit)


def fit_streamed(
    read: Read, wet: np.ndarray, count: int, *, extra: int = 10, turns: int = _TURNS, limit: int = MEMORY_LIMIT
) -> PatternBasis:
    """Find the ``count`` leading patterns of states that are read one by one.

    Memory holds the patterns, 2 bytes a pattern and cell, one state, two more of the wet cells in double precision and
    ``limit`` bytes of blocks. Of two ways the one is taken that reads the states less often: the products between
    all states, as ``PatternBasis.fit`` (few states), or a randomised decomposition with power iterations (many).

    Source of the latter: Halko, Martinsson and Tropp 2011, SIAM Review 53, algorithms 4.4 and 5.1.

    Args:
        read: Returns the training states anew.
        wet: Wet cells (channel, y, x).
        count: Number of patterns.
        extra: Random directions beside them.
        turns: Power iterations.
        limit: Bytes of a block.

    Raises:
        ConfigError: If there are not more states than patterns.
    """
    data = _Anomalies.of(read, wet)
    if not 0 < count < data.states:
        raise ConfigError(
            "patterns",
            found=f"{count} patterns from {data.states} states",
            expected="fewer patterns than states, at least one",
            remedy="Give more states, or ask for fewer patterns.",
        )
    size = min(count + extra, data.states)
    sketches = 2 * (turns + 1) * len(list(data.blocks(size, limit)))
    products = len(list(data.blocks(data.states, limit)))
    if products <= sketches:
        weights = _by_products(data, count, limit)
    else:
        weights = _by_sketches(data, count, size, turns, limit)
    patterns = np.empty((weights.shape[1], len(data.mean)), np.float16)
    for cells in data.blocks(len(patterns), limit):
        patterns[:, cells] = data.combined(weights, cells)
    return PatternBasis.from_arrays(wet, {"mean": data.mean, "scale": data.scale, "patterns": patterns})


@dataclass(frozen=True, eq=False)
class _Anomalies:
    """Anomalies A of states, each channel divided by its rms anomaly.

    Attributes:
        read: Returns the states anew.
        wet: Wet cells (channel, y, x).
        mean: Mean state (cell,).
        scale: Rms anomaly of each channel (channel,).
        states: How many there are.
        ends: Where each channel's cells begin, and the last one's end (channel + 1,).
    """

    read: Read
    wet: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    states: int
    ends: np.ndarray

    @classmethod
    def of(cls, read: Read, wet: np.ndarray) -> "_Anomalies":
        """Read the states twice: for the mean, and for the anomalies from it."""
        ends = np.concatenate([[0], np.cumsum(wet.sum(axis=(1, 2)))])
        parts = [slice(a, b) for a, b in zip(ends[:-1], ends[1:], strict=True)]
        total, states = np.zeros(ends[-1]), 0
        for state in read():
            for k, part in enumerate(parts):
                total[part] += state[k][wet[k]]
            states += 1
        mean = (total / max(states, 1)).astype(np.float32)
        square = np.zeros(len(wet))
        for state in read():
            for k, part in enumerate(parts):
                square[k] += ((state[k][wet[k]].astype(np.float64) - mean[part]) ** 2).sum()
        scale = np.sqrt(square / max(states, 1) / np.maximum(np.diff(ends), 1))
        return cls(read, wet, mean, np.where(scale > 0, scale, 1.0), states, ends)

    def blocks(self, rows: int, limit: int) -> Iterator[slice]:
        """Yield cells of which two arrays (row, cell) of float32 take no more than ``limit`` bytes."""
        return spans(len(self.mean), 8 * rows, limit)

    def rows(self, cells: slice) -> Iterator[np.ndarray]:
        """Yield the anomaly of each state in some cells (cell,) float32."""
        first, last = np.searchsorted(self.ends, cells.start, "right") - 1, np.searchsorted(self.ends, cells.stop)
        channels, begin = range(first, last), self.ends[first]
        inside = slice(cells.start - begin, cells.stop - begin)
        widths = np.diff(self.ends)[first:last]
        each = np.repeat(self.scale[first:last].astype(np.float32), widths)[inside]
        for state in self.read():
            there = np.concatenate([state[k][self.wet[k]] for k in channels])
            anomaly = there[inside].astype(np.float32)
            anomaly -= self.mean[cells]
            anomaly /= each
            yield anomaly

    def combined(self, weights: np.ndarray, cells: slice) -> np.ndarray:
        """Return weights^T A in some cells (k, cell) float32 for weights (state, k)."""
        out = np.zeros((weights.shape[1], cells.stop - cells.start), np.float32)
        for row, anomaly in zip(weights.astype(np.float32), self.rows(cells), strict=True):
            for k, weight in enumerate(row):  # no second array of that size
                out[k] += weight * anomaly
        return out


def _by_products(data: _Anomalies, count: int, limit: int) -> np.ndarray:
    """Return C (state, pattern) by the eigenvectors of A A^T."""
    products = np.zeros((data.states, data.states))
    for cells in data.blocks(data.states, limit):
        part = np.stack(list(data.rows(cells)))
        products += part @ part.T
    values, vectors = np.linalg.eigh(products)
    values, vectors = values[::-1][:count], vectors[:, ::-1][:, :count]
    kept = values > 1e-6 * values[0]
    return np.asarray(vectors[:, kept] * np.sqrt(len(data.mean) / values[kept]))


def _by_sketches(data: _Anomalies, count: int, size: int, turns: int, limit: int) -> np.ndarray:
    """Return C (state, pattern) by a random combination of states that A A^T is applied to.

    Y = A^T W spans the leading patterns nearly, and more nearly after each turn W = A Y. Q = Y T with Y^T Y = T^-T T^-1
    is an orthonormal basis of it; the leading patterns of A Q are those of A.
    """
    weights = keyed.normal(0, (data.states, size), "patterns").astype(np.float64)
    for turn in range(turns + 1):
        square, product = np.zeros((size, size)), np.zeros((data.states, size))
        for cells in data.blocks(size, limit):
            sketch = data.combined(weights, cells)
            for some in spans(sketch.shape[1], 8 * size, limit // 8):
                part = sketch[:, some].astype(np.float64)
                square += part @ part.T
            product += np.stack([sketch @ anomaly for anomaly in data.rows(cells)])
        values, vectors = np.linalg.eigh(square)
        there = values > 1e-10 * values[-1]
        whiten = vectors[:, there] / np.sqrt(values[there])
        product = product @ whiten
        if turn < turns:  # only the span counts; sums stay far from the limits of float32
            weights = np.linalg.qr(product)[0]
            size = weights.shape[1]
    _, values, right = np.linalg.svd(product, full_matrices=False)
    kept = values[:count] ** 2 > 1e-6 * values[0] ** 2
    return np.asarray(weights @ whiten @ right[:count][kept].T * np.sqrt(len(data.mean)))
