"""From summaries of starts to rows of the table: values, intervals, and skill against the reference forecasts."""

import re
from collections.abc import Sequence

import numpy as np

from halocline.evaluate.engine.family import Label
from halocline.evaluate.engine.interval import known_interval
from halocline.evaluate.forecast.card import ForecastRow
from halocline.evaluate.forecast.family import ForecastFamily, KnowsTruth

LEAST_STARTS = 3
"""With fewer starts there is no interval."""


def slug(name: str) -> str:
    """Return a name as part of an id: lower case, what is no letter or digit as one underscore."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def rows_of(
    family: ForecastFamily, summaries: np.ndarray, weights: np.ndarray, source: str, lead_hours: float
) -> tuple[list[ForecastRow], dict[tuple[Label, str], np.ndarray]]:
    """Return the rows of a family, and the replicates (1 + replicate,) of the scores that skill is given for.

    Args:
        family: The scores.
        summaries: Of each start that has a truth (start, k).
        weights: Of those starts (1 + replicate, start), the first row all alike.
        source: Name of what is scored.
        lead_hours: Its lead.
    """
    found = np.asarray(family.scores(_means(summaries, weights)), np.float64)
    truths = np.full(found.shape[1], np.nan)
    if isinstance(family, KnowsTruth):
        truths = family.truths(_means(summaries, weights[:1]))[0]
    low, high = known_interval(found[1:], enough=len(summaries) >= LEAST_STARTS)
    rows, kept = [], {}
    for k, label in enumerate(family.labels):
        ideal = {"lower": 0.0, "zero": 0.0, "one": 1.0, "reference": float(truths[k])}[label.better]
        numbers = (float(found[0, k]), float(low[k]), float(high[k]), ideal)
        rows.append(row_of(label, numbers, source, lead_hours, len(summaries)))
        if label.skill:
            kept[label, source] = found[:, k]
    return rows, kept


def skill_rows(
    replicates: dict[tuple[Label, str], np.ndarray], sources: Sequence[str], lead_hours: float, starts: int
) -> list[ForecastRow]:
    """Return skill = 1 - score / score of another source, for the first source against each other one."""
    rows = []
    for (label, source), mine in replicates.items():
        if source != sources[0]:
            continue
        for other in sources[1:]:
            if (label, other) not in replicates:
                continue
            with np.errstate(divide="ignore", invalid="ignore"):
                theirs = replicates[label, other]
                skill = np.where(theirs > 0, 1.0 - mine / theirs, np.nan)
            if not np.isfinite(skill[0]):
                continue
            low, high = known_interval(skill[1:, None], enough=starts >= LEAST_STARTS)
            words = f"{label.score}, skill over {other}"
            name = Label(f"{label.id}_skill_over_{slug(other)}", words, label.variable, "1", "one", label.band)
            rows.append(row_of(name, (float(skill[0]), float(low[0]), float(high[0]), 1.0), source, lead_hours, starts))
    return rows


def row_of(
    label: Label, numbers: tuple[float, float, float, float], source: str, lead_hours: float, starts: int
) -> ForecastRow:
    """Build a row of a label and value, low, high and truth."""
    columns = label.columns() | dict(zip(("value", "low", "high", "truth"), numbers, strict=True))
    return ForecastRow(**columns, source=source, lead_hours=lead_hours, starts=starts)


def _means(summaries: np.ndarray, weights: np.ndarray) -> np.ndarray:
    total = weights.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):  # a replicate may hold no start that has a truth
        return np.asarray((weights @ summaries) / total)
