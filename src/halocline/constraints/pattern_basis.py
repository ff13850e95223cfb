"""The leading patterns in which training states differ: empirical orthogonal functions over wet cells."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from halocline.runtime.errors import ConfigError


@dataclass(frozen=True, eq=False)
class PatternBasis:
    """Anomalies from a mean state, each channel divided by its rms anomaly, in an orthonormal basis.

    Attributes:
        wet: Cells that count (channel, y, x).
        mean: Mean state on them (cell,), physical units.
        scale: Rms anomaly (channel,), physical units.
        patterns: Leading patterns (pattern, cell), rows of mean square 1, float16: what a model folder stores.
        axes: The same span, orthonormal to float64 (pattern, cell).
    """

    wet: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    patterns: np.ndarray
    axes: np.ndarray

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
        anomaly = np.stack([state[wet] for state in states]).astype(np.float32)
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
        square = np.bincount(_channel_of(wet), (anomaly.astype(np.float64) ** 2).mean(axis=0), len(wet))
        scale = np.sqrt(square / np.maximum(cells, 1))
        scale = np.where(scale > 0, scale, 1.0)
        anomaly /= scale[_channel_of(wet)].astype(np.float32)
        values, vectors = np.linalg.eigh((anomaly @ anomaly.T).astype(np.float64))
        values, vectors = values[::-1][:count], vectors[:, ::-1][:, :count]
        kept = values > 1e-6 * values[0]
        patterns = (vectors[:, kept].T @ anomaly) * np.sqrt(anomaly.shape[1] / values[kept])[:, None]
        return cls.from_arrays(wet, {"mean": mean, "scale": scale, "patterns": patterns.astype(np.float16)})

    @classmethod
    def from_arrays(cls, wet: np.ndarray, arrays: dict[str, np.ndarray]) -> "PatternBasis":
        """Make a basis from the form of ``arrays``."""
        patterns = np.asarray(arrays["patterns"])
        axes = np.linalg.qr(patterns.T.astype(np.float64))[0].T
        return cls(wet, np.asarray(arrays["mean"]), np.asarray(arrays["scale"]), patterns, axes)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what a model folder stores of it."""
        return {"mean": self.mean, "scale": self.scale, "patterns": self.patterns}

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

    @property
    def cell_scale(self) -> np.ndarray:
        """Rms anomaly of each cell's channel (cell,), physical units."""
        return np.asarray(self.scale[_channel_of(self.wet)])


def _channel_of(wet: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(len(wet)), wet.sum(axis=(1, 2)))
