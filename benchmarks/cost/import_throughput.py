"""What an import costs: megabytes of uncompressed input a second and core, and the largest memory in use.

Makes days of a synthetic data set (512 x 512 cells of 12.5 km, six variables, every 12 hours), once uncompressed in
single precision and once packed (int16 and zlib), imports each in a process of its own on one core, and prints a table.

    python benchmarks/cost/import_throughput.py --days 60
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from halocline.data.fields.variables import variable
from halocline.data.grids.projected import projected_grid
from halocline.data.grids.projection import PolarStereographic

NAMES = ("sit", "sic", "sid", "siu", "siv", "snt")
STEPS = {"sit": 1e-3, "sic": 1e-4, "sid": 1e-4, "siu": 1e-4, "siv": 1e-4, "snt": 1e-4}
FORMS = ("uncompressed", "packed")
MONTH = 30  # days in a file


def grid_of(cells: int, spacing: float = 12_500.0):
    """A polar stereographic square with a coast made of smooth noise: about 40 % land."""
    axis = (np.arange(cells) - cells / 2 + 0.5) * spacing
    rough = gaussian_filter(np.random.default_rng(1).standard_normal((cells, cells)), cells / 25)
    return projected_grid("synthetic", _plane(), axis, axis, rough < np.quantile(rough, 0.6))


def _plane():
    from halocline.data.grids.projection import Plane

    return Plane.of(PolarStereographic().cf_attributes())


class Weather:
    """Smooth fields that drift, and noise as rough as a model's leads."""

    def __init__(self, grid):
        rng = np.random.default_rng(2)
        self.grid = grid
        self.smooth = [gaussian_filter(rng.standard_normal(grid.shape), 12) * 40 for _ in NAMES]
        self.rough = [gaussian_filter(rng.standard_normal(grid.shape), 1) for _ in NAMES]

    def at(self, day):
        """The six fields of a day, missing on land."""
        rolled = [
            np.roll(s, int(4 * day) + 9 * k, 1) + 0.1 * np.roll(r, int(7 * day), 0)
            for k, (s, r) in enumerate(zip(self.smooth, self.rough, strict=True))
        ]
        season = np.cos(2 * np.pi * (day - 60) / 365)
        sic = np.clip((self.grid.lat - 72) / 8 + 0.6 * season + 0.5 * rolled[1], 0, 1)
        sic[sic < 0.01] = 0
        sit = sic * np.clip(1.5 + 0.5 * rolled[0], 0.1, None)
        ice = sic > 0
        sid = np.where(ice, np.clip(0.5 + 0.6 * rolled[2], 0, 1), 0)
        drift = [np.where(ice, 0.1 * rolled[k], 0) for k in (3, 4)]
        fields = [sit, sic, sid, *drift, 0.2 * sit]
        return [np.where(self.grid.mask, field, np.nan).astype(np.float32) for field in fields]


def write_files(folder, days, cells, form):
    """Write files of a month each and return the megabytes of states."""
    grid = grid_of(cells)
    weather, total = Weather(grid), 0
    for first in range(0, days, MONTH):
        times = np.arange(first, min(first + MONTH, days), 0.5)
        states = np.stack([weather.at(day) for day in times], axis=1)
        dataset = grid.to_dataset()
        dataset["time"] = ("time", times, {"units": "days since 2000-01-01", "calendar": "noleap"})
        packing = {}
        for name, values in zip(NAMES, states, strict=True):
            dataset[name] = (("time", "y", "x"), values, variable(name).attributes())
            packed = {"dtype": "int16", "scale_factor": STEPS[name], "_FillValue": -32768, "zlib": True, "complevel": 4}
            packing[name] = {"chunksizes": (1, cells, cells), **(packed if form == "packed" else {})}
        dataset.to_netcdf(folder / f"month_{first // MONTH:03d}.nc", encoding=packing)
        total += states.nbytes
    return total / 1e6


def import_once(folder, extra):
    """Import in this process, and print seconds of processor, of the clock, and megabytes at most in use."""
    from halocline.bridge.import_files import import_files

    start, clock = time.process_time(), time.perf_counter()
    import_files(str(folder / "month_*.nc"), folder / f"out{time.time_ns()}.zarr", **extra)
    print(time.process_time() - start, time.perf_counter() - clock, largest_mb())


def largest_mb():
    """The largest memory of this process; that of its parent, which ``getrusage`` counts on Linux, left out."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--cells", type=int, default=512)
    parser.add_argument("--grid", help="bring to this grid, e.g. arctic-25km")
    parser.add_argument("--coarsen", type=int, default=1)
    parser.add_argument("--only", choices=FORMS)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        import_once(given.one, {"grid": given.grid, "coarsen": given.coarsen})
        return
    print(f"{'input':<14}{'MB':>8}{'s of processor':>16}{'MB/s a core':>13}{'s of clock':>12}{'largest MB':>12}")
    for form in [given.only] if given.only else FORMS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            size = write_files(folder, given.days, given.cells, form)
            options = ["--one", str(folder), "--coarsen", str(given.coarsen)]
            options += ["--grid", given.grid] if given.grid else []
            one_thread = os.environ | {"OMP_NUM_THREADS": "1", "BLOSC_NTHREADS": "1"}
            done = subprocess.run(
                [sys.executable, __file__, *options], env=one_thread, check=True, capture_output=True, text=True
            )
            processor, clock, peak = map(float, done.stdout.split())
        print(f"{form:<14}{size:>8.0f}{processor:>16.1f}{size / processor:>13.0f}{clock:>12.1f}{peak:>12.0f}")


if __name__ == "__main__":
    main()
