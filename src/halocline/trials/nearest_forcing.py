"""The forcing that states without one ask for: that of the training state they resemble most.

An unconditional generator draws states of all the forcings it was trained on, and does not say of which. Under DINO's
own forcing such a state would be out of balance through no fault of its own.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from halocline.data.store.nearest import state_squared
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.trials.starts import DAY, Start
from halocline.worlds.dino.parameters import NAMES, ForcingParameters


def with_nearest_forcing(starts: Sequence[Start], store: StateStore, told: frozenset[str]) -> list[Start]:
    """Return the starts with the parameters and the day of the year they lack, from the nearest training state.

    Nearest in the volume-weighted rms of temperature and salinity, each over its spread within the basin.

    Args:
        starts: States.
        store: Where the training states are.
        told: What the states say themselves, which is kept.
    """
    grid = store.grid.ocean_grid()
    volume, wet, n = grid.volume[grid.mask], grid.mask, grid.levels
    weight = np.sqrt(volume / volume.sum())
    samples = samples_of(store, "train")
    scale: np.ndarray | None = None
    best: list[tuple[float, int]] = [(np.inf, 0)] * len(starts)
    for number, sample in enumerate(samples):
        state = store.read(*sample)
        real = np.stack([state[:n][wet], state[n : 2 * n][wet]])
        if scale is None:
            scale = np.array([np.sqrt(np.cov(part, aweights=volume)) for part in real])[:, None]
        for k, start in enumerate(starts):
            drawn = np.stack([start.thetao[wet], start.so[wet]])
            distance = state_squared(drawn, real, scale, weight)
            if distance < best[k][0]:
                best[k] = (distance, number)
    out = []
    for start, (_, number) in zip(starts, best, strict=True):
        member, index = samples[number]
        theirs = {name: float(store.parameters[name][member]) for name in NAMES if name in store.parameters}
        own = dict(zip(NAMES, start.forcing.values(), strict=True))
        forcing = ForcingParameters(
            **{name: own[name] if name in told else theirs.get(name, own[name]) for name in NAMES}
        )
        out.append(replace(start, forcing=forcing, day=start.day if DAY in told else store.day_of_year(index)))
    return out
