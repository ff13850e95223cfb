"""The copy test for ocean states: is a generated state a training state in disguise?"""

from dataclasses import dataclass

import numpy as np

from halocline.evaluate.engine.family import Summarised
from halocline.evaluate.ice.families.copies import COPY_RATIO, OfCopies
from halocline.evaluate.ocean.families import OCEAN_SCORES
from halocline.evaluate.ocean.families.base import OceanSets
from halocline.evaluate.ocean.normalised import NormalisedSpace
from halocline.evaluate.ocean.states import OceanSet

EPISODE_HOURS = 180 * 24
"""States of one member closer than this in time are one episode: the ocean changes slowly."""


@dataclass(frozen=True, eq=False)
class OceanCopyScores(OfCopies):
    """Share of copies, mean ratio of distances and mean distance to the training set, in normalised space.

    The ratio is that of the distance to the nearest training state over the distance to the nearest one of another
    episode: another member, or half a year away. A state drawn for the forcing of a *training* member may rightly be
    near to that member alone, but then to many of its years.

    Attributes:
        space: Where distances are taken.
        vectors: Training states (training, cell).
        members: Member of each training state (training,).
        same: Whether two training states are of one episode (training, training).
    """

    space: NormalisedSpace
    vectors: np.ndarray
    members: np.ndarray
    same: np.ndarray

    @classmethod
    def against(cls, space: NormalisedSpace, training: OceanSet, hours: np.ndarray) -> "OceanCopyScores":
        """Build the test against training states; ``hours`` (time,) are the times of their store."""
        when = hours[[index for _, index in training.pairs]]
        close = np.abs(when[:, None] - when[None, :]) < EPISODE_HOURS
        members = training.member
        return cls(space, space.states(training.values), members, close & (members[:, None] == members))

    def summary(self, states: np.ndarray, own: np.ndarray | None = None) -> np.ndarray:
        """Return of each state whether it is a copy, the ratio and the distance (sample, 3).

        Args:
            states: (sample, channel, y, x).
            own: Member of each real state (sample,): if it was trained on, the rest of the training set is searched.
        """
        vectors = self.space.states(states)
        distances = _distances(vectors, self.vectors)
        if own is not None:
            mine = own[:, None] == self.members
            if mine.all():  # trained on one member alone: leave out the state itself
                mine = distances == distances.min(axis=1, keepdims=True)
            distances = np.where(mine, np.inf, distances)
        nearest = distances.argmin(axis=1)
        first = np.linalg.norm(
            vectors - self.vectors[nearest], axis=1
        )  # without the rounding of differences of squares
        second = np.where(self.same[nearest], np.inf, distances).min(axis=1)
        # Training states of one episode alone leave nothing to compare with.
        ratio = np.where(np.isfinite(second), first / np.maximum(second, np.finfo(np.float32).tiny), 1.0)
        return np.stack([ratio < COPY_RATIO, ratio, first], axis=1).astype(np.float64)


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the Euclidean distances (first, second) of vectors (first, k) and (second, k)."""
    centre = b.mean(axis=0)
    a, b = a - centre, b - centre
    squares = (a**2).sum(axis=1, dtype=np.float64)[:, None] + (b**2).sum(axis=1, dtype=np.float64)
    return np.asarray(np.sqrt(np.clip(squares - 2.0 * (a @ b.T), 0.0, None)))


@OCEAN_SCORES.register("copies")
def copies(sets: OceanSets) -> list[Summarised]:
    """Return the copy test; real states that were trained on are searched for among the other members."""
    found = OceanCopyScores.against(sets.space, sets.training, sets.reference.hours)
    return [Summarised(found, found.summary(sets.generated), found.summary(sets.real, own=sets.truth.member))]
