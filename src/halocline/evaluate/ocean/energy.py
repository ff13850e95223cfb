"""Energy distance between sets of ocean states, in normalised space: of whole states, of level means, by variable."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid_layout import GridLayout
from halocline.evaluate.engine.family import Label
from halocline.evaluate.ocean.levels import Levels, level_means


@dataclass(frozen=True, eq=False)
class NormalisedSpace:
    """States as vectors whose squared Euclidean distance is a mean of squared normalised differences.

        |x - y|^2 = mean over variables of sum_c v_c ((x_c - y_c) / s_level(c))^2,   sum_c v_c = 1 within a variable

    with v the share of a cell in the basin's volume (in the area, for zos) and s the training data's standard
    deviation of the level. A level that never varies counts for nothing.

    Attributes:
        layout: Channels and cells.
        scale: sqrt(v) / (s sqrt(variables)) of every wet cell (cell,).
        level_scale: The same for level means, v the share of the level (number,).
        variable: Variable of each wet cell (cell,).
        levels: The levels.
    """

    layout: GridLayout
    scale: np.ndarray
    level_scale: np.ndarray
    variable: np.ndarray
    levels: Levels

    @classmethod
    def of(cls, layout: GridLayout, std: np.ndarray) -> "NormalisedSpace":
        """Build the space; ``std`` (channel,) is the training data's standard deviation of each channel."""
        grid, levels = layout.grid, Levels.of(layout)
        one_over = np.divide(1.0, std, out=np.zeros(len(std)), where=np.asarray(std) > 0)
        of_levels, of_surface = grid.volume / grid.volume.sum(), grid.volume[0] / grid.volume[0].sum()
        shares = layout.fields.per_channel(of_levels, of_surface) / len(levels.present)
        wet = shares > 0
        scale = (np.sqrt(shares) * one_over[:, None, None])[wet]
        names = np.array(layout.fields.channel_fields)
        of_level = shares.sum(axis=(1, 2))[levels.channels]
        return cls(
            layout,
            scale.astype(np.float32),
            np.sqrt(of_level) * one_over[levels.channels],
            np.broadcast_to(names[:, None, None], wet.shape)[wet],
            levels,
        )

    def states(self, values: np.ndarray) -> np.ndarray:
        """Return the vectors (sample, cell) of states (sample, channel, y, x)."""
        return np.asarray(values[:, self.layout.wet] * self.scale)

    def means(self, values: np.ndarray) -> np.ndarray:
        """Return the vectors (sample, number) of the level means of states (sample, channel, y, x)."""
        return level_means(values, self.layout) * self.level_scale

    def parts(self, values: np.ndarray) -> dict[tuple[str, str], np.ndarray]:
        """Return the vectors under (score, variable): whole states, level means, and each variable alone.

        Variables alone are scaled so that their squared distance is their own volume mean.
        """
        whole = self.states(values)
        found = {("energy distance", "all"): whole, ("energy distance, level means", "all"): self.means(values)}
        names = self.levels.present
        for name in names:
            found["energy distance", name] = whole[:, self.variable == name] * np.float32(np.sqrt(len(names)))
        return found


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
        distances: By (score, variable), between all states (all, all), those of the first set first.
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
        return tuple(Label(score, name, "1", "lower", signed=True) for score, name in self.distances)

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


def energy_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the energy distance of two sets of independent vectors (sample, k), 2 or more each, unbiased for both."""
    distances, n = pairwise(np.concatenate([a, b])), len(a)
    m = len(b)
    within_a, within_b = distances[:n, :n].sum() / (n * (n - 1)), distances[n:, n:].sum() / (m * (m - 1))
    return float(2.0 * distances[:n, n:].mean() - within_a - within_b)
