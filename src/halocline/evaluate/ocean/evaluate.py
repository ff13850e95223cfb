"""All scores of a set of generated ocean states, each with its floor and both with an interval."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from halocline.data.store.splits import limits_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.bootstrap import LEVEL
from halocline.evaluate.engine.family import summarised
from halocline.evaluate.engine.rate import rate
from halocline.evaluate.engine.samples import Pair, coarse_floor
from halocline.evaluate.engine.scorecard import NO_FLOOR, Scorecard
from halocline.evaluate.engine.season import Season, match_season
from halocline.evaluate.engine.table import ScoreTable
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
        report: Progress in percent.

    Raises:
        InputError: If the states do not fit the reference, or there are too few real ones.
    """
    report(0, "reading states")
    generated = states if isinstance(states, OceanSet) else generated_set(states, reference, max_generated)
    layout = generated.layout
    pairs = _reference_pairs(generated, reference, roles)
    match = match_season(generated.season, reference, np.array([index for _, index in pairs]), season)
    pairs = [pair for pair in pairs if match.keeps(pair[1])]
    real = read_set(reference, pairs, max_real, with_zos="zos" in layout.fields, seed=seed)
    report(15, "reading training states")
    trained = pairs_of(reference, ("train",))
    training = read_set(reference, trained, max_training, with_zos="zos" in layout.fields, seed=seed)
    matched = generated.forced and bool(np.isin(generated.members, real.members).all())
    kind: Floor = floor or ("years" if matched or len(real.members) < 2 else "members")
    why = no_floor(real, kind, reference.calendar)
    dealt = kind if floor is not None or why is None else None
    weights = ocean_weights(generated, real, dealt, replicates, seed)

    sets = OceanSets(generated, real, training, reference, eos)
    found = summarised(OCEAN_SCORES, ORDER, sets, lambda done, name: report(int(25 + 60 * done), f"scoring: {name}"))
    rows = [row for parts in found.values() for part in parts for row in rate(part, weights)]
    report(90, "curves and maps")
    drawn = draw_ocean(reference.grid, generated, real)
    report(100, "scored")
    about = _about(reference, generated, real, SpreadScores.around(layout, real.values)) | {
        "floor": dealt or NO_FLOOR,
        "conditions": "those of the reference's members" if matched else "not those of the reference's members",
        "training_states": len(training),
        "seed": seed,
        "replicates": replicates,
    }
    about |= match.about
    about["notes"] += [*match.notes, *([] if roles else limits_of(reference))]
    if why is not None:
        about["notes"].append(f"No floor: {why}." if dealt is None else f"The floor says little: {why}.")
    else:
        about["notes"] += coarse_floor(len(real) // 2, len(real) - len(real) // 2)
    if not matched:
        about["notes"].append(
            "The states were not drawn for the forcing of the reference's members: what differs may be the forcing."
        )
    return Scorecard(ScoreTable(tuple(rows), about), drawn, "ocean")


def _reference_pairs(generated: OceanSet, store: StateStore, roles: Sequence[str] | None) -> list[Pair]:
    if roles is None and generated.forced:
        return [(int(member), index) for member in generated.members for index in range(len(store.hours))]
    return pairs_of(store, HELD_OUT if roles is None else roles)


def _about(store: StateStore, generated: OceanSet, real: OceanSet, spread: SpreadScores) -> dict[str, Any]:
    notes = []
    constant = [
        f"{v} {n}".strip()
        for v, n, k in zip(spread.levels.variables, spread.levels.names, spread.varies, strict=True)
        if not k
    ]
    if constant:
        notes.append(f"Level means that hardly vary in the data, so without a ratio: {', '.join(constant)}.")
    if "zos" not in generated.layout.fields and "zos" in store.layout:
        notes.append("Not among the generated variables, so not scored: zos.")
    unknown = [name for name in store.layout.names if name not in SCORED]
    if unknown:
        notes.append(f"Ocean scores know thetao, so and zos only, and leave out: {', '.join(unknown)}.")
    return {
        "kind": "ocean",
        "variables": list(generated.layout.fields.names),
        "generated_states": len(generated),
        "held_out_states": [len(real)],
        "held_out_members": [int(member) for member in real.members],
        "roles": sorted({store.roles[member] for member in real.members}) if store.roles else ["test"],
        "interval": LEVEL,
        "grid": store.grid.name,
        "grid_fingerprint": store.grid.fingerprint(),
        "reference_fingerprint": store.fingerprint,
        "notes": notes,
    }
