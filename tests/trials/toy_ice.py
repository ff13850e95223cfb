"""Two weeks of the Arctic world at 100 km as a store, and drawn states: what trials of sea ice need, in a second."""

import numpy as np

from halocline.data.fields.variables import variable
from halocline.data.store.statistics import finish_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.worlds.arctic.domain import arctic_domain, arctic_grid
from halocline.worlds.arctic.model import CHANNELS, ArcticModel
from halocline.worlds.arctic.state import winter_state
from halocline.worlds.arctic.weather.synthetic import SyntheticWeather

HOURS = 12 * np.arange(28)
SPLITS = {"train": [[0, 0, 144], [1, 0, 144]], "validation": [[0, 156, 156]], "test": [[0, 168, 324], [1, 168, 324]]}
ICE = ("sit", "sic", "sid", "siu", "siv", "snt")


def simulated_store(path, seed=4):
    """Two members, 12-hourly: the first six days train, the last six test."""
    domain, grid = arctic_domain(100), arctic_grid(100)
    told = {"command": "simulate arctic", "spinup_years": 0, "seed": seed, "warming": 0.0, "rheology": "bbm"}
    create_store(path, grid, CHANNELS, 2, HOURS, {**told, "start": None, "forcing": None}, splits=SPLITS)
    writer = StoreWriter(path)
    for member in range(2):
        weather = SyntheticWeather(domain, seed, member)
        model = ArcticModel(domain, weather, winter_state(domain, weather.at(0).sst), step=0)
        model.find_velocity()
        for index in range(len(HOURS)):
            writer.write(member, index, model.sample())
            model.advance()
            model.advance()
    finish_store(path)
    return path


def drawn(store, samples, names=ICE, days=True, noise=0.0):
    """Stored states as a generator would write them, (member, y, x)."""
    states = np.stack([store.read(*sample) for sample in samples]).astype(np.float64)
    out = store.grid.to_dataset()
    rng = np.random.default_rng(0)
    for name in names:
        values = states[:, store.channels.index(name)]
        values = np.where(values != 0, np.clip(values * (1 + noise * rng.standard_normal(values.shape)), None, 20), 0)
        values = np.clip(values, 0, 1) if name in ("sic", "sid") else values
        attrs = variable(name).attributes()
        out[name] = (("member", "y", "x"), np.where(store.grid.mask, values, np.nan).astype(np.float32), attrs)
    out = out.assign_coords(member=np.arange(len(samples)))
    if days:
        out = out.assign_coords(day_of_year=("member", [store.day_of_year(index) for _, index in samples]))
    return out
