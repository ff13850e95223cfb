"""From a family of scores to rows of the table: value, floor, and the intervals of both."""

import math
from dataclasses import dataclass

import numpy as np

from halocline.evaluate.engine.bootstrap import Blocks, centred, draws, even, interval
from halocline.evaluate.engine.family import Scores, Summarised
from halocline.evaluate.engine.samples import Halves
from halocline.evaluate.engine.scorecard import Row
from halocline.runtime.keyed import generator

FLOOR_DRAWS = 50
_LEAST_RATIO = 1e-6
_CHUNK_VALUES = 20_000_000


@dataclass(frozen=True, eq=False)
class HalfWeights:
    """Weights of one half of the held-out states, each (replicate, sample) over the states of both halves.

    Attributes:
        whole: The half as it is, one row.
        months: Replicates by calendar-month blocks: the half as reference.
        drawn: Independent draws, as many as there are generated states: the half in the place of a generator.
        months_drawn: The same from each of further month replicates.
    """

    whole: np.ndarray
    months: np.ndarray
    drawn: np.ndarray
    months_drawn: np.ndarray

    @classmethod
    def of(
        cls, blocks: Blocks, member: np.ndarray, size: int, replicates: int, random: np.random.Generator
    ) -> "HalfWeights":
        """Draw the weights for ``size`` generated states; ``member`` (sample,) is True in this half."""
        whole = even(member)
        return cls(
            whole=whole,
            months=blocks.weights(member, replicates, random),
            drawn=draws(np.repeat(whole, FLOOR_DRAWS, axis=0), size, random),
            months_drawn=draws(blocks.weights(member, replicates, random), size, random),
        )


@dataclass(frozen=True, eq=False)
class PairWeights:
    """Weights of one comparison: a part of the real states as reference, a disjoint one in the place of a generator.

    Attributes:
        reference: The reference as it is (1, real).
        replicates: Bootstrap replicates of it (replicate, real).
        generated: Replicates of the generated states (replicate, generated).
        drawn: Independent draws of as many real states of the other part as there are generated ones (draw, real);
            None if there is no other part, so that there is no floor.
        drawn_replicates: The same, from a replicate of that part each (replicate, real); None likewise.
    """

    reference: np.ndarray
    replicates: np.ndarray
    generated: np.ndarray
    drawn: np.ndarray | None = None
    drawn_replicates: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of all sets, shared by all families: every score sees the same replicates.

    Attributes:
        whole: The generated set as it is (1, sample).
        pairs: The comparisons; a score is the mean over them.
    """

    whole: np.ndarray
    pairs: tuple[PairWeights, ...]

    @classmethod
    def draw(cls, size: int, held: Halves, replicates: int, seed: int) -> "Weights":
        """Draw weights for ``size`` generated states, one by one with replacement, and for both held-out halves.

        Held-out states without two halves are one reference as a whole, without a floor.
        """
        halves = [
            HalfWeights.of(
                held.blocks, held.in_half(k), size, replicates, generator(seed, "evaluate", "held-out half", k)
            )
            for k in ((0, 1) if held.comparable else (0,))
        ]
        whole = even(np.ones(size))
        resampled = draws(np.repeat(whole, replicates, axis=0), size, generator(seed, "evaluate", "generated"))
        if not held.comparable:
            return cls(whole, (PairWeights(halves[0].whole, halves[0].months, resampled),))
        return cls(
            whole,
            tuple(
                PairWeights(half.whole, half.months, resampled, other.drawn, other.months_drawn)
                for half, other in (halves, halves[::-1])
            ),
        )


def rate(part: Summarised, weights: Weights) -> list[Row]:
    """Return one row per score of a family; floors are NaN where real states have none to be compared with.

    Args:
        part: The family and its summaries of the generated and of the held-out states.
        weights: Replicates of both.
    """
    family, generated, real = part.family, part.generated, part.real
    if not family.labels:
        return []
    value, value_replicates, floor, floor_replicates = [], [], [], []
    for pair in weights.pairs:
        value.append(_scores(family, generated, weights.whole, real, pair.reference)[0])
        spread = _scores(family, generated, pair.generated, real, pair.replicates)
        value_replicates.append(centred(spread, value[-1]))
        if pair.drawn is None or pair.drawn_replicates is None:
            floor.append(np.full(len(family.labels), np.nan))
            floor_replicates.append(np.full((1, len(family.labels)), np.nan))
            continue
        floor.append(_scores(family, real, pair.drawn, real, pair.reference).mean(axis=0))
        spread = _scores(family, real, pair.drawn_replicates, real, pair.replicates)
        floor_replicates.append(centred(spread, floor[-1]))
    low, high = interval(np.concatenate(value_replicates))
    floor_low, floor_high = interval(np.concatenate(floor_replicates))
    means = (np.mean(value, axis=0), np.mean(floor, axis=0))
    columns = (means[0], low, high, means[1], floor_low, floor_high)
    everything = even(np.ones(len(real)))
    reference = _scores(family, real, everything, real, everything)[0]
    rows = []
    for k, label in enumerate(family.labels):
        numbers = [float(column[k]) for column in columns]
        if label.better == "one":
            numbers = [math.exp(number) for number in numbers]
        elif not label.signed:
            numbers = [number if math.isnan(number) else max(0.0, number) for number in numbers]
        reached = float(reference[k]) if label.better == "reference" else None
        rows.append(Row.of(label, numbers, reached))
    return rows


def _scores(family: Scores, a: np.ndarray, weights_a: np.ndarray, b: np.ndarray, weights_b: np.ndarray) -> np.ndarray:
    """Return (replicate, score), of ratios the logarithm; a single row of weights serves for all replicates.

    Means over halves, shifts and quantiles of ratios are taken in the logarithm, where twice and half are alike.
    """
    replicates = max(len(weights_a), len(weights_b))
    ratios = np.array([label.better == "one" for label in family.labels], bool)
    chunk = max(1, _CHUNK_VALUES // max(1, a.shape[1]))
    parts = []
    for start in range(0, replicates, chunk):
        part = slice(start, min(replicates, start + chunk))
        scores = np.array(family.scores(_means(a, weights_a, part), _means(b, weights_b, part)))
        scores[:, ratios] = np.log(np.maximum(scores[:, ratios], _LEAST_RATIO))
        parts.append(scores)
    return np.concatenate(parts)


def _means(summaries: np.ndarray, weights: np.ndarray, part: slice) -> np.ndarray:
    if len(weights) > 1:
        return weights[part].astype(summaries.dtype) @ summaries
    means = weights.astype(summaries.dtype) @ summaries
    return np.broadcast_to(means, (part.stop - part.start, summaries.shape[1]))
