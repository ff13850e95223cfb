"""The leading patterns in which training states differ: empirical orthogonal functions over wet cells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.runtime import limits
from halocline.runtime.errors import ConfigError


@dataclass(frozen=True, eq=False)
class PatternBasis:
    """Anomalies from a mean state, each channel divided by its rms anomaly, in an orthonormal basis.

    Attributes:
        wet: Cells that count (channel, y, x).
        mean: Mean state on them (cell,), physical units.
        scale: Rms anomaly (channel,), physical units.
        patterns: Leading patterns (pattern, cell), rows of mean square 1, float16: what a model folder stores.
    """

    wet: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    patterns: np.ndarray

    @classmethod
    def fit(cls, states: Iterable[np.ndarray], wet: np.ndarray, count: int) -> "PatternBasis":
        """Find the ``count`` leading patterns of states.

        They are eigenvectors of the products between states, which are fewer than cells; cells count alike within a
        channel, channels alike.

        Args:
            states: Training states (channel, y, x), physical units; their wet cells are held in memory as float32.
            wet: Wet cells (channel, y, x).
            count: Number of patterns.

        Raises:
            ConfigError: If there are not more states than patterns.
        """
        anomaly = np.stack([state[wet] for state in states]).astype(np.float32, copy=False)
        if not 0 < count < len(anomaly):
            raise ConfigError(
                "patterns",
                found=f"{count} patterns from {len(anomaly)} states",
                expected="fewer patterns than states, at least one",
                remedy="Give more states, or ask for fewer patterns.",
            )
        mean = anomaly.mean(axis=0, dtype=np.float64).astype(np.float32)
        anomaly -= mean
        cells = wet.sum(axis=(1, 2))
        squares = np.empty(anomaly.shape[1])
        for part in limits.spans(len(squares), 16 * len(anomaly)):
            squares[part] = (anomaly[:, part].astype(np.float64) ** 2).mean(axis=0)
        square = np.bincount(_channel_of(wet), squares, len(wet))
        scale = np.sqrt(square / np.maximum(cells, 1))
        scale = np.where(scale > 0, scale, 1.0)
        anomaly /= scale[_channel_of(wet)].astype(np.float32)
        values, vectors = np.linalg.eigh((anomaly @ anomaly.T).astype(np.float64))
        values, vectors = values[::-1][:count], vectors[:, ::-1][:, :count]
        kept = values > 1e-6 * values[0]
        patterns = np.empty((int(kept.sum()), anomaly.shape[1]), np.float16)
        for part in limits.spans(anomaly.shape[1], 8 * (len(anomaly) + 2 * count)):
            block = vectors[:, kept].T @ anomaly[:, part]
            patterns[:, part] = block * np.sqrt(anomaly.shape[1] / values[kept])[:, None]
        return cls.from_arrays(wet, {"mean": mean, "scale": scale, "patterns": patterns})

    @classmethod
    def from_arrays(cls, wet: np.ndarray, arrays: dict[str, np.ndarray]) -> "PatternBasis":
        """Make a basis from the form of ``arrays``."""
        return cls(wet, *(np.asarray(arrays[name]) for name in ("mean", "scale", "patterns")))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what a model folder stores of it."""
        return {"mean": self.mean, "scale": self.scale, "patterns": self.patterns}

    @cached_property
    def axes(self) -> np.ndarray:
        """The span of the patterns, orthonormal to float64 (pattern, cell)."""
        return np.linalg.qr(self.patterns.T.astype(np.float64))[0].T

    @property
    def large(self) -> bool:
        """Whether ``axes`` would take more memory than work in blocks may."""
        return 8 * self.patterns.size > limits.AT_ONCE

    def anomaly(self, states: np.ndarray) -> np.ndarray:
        """Return scaled anomalies (member, cell) of states (member, channel, y, x)."""
        return np.asarray((states[:, self.wet] - self.mean.astype(np.float64)) / self.cell_scale)

    def split(self, anomaly: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return anomalies as the patterns hold them, and what they leave (member, cell)."""
        held = (anomaly @ self.axes.T) @ self.axes
        return held, anomaly - held

    def into(self, states: np.ndarray, anomaly: np.ndarray) -> np.ndarray:
        """Return states like ``states`` with these scaled anomalies in the wet cells."""
        out = states.copy()
        out[:, self.wet] = anomaly * self.cell_scale + self.mean
        return out

    def projected(self, state: np.ndarray) -> tuple[np.ndarray, float]:
        """Return a state (channel, y, x) as the patterns hold it, and the rms of what they leave, channel by channel.

        The same as ``anomaly``, ``split`` and ``into`` to rounding, without arrays of all cells in double precision.
        """
        along = sum((patterns @ self._scaled(state, k, cells) for k, cells, patterns in self._channels()), start=0.0)
        weights = np.linalg.solve(self._products, along)
        out, rest = state.copy(), 0.0
        for k, cells, patterns in self._channels():
            held = weights @ patterns
            rest += float(((self._scaled(state, k, cells) - held) ** 2).sum())
            out[k][self.wet[k]] = held * self.scale[k] + self.mean[cells]
        return out, (rest / len(self.mean)) ** 0.5

    def _scaled(self, state: np.ndarray, channel: int, cells: slice) -> np.ndarray:
        return np.asarray(
            (state[channel][self.wet[channel]] - self.mean[cells].astype(np.float64)) / self.scale[channel]
        )

    def _channels(self) -> Iterator[tuple[int, slice, np.ndarray]]:
        """Yield each channel, its cells, and the patterns there (pattern, cell) in double precision."""
        ends = np.concatenate([[0], np.cumsum(self.wet.sum(axis=(1, 2)))])
        for k in range(len(self.wet)):
            cells = slice(ends[k], ends[k + 1])
            yield k, cells, self.patterns[:, cells].astype(np.float64)

    @cached_property
    def _products(self) -> np.ndarray:
        """The products between the patterns (pattern, pattern)."""
        return np.asarray(sum(patterns @ patterns.T for _, _, patterns in self._channels()))

    @property
    def cell_scale(self) -> np.ndarray:
        """Rms anomaly of each cell's channel (cell,), physical units."""
        return np.asarray(self.scale[_channel_of(self.wet)])


def _channel_of(wet: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(len(wet)), wet.sum(axis=(1, 2)))
