"""Score sea-ice states: read all, score all, draw all."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.data.store.splits import limits_of, samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.rate import score_all
from halocline.evaluate.engine.samples import copy_states, most_states, thinned
from halocline.evaluate.engine.scorecard import Row, Scorecard
from halocline.evaluate.engine.season import Season, SeasonMatch, match_season
from halocline.evaluate.engine.table import ScoreTable
from halocline.evaluate.engine.workers import Workers
from halocline.evaluate.ice.about import facts_of, hints_of
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.families import ICE_SCORES, ORDER
from halocline.evaluate.ice.families.base import IceSets
from halocline.evaluate.ice.features import FeatureExtractor, load_extractor
from halocline.evaluate.ice.halves import half_weights, held_out_halves
from halocline.evaluate.ice.pictures import draw_ice
from halocline.evaluate.ice.states import generated_cover
from halocline.evaluate.ice.to_score import states_to_score
from halocline.runtime.progress import Report, share


def evaluate(
    states: xr.Dataset | StateStore,
    reference: StateStore,
    *,
    season: Season = "matched",
    seed: int = 0,
    extractor: FeatureExtractor | None = None,
    replicates: int = 200,
    max_generated: int = 1000,
    max_held_out: int = 750,
    max_training: int = 1500,
    jobs: int = 1,
    dask: str | None = None,
    report: Report = lambda done, note: None,
) -> Scorecard:
    """Score generated states against the held-out years of a store.

    The held-out member-years are dealt into two halves A and B. The value of a score is the mean of that of the
    generated set against A and against B. Its floor is the same score of as many states drawn independently from A
    against B, and from B against A: what a perfect generator of the other half's climate would get.
    ``docs/explanation/scores.md`` tells what each score means and how the intervals are made.

    Args:
        states: Generated states, dims (member, y, x) or (member, time, y, x), with the grid's variables; or a store,
            whose test states are taken.
        reference: Store whose test years are the held-out states, and whose training years the copy test searches.
        season: ``matched``: states with dates (``time`` or ``day_of_year``) of a part of the year are compared with the
            held-out states within 15 days of theirs; ``all``: with all of them.
        seed: Seed of all resampling.
        extractor: Features of the Fréchet distance; default ``load_extractor``.
        replicates: Bootstrap replicates per half.
        max_generated: Most generated states used.
        max_held_out: Most held-out states read.
        max_training: Most training states read (those in between are read around the nearest).
            All three sets lie in temporary files, of 1 GB each at most, not in memory.
        jobs: Processes of this machine that summarise states and compare sets cell by cell.
        dask: Address of a dask scheduler whose workers do so; they see the folder of temporary files.
        report: Progress in percent.

    Raises:
        InputError: If the states do not fit the reference.
        ConfigError: If the cluster cannot be reached.
        HaloclineError: If a worker is ended from outside.
    """
    limits, workers = (max_generated, max_held_out, max_training), Workers(jobs, dask)
    with workers.folder() as folder:
        sets = _read(
            states,
            reference,
            limits,
            season=season,
            seed=seed,
            replicates=replicates,
            extractor=extractor,
            folder=folder,
            report=report,
        )
        found = score_all(ICE_SCORES, ORDER, sets, lambda done, note: report(int(40 + 50 * done), note), workers)
        report(90, "curves and maps")
        drawn = draw_ice(sets, found)
    report(100, "scored")
    about = facts_of(sets, found) | {"seed": seed, "replicates": replicates}
    return Scorecard(ScoreTable(found.rows, about), drawn, "ice")


def evaluate_families(
    states: xr.Dataset | StateStore,
    reference: StateStore,
    families: Sequence[str],
    *,
    season: Season = "matched",
    times: np.ndarray | None = None,
    seed: int = 0,
    replicates: int = 200,
    max_generated: int = 1000,
    max_held_out: int = 750,
) -> ScoreTable[Row]:
    """Return the table of some families of scores alone, without pictures; they need no training states.

    Args:
        states: As for ``evaluate``, and so is what follows.
        reference: Store whose test years are the held-out states.
        families: Their names, of ``ICE_SCORES``; the copy test is none of them.
        season: ``matched`` or ``all``.
        times: True for the times of the reference (time,) that are compared with; by ``season`` if None.
        seed: Seed of all resampling.
        replicates: Bootstrap replicates per half.
        max_generated: Most generated states used.
        max_held_out: Most held-out states read.

    Raises:
        ConfigError: If there is no such family.
        InputError: If the states do not fit the reference.
    """
    chosen = {name: ICE_SCORES[name] for name in families}
    limits = (max_generated, max_held_out, 0)
    match = None if times is None else SeasonMatch(times)
    sets = _read(states, reference, limits, season=season, seed=seed, replicates=replicates, match=match)
    return ScoreTable(score_all(chosen, families, sets).rows, {"notes": list(sets.notes), **sets.match.about})


def _read(
    states: xr.Dataset | StateStore,
    store: StateStore,
    limits: tuple[int, int, int],
    *,
    season: Season,
    seed: int,
    replicates: int,
    extractor: FeatureExtractor | None = None,
    match: SeasonMatch | None = None,
    folder: Path | None = None,
    report: Report = lambda done, note: None,
) -> IceSets:
    """Read generated, held-out and training states, at most ``limits`` of each, and draw their replicates.

    The season is matched unless ``match`` says what is compared with. They lie in files of ``folder``, or of no name.

    Raises:
        InputError: If the states do not fit the store.
    """
    found = states_to_score(states, store.channels)
    mine, notes = generated_cover(found, store, limits[0], folder)
    channels, grid = mine.channels, store.grid
    held_out, trained = (most_states(wanted, len(channels) * grid.mask.size) for wanted in limits[1:])
    days = found.shares()
    tested = np.array([index for _, index in samples_of(store, "test")])
    match = match or match_season(days, store, tested, season)
    reading = share(report, 0, 15, "reading held-out states")
    held = held_out_halves(store, channels, held_out, reading, keeps=match.keeps, folder=folder)
    truth = IceCover(held.states.values, grid, channels)
    pairs = thinned(samples_of(store, "train"), trained)
    weights, seasons = half_weights(held, len(mine.values), replicates, seed)
    return IceSets(
        mine=mine,
        truth=truth,
        halves=held.sizes,
        training=copy_states(store, pairs, channels, share(report, 15, 40, "reading training states"), folder),
        reference=store,
        features=extractor or load_extractor(grid, channels, store.statistics),
        weights=weights,
        seasons=seasons,
        match=match,
        notes=(
            *held.notes,
            *notes,
            *match.notes,
            *limits_of(store),
            *(hints_of(mine, truth, held.states.months) if days is None else ()),
        ),
    )
