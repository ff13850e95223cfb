"""From sets of states to rows of the table: value, floor, and the intervals of both."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from halocline.evaluate.engine.bootstrap import Weights
from halocline.evaluate.engine.family import Family, Scores, Summarised, in_order
from halocline.evaluate.engine.interval import centred, interval
from halocline.evaluate.engine.scorecard import Row
from halocline.evaluate.engine.sets import Sets

_LEAST_RATIO = 1e-6
_CHUNK_VALUES = 20_000_000

_Compared = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Summaries of a set and its weights, those of the set it is compared with and their weights."""


@dataclass(frozen=True, eq=False)
class Found:
    """What the scores of two sets of states are.

    Attributes:
        rows: Rows of the table.
        parts: Families of each name with their summaries, for pictures.
    """

    rows: tuple[Row, ...]
    parts: dict[str, list[Summarised]]


S = TypeVar("S", bound=Sets[Any, Any])


def score_all(
    registry: Mapping[str, Callable[[S], Sequence[Family | Summarised]]],
    order: Sequence[str],
    sets: S,
    progress: Callable[[float, str], None] = lambda done, name: None,
) -> Found:
    """Build every registered family, summarise both sets and rate it.

    Args:
        registry: Name to a function that returns the families of that name for the sets, none if they do not apply.
        order: Names that come first.
        sets: The states.
        progress: Called before each family with the share done and the name.
    """
    parts: dict[str, list[Summarised]] = {}
    names = in_order(registry, order)
    for k, name in enumerate(names):
        progress(k / len(names), f"scoring: {name}")
        parts[name] = [
            part
            if isinstance(part, Summarised)
            else Summarised(part, part.summary(sets.generated), part.summary(sets.real))
            for part in registry[name](sets)
        ]
    return Found(
        tuple(row for several in parts.values() for part in several for row in rate(part, sets.weights)), parts
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
    value = _estimate(
        family,
        [
            ((generated, weights.whole, real, pair.reference), (generated, pair.generated, real, pair.replicates))
            for pair in weights.pairs
        ],
    )
    floor = _estimate(
        family,
        [
            ((real, pair.drawn, real, pair.reference), (real, pair.drawn_replicates, real, pair.replicates))
            for pair in weights.pairs
            if pair.drawn is not None and pair.drawn_replicates is not None
        ],
    )
    every = np.full((1, len(real)), 1.0 / len(real))
    reference = _scores(family, real, every, real, every)[0]
    rows = []
    for k, label in enumerate(family.labels):
        numbers = [float(column[k]) for column in (*value, *floor)]
        if label.better == "one":
            numbers = [math.exp(number) for number in numbers]
        elif not label.signed:
            numbers = [number if math.isnan(number) else max(0.0, number) for number in numbers]
        reached = float(reference[k]) if label.better == "reference" else None
        rows.append(Row.of(label, numbers, reached))
    return rows


def _estimate(family: Scores, compared: Sequence[tuple[_Compared, _Compared]]) -> tuple[np.ndarray, ...]:
    """Return the mean over comparisons and the interval, (score,) each; NaN if there are none.

    Args:
        family: The scores.
        compared: Each comparison as it is, and its replicates.
    """
    if not compared:
        return (np.full(len(family.labels), np.nan),) * 3
    means, shifted = [], []
    for sets, replicates in compared:
        means.append(_scores(family, *sets).mean(axis=0))
        shifted.append(centred(_scores(family, *replicates), means[-1]))
    return (np.mean(means, axis=0), *interval(np.concatenate(shifted)))


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
        first, second = (_means(*each, part) for each in ((a, weights_a), (b, weights_b)))
        scores = np.array(family.scores(first, second))
        scores[:, ratios] = np.log(np.maximum(scores[:, ratios], _LEAST_RATIO))
        parts.append(scores)
    return np.concatenate(parts)


def _means(summaries: np.ndarray, weights: np.ndarray, part: slice) -> np.ndarray:
    if len(weights) > 1:
        return weights[part].astype(summaries.dtype) @ summaries
    means = weights.astype(summaries.dtype) @ summaries
    return np.broadcast_to(means, (part.stop - part.start, summaries.shape[1]))
