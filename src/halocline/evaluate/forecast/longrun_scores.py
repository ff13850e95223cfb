"""Scores of a long run: the seasonal cycle, anomalies from it, the trend, and whether small scales are kept."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from halocline.data.fields.calendar import mean_year_hours
from halocline.data.store.splits import SPLITS, by_member_year, has_split, samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.bootstrap import whole_and_counts
from halocline.evaluate.engine.family import Label
from halocline.evaluate.engine.interval import known_interval
from halocline.evaluate.engine.table import ScoreTable
from halocline.evaluate.forecast.card import ForecastCard, ForecastRow
from halocline.evaluate.forecast.climate_years import verified_years
from halocline.evaluate.forecast.file import Forecast
from halocline.evaluate.forecast.longrun_series import MONTHS, LongRun, read_long_run
from halocline.evaluate.forecast.pairs import Pairs, pair
from halocline.evaluate.forecast.rate import LEAST_STARTS, row_of
from halocline.evaluate.ice.cover import INTEGRALS
from halocline.evaluate.ice.families.spectra import SHORTEST, SpectrumScores, tiles_for
from halocline.runtime import keyed
from halocline.runtime.progress import Report

_LEAST_YEARS = 3
_SAMPLE_HOURS = 30 * 24


def evaluate_long_run(
    card: ForecastCard,
    forecast: Forecast,
    reference: StateStore,
    climate: StateStore,
    seed: int,
    replicates: int,
    report: Report,
) -> ForecastCard:
    """Return the card with the rows and series of a long run.

    Intervals: whole years drawn with replacement, those of forecast and truth together.

    Args:
        card: Facts and name of the forecast.
        forecast: The run.
        reference: Store with the truth under the same weather.
        climate: Store whose member-years give the climate.
        seed: Seed of the resampling.
        replicates: Bootstrap replicates.
        report: Progress in percent.
    """
    tolerance = 0.5 * float(np.median(np.diff(reference.hours)))
    pairs = pair(forecast, reference, tolerance_hours=tolerance)
    run = read_long_run(forecast, pairs, climate, lambda done: report(int(20 * done), "long run"))
    notes = list(card.about["notes"])
    if np.isnan(run.truth).all(axis=0).any():
        notes.append(
            "The reference does not hold the truth of every calendar month of the run: its seasonal cycle is compared "
            "with that of the climate's member-years, and anomalies are not correlated."
        )
        run = replace(run, truth=np.full_like(run.truth, np.nan))
    own, all_years = _member_years(climate, pairs)
    if own:
        words = "No floor of other years: all" if own == all_years else f"{own} of"
        notes.append(f"{words} {all_years} member-years of the climate are those of the run itself.")
    weights = whole_and_counts(len(run.year), replicates, keyed.generator(seed, "evaluate", "years"))
    rows = [*climate_rows(run, weights, forecast.name, floor=own < all_years), *_small_scales(forecast, pairs)]
    years = float(forecast.lead_hours[-1]) / mean_year_hours(forecast.calendar)
    about = card.about | {"notes": notes, "long_run_years": years}
    return replace(card, table=ScoreTable(tuple(rows), about), long_run=run)


def _member_years(climate: StateStore, pairs: Pairs) -> tuple[int, int]:
    """Return how many member-years of the climate hold the run's truth, and how many there are."""
    held = [pair for split in SPLITS if has_split(climate, split) for pair in samples_of(climate, split)]
    years = set(by_member_year(climate, held))
    return len(years & verified_years(climate, pairs, range(len(pairs.lead_hours)))), len(years)


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


def _small_scales(
    forecast: Forecast, pairs: Pairs, progress: Callable[[float], None] = lambda done: None
) -> list[ForecastRow]:
    """Return the power ratio of the shortest waves, year by year of the run, at one state a month."""
    spectra = SpectrumScores(pairs.channels, tiles_for(pairs.store.grid))
    if not spectra.labels:
        return []
    every = np.searchsorted(forecast.lead_hours, np.arange(0, forecast.lead_hours[-1] + 1, _SAMPLE_HOURS))
    rows = []
    hours_per_year = mean_year_hours(forecast.calendar)
    year = (forecast.lead_hours // hours_per_year).astype(int)
    for which in range(int(year.max()) + 1):
        sums = []
        for start in range(forecast.starts):
            for lead in every[year[every] == which]:
                if pairs.known[start, lead] and lead > 0:
                    states = forecast.read(start, int(lead), pairs.channels)[:2]
                    truth = pairs.truth(start, int(lead))[None]
                    sums.append([spectra.summary(states).mean(axis=0), spectra.summary(truth)[0]])
        if len(sums) < MONTHS // 2:
            continue
        mine, truth = np.mean(sums, axis=0)
        values = spectra.scores(mine[None], truth[None])[0]
        for label, value in zip(spectra.labels, values, strict=True):
            if label.id == SHORTEST:
                name = replace(label, id=f"{label.id}_year", score="small-scale power ratio over a year")
                numbers = (float(value), float("nan"), float("nan"), 1.0)
                rows.append(row_of(name, numbers, forecast.name, hours_per_year * (which + 0.5), forecast.starts))
    return rows
