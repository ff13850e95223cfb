"""Scores of a long run: the seasonal cycle, anomalies from it, the trend, and whether small scales are kept."""

from dataclasses import replace

import numpy as np

from halocline.data.fields.calendar import mean_year_hours
from halocline.evaluate.engine.family import Label
from halocline.evaluate.engine.interval import known_interval
from halocline.evaluate.forecast.card import ForecastRow
from halocline.evaluate.forecast.file import Forecast
from halocline.evaluate.forecast.longrun_series import LongRun
from halocline.evaluate.forecast.months import MONTHS
from halocline.evaluate.forecast.rate import LEAST_STARTS, row_of
from halocline.evaluate.ice.cover import INTEGRALS
from halocline.evaluate.ice.families.spectra import SHORTEST, SpectrumScores

_LEAST_YEARS = 3


def climate_rows(run: LongRun, weights: np.ndarray, source: str, *, floor: bool = True) -> list[ForecastRow]:
    """Return the rows of seasonal cycle, anomalies and trend.

    - climatology ratio, by month: mean over years and members, over that of the truth (or of the climate);
    - largest climatology error: the largest |ratio - 1| of the twelve;
    - anomaly correlation: of monthly means minus their calendar month's mean, members averaged, with the truth's;
    - trend: slope of the annual means, members averaged.

    Args:
        run: The series.
        weights: Weights of the years (1 + replicate, year), the first row all alike.
        source: Name of the forecast.
        floor: Whether the climate holds other years than the run's, so that they can stand beside it.
    """
    mine = run.forecast.mean(axis=1)
    paired = not np.isnan(run.truth).all()
    both = np.isfinite(mine) & np.isfinite(run.truth) if paired else np.isfinite(mine)
    cycle = _cycle(mine, both, weights)
    alike = np.nanmean(run.climate, axis=0)
    aim = _cycle(run.truth, both, weights) if paired else alike[None]
    found: list[tuple[Label, np.ndarray, float, str]] = []
    for k, id in enumerate(run.names):
        name, unit = INTEGRALS[id]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = cycle[..., k] / aim[..., k]
            beside = alike[:, k] / aim[0, :, k]
        for month in range(MONTHS):
            label = Label(
                f"{id}_ratio_month_{month + 1:02d}",
                f"{name}, climatology ratio",
                "all",
                "1",
                "one",
                f"month {month + 1}",
            )
            found.append((label, ratio[:, month], 1.0, source))
            if paired and floor:
                found.append((label, np.repeat(beside[month], len(weights)), 1.0, "other years"))
        worst = Label(f"{id}_largest_error", f"{name}, largest climatology error", "all", "1", "lower")
        found.append((worst, np.abs(ratio - 1.0).max(axis=1), 0.0, source))
        if paired and floor:
            found.append((worst, np.repeat(np.abs(beside - 1.0).max(), len(weights)), 0.0, "other years"))
        if paired:
            label = Label(f"{id}_anomaly_correlation", f"{name}, anomaly correlation", "all", "1", "one", signed=True)
            ours = mine[None, ..., k] - cycle[:, None, :, k]
            theirs = run.truth[None, ..., k] - aim[:, None, :, k]
            found.append((label, _correlation(ours, theirs, both[..., k], weights), 1.0, source))
        trend = Label(f"{id}_trend", f"{name}, trend", "all", f"{unit} yr-1", "reference", signed=True)
        true = _trend(run.truth[..., k], run, weights)
        found.append((trend, _trend(mine[..., k], run, weights), float(true[0]), source))
    rows = []
    for label, values, truth, who in found:
        if not np.isfinite(values[0]):
            continue
        low, high = known_interval(values[1:, None], enough=who == source and len(run.year) >= LEAST_STARTS)
        numbers = (float(values[0]), float(low[0]), float(high[0]), truth)
        rows.append(row_of(label, numbers, who, float("nan"), len(set(run.start.tolist()))))
    return rows


def small_scale_rows(run: LongRun, forecast: Forecast, spectra: SpectrumScores) -> list[ForecastRow]:
    """Return the power ratio of the shortest waves, year by year of the run, at one state a month."""
    rows = []
    year = mean_year_hours(forecast.calendar)
    for which, (mine, truth) in sorted(run.powers.items()):
        values = spectra.scores(mine[None], truth[None])[0]
        for label, value in zip(spectra.labels, values, strict=True):
            if label.id == SHORTEST:
                name = replace(label, id=f"{label.id}_year", score="small-scale power ratio over a year")
                numbers = (float(value), float("nan"), float("nan"), 1.0)
                rows.append(row_of(name, numbers, forecast.name, year * (which + 0.5), forecast.starts))
    return rows


def _cycle(values: np.ndarray, known: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted seasonal cycle (replicate, month, number) of (year, month, number)."""
    total = np.einsum("ry,ymk->rmk", weights, np.where(known, values, 0.0))
    share = np.einsum("ry,ymk->rmk", weights, known.astype(np.float64))
    return np.divide(total, share, out=np.full_like(total, np.nan), where=share > 0)


def _correlation(a: np.ndarray, b: np.ndarray, known: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the correlation (replicate,) of anomalies (replicate, year, month) over years and months."""
    if known.any(axis=1).sum() < _LEAST_YEARS:
        return np.full(len(weights), np.nan)
    first, second = (np.where(known, x, 0.0) for x in (a, b))
    sums = [np.einsum("ry,rym->r", weights, x) for x in (first * second, first**2, second**2)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sums[0] / np.sqrt(sums[1] * sums[2]))


def _trend(values: np.ndarray, run: LongRun, weights: np.ndarray) -> np.ndarray:
    """Return the slope (replicate,) per year of annual means of (year, month), each start around its own mean."""
    annual = values.mean(axis=1)
    full = np.isfinite(annual)
    if full.sum() < _LEAST_YEARS:
        return np.full(len(weights), np.nan)
    x, y = np.zeros(len(annual)), np.zeros(len(annual))
    for start in set(run.start.tolist()):
        own = full & (run.start == start)
        if own.any():
            x[own], y[own] = run.year[own] - run.year[own].mean(), annual[own] - annual[own].mean()
    inside = weights * full
    total = np.maximum(inside.sum(axis=1), 1e-30)
    mean_x, mean_y = (inside @ x) / total, (inside @ y) / total
    top = np.einsum("ry,ry,ry->r", inside, x[None] - mean_x[:, None], y[None] - mean_y[:, None])
    base = np.einsum("ry,ry->r", inside, (x[None] - mean_x[:, None]) ** 2)
    return np.divide(top, base, out=np.full(len(weights), np.nan), where=base > 0)
