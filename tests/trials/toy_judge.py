"""A small ensemble of the smallest DINO basin, and states as a generator would write them."""

import numpy as np

from halocline.data.fields.layout import Layout
from halocline.data.fields.variables import variable
from halocline.data.store.members import MemberTable
from halocline.data.store.statistics import finish_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.worlds.dino.forcing import ForcingPlan
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.job import Leg, ModelTask, TaskFolder
from halocline.worlds.dino.parameters import NAMES, UNITS, ForcingParameters
from halocline.worlds.dino.presets import preset

GEOMETRY = make_geometry(preset("R8"))
GRID = make_grid(GEOMETRY)
LEVELS = GEOMETRY.preset.levels
MEMBERS = (
    ForcingParameters(),
    ForcingParameters(warming=-1.0),
    ForcingParameters(wind_stress=0.24, warming=1.0),
    ForcingParameters(wind_stress=0.15, season=1.3),
)
ROLES = ("train", "validation", "interior", "interior")
SAMPLE_DAYS, SAMPLES = 72, 5


def write_store(path, state_of):
    """Write a store whose sample (member, index) is ``state_of(member, index)`` (channel, y, x)."""
    table = MemberTable(NAMES, tuple(UNITS.get(n, "1") for n in NAMES), np.array([m.values() for m in MEMBERS]), ROLES)
    hours = 24 * SAMPLE_DAYS * np.arange(SAMPLES)
    create_store(
        path,
        GRID,
        Layout.ocean(LEVELS).channels,
        len(MEMBERS),
        hours,
        {"world": "dino"},
        calendar="360_day",
        splits=table.splits(1),
        members_table=table,
    )
    writer = StoreWriter(path)
    for member in range(len(MEMBERS)):
        for index in range(SAMPLES):
            writer.write(member, index, state_of(member, index))
    finish_store(path)
    return path


def analytic(member, index):
    """A stratified state that no model made: warm above cold, a little different in each sample."""
    depth = GEOMETRY.depth[:, None, None]
    lat = GEOMETRY.lat[None, :, None]
    thetao = 2 + (20 + member + 0.1 * index) * np.cos(np.radians(lat)) * np.exp(-depth / 600) + 0 * GEOMETRY.wet
    so = 34.8 + 0.5 * np.cos(np.radians(lat)) * np.exp(-depth / 600) + 0 * GEOMETRY.wet
    return np.concatenate([thetao, so, np.zeros((1, *GRID.shape))]).astype(np.float32)


def simulated_store(folder):
    """Four members of four years each from DINO's analytic start, in one process."""
    from halocline.worlds.dino.process import run_tasks

    tasks = [
        ModelTask(
            f"m{k}",
            str(folder / f"m{k}"),
            ForcingPlan(0, k, ForcingParameters(), forcing, 360),
            (Leg("accelerated", 3 * 360), Leg("accelerated", 360, sample_days=SAMPLE_DAYS)),
        )
        for k, forcing in enumerate(MEMBERS)
    ]
    run_tasks(tasks, "R8", folder)

    def state_of(member, index):
        with np.load(TaskFolder(tasks[member].folder).sample(3 * 360 + index * SAMPLE_DAYS)) as state:
            return np.concatenate([state["thetao"], state["so"], state["zos"][None]])

    return write_store(folder / "dino.zarr", state_of)


def dataset(states, forcing=None, days=None):
    """States (member, channel, y, x) as a dataset, with forcing parameters and days of the year if given."""
    out = GRID.to_dataset()
    dims = ("member", "depth", "y", "x")
    wet = GEOMETRY.wet
    for k, name in enumerate(("thetao", "so")):
        values = np.where(wet, states[:, k * LEVELS : (k + 1) * LEVELS], np.nan).astype(np.float32)
        out[name] = (dims, values, variable(name).attributes())
    out = out.assign_coords(member=np.arange(len(states)))
    if forcing is not None:
        for k, name in enumerate(NAMES):
            out = out.assign_coords({name: ("member", np.array([f.values()[k] for f in forcing]))})
    if days is not None:
        out = out.assign_coords(day_of_year=("member", np.asarray(days, float)))
    return out
