"""From sets of states to rows of the table: value, floor, and the intervals of both."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from halocline.evaluate.engine.bootstrap import Weights
from halocline.evaluate.engine.family import Family, Scores, Summarised, in_order
from halocline.evaluate.engine.interval import centred, interval
from halocline.evaluate.engine.scorecard import Row
from halocline.evaluate.engine.sets import Sets
from halocline.runtime.registry import Registry

_LEAST_RATIO = 1e-6
_CHUNK_VALUES = 20_000_000


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
    registry: Registry[Callable[[S], Sequence[Family | Summarised]]],
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
    """Return one row per score of a family.

    Args:
        part: The family and its summaries of the generated and of the held-out states.
        weights: Replicates of both.
    """
    family, generated, real = part.family, part.generated, part.real
    if not family.labels:
        return []
    every = np.full((1, len(real)), 1.0 / len(real))
    compared = [
        sets
        for pair in weights.pairs
        for sets in (
            (generated, weights.whole, real, pair.reference),
            (generated, pair.generated, real, pair.replicates),
            (real, pair.drawn, real, pair.reference),
            (real, pair.drawn_replicates, real, pair.replicates),
        )
    ]
    *found, reference = [_scores(family, *sets) for sets in (*compared, (real, every, real, every))]
    columns = []
    for values, replicates in ((found[0::4], found[1::4]), (found[2::4], found[3::4])):
        means = [value.mean(axis=0) for value in values]
        shifted = [centred(spread, mean) for spread, mean in zip(replicates, means, strict=True)]
        columns += [np.mean(means, axis=0), *interval(np.concatenate(shifted))]
    rows = []
    for k, label in enumerate(family.labels):
        numbers = [float(column[k]) for column in columns]
        if label.better == "one":
            numbers = [math.exp(number) for number in numbers]
        elif not label.signed:
            numbers = [max(0.0, number) for number in numbers]
        reached = float(reference[0, k]) if label.better == "reference" else None
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
