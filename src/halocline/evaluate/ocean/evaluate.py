"""Score ocean states: read all, score all, draw all."""

from collections.abc import Sequence
from typing import Any

import xarray as xr

from halocline.data.store.store import StateStore
from halocline.evaluate.engine.interval import LEVEL
from halocline.evaluate.engine.rate import Found, score_all
from halocline.evaluate.engine.scorecard import Scorecard
from halocline.evaluate.engine.table import ScoreTable
from halocline.evaluate.ocean.families import OCEAN_SCORES, ORDER
from halocline.evaluate.ocean.families.base import OceanSets
from halocline.evaluate.ocean.families.spread import SpreadScores
from halocline.evaluate.ocean.pictures import draw_ocean
from halocline.evaluate.ocean.read import read_ocean
from halocline.evaluate.ocean.split import Floor
from halocline.evaluate.ocean.states import OceanSet
from halocline.physics.eos import DINO_EOS, EquationOfState
from halocline.runtime.progress import Report


def evaluate_ocean(
    states: xr.Dataset | OceanSet,
    reference: StateStore,
    *,
    roles: Sequence[str] | None = None,
    floor: Floor | None = None,
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
            else ``members``.
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
    limits = (max_generated, max_real, max_training)
    sets = read_ocean(
        states,
        reference,
        limits,
        roles=roles,
        floor=floor,
        eos=eos,
        seed=seed,
        replicates=replicates,
        report=report,
    )
    found = score_all(OCEAN_SCORES, ORDER, sets, lambda done, note: report(int(25 + 65 * done), note))
    report(90, "curves and maps")
    drawn = draw_ocean(sets, found)
    report(100, "scored")
    about = _about(sets, found) | {"seed": seed, "replicates": replicates}
    return Scorecard(ScoreTable(found.rows, about), drawn, "ocean")


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
        "floor": sets.floor,
        "conditions": f"{'' if sets.matched else 'not '}those of the reference's members",
        "training_states": len(sets.training),
    }
