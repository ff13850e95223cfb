"""A small reference store with several held-out member-years, and generated states of known quality."""

import numpy as np

from halocline.data.fields.variables import variable
from halocline.data.store.statistics import finish_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.runtime import keyed
from tests.toy import CHANNELS, toy_grid, toy_sample

GRID = toy_grid(32, 1.5e5)


def reference_store(path, members=4, years=3, interval_days=10):
    """Write a finished store with ``members`` held-out member-years."""
    hours = np.arange(0, years * 8760, 24 * interval_days)
    create_store(path, GRID, CHANNELS, members, hours, {"world": "toy"})
    writer = StoreWriter(path)
    for member in range(members):
        for index, hour in enumerate(hours):
            writer.write(member, index, toy_sample(GRID, int(hour) // 24 % 365, member, index))
    finish_store(path)
    return path


def perfect(count, seed=0):
    """Draw states (sample, channel, y, x) from the very distribution of the store, at random days."""
    days = keyed.generator(seed, "days").integers(365, size=count)
    return np.stack([toy_sample(GRID, int(day), "generated", seed, k) for k, day in enumerate(days)])


def as_dataset(values, names=CHANNELS, grid=GRID):
    """Return states (member, channel, y, x) as a generated file holds them."""
    dataset = grid.to_dataset()
    for k, name in enumerate(names):
        field = np.where(grid.mask, values[:, k], np.nan).astype(np.float32)
        dataset[name] = (("member", "y", "x"), field, variable(name).attributes())
    return dataset
