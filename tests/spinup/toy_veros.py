"""A stand-in for Veros's process: the ocean relaxes to an equilibrium at three rates, on R8's cells."""

from typing import ClassVar

import numpy as np

from halocline.data.fields.layout import Layout
from halocline.data.store.members import MemberTable
from halocline.data.store.statistics import finish_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.runtime import files
from halocline.runtime.log import JsonLines
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.job import TaskFolder
from halocline.worlds.dino.parameters import NAMES, UNITS, ForcingParameters, ensemble
from halocline.worlds.dino.presets import preset

GEOMETRY = make_geometry(preset("R8"))
GRID = make_grid(GEOMETRY)
RATES = np.array([0.5, 0.9, 0.96])
"""What a year leaves of a departure above 300 m, to 1500 m and below."""


def equilibrium(forcing):
    """What the toy ocean tends to, (variable, level, y, x): linear in the forcing."""
    shape = np.exp(-GRID.depth / 800)
    thetao = 2 + (15 + forcing.warming) * shape * np.cos(np.radians(GRID.lat))
    so = 35 + 0.5 * forcing.salinity_contrast * shape - 0.01 * forcing.warming * shape
    return np.where(GRID.wet, [thetao, so], 0.0)


def cold():
    return np.where(GRID.wet, [np.full(GRID.wet.shape, 6.0), np.full(GRID.wet.shape, 35.2)], 0.0)


class ToySession:
    """Has ``run`` and ``close`` of worlds.dino.session.Session; ``die_after`` tasks it raises, as if killed."""

    names: ClassVar[list[str]] = []  # of all tasks that were run
    rates = RATES

    def __init__(self, preset="R8", folder=None, progress=None, die_after=None, wild=20.0):
        self.start_seconds, self._die_after, self._wild, self.tasks = 1.5, die_after, wild, []

    def close(self):
        pass

    def run(self, task):
        folder = TaskFolder(task.folder)
        if folder.finished:
            return folder
        if self._die_after is not None and len(self.tasks) >= self._die_after:
            raise KeyboardInterrupt
        self.tasks.append(task)
        ToySession.names.append(task.name)
        folder.samples.mkdir(parents=True, exist_ok=True)
        state = self._start(task)
        if np.abs(state[0] - equilibrium(task.forcing.end)[0]).max() > self._wild:
            folder.finish(folder.crash, {"day": 180.0, "cpu_seconds": 2.0})
            return folder
        day, series = 0.0, []
        for leg in task.legs:
            for n in range(round(leg.days / 360) if leg.sample_days else 0):
                files.write_npz(
                    folder.sample(day + 360 * n),
                    _named(state.astype(np.float32)) | {"zos": np.zeros(GRID.wet.shape[1:])},
                )
                series.append(_diagnostics(day + 360 * n, state))
                state = _year(state, task.forcing.end, self.rates)
            day += leg.days
        series.append(_diagnostics(day, state))
        JsonLines(folder.series).replace(series)
        files.write_npz(folder.end, {f"state:{k}": v for k, v in _named(state).items()})
        folder.finish(folder.done, {"days": task.days, "cpu_seconds": task.days / 360})
        return folder

    def _start(self, task):
        if task.start is None:
            return cold()
        if task.replace is None and task.start.endswith("end.npz"):
            return np.stack(TaskFolder(task.start.removesuffix("/end.npz")).end_state())
        with np.load(task.replace or task.start) as file:
            return np.stack([file["thetao"], file["so"]]).astype(float)


def _named(state):
    return {"thetao": state[0], "so": state[1]}


def _diagnostics(day, state):
    return {"day": day, "mode": "accelerated", "acc": 100 + float(state[0].mean()), "moc_upper": 10.0}


def _year(state, forcing, rates):
    rows = np.broadcast_to(rates, (2, 3))[:, :, None, None, None]  # of temperature, of salinity
    left = np.where(GRID.depth < 300, rows[:, 0], np.where(GRID.depth < 1500, rows[:, 1], rows[:, 2]))
    return np.where(GRID.wet, equilibrium(forcing) + left * (state - equilibrium(forcing)), 0.0)


def toy_archive(path, members=12, years=1, noise=0.0):
    """A finished store whose members' states are the equilibria of their forcing, with a season of temperature."""
    pool = ensemble(members, 0)
    table = MemberTable(
        NAMES,
        tuple(UNITS.get(n, "1") for n in NAMES),
        np.array([m.parameters.values() for m in pool]),
        tuple(m.role for m in pool),
    )
    hours = 24 * 60 * np.arange(6 * years)
    made = {"start_years": 100, "branch_years": 20, "years": years}
    grid = make_grid(GEOMETRY)
    create_store(
        path,
        grid,
        Layout.ocean(8).channels,
        members,
        hours,
        made,
        calendar="360_day",
        splits=table.splits(years),
        members_table=table,
    )
    writer, rng = StoreWriter(path), np.random.default_rng(0)
    for m, member in enumerate(pool):
        for k, hour in enumerate(hours):
            thetao, so = equilibrium(member.parameters) + noise * rng.normal(size=(2, *GRID.wet.shape))
            thetao = thetao + 2 * np.cos(2 * np.pi * hour / 8640) * (GRID.depth < 100)
            writer.write(m, k, np.concatenate([thetao, so, np.zeros((1, *GRID.wet.shape[1:]))]).astype(np.float32))
    finish_store(path)
    return open_store(path)


def forcing_of(store, member):
    return ForcingParameters(**{name: float(store.parameters[name][member]) for name in NAMES})
