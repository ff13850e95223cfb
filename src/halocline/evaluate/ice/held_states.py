"""The test states of a store, in the place of generated ones."""

import numpy as np
import xarray as xr

from halocline.data.fields.calendar import mean_year_days
from halocline.data.fields.season import season_share
from halocline.data.fields.variables import variable
from halocline.data.sampling.conditions import DAY, YEAR_LENGTH
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.samples import Pair, read_states, thinned

MOST = 1000
"""Most of them, evenly spread."""


def held_days(store: StateStore, limit: int = MOST) -> tuple[list[Pair], np.ndarray]:
    """Return the test samples of a store, thinned to ``limit``, and the share of the year of each (sample,)."""
    pairs = thinned(samples_of(store, "test"), limit)
    hours = store.hours[[index for _, index in pairs]]
    return pairs, np.asarray(season_share(hours, store.calendar) % 1.0)


def store_as_states(store: StateStore, limit: int = MOST) -> xr.Dataset:
    """Return the test states of a store, thinned to ``limit``, in the form of generated ones: dims (member, y, x).

    Their day of the year stands beside them. All are in memory.
    """
    pairs, shares = held_days(store, limit)
    held, days = read_states(store, pairs, store.channels), mean_year_days(store.calendar)
    told = {"units": "days", YEAR_LENGTH: days}
    dataset = store.grid.to_dataset().assign_coords({DAY: ("member", shares * days, told)})
    dry = np.where(store.grid.mask, held.values, np.float32(np.nan))
    for k, name in enumerate(store.channels):
        dataset[name] = (("member", "y", "x"), dry[:, k], variable(name).attributes())
    return dataset
