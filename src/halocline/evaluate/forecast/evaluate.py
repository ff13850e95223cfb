"""Score a forecast against a reference store: every family, every lead, beside the reference forecasts (baselines)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from halocline.data.store.store import StateStore
from halocline.evaluate.engine.cells import require_same_grid
from halocline.evaluate.engine.interval import LEVEL
from halocline.evaluate.engine.table import ScoreTable
from halocline.evaluate.forecast import longrun_scores
from halocline.evaluate.forecast.card import ForecastCard, ForecastRow
from halocline.evaluate.forecast.climate import DailyClimate
from halocline.evaluate.forecast.climate_years import LEAST_YEARS, ClimateYears
from halocline.evaluate.forecast.families.base import with_ice
from halocline.evaluate.forecast.file import Forecast
from halocline.evaluate.forecast.names import named_apart, renamed
from halocline.evaluate.forecast.pairs import Pairs, pair
from halocline.evaluate.forecast.rate import LEAST_STARTS, start_weights
from halocline.evaluate.forecast.references import (
    Climatology,
    DampedAnomaly,
    InitialState,
    OfForecast,
    OtherYears,
    Scored,
)
from halocline.evaluate.forecast.scoring import Scoring
from halocline.runtime.errors import InputError
from halocline.runtime.progress import Report, share

SHORT_DAYS = 45.0
"""Leads up to this are scored state by state; beyond, a state's own weather is forgotten and the climate counts."""

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
        report: Progress in percent.

    Raises:
        InputError: If forecast and store do not fit.
    """
    climate, given = climate or reference, (forecast, *beside)
    forecast, *beside = named_apart(given)
    require_same_grid(forecast.grid, climate)
    about = _about(forecast, reference, climate, seed, replicates)
    about["notes"] += renamed(given, (forecast, *beside))
    card = ForecastCard(ScoreTable((), about), sources=(forecast.name,))
    last = forecast.lead_hours[-1]
    if last >= 24.0 * LONG_DAYS:
        card = longrun_scores.evaluate_long_run(card, forecast, reference, climate, seed, replicates, report)
    if ((forecast.lead_hours > 0) & (forecast.lead_hours <= 24.0 * SHORT_DAYS)).sum() >= 2 or last < 24.0 * LONG_DAYS:
        card = _short(card, forecast, reference, beside, climate, (seed, replicates), report)
    elif beside:
        left_out = f"Not scored, because forecasts beside are scored up to {SHORT_DAYS:g} days only: "
        card.about["notes"].append(left_out + ", ".join(other.name for other in beside) + ".")
    report(100, "scored")
    return card


def _short(
    card: ForecastCard,
    forecast: Forecast,
    reference: StateStore,
    beside: Sequence[Forecast],
    store: StateStore,
    draws: tuple[int, int],
    report: Report,
) -> ForecastCard:
    pairs = pair(forecast, reference)
    leads = [k for k, h in enumerate(pairs.lead_hours) if h <= 24.0 * SHORT_DAYS and pairs.known[:, k].any()]
    years = ClimateYears.of(store, pairs, leads)
    sources: list[Scored] = [
        OfForecast(forecast, pairs, np.arange(forecast.starts), np.arange(len(pairs.lead_hours))),
        *(_beside(other, pairs, reference) for other in beside),
        InitialState(pairs),
    ]
    climate = None
    if years.covered:
        reading, damping = share(report, 0, 15, "reading the climate"), share(report, 15, 25, "damping")
        climate = DailyClimate.of(store, pairs.channels, reading, years.samples)
        damped = DampedAnomaly.fitted(pairs, climate, store, leads, damping, years.samples)
        sources += [damped, Climatology(pairs, climate)]
    others = OtherYears(pairs, store, without=years.verified)
    if others.draws.count:
        sources.append(others)
    names = [source.name for source in sources]
    scoring = Scoring.of(pairs, sources, store, climate, draws[0])
    weights = start_weights(len(pairs.begin), draws[1], draws[0])
    pictures = scoring.pictures(leads)
    rows: list[ForecastRow] = []
    for done, lead in enumerate(leads):
        report(25 + 72 * done // len(leads), f"lead {pairs.lead_hours[lead] / 24:g} d")
        rows += scoring.at(lead, weights, pictures)
    report(97, "pictures")
    notes = [*card.about["notes"], *_notes(pairs, forecast, leads), *years.notes, *_floor_notes(others.draws.count)]
    about = card.about | {"notes": notes, "rotation_control": scoring.rotation()}
    if added := scoring.added():
        about["added_scores"] = added
    about |= {
        "spectrum_tile_cells": scoring.spectra.spectrum.tile,
        "spectrum_tiles": len(scoring.spectra.spectrum.corners),
    }
    return replace(card, table=ScoreTable((*rows, *card.rows), about), pictures=pictures, sources=tuple(names))


def _floor_notes(count: int) -> list[str]:
    if not count:
        return ["No floor of other years: no training member-year but the verified ones holds states of that season."]
    few = f"The floor of other years is made of {count} member-year(s) only: it says little."
    return [few] if count < LEAST_YEARS else []


def _beside(other: Forecast, pairs: Pairs, reference: StateStore) -> OfForecast:
    """Match the starts and leads of another forecast to those that are scored."""
    theirs = pair(other, reference)
    keys = list(zip(theirs.member.tolist(), theirs.begin.tolist(), strict=True))
    wanted = list(zip(pairs.member.tolist(), pairs.begin.tolist(), strict=True))
    missing = [key for key in wanted if key not in keys]
    gone = np.setdiff1d(pairs.lead_hours[pairs.known.any(axis=0)], other.lead_hours)
    gone = gone[gone <= 24.0 * SHORT_DAYS]
    lacking = [name for name in pairs.channels if name not in other.channels]
    if missing or len(gone) or lacking:
        raise InputError(
            f"forecast {other.name}",
            found=f"without {len(missing)} of the starts, {len(gone)} of the leads, variables {lacking}",
            expected="the starts, leads and variables of the forecast that is scored",
            remedy="Make both forecasts with the same starts, length, interval and variables.",
        )
    leads = np.clip(np.searchsorted(other.lead_hours, pairs.lead_hours), 0, len(other.lead_hours) - 1)
    return OfForecast(other, pairs, np.array([keys.index(key) for key in wanted]), leads)


def _about(
    forecast: Forecast, reference: StateStore, climate: StateStore, seed: int, replicates: int
) -> dict[str, Any]:
    given = forecast.dataset.attrs.get("provenance", {})
    own = {str(k): v for k, v in given.items() if isinstance(v, str | int | float)} if isinstance(given, dict) else {}
    return {
        "kind": "forecast",
        "forecast": forecast.name,
        "variables": [name for name in forecast.channels if name in reference.channels],
        "starts": forecast.starts,
        "members": forecast.members,
        "last_lead_days": float(forecast.lead_hours[-1]) / 24.0,
        "interval": LEVEL,
        "grid": reference.grid.name,
        "grid_fingerprint": reference.grid.fingerprint(),
        "reference_fingerprint": reference.fingerprint,
        "climate_fingerprint": climate.fingerprint,
        "seed": seed,
        "replicates": replicates,
        "forecast_provenance": own,
        "notes": [],
    }


def _notes(pairs: Pairs, forecast: Forecast, leads: list[int]) -> list[str]:
    notes = []
    trained = int(pairs.in_training().sum())
    if trained:
        notes.append(
            f"{trained} of {len(pairs.begin)} starts lie in training years of the reference: no held-out test."
        )
    if forecast.draws.count < forecast.members:
        notes.append(
            f"The {forecast.members} members are {forecast.draws.count} independent draws (the others have "
            "opposite noise): spread, CRPS and ranks compare independent ones only."
        )
    if len(pairs.begin) < LEAST_STARTS:
        notes.append(f"{len(pairs.begin)} start(s): too few for intervals, and one weather situation proves little.")
    lost = [k for k in leads if not pairs.known[:, k].all()]
    if lost:
        days = pairs.lead_hours[lost[0]] / 24.0
        notes.append(f"From day {days:g} on some starts reach beyond the store; they are left out there.")
    if not with_ice(pairs.channels):
        notes.append("No sea ice in the forecast: no scores of the ice edge and cover, nor of the region with ice.")
    left = [name for name in forecast.channels if name not in pairs.channels]
    if left:
        notes.append(f"Not in the reference, so not scored: {', '.join(left)}.")
    return notes
