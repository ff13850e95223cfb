"""From sets of states to rows of the table: value, floor, and the intervals of both."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from halocline.evaluate.engine.blocks import Block, ByCells
from halocline.evaluate.engine.bootstrap import Weights
from halocline.evaluate.engine.family import Family, InTwoSteps, Labelled, Summarised, in_order
from halocline.evaluate.engine.interval import centred, interval
from halocline.evaluate.engine.scorecard import Row
from halocline.evaluate.engine.sets import Sets
from halocline.evaluate.engine.workers import HERE, Workers, pieces

_BUILDING, _SUMMARISED, _RATING = 0.4, 0.8, 0.85
"""Shares of the work done when families are built, when all states are summarised, when others' families are."""

_LEAST_RATIO = 1e-6
_CHUNK_VALUES = 20_000_000

Part = Summarised | ByCells
"""A family with what it takes to compare two sets of states."""

_GENERATED, _REAL = 0, 1
_Compared = tuple[int, np.ndarray, int, np.ndarray]
"""A set and its weights, the set it is compared with and their weights."""


@dataclass(frozen=True, eq=False)
class Found:
    """What the scores of two sets of states are.

    Attributes:
        rows: Rows of the table.
        parts: Families of each name with their summaries, for pictures.
    """

    rows: tuple[Row, ...]
    parts: dict[str, list[Part]]


S = TypeVar("S", bound=Sets[Any, Any])


def score_all(
    registry: Mapping[str, Callable[[S], Sequence[Family | InTwoSteps | Part]]],
    order: Sequence[str],
    sets: S,
    progress: Callable[[float, str], None] = lambda done, name: None,
    workers: Workers = HERE,
) -> Found:
    """Build every registered family, summarise both sets and rate it.

    Args:
        registry: Name to a function that returns the families of that name for the sets, none if they do not apply.
        order: Names that come first.
        sets: The states.
        progress: Called with the share done and words.
        workers: Who summarises states and compares sets cell by cell; families of other packages are summarised here.
    """
    built: list[tuple[str, Family | InTwoSteps | Part]] = []
    names = in_order(registry, order)
    for k, name in enumerate(names):
        progress(_BUILDING * k / len(names), f"scoring: {name}")
        built += [(name, part) for part in registry[name](sets)]
    made: dict[int, Summarised] = {}
    for here in (False, True):
        chosen = {
            k: part
            for k, (_, part) in enumerate(built)
            if not isinstance(part, Summarised | ByCells) and here != type(part).__module__.startswith("halocline.")
        }
        who, begin, end = (HERE, _SUMMARISED, _RATING) if here else (workers, _BUILDING, _SUMMARISED)
        told = _told(progress, begin, end, "scoring: all states")
        found = who.summaries(list(chosen.values()), (sets.generated, sets.real), told) if chosen else []
        for (k, plain), both in zip(chosen.items(), found, strict=True):
            made[k] = plain.summarised(*both) if isinstance(plain, InTwoSteps) else Summarised(plain, *both)
    parts: dict[str, list[Part]] = {name: [] for name in names}
    rows: list[Row] = []
    for k, (name, part) in enumerate(built):
        parts[name].append(part if isinstance(part, Summarised | ByCells) else made[k])
        progress(_RATING + (1 - _RATING) * k / len(built), f"comparing: {name}")
        rows += rate(parts[name][-1], sets.weights, workers)
    return Found(tuple(rows), parts)


def _told(progress: Callable[[float, str], None], begin: float, end: float, words: str) -> Callable[[float], None]:
    return lambda done: progress(begin + (end - begin) * done, words)


def rate(part: Part, weights: Weights, workers: Workers = HERE) -> list[Row]:
    """Return one row per score of a family; floors are NaN where real states have none to be compared with.

    Args:
        part: The family and its summaries of the generated and of the held-out states.
        weights: Replicates of both.
        workers: Who compares cell by cell.
    """
    family = part.family
    if not family.labels:
        return []
    compared: list[_Compared] = []
    for pair in weights.pairs:
        compared.append((_GENERATED, weights.whole, _REAL, pair.reference))
        compared.append((_GENERATED, pair.generated, _REAL, pair.replicates))
    for pair in weights.pairs:
        if pair.drawn is not None and pair.drawn_replicates is not None:
            compared.append((_REAL, pair.drawn, _REAL, pair.reference))
            compared.append((_REAL, pair.drawn_replicates, _REAL, pair.replicates))
    if any(label.better == "reference" for label in family.labels):
        every = np.full((1, pair.reference.shape[1]), 1.0 / pair.reference.shape[1])
        compared.append((_REAL, every, _REAL, every))
    scores = _by_cells(part, compared, workers) if isinstance(part, ByCells) else [_scores(part, *c) for c in compared]
    n = 2 * len(weights.pairs)
    reference = scores.pop()[0] if len(compared) % 2 else None
    value, floor = _estimate(family, scores[:n]), _estimate(family, scores[n:])
    rows = []
    for k, label in enumerate(family.labels):
        numbers = [float(column[k]) for column in (*value, *floor)]
        if label.better == "one":
            numbers = [math.exp(number) for number in numbers]
        elif not label.signed:
            numbers = [number if math.isnan(number) else max(0.0, number) for number in numbers]
        reached = float(reference[k]) if label.better == "reference" and reference is not None else None
        rows.append(Row.of(label, numbers, reached))
    return rows


def _estimate(family: Labelled, scores: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Return the mean over comparisons and the interval, (score,) each; NaN if there are none.

    Args:
        family: The scores.
        scores: Of each comparison as it is, then of its replicates (replicate, score).
    """
    if not scores:
        return (np.full(len(family.labels), np.nan),) * 3
    means, shifted = [], []
    for whole, replicates in zip(scores[::2], scores[1::2], strict=True):
        means.append(whole.mean(axis=0))
        shifted.append(centred(replicates, means[-1]))
    return (np.mean(means, axis=0), *interval(np.concatenate(shifted)))


def _scores(part: Summarised, one: int, weights_one: np.ndarray, other: int, weights_other: np.ndarray) -> np.ndarray:
    """Return (replicate, score), of ratios the logarithm; a single row of weights serves for all replicates."""
    sets = (part.generated, part.real)
    replicates = max(len(weights_one), len(weights_other))
    chunk = max(1, _CHUNK_VALUES // max(1, sets[one].shape[1]))
    parts = []
    for start in range(0, replicates, chunk):
        some = slice(start, min(replicates, start + chunk))
        first, second = (_means(sets[k], weights, some) for k, weights in ((one, weights_one), (other, weights_other)))
        parts.append(_logarithms(part.family, part.family.scores(first, second)))
    return np.concatenate(parts)


def _by_cells(part: ByCells, compared: Sequence[_Compared], workers: Workers) -> list[np.ndarray]:
    """Return what ``_scores`` does, of all comparisons; each block of cells is read once."""
    tasks = [(some,) for some in pieces(list(part.family.blocks()))]
    found = workers.in_order(cell_sums, tasks, (part, compared))
    return [_logarithms(part.family, part.family.finish(sum(each))) for each in zip(*found, strict=True)]


def cell_sums(part: ByCells, compared: Sequence[_Compared], blocks: Sequence[Block]) -> list[np.ndarray]:
    """Return the sums (replicate, m) of each comparison over some blocks of cells; the work of another process."""
    family, sums = part.family, [np.zeros(())] * len(compared)
    for block in blocks:
        sets = [family.cell_summary(states, block) for states in (part.generated, part.real)]
        for k, (one, weights_one, other, weights_other) in enumerate(compared):
            some = slice(0, max(len(weights_one), len(weights_other)))
            first, second = _means(sets[one], weights_one, some), _means(sets[other], weights_other, some)
            sums[k] = sums[k] + family.sums(first, second, block)
    return sums


def _logarithms(family: Labelled, found: np.ndarray) -> np.ndarray:
    """Return scores (replicate, score), of ratios the logarithm.

    Means over halves, shifts and quantiles of ratios are taken in the logarithm, where twice and half are alike.
    """
    scores = np.array(found)
    ratios = np.array([label.better == "one" for label in family.labels], bool)
    scores[:, ratios] = np.log(np.maximum(scores[:, ratios], _LEAST_RATIO))
    return scores


def _means(summaries: np.ndarray, weights: np.ndarray, part: slice) -> np.ndarray:
    if len(weights) > 1:
        return weights[part].astype(summaries.dtype) @ summaries
    means = weights.astype(summaries.dtype) @ summaries
    return np.broadcast_to(means, (part.stop - part.start, summaries.shape[1]))
