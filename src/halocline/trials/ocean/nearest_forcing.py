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
from halocline.trials.ocean.starts import DAY, TrialStart
from halocline.worlds.dino.parameters import NAMES


def with_nearest_forcing(starts: Sequence[TrialStart], store: StateStore, given: frozenset[str]) -> list[TrialStart]:
    """Return the starts with the parameters and the day of the year they lack, from the nearest training state.

    Nearest in the volume-weighted rms of temperature and salinity, each over its spread within the basin.

    Args:
        starts: States.
        store: Where the training states are.
        given: What the states say themselves, which is kept.
    """
    wet, layout = store.grid.wet, store.layout
    volume = store.grid.volume[wet]
    weight = np.sqrt(volume / volume.sum())
    samples = samples_of(store, "train")
    scale: np.ndarray | None = None
    drawn = [np.stack([start.thetao[wet], start.so[wet]]) for start in starts]
    best: list[tuple[float, int]] = [(np.inf, 0)] * len(starts)
    for number, sample in enumerate(samples):
        real = np.stack([part[wet] for part in layout.select(store.read(*sample), "thetao", "so")])
        if scale is None:
            scale = np.array([np.sqrt(np.cov(part, aweights=volume)) for part in real])[:, None]
        for k, state in enumerate(drawn):
            best[k] = min(best[k], (state_squared(state, real, scale, weight), number))
    out = []
    for start, (_, number) in zip(starts, best, strict=True):
        member, index = samples[number]
        known = {name: float(v[member]) for name, v in store.parameters.items() if name in NAMES and name not in given}
        forcing = replace(start.forcing, **known)
        out.append(replace(start, forcing=forcing, day=start.day if DAY in given else store.day_of_year(index)))
    return out
