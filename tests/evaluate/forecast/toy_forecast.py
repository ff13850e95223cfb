"""A store that changes slowly, and forecasts of known quality made from it."""

import numpy as np

from halocline.data.fields.variables import variable
from halocline.data.store.statistics import finish_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.evaluate.forecast.file import forecast_of
from tests.toy import CHANNELS, toy_grid, toy_sample

GRID = toy_grid(24, 2e5)
STEP = 120  # hours between the states of the store
LEADS = (0, 120, 240)
STARTS = ((0, 150), (0, 170), (1, 150), (1, 200))
"""(member, time index), all in the test year of the store."""


def slow_store(path, members=2, years=3):
    """Write a finished store; its states are blends of random states 60 days apart."""
    hours = np.arange(0, years * 8760, STEP)
    create_store(path, GRID, CHANNELS, members, hours, {"world": "slow toy"})
    writer = StoreWriter(path)
    for member in range(members):
        knots = np.stack([toy_sample(GRID, 60 * k % 365, "knot", member, k) for k in range(years * 365 // 60 + 2)])
        for index, hour in enumerate(hours):
            k, rest = divmod(hour / 24.0, 60.0)
            writer.write(member, index, knots[int(k)] + (knots[int(k) + 1] - knots[int(k)]) * np.float32(rest / 60.0))
    finish_store(path)
    return path


def toy_forecast(store, member_shifts=(0,), *, starts=STARTS, leads=LEADS, change=lambda values, lead: values):
    """Return a dataset in which member k is the truth ``member_shifts[k]`` records later at leads after 0."""
    values = np.full((len(starts), len(member_shifts), len(leads), len(CHANNELS), *GRID.shape), np.nan, np.float32)
    for s, (member, index) in enumerate(starts):
        for j, lead in enumerate(leads):
            for k, shift in enumerate(member_shifts):
                truth = store.read(member, index + lead // STEP + (shift if lead else 0))
                values[s, k, j] = np.where(GRID.mask, change(truth, lead), np.nan)
    return as_forecast(values, store.hours[[index for _, index in starts]], starts, leads)


def as_forecast(values, hours, starts, leads, channels=CHANNELS, grid=GRID):
    """Return (start, member, lead, channel, y, x) in the layout of forecast files."""
    dataset = grid.to_dataset()
    for k, name in enumerate(channels):
        dataset[name] = (("start", "member", "lead", "y", "x"), values[:, :, :, k], variable(name).attributes())
    return dataset.assign_coords(
        start=("start", np.asarray(hours), {"units": "hours since 2000-01-01 00:00:00", "calendar": "noleap"}),
        store_member=("start", [member for member, _ in starts]),
        start_index=("start", [index for _, index in starts]),
        lead=("lead", np.asarray(leads, np.int32), {"units": "hours"}),
        member=("member", np.arange(values.shape[1])),
    )


def truth_forecast(store, **changes):
    """Return the truth itself as a forecast of one member."""
    return forecast_of(toy_forecast(store, **changes), "truth")
