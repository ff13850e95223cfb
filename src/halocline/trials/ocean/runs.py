"""Ocean states run in Veros: tasks in processes, and what they wrote as a table."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from halocline.runtime.progress import progress
from halocline.trials.ocean.starts import TrialStart
from halocline.trials.protocol import Run
from halocline.trials.run_table import Figures, RunTable
from halocline.worlds.dino.forcing import ForcingPlan
from halocline.worlds.dino.job import Leg, ModelTask, TaskFolder
from halocline.worlds.dino.parameters import NAMES, UNITS
from halocline.worlds.dino.process import run_tasks
from halocline.worlds.dino.seen import looked_at

FIGURES: Figures = {
    "kinetic_energy": ("kinetic energy, volume mean", "J m-3"),
    "w_rms": ("rms vertical velocity", "m s-1"),
    "potential_energy": ("potential energy relative to water of the reference density, volume mean", "J m-3"),
    "thetao_mean": ("volume-mean potential temperature", "degC"),
    "so_mean": ("volume-mean salinity", "1e-3"),
    "sst_mean": ("area-mean temperature of the top level", "degC"),
    "acc": ("eastward transport through the channel", "Sv"),
    "moc_upper": ("upper overturning cell, largest northward transport above, 20N to 60N", "Sv"),
    "moc_lower": ("lower overturning cell, largest southward transport above, 45S to 60N", "Sv"),
    "unstable": ("volume with N2 below -1e-10 s-2", "percent"),
    "mixing": ("volume mean of the temperature tendency's size by vertical mixing", "1e-3 K day-1"),
}
"""Long name and unit of the diagnostics, see worlds/dino/diagnostics.py. Sv is 1e6 m3 s-1."""


def forcing_of(start: TrialStart, seed: int) -> ForcingPlan:
    """Return the forcing of a run: constant parameters from the start's day of the year on."""
    return ForcingPlan(seed, start.weather, start.forcing, start.forcing, 0, int(start.day))


def perform(
    runs: Sequence[Run],
    out: Path,
    preset: str,
    legs: tuple[Leg, ...],
    seed: int,
    steps: Callable[[float], int],
    jobs: int,
    quiet: bool,
) -> None:
    """Run what is not finished.

    Args:
        runs: All runs.
        out: Folder of the runs.
        preset: Size of the basin.
        legs: Of each run.
        seed: Seed of the weather.
        steps: Model steps up to a day of a run.
        jobs: Processes.
        quiet: No progress.
    """
    tasks = []
    for run in runs:
        forcing, state = forcing_of(run.start, seed), str((run.folder / "start.npz").absolute())
        tasks.append(ModelTask(run.start.name, str(run.folder.absolute()), forcing, legs, state))
    done = {task.name: 0 for task in tasks}
    title = f"integrate {preset}, {len(tasks)} runs, steps"
    with progress(title, sum(steps(task.days) for task in tasks), quiet=quiet) as report:

        def show(task: str, day: float) -> None:
            done[task] = steps(day)
            report(sum(done.values()), task)

        left = [task for task in tasks if not looked_at(task, preset).finished]
        for task in tasks:
            if task not in left:
                show(task.name, task.days)
        if left:
            run_tasks(left, preset, out / "jobs", jobs=jobs, progress=show)


def collect(
    starts: Sequence[TrialStart],
    folders: Mapping[str, Path],
    days: Sequence[float],
    spin_up: float,
    about: Mapping[str, str],
    words: Mapping[str, Any],
) -> RunTable:
    """Read what runs wrote.

    Args:
        starts: Every run.
        folders: Their folders by name.
        days: Days of the table, since the end of the spin-up.
        spin_up: Its length, days.
        about: What was compared with what.
        words: ``preset``, ``years`` and ``seed``.
    """
    at = {float(day): k for k, day in enumerate(days)}
    values = {name: np.full((len(starts), len(days)), np.nan) for name in FIGURES}
    crash = np.full(len(starts), np.nan)
    for row, start in enumerate(starts):
        folder = TaskFolder(folders[start.name])
        for line in folder.read_series():
            column = at.get(round(line["day"] - spin_up, 6))
            # The accelerated leg repeats the last synchronous day.
            if column is None or np.isfinite(values["kinetic_energy"][row, column]):
                continue
            for name in FIGURES:
                values[name][row, column] = line[name]
        if folder.crash.exists():
            crash[row] = folder.outcome()["day"] - spin_up
    along = {
        "weather": (np.array([start.weather for start in starts], np.int32), ""),
        "day_of_year": (np.array([start.day for start in starts]), "days"),
    }
    for k, name in enumerate(NAMES):
        along[name] = (np.array([start.forcing.values()[k] for start in starts]), UNITS.get(name, "1"))
    return RunTable.build(
        starts,
        [folders[start.name].name for start in starts],
        np.array(days, float),
        values,
        crash,
        figures=FIGURES,
        since="the end of the spin-up",
        along=along,
        about=about,
        attributes={"title": "Runs of Veros from ocean states", "world": "ocean", **words},
    )
