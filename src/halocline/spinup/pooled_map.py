"""The map of decade-to-decade changes of the ocean, fitted to runs of several forcings, and on disk."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.runtime import files
from halocline.runtime.seals.arrays import read_npz
from halocline.spinup.histories import ForcedRuns
from halocline.spinup.jump.history import History, gaps
from halocline.spinup.jump.shared_map import SharedMap, fit_shared_map
from halocline.spinup.jump.slow_map import SlowMap, SlowMapSettings
from halocline.spinup.metric import EVEN_SO, even_metric


def pooled_map(runs: Sequence[ForcedRuns], grid: Grid, settings: SlowMapSettings | None = None) -> SharedMap:
    """Return the map of the changes of all runs, and of the gaps between runs of one forcing.

    Args:
        runs: Of forcings whose equilibria need not be known.
        grid: The cells.
        settings: How it is fitted.

    Raises:
        InputError: If no run is long enough.
    """
    return fit_ocean([h for each in runs for h in each.histories], grid, settings or SlowMapSettings())


def fit_ocean(histories: Sequence[History], grid: Grid, settings: SlowMapSettings) -> SharedMap:
    """Return the map of the changes of runs, and of the gaps between runs of one forcing.

    One for temperature and salinity (see SharedMap); EVEN_SO psu count as much as a kelvin.

    Args:
        histories: Their names begin with their forcing's and a slash (see histories.ForcedRuns).
        grid: The cells.
        settings: How it is fitted.
    """
    parted = [
        gaps(a, b) for a, b in combinations(histories, 2) if a.run != b.run and forcing_of(a.run) == forcing_of(b.run)
    ]
    return fit_shared_map(histories, settings, even_metric(grid).zonal, (1.0, EVEN_SO), parted)


def forcing_of(run: str) -> str:
    """Return the name of a run's forcing."""
    return run.partition("/")[0]


def write_map(slow: SharedMap, path: Path, taught: str) -> None:
    """Write a map, and by what it was taught."""
    one = slow.one
    arrays = {"seen": one.seen, "fields": one.fields, "matrix": one.matrix, "slowest": np.asarray(one.slowest)}
    files.write_npz(path, arrays | {"scales": slow.scales, "taught": np.asarray(taught)})


def read_map(path: Path, grid: Grid) -> tuple[SharedMap, str]:
    """Return a map that was written, and by what it was taught.

    Raises:
        InputError: If the file was changed on disk.
    """
    held = read_npz(path, "map of changes", "seen", "fields", "matrix", "slowest", "scales", "taught")
    slowest, scales, taught = float(held.pop("slowest")), held.pop("scales"), str(held.pop("taught"))
    return SharedMap(SlowMap(**held, slowest=slowest, see=even_metric(grid).zonal), scales), taught
