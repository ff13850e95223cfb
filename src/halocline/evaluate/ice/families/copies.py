"""The copy test: is a generated state a training state in disguise?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.disk_states import States
from halocline.evaluate.engine.family import Label, MeansOfFirst, Summarised
from halocline.evaluate.engine.samples import Pair, RealStates
from halocline.evaluate.ice.anomaly_space import AnomalySpace
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

_VECTOR_VALUES = 5_000_000
"""Most numbers of vectors that are compared with one training state after another (20 MB)."""


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

    The search runs over the training states that were read, which may be every n-th of the store. Around the nearest
    one, the store's states that were left out are read too, so that a copy of any of them is found.

    Attributes:
        space: Anomaly space of the training set.
        training: Training states that are searched.
        neighbours: Returns the training pairs around a pair that are not among them.
        read: Reads states (sample, channel, y, x) of pairs from the store.
    """

    space: AnomalySpace
    training: RealStates
    neighbours: Callable[[Pair], list[Pair]]
    read: Callable[[list[Pair]], np.ndarray]

    @classmethod
    def against(
        cls,
        grid: Grid,
        training: RealStates,
        neighbours: Callable[[Pair], list[Pair]],
        read: Callable[[list[Pair]], np.ndarray],
    ) -> "CopyScores":
        """Build the test against a training set."""
        return cls(AnomalySpace.of(grid, training), training, neighbours, read)

    def nearest(self, states: States) -> Nearest:
        """Find the nearest training states of states (sample, channel, y, x)."""
        distances, members = self._distances(states), np.array([member for member, _ in self.training.pairs])
        best, second = distances.argmin(axis=1), np.empty(len(states))
        for k, (row, one) in enumerate(zip(distances, best, strict=True)):
            near = (members == members[one]) & (np.abs(self.training.hours - self.training.hours[one]) < EPISODE_HOURS)
            second[k] = row[~near].min() if (~near).any() else np.inf
        pairs, first = [self.training.pairs[one] for one in best], np.full(len(states), np.inf)
        for one in np.unique(best):
            self._look_around(states, np.flatnonzero(best == one), self.training.pairs[one], pairs, first)
        return Nearest(pairs, first, second)

    def summary(self, states: States) -> np.ndarray:
        """Return copy or not, ratio and distance of each state (sample, 3)."""
        found = self.nearest(states)
        return np.stack([found.ratio < COPY_RATIO, found.ratio, found.first], axis=1)

    def _distances(self, states: States) -> np.ndarray:
        """Return the distances of states to all training states (sample, training)."""
        one, other = np.zeros((len(states), 1)), np.zeros((1, len(self.training.values)))
        products = np.zeros((one.size, other.size))
        for a, b in self.space.parts(states, self.training.values):
            one += np.sum(a**2, axis=1, keepdims=True, dtype=np.float64)
            other += np.sum(b**2, axis=1, dtype=np.float64)
            products += a @ b.T
        return np.asarray(np.sqrt(np.clip(one + other - 2.0 * products, 0.0, None)))

    def _look_around(
        self, states: States, chosen: np.ndarray, pair: Pair, pairs: list[Pair], first: np.ndarray
    ) -> None:
        """Fill in the nearest training state, and the distance without rounding, of states nearest to one pair."""
        candidates = [pair, *self.neighbours(pair)]
        most = max(1, _VECTOR_VALUES // len(self.space.mean))
        for start in range(0, len(chosen), most):
            some = chosen[start : start + most]
            vectors = [self.space(states[k : k + 1]) for k in some]
            for candidate in candidates:
                theirs = self.space(self.read([candidate]))
                for k, mine in zip(some, vectors, strict=True):
                    distance = float(np.linalg.norm(theirs - mine, axis=1)[0])
                    if distance < first[k]:
                        pairs[k], first[k] = candidate, distance


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
def copies(sets: IceSets) -> list[Summarised]:
    """Return the copy test against the training states."""
    around = neighbours_of(sets.reference, sets.training.pairs)
    found = CopyScores.against(sets.grid, sets.training, around, sets.read)
    return [Summarised(found, found.summary(sets.generated), found.summary(sets.real))]
