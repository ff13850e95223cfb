"""Score ocean states: read all, score all, draw all."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.store.splits import limits_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.floors import coarse_floor
from halocline.evaluate.engine.interval import LEVEL
from halocline.evaluate.engine.rate import Found, score_all
from halocline.evaluate.engine.samples import Pair
from halocline.evaluate.engine.scorecard import NO_FLOOR, Scorecard
from halocline.evaluate.engine.season import Season, match_season
from halocline.evaluate.engine.table import ScoreTable
from halocline.evaluate.engine.workers import Workers
from halocline.evaluate.ocean.families import OCEAN_SCORES, ORDER
from halocline.evaluate.ocean.families.base import OceanSets
from halocline.evaluate.ocean.families.spread import SpreadScores
from halocline.evaluate.ocean.pictures import draw_ocean
from halocline.evaluate.ocean.split import Floor, no_floor, ocean_weights
from halocline.evaluate.ocean.states import HELD_OUT, SCORED, OceanSet, generated_set, pairs_of, read_set
from halocline.physics.eos import DINO_EOS, EquationOfState
from halocline.runtime.progress import Report


def evaluate_ocean(
    states: xr.Dataset | OceanSet,
    reference: StateStore,
    *,
    roles: Sequence[str] | None = None,
    floor: Floor | None = None,
    season: Season = "matched",
    eos: EquationOfState = DINO_EOS,
    seed: int = 0,
    replicates: int = 200,
    max_generated: int = 500,
    max_real: int = 500,
    max_training: int = 500,
    choices: Choices = AS_THE_FILE_SAYS,
    jobs: int = 1,
    dask: str | None = None,
    report: Report = lambda done, note: None,
) -> Scorecard:
    """Score generated ocean states against real ones of a store.

    Value and floor are made as those of sea ice (see ``docs/explanation/scores.md``), with whole members in the
    place of months.

    Args:
        states: Generated states (see ``generated_set``), or a set read from a store.
        reference: Store of the real states.
        roles: Members that are the reference. Default: those for whose forcing the states were drawn; if they were
            drawn for none, ``HELD_OUT``.
        floor: ``members``: real against real of other forcings. ``years``: of the same forcings, other years. Default:
            ``years`` if the states were drawn for the forcings of the reference's members or there is one member only,
            else ``members``; none, with a note, if there are too few members, years or states.
        season: ``matched``: states with dates (``time`` or ``day_of_year``) of a part of the year are compared with the
            real states within 15 days of theirs; ``all``: with all of them.
        eos: Equation of state for stability.
        seed: Seed of all resampling.
        replicates: Bootstrap replicates a direction.
        max_generated: Most generated states used.
        max_real: Most reference states read.
        max_training: Most training states the copy test reads.
        choices: What a dataset of states does not say.
        jobs: Processes of this machine that summarise states; the numbers are the same.
        dask: Address of a dask scheduler whose workers do so; they see the folder of temporary files.
        report: Progress in percent.

    Raises:
        ConfigError: If the cluster cannot be reached.
        InputError: If the states do not fit the reference, or there are too few real ones.
    """
    limits = (max_generated, max_real, max_training)
    sets = _read(
        states,
        reference,
        limits,
        roles=roles,
        floor=floor,
        season=season,
        eos=eos,
        seed=seed,
        replicates=replicates,
        choices=choices,
        report=report,
    )
    found = score_all(
        OCEAN_SCORES, ORDER, sets, lambda done, note: report(int(25 + 65 * done), note), Workers(jobs, dask)
    )
    report(90, "curves and maps")
    drawn = draw_ocean(sets, found)
    report(100, "scored")
    about = _about(sets, found) | {"seed": seed, "replicates": replicates}
    return Scorecard(ScoreTable(found.rows, about), drawn, "ocean")


def _read(
    states: xr.Dataset | OceanSet,
    store: StateStore,
    limits: tuple[int, int, int],
    *,
    roles: Sequence[str] | None,
    floor: Floor | None,
    season: Season,
    eos: EquationOfState,
    seed: int,
    replicates: int,
    choices: Choices,
    report: Report,
) -> OceanSets:
    """Read generated, real and training states, at most ``limits`` of each, and draw their replicates.

    Raises:
        InputError: If the states do not fit the store, or there are too few real ones.
    """
    report(0, "reading states")
    mine = states if isinstance(states, OceanSet) else generated_set(states, store, limits[0], choices)
    with_zos = "zos" in mine.layout.fields
    pairs = _reference_pairs(mine, store, roles)
    match = match_season(mine.season, store, np.array([index for _, index in pairs]), season)
    pairs = [pair for pair in pairs if match.keeps(pair[1])]
    truth = read_set(store, pairs, limits[1], with_zos=with_zos, seed=seed)
    report(15, "reading training states")
    training = read_set(store, pairs_of(store, ("train",)), limits[2], with_zos=with_zos, seed=seed)
    matched = mine.forced and bool(np.isin(mine.members, truth.members).all())
    kind: Floor = floor or ("years" if matched or len(truth.members) < 2 else "members")
    why = no_floor(truth, kind, store.calendar)
    dealt = kind if floor is not None or why is None else None
    notes = []
    if not with_zos and "zos" in store.layout:
        notes.append("Not among the generated variables, so not scored: zos.")
    if unknown := [name for name in store.layout.names if name not in SCORED]:
        notes.append(f"Ocean scores know thetao, so and zos only, and leave out: {', '.join(unknown)}.")
    notes += [*match.notes, *([] if roles else limits_of(store))]
    if why is not None:
        notes.append(f"No floor: {why}." if dealt is None else f"The floor says little: {why}.")
    else:
        notes += coarse_floor(len(truth) // 2, len(truth) - len(truth) // 2)
    if not matched:
        notes.append(
            "The states were not drawn for the forcing of the reference's members: what differs may be the forcing."
        )
    return OceanSets(
        mine=mine,
        truth=truth,
        training=training,
        reference=store,
        weights=ocean_weights(mine, truth, dealt, replicates, seed),
        match=match,
        notes=tuple(notes),
        eos=eos,
        floor=dealt,
        matched=matched,
    )


def _reference_pairs(mine: OceanSet, store: StateStore, roles: Sequence[str] | None) -> list[Pair]:
    if roles is None and mine.forced:
        return [(int(member), index) for member in mine.members for index in range(len(store.hours))]
    return pairs_of(store, HELD_OUT if roles is None else roles)


def _about(sets: OceanSets, found: Found) -> dict[str, Any]:
    spread, store, real = found.parts["spread"][0].family, sets.reference, sets.truth
    assert isinstance(spread, SpreadScores)
    levels = zip(spread.levels.variables, spread.levels.names, spread.varies, strict=True)
    constant = ", ".join(f"{variable} {name}".strip() for variable, name, varies in levels if not varies)
    notes = [f"Level means that hardly vary in the data, so without a ratio: {constant}."] if constant else []
    return {
        "kind": "ocean",
        "variables": list(sets.layout.fields.names),
        "generated_states": len(sets.mine),
        "held_out_states": [len(real)],
        "held_out_members": [int(member) for member in real.members],
        "roles": sorted({store.roles[member] for member in real.members}) if store.roles else ["test"],
        "interval": LEVEL,
        "grid": store.grid.name,
        "grid_fingerprint": store.grid.fingerprint(),
        "reference_fingerprint": store.fingerprint,
        "notes": [*notes, *sets.notes],
        "floor": sets.floor or NO_FLOOR,
        "conditions": f"{'' if sets.matched else 'not '}those of the reference's members",
        "training_states": len(sets.training),
        **sets.match.about,
    }
