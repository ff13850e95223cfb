"""A toy Arctic with weather: states every 12 h of the first days of three years, all variables of a surrogate."""

from pathlib import Path

import numpy as np

from halocline.data.store.statistics import finish_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.runtime import keyed
from tests.toy import toy_grid, toy_sample

STATE = ("sit", "sic", "sid", "siu", "siv", "snt")
SURROGATE_RECIPE = Path(__file__).parent / "surrogate.toml"
FORCING = ("t2m", "q2m", "u10", "v10")


def weather(grid, hour, member):
    """Air (4, y, x): a cold pole, a slow wave, wind around it."""
    phase = 2 * np.pi * hour / 240 + member
    wave = np.cos(grid.x[None, :] / 1e6 + phase) * np.sin(grid.y[:, None] / 1.3e6 - phase)
    t2m = 272 - (grid.lat - 60) / 2 + 4 * wave
    return np.stack([t2m, 0.002 + 0.0005 * wave, 6 * wave, 6 * np.roll(wave, 3, 0)]).astype(np.float32)


def surrogate_store(
    path, members=2, years=3, steps=12, n=16, spacing=4e5, days=None, hours=None, calendar="noleap", extra=()
):
    """Write a finished store of ``steps`` records at the start of each year (or ``days`` whole days without a gap).

    Or at ``hours`` of a ``calendar``; ``extra`` channels hold the number of the record.
    """
    grid = toy_grid(n, spacing)
    one = np.arange(steps) * 12
    if hours is None:
        many = np.concatenate([year * 8760 + one for year in range(years)])
        hours = many if days is None else np.arange(0, days * 24, 12)
    create_store(path, grid, (*STATE, *extra, *FORCING), members, hours, {"world": "toy"}, calendar=calendar)
    writer = StoreWriter(path)
    for member in range(members):
        first = toy_sample(grid, 30, member)
        for index, hour in enumerate(hours):
            air = weather(grid, int(hour), member)
            ice = first[1] > 0
            rng = keyed.generator(0, "toy-step", member, index)
            state = first.copy()
            state[1] = np.where(ice, np.clip(first[1] + 0.05 * rng.standard_normal(grid.shape), 0, 1), 0)
            state[0] = np.where(state[1] > 0, np.maximum(first[0] + 0.02 * air[2] / 6, 0.05), 0)
            state[2] = np.where(state[1] > 0, state[2], 0)
            state[3:5] = np.where(state[1] > 0, 0.02 * air[2:4], 0)
            snow = 0.1 * state[0]
            more = np.full((len(extra), *grid.shape), float(index))
            writer.write(member, index, np.concatenate([state, snow[None], more, air]).astype(np.float32))
    finish_store(path)
    return path


def toy_surrogate(store_path, out, overrides=()):
    """Train the toy recipe on a store in fp32 and return the model folder."""
    from halocline.data.store.store import open_store
    from halocline.runtime.device import choose_compute
    from halocline.systems.config import load_config
    from halocline.systems.training import train

    config = load_config(str(SURROGATE_RECIPE), list(overrides))
    return train(config, open_store(store_path), out, choose_compute("cpu", "fp32"), command="toy", quiet=True)
