"""Read all that an evaluation of ocean states needs, once: the states, the store's, and their replicates."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from halocline.data.store.store import StateStore
from halocline.evaluate.engine.samples import Pair
from halocline.evaluate.ocean.families.base import OceanSets
from halocline.evaluate.ocean.split import Floor, ocean_weights
from halocline.evaluate.ocean.states import HELD_OUT, SCORED, OceanSet, generated_set, pairs_of, read_set
from halocline.physics.eos import EquationOfState
from halocline.runtime.progress import Report


def read_ocean(
    states: xr.Dataset | OceanSet,
    store: StateStore,
    limits: tuple[int, int, int],
    *,
    roles: Sequence[str] | None,
    floor: Floor | None,
    eos: EquationOfState,
    seed: int,
    replicates: int,
    report: Report,
) -> OceanSets:
    """Read generated, real and training states, at most ``limits`` of each, and draw their replicates.

    Raises:
        InputError: If the states do not fit the store, or there are too few real ones.
    """
    report(0, "reading states")
    mine = states if isinstance(states, OceanSet) else generated_set(states, store, limits[0])
    with_zos = "zos" in mine.layout.fields
    truth = read_set(store, _reference_pairs(mine, store, roles), limits[1], with_zos=with_zos, seed=seed)
    report(15, "reading training states")
    training = read_set(store, pairs_of(store, ("train",)), limits[2], with_zos=with_zos, seed=seed)
    matched = mine.forced and bool(np.isin(mine.members, truth.members).all())
    kind: Floor = floor or ("years" if matched or len(truth.members) < 2 else "members")
    notes = []
    if not with_zos and "zos" in store.layout:
        notes.append("Not among the generated variables, so not scored: zos.")
    if unknown := [name for name in store.layout.names if name not in SCORED]:
        notes.append(f"Ocean scores know thetao, so and zos only, and leave out: {', '.join(unknown)}.")
    if not matched:
        notes.append(
            "The states were not drawn for the forcing of the reference's members: what differs may be the forcing."
        )
    return OceanSets(
        mine=mine,
        truth=truth,
        training=training,
        reference=store,
        weights=ocean_weights(mine, truth, kind, replicates, seed),
        notes=tuple(notes),
        eos=eos,
        floor=kind,
        matched=matched,
    )


def _reference_pairs(mine: OceanSet, store: StateStore, roles: Sequence[str] | None) -> list[Pair]:
    if roles is None and mine.forced:
        return [(int(member), index) for member in mine.members for index in range(len(store.hours))]
    return pairs_of(store, HELD_OUT if roles is None else roles)
