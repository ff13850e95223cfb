"""Score a long run: read all, score all."""

from dataclasses import replace

import numpy as np

from halocline.data.fields.calendar import mean_year_hours
from halocline.data.store.splits import SPLITS, by_member_year, has_split, samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.bootstrap import whole_and_counts
from halocline.evaluate.engine.table import ScoreTable
from halocline.evaluate.engine.workers import HERE, Workers
from halocline.evaluate.forecast.card import ForecastCard
from halocline.evaluate.forecast.climate_years import verified_years
from halocline.evaluate.forecast.file import Forecast
from halocline.evaluate.forecast.longrun_scores import climate_rows, small_scale_rows
from halocline.evaluate.forecast.longrun_series import read_long_run
from halocline.evaluate.forecast.pairs import Pairs
from halocline.evaluate.ice.families.spectra import SpectrumScores
from halocline.evaluate.ice.tiles import tiles_for
from halocline.runtime import keyed
from halocline.runtime.progress import Report, share


def evaluate_long_run(
    card: ForecastCard,
    forecast: Forecast,
    pairs: Pairs,
    climate: StateStore,
    seed: int,
    replicates: int,
    report: Report,
    workers: Workers = HERE,
) -> ForecastCard:
    """Return the card with the rows and series of a long run.

    Intervals: whole years drawn with replacement, those of forecast and truth together.

    Args:
        card: Facts and name of the forecast.
        forecast: The run.
        pairs: Its truth under the same weather.
        climate: Store whose member-years give the climate.
        seed: Seed of the resampling.
        replicates: Bootstrap replicates.
        report: Progress in percent.
        workers: Who reads the run, its truth and the climate.
    """
    spectra = SpectrumScores(pairs.channels, tiles_for(pairs.store.grid))
    run = read_long_run(forecast, pairs, climate, spectra, share(report, 0, 20, "long run"), workers)
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
    rows = [
        *climate_rows(run, weights, forecast.name, floor=own < all_years),
        *small_scale_rows(run, forecast, spectra),
    ]
    years = float(forecast.lead_hours[-1]) / mean_year_hours(forecast.calendar)
    about = card.about | {"notes": notes, "long_run_years": years}
    return replace(card, table=ScoreTable(tuple(rows), about), long_run=run)


def _member_years(climate: StateStore, pairs: Pairs) -> tuple[int, int]:
    """Return how many member-years of the climate hold the run's truth, and how many there are."""
    held = [pair for split in SPLITS if has_split(climate, split) for pair in samples_of(climate, split)]
    years = set(by_member_year(climate, held))
    return len(years & verified_years(climate, pairs, range(len(pairs.lead_hours)))), len(years)
