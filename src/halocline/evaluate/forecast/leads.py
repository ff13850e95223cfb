"""Score the leads of a forecast up to some weeks: all sources, all families, one lead after another."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from halocline.data.store.store import StateStore
from halocline.evaluate.engine.bootstrap import whole_and_counts
from halocline.evaluate.engine.table import ScoreTable
from halocline.evaluate.engine.workers import HERE, Workers
from halocline.evaluate.forecast.about import notes_of
from halocline.evaluate.forecast.card import ForecastCard, ForecastRow
from halocline.evaluate.forecast.climate import DailyClimate
from halocline.evaluate.forecast.climate_years import ClimateYears
from halocline.evaluate.forecast.file import Forecast
from halocline.evaluate.forecast.lead import LeadInputs, lead_scores
from halocline.evaluate.forecast.pairs import Pairs
from halocline.evaluate.forecast.pictures import ForecastPictures
from halocline.evaluate.forecast.references import (
    Climatology,
    DampedAnomaly,
    InitialState,
    OfForecast,
    OtherYears,
    Scored,
)
from halocline.evaluate.forecast.scoring import Scoring
from halocline.runtime import keyed
from halocline.runtime.progress import Report, share

SHORT_DAYS = 45.0
"""Leads up to this are scored state by state; beyond, a state's own weather is forgotten and the climate counts."""


def evaluate_leads(
    card: ForecastCard,
    forecasts: Sequence[Forecast],
    matched: Sequence[Pairs],
    store: StateStore,
    draws: tuple[int, int],
    report: Report,
    workers: Workers = HERE,
) -> ForecastCard:
    """Return the card with the rows and pictures of all leads up to SHORT_DAYS.

    Args:
        card: Facts and names.
        forecasts: The forecast, and those beside it.
        matched: The truths of each.
        store: Store whose training years give climatology, damping and other years.
        draws: Seed, and bootstrap replicates.
        report: Progress in percent.
        workers: Who reads and scores the leads; families of other packages are worked out here.

    Raises:
        InputError: If one beside lacks starts, leads or variables.
    """
    pairs, forecast = matched[0], forecasts[0]
    leads = [k for k, h in enumerate(pairs.lead_hours) if h <= 24.0 * SHORT_DAYS and pairs.known[:, k].any()]
    years = ClimateYears.of(store, pairs, leads)
    sources: list[Scored] = [
        *(OfForecast.of(one, theirs, pairs, SHORT_DAYS) for one, theirs in zip(forecasts, matched, strict=True)),
        InitialState(pairs),
    ]
    climate = None
    if years.covered:
        reading, damping = share(report, 0, 15, "reading the climate"), share(report, 15, 25, "damping")
        climate = DailyClimate.of(store, pairs.channels, reading, years.samples, workers)
        damped = DampedAnomaly.fitted(pairs, climate, store, leads, damping, years.samples, workers)
        sources += [damped, Climatology(pairs, climate)]
    others = OtherYears(pairs, store, without=years.verified)
    if others.draws.count:
        sources.append(others)
    inputs = LeadInputs(pairs, sources, start_weights(len(pairs.begin), draws[1], draws[0]), climate)
    scoring = Scoring.of(inputs, store, draws[0])
    pictures = scoring.pictures(leads)
    rows = _rows(scoring, leads, pictures, workers, share(report, 25, 97, "leads"))
    report(97, "pictures")
    notes = [*card.about["notes"], *notes_of(pairs, forecast, leads), *years.notes, *others.notes()]
    about = card.about | {"notes": notes, "rotation_control": scoring.rotation()}
    if added := scoring.added():
        about["added_scores"] = added
    about |= {
        "spectrum_tile_cells": scoring.spectra.spectrum.tile,
        "spectrum_tiles": len(scoring.spectra.spectrum.corners),
    }
    names = tuple(source.name for source in sources)
    return replace(card, table=ScoreTable((*rows, *card.rows), about), pictures=pictures, sources=names)


def _rows(
    scoring: Scoring, leads: list[int], pictures: ForecastPictures, workers: Workers, progress: Callable[[float], None]
) -> list[ForecastRow]:
    """Return the rows of all leads in order, and put what is drawn into ``pictures``."""
    parts = {lead: scoring.parts(lead) for lead in leads}
    others = {lead: [part for part in every if workers.apart and not part.ours] for lead, every in parts.items()}
    told = {lead: [part for part in every if part not in others[lead]] for lead, every in parts.items()}
    found = workers.in_order(lead_scores, [(lead,) for lead in leads], (scoring.inputs, told), progress)
    rows: list[ForecastRow] = []
    for lead, scores in zip(leads, found, strict=True):
        if others[lead]:
            scores = scores.joined(scoring.inputs.scores(lead, others[lead]))
        rows += scoring.rows(lead, parts[lead], scores, pictures)
    return rows


def start_weights(starts: int, replicates: int, seed: int) -> np.ndarray:
    """Return weights (1 + replicate, start): all starts alike, then starts drawn with replacement.

    All sources are scored with the same draws, so that the skill of one against another is resampled in pairs. Starts
    a few days apart depend on each other: intervals are then too narrow.
    """
    random = keyed.generator(seed, "evaluate", "starts")
    return whole_and_counts(starts, replicates, random) / starts
