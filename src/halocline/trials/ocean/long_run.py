"""Decades of a run: trends and year-to-year variability, by which a gain at the start is told from a drift away."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.physics.means import level_means
from halocline.runtime.seals.arrays import read_npz
from halocline.trials.run_table import RunTable
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.job import TaskFolder
from halocline.worlds.dino.presets import Preset

LONG = 20
"""Years from which on a run is judged by its decades; its states of each 10 January after the first days are kept."""
SETTLED = 10
"""First years that count in no trend and no variability: the velocities, the mixed layer and the season settle."""
YEAR = 360.0
FIRST_DAY = 10.0
"""Day of the run on which its years begin, after the synchronous days."""


def yearly(values: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return the means of the years after SETTLED (run, year) of diagnostics (run, day); NaN after a crash.

    Args:
        values: (run, day).
        days: Days since the end of the spin-up (day,).
    """
    number = np.ceil((days - FIRST_DAY) / YEAR - 1e-9).astype(int)
    years = range(SETTLED + 1, int(number.max(initial=0)) + 1)
    return np.stack([values[:, number == year].mean(axis=1) for year in years], axis=1)


def trend(yearly_means: np.ndarray) -> np.ndarray:
    """Return least-squares slopes a decade (...) of yearly values (..., year)."""
    years = np.arange(yearly_means.shape[-1]) - 0.5 * (yearly_means.shape[-1] - 1)
    return np.asarray(10.0 * (yearly_means @ years) / (years**2).sum())


def variability(yearly_means: np.ndarray) -> np.ndarray:
    """Return the standard deviation about the trend (...) of yearly values (..., year)."""
    count = yearly_means.shape[-1]
    years = np.arange(count) - 0.5 * (count - 1)
    rest = yearly_means - yearly_means.mean(axis=-1, keepdims=True) - trend(yearly_means)[..., None] * years / 10.0
    return np.asarray(np.sqrt((rest**2).sum(axis=-1) / (count - 2)))


def add_level_drifts(table: RunTable, folders: Sequence[Path], days: Sequence[int], size: Preset) -> None:
    """Add ``level_drift_thetao`` and ``level_drift_so`` (run,) to a table.

    Args:
        table: Of the runs.
        folders: Folder of each run.
        days: Days of the task whose states were kept, one a year.
        size: Size of the basin.
    """
    grid = make_grid(make_geometry(size))
    found = np.array([level_drift([TaskFolder(folder).sample(day) for day in days], grid) for folder in folders])
    for name, unit, drift in zip(("thetao", "so"), ("K", "1e-3"), found.T, strict=True):
        about = {
            "long_name": f"trend of the level means of {name}, rms over the volume",
            "units": f"{unit} (10 year)-1",
        }
        table.dataset[f"level_drift_{name}"] = ("run", drift, about)


def level_drift(files: Sequence[Path], grid: Grid) -> tuple[float, float]:
    """Return the trends of the level means of temperature and salinity, root mean square over the volume, a decade.

    Args:
        files: A state a year, of the same day; the first SETTLED do not count.
        grid: The cells.

    Returns:
        K and psu a decade; NaN for fewer than two years.
    """
    states = [read_npz(path, "sample", "thetao", "so") for path in files[SETTLED:] if path.exists()]
    if len(states) < 2 or len(states) < len(files) - SETTLED:
        return np.nan, np.nan
    volume = grid.volume.sum(axis=(1, 2))
    found = []
    for name in ("thetao", "so"):
        levels = np.stack([level_means(state[name], grid.volume) for state in states])
        found.append(float(np.sqrt((trend(levels.T) ** 2 * volume).sum() / volume.sum())))
    return found[0], found[1]
