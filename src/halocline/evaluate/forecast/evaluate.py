"""Score a forecast against a reference store: every family, every lead, beside the reference forecasts (baselines)."""

from collections.abc import Sequence

import numpy as np

from halocline.data.store.store import StateStore
from halocline.evaluate.engine.cells import require_same_grid
from halocline.evaluate.engine.table import ScoreTable
from halocline.evaluate.engine.workers import Workers
from halocline.evaluate.forecast.about import facts_of
from halocline.evaluate.forecast.card import ForecastCard
from halocline.evaluate.forecast.file import Forecast
from halocline.evaluate.forecast.leads import SHORT_DAYS, evaluate_leads
from halocline.evaluate.forecast.longrun import evaluate_long_run
from halocline.evaluate.forecast.names import named_apart
from halocline.evaluate.forecast.pairs import pair
from halocline.runtime.progress import Report

LONG_DAYS = 330.0
"""A forecast that goes on at least so long is scored as a long run too."""


def evaluate_forecast(
    forecast: Forecast,
    reference: StateStore,
    *,
    beside: Sequence[Forecast] = (),
    climate: StateStore | None = None,
    seed: int = 0,
    replicates: int = 200,
    jobs: int = 1,
    dask: str | None = None,
    report: Report = lambda done, note: None,
) -> ForecastCard:
    """Score a forecast, and other sources, against a store's states at the valid times.

    Args:
        forecast: The forecast.
        reference: The store it was started from, which holds the truth.
        beside: Other forecasts of the same starts, e.g. of a deterministic twin, scored in the same way.
        climate: Store whose training years give climatology, damping and other years; the reference if None.
        seed: Seed of resampling and of the ties in rank histograms.
        replicates: Bootstrap replicates.
        jobs: Processes of this machine that read and score.
        dask: Address of a dask scheduler whose workers do so; they see store and forecasts.
        report: Progress in percent.

    Raises:
        InputError: If forecast and store do not fit.
    """
    climate, workers = climate or reference, Workers(jobs, dask)
    forecasts, notes = named_apart((forecast, *beside))
    forecast, *beside = forecasts
    require_same_grid(forecast.grid, climate)
    for one in forecasts:
        require_same_grid(one.grid, reference)
    hours = forecast.lead_hours
    long = hours[-1] >= 24.0 * LONG_DAYS
    short = not long or ((hours > 0) & (hours <= 24.0 * SHORT_DAYS)).sum() >= 2
    if beside and not short:
        left_out = f"Not scored, because forecasts beside are scored up to {SHORT_DAYS:g} days only: "
        notes.append(left_out + ", ".join(other.name for other in beside) + ".")
    pairs = [pair(one, reference) for one in forecasts] if short else []
    nearly = pair(forecast, reference, tolerance_hours=_half_a_step(reference)) if long else pairs[0]
    about = facts_of(forecast, reference, climate, notes) | {"seed": seed, "replicates": replicates}
    card = ForecastCard(ScoreTable((), about), sources=(forecast.name,))
    if long:
        card = evaluate_long_run(card, forecast, nearly, climate, seed, replicates, report, workers)
    if short:
        card = evaluate_leads(card, forecasts, pairs, climate, (seed, replicates), report, workers)
    report(100, "scored")
    return card


def _half_a_step(store: StateStore) -> float:
    return 0.5 * float(np.median(np.diff(store.hours)))
