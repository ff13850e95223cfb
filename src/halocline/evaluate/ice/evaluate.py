"""All scores of a set of generated states, each with its floor and both with an interval."""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.bootstrap import LEVEL
from halocline.evaluate.engine.family import Family
from halocline.evaluate.engine.rate import Weights, rate
from halocline.evaluate.engine.samples import (
    Halves,
    common_channels,
    held_out_halves,
    read_states,
    require_same_grid,
    stacked,
    state_limit,
    thinned,
)
from halocline.evaluate.engine.table import Row, Scorecard
from halocline.evaluate.ice import pictures
from halocline.evaluate.ice.bands import SpectrumScores, tiles_for
from halocline.evaluate.ice.bounds import BoundScores
from halocline.evaluate.ice.copies import COPY_RATIO, CopyScores, neighbours_of
from halocline.evaluate.ice.features import FeatureExtractor, HandFeatures, load_extractor
from halocline.evaluate.ice.frechet import FrechetScores
from halocline.evaluate.ice.histograms import HistogramScores
from halocline.evaluate.ice.integrals import IntegralScores
from halocline.evaluate.ice.maps import MapScores
from halocline.runtime.keyed import generator
from halocline.runtime.progress import Report


def evaluate(
    states: xr.Dataset,
    reference: StateStore,
    *,
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
    against B, and from B against A: what a perfect generator of the other half's climate would get. ``docs/scores.md``
    tells what each score means and how the intervals are made.

    Args:
        states: Generated states, dims (member, y, x) or (member, time, y, x), with the grid's variables.
        reference: Store whose test years are the held-out states, and whose training years the copy test searches.
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
    held = held_out_halves(reference, channels, limits[1], _share(report, 0, 15, "reading held-out states"))
    pairs = thinned(samples_of(reference, "train"), limits[2])
    training = read_states(reference, pairs, channels, _share(report, 15, 40, "reading training states"))
    real = held.values

    features = extractor or load_extractor(grid, channels, reference.statistics)
    maps = MapScores.around(grid, channels, real)
    spectra = SpectrumScores(channels, tiles_for(grid))
    histograms = HistogramScores.over(grid, channels, real, generated)
    copies = CopyScores.against(
        grid, training, neighbours_of(reference, pairs), lambda some: read_states(reference, some, channels).values
    )
    families: tuple[Family, ...] = (
        FrechetScores.around(features, real),
        FrechetScores.around(
            HandFeatures.of(grid, channels, reference.statistics), real, "Fréchet distance, hand-made features"
        ),
        maps,
        IntegralScores.over(grid, channels, real, generated),
        BoundScores(grid, channels),
        spectra,
        histograms,
        copies,
    )
    weights = Weights.draw(len(generated), held, replicates, seed)
    rows: list[Row] = []
    summaries: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for k, family in enumerate(families):
        report(40 + 6 * k, f"scoring: {family.labels[0].score}" if family.labels else "scoring")
        mine, beside = family.summary(generated), family.summary(real)
        rows += rate(family, mine, beside, weights)
        if family in (maps, spectra, copies):
            summaries[k] = (mine, beside)

    report(90, "curves and maps")
    everything = np.ones(len(real), bool)
    seasons = held.blocks.weights(everything, replicates, generator(seed, "evaluate", "pictures"))
    map_summaries, spectrum_summaries, copy_summaries = summaries.values()
    shown, alike = pictures.examples(grid, channels, generated, real)
    twins, ratio = pictures.suspect(copies, generated, copy_summaries[0][:, 1])
    drawn = pictures.Pictures(
        grid=grid,
        channels=channels,
        generated=shown,
        real=alike,
        maps=pictures.draw_maps(maps, *(part.mean(axis=0) for part in map_summaries)),
        wavelengths=spectra.spectrum.wavelengths[1 : spectra.spectrum.tile // 2 + 1],
        spectra=pictures.draw_spectra(spectra, *spectrum_summaries, seasons),
        histograms=pictures.draw_histograms(histograms, generated, real, seasons),
        series=pictures.series(grid, channels, generated, real),
        suspect=twins,
        suspect_ratio=ratio,
        ratios=(copy_summaries[0][:, 1], copy_summaries[1][:, 1]),
    )
    report(100, "scored")
    about = _about(reference, channels, features, spectra, held, states) | {
        "generated_states": len(generated),
        "training_states": len(training.values),
        "seed": seed,
        "replicates": replicates,
    }
    return Scorecard(tuple(rows), about, drawn)


def _about(
    reference: StateStore,
    channels: tuple[str, ...],
    features: FeatureExtractor,
    spectra: SpectrumScores,
    held: Halves,
    states: xr.Dataset,
) -> dict[str, Any]:
    notes = list(held.notes)
    left_out = [name for name in reference.channels if name not in channels]
    if left_out:
        notes.append(f"Not among the generated variables, so not scored: {', '.join(left_out)}.")
    unknown = [str(name) for name in states.data_vars if name not in (*channels, "mask", "area", "projection")]
    if unknown:
        notes.append(f"Not in the reference, so not scored: {', '.join(unknown)}.")
    if not spectra.labels:
        notes.append("No spectra: no tile of 8 cells fits between the coasts.")
    return {
        "variables": list(channels),
        "held_out_states": [len(held.first.values), len(held.second.values)],
        "interval": LEVEL,
        "extractor": features.name,
        "copy_ratio": COPY_RATIO,
        "grid": reference.grid.name,
        "grid_fingerprint": reference.grid.fingerprint(),
        "reference_fingerprint": reference.fingerprint,
        "spectrum_tile_cells": spectra.spectrum.tile,
        "spectrum_tiles": len(spectra.spectrum.corners),
        "notes": notes,
    }


def _share(report: Report, start: int, stop: int, note: str) -> Callable[[float], None]:
    return lambda done: report(int(start + (stop - start) * done), note)
