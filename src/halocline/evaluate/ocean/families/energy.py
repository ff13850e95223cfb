"""Energy distance between sets of ocean states, in normalised space: of whole states, of level means, by variable."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from halocline.evaluate.engine.family import Label, Summarised
from halocline.evaluate.ocean.families import OCEAN_SCORES
from halocline.evaluate.ocean.families.base import OceanSets
from halocline.evaluate.ocean.normalised import NormalisedSpace

_WORDS = {"energy": "energy distance", "energy_levels": "energy distance, level means"}


@dataclass(frozen=True, eq=False)
class EnergyScores:
    """The energy distance of a generator to the real states.

        E = 2 E|X - Y| - E|X - X'| - E|Y - Y'|

    with X, X' different draws of the generator, unbiased whatever their number, and Y, Y' the real states as they are:
    all pairs, a state with itself included. It is 0 for a generator that draws from the real states' distribution, and
    may come out slightly negative. (Real states are no independent draws: they come at regular times of a few members,
    and to leave out pairs of a state with itself would make two sets of years of the same members look closer than
    possible.)

    Sliced along random directions it is the same number times a constant, because the mean of |theta . x| over
    directions is proportional to |x|; so there is no sliced variant.

    A set enters by its weights w over all states: its mean distance to every state, w D, and w itself.

    Source: Szekely and Rizzo 2013, "Energy statistics: a class of statistics based on distances", J. Stat. Plan. Inf.
    143, 1249.

    Attributes:
        distances: By (id, variable), between all states (all, all), those of the first set first.
        first: Number of states of the first set, the generated one.
    """

    distances: Mapping[tuple[str, str], np.ndarray]
    first: int

    @classmethod
    def between(cls, space: NormalisedSpace, a: np.ndarray, b: np.ndarray) -> "EnergyScores":
        """Build the scores of two sets of states (sample, channel, y, x)."""
        first, second = space.parts(a), space.parts(b)
        return cls({key: pairwise(np.concatenate([first[key], second[key]])) for key in first}, len(a))

    @property
    def labels(self) -> tuple[Label, ...]:
        """Whole states, level means, then each variable."""
        return tuple(Label(id, _WORDS[id], name, "1", "lower", signed=True) for id, name in self.distances)

    def summaries(self) -> tuple[np.ndarray, np.ndarray]:
        """Return of the states of either set their weight and their distances to all (sample, (1 + score) * all)."""
        count = len(next(iter(self.distances.values())))
        rows = np.concatenate([np.eye(count), *self.distances.values()], axis=1)
        return rows[: self.first], rows[self.first :]

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the distances (replicate, score)."""
        (weights_a, *rows_a), (weights_b, *rows_b) = (np.split(x, 1 + len(self.distances), axis=1) for x in (a, b))
        different = self.first / (self.first - 1)  # pairs of different draws; those of one draw have distance 0
        found = []
        for to_a, to_b in zip(rows_a, rows_b, strict=True):
            across, within_a, within_b = (
                (rows * weights).sum(axis=1)
                for rows, weights in ((to_a, weights_b), (to_a, weights_a), (to_b, weights_b))
            )
            found.append(2.0 * across - different * within_a - within_b)
        return np.stack(found, axis=1)


def pairwise(vectors: np.ndarray) -> np.ndarray:
    """Return the Euclidean distances (sample, sample) of vectors (sample, k); exactly 0 on the diagonal."""
    centred: np.ndarray = vectors - vectors.mean(axis=0)
    products = (centred @ centred.T).astype(np.float64)
    squares = np.diagonal(products)
    distances = np.sqrt(np.clip(squares[:, None] + squares[None, :] - 2.0 * products, 0.0, None))
    np.fill_diagonal(distances, 0.0)
    return distances


@OCEAN_SCORES.register("energy")
def energy(sets: OceanSets) -> list[Summarised]:
    """Return the energy distances of the two sets."""
    found = EnergyScores.between(sets.space, sets.generated, sets.real)
    return [Summarised(found, *found.summaries())]
