"""The copy test: is a generated state a training state in disguise?"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.family import Label, MeansOfFirst
from halocline.evaluate.engine.samples import Pair, RealStates
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets

COPY_RATIO = 1.0 / 3.0
"""A state is called a copy below this ratio of distances (Yoon et al. 2023, "Diffusion probabilistic models
generalize when they fail to memorize")."""

EPISODE_HOURS = 15 * 24
"""States of one member closer than this in time are one episode: the second nearest must be of another."""

COPY_LABELS = (
    Label("copies", "share of copies of training states", "all", "1", "zero"),
    Label("copy_ratio", "nearest to second-nearest training distance", "all", "1", "reference"),
    Label("copy_distance", "distance to the training set", "all", "1", "reference"),
)

_SEASONAL_PATTERNS = 4


@dataclass(frozen=True, eq=False)
class AnomalySpace:
    """States as vectors whose Euclidean distance is a distance between anomalies, the seasonal cycle taken out.

    Each variable is divided by its standard deviation over the training set, each cell weighted by the root of its
    share of the ocean's area, and the training mean subtracted. A generated state has no date, so the seasonal cycle
    is removed by projection: the leading patterns of the twelve monthly training means (annual and semi-annual cycle)
    are taken out of every vector, generated or real, by the same rule.

    Attributes:
        grid: The grid.
        mean: Training mean (channel * cell,).
        scale: Multiplies the anomalies (channel * cell,).
        patterns: Orthonormal patterns of the seasonal cycle (pattern, channel * cell).
    """

    grid: Grid
    mean: np.ndarray
    scale: np.ndarray
    patterns: np.ndarray

    @classmethod
    def of(cls, grid: Grid, training: RealStates) -> "AnomalySpace":
        """Build the space of a training set."""
        fields = training.values[..., grid.mask]
        samples, channels, cells = fields.shape
        mean = fields.mean(axis=0, dtype=np.float64).astype(np.float32)
        std = np.sqrt(np.mean((fields - mean) ** 2, axis=(0, 2), dtype=np.float64))
        area = grid.area[grid.mask]
        weights = np.sqrt(area / area.sum() / channels)
        scale = (weights[None, :] / np.where(std > 0, std, 1.0)[:, None]).astype(np.float32).ravel()
        flat = fields.reshape(samples, channels * cells)
        months = np.unique(training.months)
        monthly = np.stack([flat[training.months == month].mean(axis=0) for month in months])
        cycle = (monthly - monthly.mean(axis=0)) * scale
        patterns = np.linalg.svd(cycle, full_matrices=False)[2][: min(_SEASONAL_PATTERNS, len(months) - 1)]
        return cls(grid, mean.ravel(), scale, patterns)

    def __call__(self, states: np.ndarray) -> np.ndarray:
        """Return the vectors (sample, channel * cell) of states (sample, channel, y, x)."""
        vectors = (states[..., self.grid.mask].reshape(len(states), -1) - self.mean) * self.scale
        vectors -= (vectors @ self.patterns.T) @ self.patterns
        result: np.ndarray = vectors
        return result


@dataclass(frozen=True, eq=False)
class Nearest:
    """What the training set has nearest to each state.

    Attributes:
        pair: (member, time index) of the nearest training state, per sample.
        first: Distance to it (sample,), in standard deviations of the anomalies.
        second: Distance to the nearest training state of another episode (sample,).
    """

    pair: list[Pair]
    first: np.ndarray
    second: np.ndarray

    @property
    def ratio(self) -> np.ndarray:
        """First over second distance (sample,), 0..1: near 0 for a copy, near 1 for a state of its own."""
        return self.first / np.maximum(self.second, np.finfo(np.float64).tiny)


class OfCopies(MeansOfFirst):
    """The three scores of every copy test."""

    @property
    def labels(self) -> tuple[Label, ...]:
        """The share, the ratio, the distance."""
        return COPY_LABELS


@dataclass(frozen=True, eq=False)
class CopyScores(OfCopies):
    """Share of copies, mean ratio of distances and mean distance to the training set.

    The search runs over the training states in memory, which may be every n-th of the store. Around the nearest one,
    the store's states that were left out are read too, so that a copy of any of them is found.

    Attributes:
        space: Anomaly space of the training set.
        training: Training states in memory.
        vectors: Their vectors (sample, channel * cell).
        neighbours: Returns the training pairs around a pair that are not in memory.
        read: Reads states (sample, channel, y, x) of pairs from the store.
    """

    space: AnomalySpace
    training: RealStates
    vectors: np.ndarray
    neighbours: Callable[[Pair], list[Pair]]
    read: Callable[[list[Pair]], np.ndarray]
    _seen: dict[Pair, np.ndarray] = field(default_factory=dict)

    @classmethod
    def against(
        cls,
        grid: Grid,
        training: RealStates,
        neighbours: Callable[[Pair], list[Pair]],
        read: Callable[[list[Pair]], np.ndarray],
    ) -> "CopyScores":
        """Build the test against a training set."""
        space = AnomalySpace.of(grid, training)
        return cls(space, training, space(training.values), neighbours, read)

    def nearest(self, states: np.ndarray) -> Nearest:
        """Find the nearest training states of states (sample, channel, y, x)."""
        vectors = self.space(states)
        squares = (vectors**2).sum(axis=1)[:, None] + (self.vectors**2).sum(axis=1)[None, :]
        distances = np.sqrt(np.clip(squares - 2.0 * vectors @ self.vectors.T, 0.0, None))
        members = np.array([member for member, _ in self.training.pairs])
        pairs, first, second = [], np.empty(len(states)), np.empty(len(states))
        for k, row in enumerate(distances):
            best = int(np.argmin(row))
            near = (members == members[best]) & (
                np.abs(self.training.hours - self.training.hours[best]) < EPISODE_HOURS
            )
            second[k] = row[~near].min() if (~near).any() else np.inf
            candidates = [self.training.pairs[best], *self.neighbours(self.training.pairs[best])]
            exact = np.linalg.norm(self._vectors_of(candidates) - vectors[k], axis=1)
            pairs.append(candidates[int(np.argmin(exact))])
            first[k] = exact.min()
        return Nearest(pairs, first, second)

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return copy or not, ratio and distance of each state (sample, 3)."""
        found = self.nearest(states)
        return np.stack([found.ratio < COPY_RATIO, found.ratio, found.first], axis=1)

    def _vectors_of(self, pairs: list[Pair]) -> np.ndarray:
        missing = [pair for pair in pairs if pair not in self._seen]
        if missing:
            self._seen.update(zip(missing, self.space(self.read(missing)), strict=True))
        return np.stack([self._seen[pair] for pair in pairs])


def neighbours_of(store: StateStore, kept: list[Pair]) -> Callable[[Pair], list[Pair]]:
    """Return a function from a training pair to those left out between it and the kept ones on either side.

    Args:
        store: The store.
        kept: Training pairs in memory, in the order of ``samples_of``, a thinned list of them.
    """
    everything = samples_of(store, "train")
    place = {pair: k for k, pair in enumerate(everything)}
    known = set(kept)

    def around(pair: Pair) -> list[Pair]:
        found = []
        for step in (-1, 1):
            k = place[pair] + step
            while 0 <= k < len(everything) and everything[k] not in known:
                found.append(everything[k])
                k += step
        return found

    return around


@ICE_SCORES.register("copies")
def copies(sets: IceSets) -> list[CopyScores]:
    """Return the copy test against the training states."""
    around = neighbours_of(sets.reference, sets.training.pairs)
    return [CopyScores.against(sets.grid, sets.training, around, sets.read)]
