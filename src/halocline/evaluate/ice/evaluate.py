"""All scores of a set of generated states, each with its floor and both with an interval."""

from typing import Any

import numpy as np
import xarray as xr

from halocline.data.files.state_day import shares_of_year
from halocline.data.store.splits import limits_of, samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.bootstrap import LEVEL
from halocline.evaluate.engine.family import summarised
from halocline.evaluate.engine.rate import Weights, rate
from halocline.evaluate.engine.samples import (
    Halves,
    common_channels,
    held_out_halves,
    read_states,
    require_same_grid,
    stacked,
    state_dims,
    state_limit,
    thinned,
)
from halocline.evaluate.engine.scorecard import NO_FLOOR, Scorecard
from halocline.evaluate.engine.season import Season, hint_of_season, match_season
from halocline.evaluate.engine.table import ScoreTable
from halocline.evaluate.ice import pictures
from halocline.evaluate.ice.families import ICE_SCORES, ORDER
from halocline.evaluate.ice.families.base import IceSets
from halocline.evaluate.ice.families.copies import COPY_RATIO
from halocline.evaluate.ice.families.integrals import integrals
from halocline.evaluate.ice.families.spectra import tiles_for
from halocline.evaluate.ice.features import FeatureExtractor, load_extractor
from halocline.physics.spectra import TileSpectrum
from halocline.runtime.keyed import generator
from halocline.runtime.progress import Report, share


def evaluate(
    states: xr.Dataset,
    reference: StateStore,
    *,
    season: Season = "matched",
    seed: int = 0,
    extractor: FeatureExtractor | None = None,
    replicates: int = 200,
    max_generated: int = 1000,
    max_held_out: int = 750,
    max_training: int = 1500,
    report: Report = lambda done, note: None,
) -> Scorecard:
    """Score generated states against the held-out years of a store.

    The held-out member-years are dealt into two halves A and B. The value of a score is the mean of that of the
    generated set against A and against B. Its floor is the same score of as many states drawn independently from A
    against B, and from B against A: what a perfect generator of the other half's climate would get.
    ``docs/explanation/scores.md`` tells what each score means and how the intervals are made.

    Args:
        states: Generated states, dims (member, y, x) or (member, time, y, x), with the grid's variables.
        reference: Store whose test years are the held-out states, and whose training years the copy test searches.
        season: ``matched``: states with dates (``time`` or ``day_of_year``) of a part of the year are compared with the
            held-out states within 15 days of theirs; ``all``: with all of them.
        seed: Seed of all resampling.
        extractor: Features of the Fréchet distance; default ``load_extractor``.
        replicates: Bootstrap replicates per half.
        max_generated: Most generated states used.
        max_held_out: Most held-out states read.
        max_training: Most training states read (those in between are read around the nearest).
        report: Progress in percent.

    Raises:
        InputError: If the states do not fit the reference.
    """
    require_same_grid(states, reference)
    channels, grid = common_channels(states, reference), reference.grid
    limits = [state_limit(reference, channels, wanted) for wanted in (max_generated, max_held_out, max_training)]
    generated = stacked(states, channels, grid.mask, limits[0])
    days = shares_of_year(states, state_dims(states, channels))
    tested = np.array([index for _, index in samples_of(reference, "test")])
    match = match_season(days, reference, tested, season)
    reading = share(report, 0, 15, "reading held-out states")
    held = held_out_halves(reference, channels, limits[1], reading, keeps=match.keeps)
    pairs = thinned(samples_of(reference, "train"), limits[2])
    training = read_states(reference, pairs, channels, share(report, 15, 40, "reading training states"))
    real = held.values

    features = extractor or load_extractor(grid, channels, reference.statistics)
    sets = IceSets(
        grid=grid,
        channels=channels,
        generated=generated,
        real=real,
        training=training,
        reference=reference,
        features=features,
        read=lambda some: read_states(reference, some, channels).values,
    )
    weights = Weights.draw(len(generated), held, replicates, seed)
    found = summarised(ICE_SCORES, ORDER, sets, lambda done, name: report(int(40 + 40 * done), f"scoring: {name}"))
    rows = [row for parts in found.values() for part in parts for row in rate(part, weights)]
    report(90, "curves and maps")
    seasons = held.blocks.weights(np.ones(len(real), bool), replicates, generator(seed, "evaluate", "pictures"))
    drawn = pictures.draw_ice(sets, {name: parts[0] for name, parts in found.items() if parts}, seasons)
    report(100, "scored")
    about = _about(sets, held, states, tiles_for(grid)) | match.about
    about["notes"] += [*match.notes, *limits_of(reference), *(_hints(sets, held) if days is None else [])]
    about |= {
        "generated_states": len(generated),
        "training_states": len(training.values),
        "seed": seed,
        "replicates": replicates,
    }
    return Scorecard(ScoreTable(tuple(rows), about), drawn, "ice")


def _hints(sets: IceSets, held: Halves) -> list[str]:
    """Return a note if extent and volume of states without dates point to a season."""
    names = ("ice_extent", "ice_volume")
    mine, theirs = (
        {name: values for name, values in integrals(states, sets.grid, sets.channels).items() if name in names}
        for states in (sets.generated, sets.real)
    )
    return hint_of_season(mine, theirs, np.concatenate([held.first.months, held.second.months]))


def _about(sets: IceSets, held: Halves, states: xr.Dataset, spectrum: TileSpectrum) -> dict[str, Any]:
    reference, channels = sets.reference, sets.channels
    notes = list(held.notes)
    left_out = [name for name in reference.channels if name not in channels]
    if left_out:
        notes.append(f"Not among the generated variables, so not scored: {', '.join(left_out)}.")
    unknown = [str(name) for name in states.data_vars if name not in (*channels, "mask", "area", "projection")]
    if unknown:
        notes.append(f"Not in the reference, so not scored: {', '.join(unknown)}.")
    if not len(spectrum.corners):
        notes.append("No spectra: no tile of 8 cells fits between the coasts.")
    return {
        "variables": list(channels),
        "held_out_states": [len(held.first.values), len(held.second.values)],
        "interval": LEVEL,
        **({} if held.comparable else {"floor": NO_FLOOR}),
        "extractor": sets.features.name,
        "copy_ratio": COPY_RATIO,
        "grid": reference.grid.name,
        "grid_fingerprint": reference.grid.fingerprint(),
        "reference_fingerprint": reference.fingerprint,
        "spectrum_tile_cells": spectrum.tile,
        "spectrum_tiles": len(spectrum.corners),
        "notes": notes,
    }
