"""An ocean of ORCA025's size through statistics, patterns, stability and export: memory and seconds of each stage.

    python benchmarks/cost/ocean_size.py --folder SCRATCH                    # 1442 x 1021 cells, 75 levels, two states
    python benchmarks/cost/ocean_size.py --folder SCRATCH --partial            # partial bottom cells
    python benchmarks/cost/ocean_size.py --folder SCRATCH --cells 60 50 20     # a minute's try

Synthetic states, float32: smooth stratified columns with noise that makes about one in twenty unstable, on a bottom
that rises and falls; three fifths of the cells are wet. Partial bottom cells are 0.3 to 1 of their level, so that depth
and thickness are those of each cell (level, y, x), double precision. Each stage is a process of its own, one thread;
the figures are the most that it held (maximum resident set: libraries and pages of mapped files, too) and its seconds.
What a stage made is kept in the folder, so that one of them can be repeated by ``--only``.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ORCA025 = (1442, 1021, 75)
"""Cells along x and y, and levels."""
PATTERNS = 1


@dataclass(frozen=True)
class Size:
    """What is made: cells along x and y and levels, number of states, whether bottom cells are partial."""

    cells: tuple[int, int, int]
    states: int
    partial: bool


def main() -> None:
    """Run the stages, each in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="some 15 GB of room at full size")
    parser.add_argument("--cells", type=int, nargs=3, default=ORCA025, metavar=("X", "Y", "LEVELS"))
    parser.add_argument("--states", type=int, default=2)
    parser.add_argument("--partial", action="store_true", help="partial bottom cells")
    parser.add_argument("--only", choices=list(STAGES), nargs="+", default=list(STAGES))
    parser.add_argument("--stage", choices=list(STAGES), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.stage:
        words = STAGES[arguments.stage](
            arguments.folder, Size(tuple(arguments.cells), arguments.states, arguments.partial)
        )
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
        print(json.dumps({"memory": most, "words": words}))
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    x, y, levels = arguments.cells
    each = 4 * x * y * levels / 1e9
    print(f"{x} x {y} x {levels}: {each:.3g} GB a variable and state, {arguments.states} states of two variables\n")
    print("| stage | GB at most | CPU seconds | seconds | |\n|---|---:|---:|---:|---|", flush=True)
    for stage in arguments.only:
        command = [sys.executable, *sys.argv, "--stage", stage]
        begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "BLOSC_NTHREADS": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begun
        if done.returncode:
            raise SystemExit(f"{stage} failed:\n{done.stderr}")
        found = json.loads(done.stdout.splitlines()[-1])
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"| {stage} | {found['memory']:.2f} | {cpu:.0f} | {seconds:.0f} | {found['words']} |", flush=True)


def columns(size: Size) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return depth and thickness, m, of the levels (level,) or of partial cells (level, y, x), and wet cells."""
    x, y, levels = size.cells
    thickness = np.concatenate([np.full(levels // 4, 5.0), np.linspace(5.0, 200.0, levels - levels // 4)])
    bottom = 0.62 + 0.3 * np.outer(np.sin(np.linspace(0, 7, y)), np.cos(np.linspace(0, 9, x)))
    bottom[:, :2], bottom[:2], bottom[-2:] = 0, 0, 0
    wet = np.arange(levels)[:, None, None] < (levels * bottom).astype(int)
    wet[-1] = False  # as in every mesh of NEMO
    depth = np.cumsum(thickness) - thickness / 2
    if not size.partial:
        return depth, thickness, wet
    deep, thick = (np.repeat(v[:, None, None], y * x, 1).reshape(wet.shape) for v in (depth, thickness))
    last, share = wet.sum(axis=0) - 1, 0.3 + 0.7 * np.random.default_rng(7).random((y, x))
    for k in range(levels):  # a bottom cell's centre lies in its middle
        bottom = last == k
        thick[k][bottom] *= share[bottom]
        deep[k][bottom] -= 0.5 * (thickness[k] - thick[k][bottom])
    return deep, thick, wet


def place(size: Size) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return latitude, longitude (degrees) and area (m2), each (y, x)."""
    x, y, _ = size.cells
    lat = np.broadcast_to(np.linspace(-77, 89, y)[:, None], (y, x))
    lon = np.broadcast_to(np.linspace(-180, 179.7, x), (y, x))
    return lat.copy(), lon.copy(), 4.5e8 * np.cos(np.radians(lat))


def nominal(values: np.ndarray) -> np.ndarray:
    """Return depth or thickness by level (level,), of full cells."""
    return values if values.ndim == 1 else values.max(axis=(1, 2))


def state(number: int, depth: np.ndarray, wet: np.ndarray) -> np.ndarray:
    """Return a state (channel, y, x) float32: temperature, salinity, sea-surface height."""
    levels, (y, x) = len(depth), wet.shape[1:]
    rng, out = np.random.default_rng(number), np.empty((2 * levels + 1, y, x), np.float32)
    wave = np.outer(np.cos(np.linspace(-2, 2, y)), 1 + 0.1 * np.sin(np.linspace(0, 20, x) + number)).astype(np.float32)
    rough = np.zeros((y, x), np.float32)
    rough[rng.random((y, x)) < 0.05] = 1.0
    for k, z in enumerate(depth):
        warm = np.float32(np.exp(-z / 800))
        noise = rough * rng.standard_normal((y, x), np.float32)
        out[k] = 2.0 + (16 + number) * warm * wave + np.float32(0.05) * noise
        out[levels + k] = 35.0 - 0.8 * warm * (1 - wave)
    out[-1] = 0.3 * wave
    return out


def make_store(folder: Path, size: Size) -> str:
    """Write a store of the states, with its statistics and fingerprint."""
    from halocline.data.fields.layout import Layout
    from halocline.data.grids.grid import Grid
    from halocline.data.grids.levels import Vertical
    from halocline.data.store.statistics import finish_store
    from halocline.data.store.writer import StoreWriter, create_store

    (depth, thickness, wet), (lat, lon, area) = columns(size), place(size)
    grid = Grid.of_columns(Vertical(depth, thickness, wet), area=area, lat=lat, lon=lon)
    hours = 24 * np.arange(size.states)
    create_store(folder / "DATA.zarr", grid, Layout.ocean(len(depth)).channels, 1, hours, {"world": "synthetic"})
    writer = StoreWriter(folder / "DATA.zarr")
    for number in range(size.states):
        writer.write(0, number, state(number, nominal(depth), wet))
    writer.flush()
    finish_store(folder / "DATA.zarr")
    return f"{wet.mean():.0%} of the cells are wet"


def make_file(folder: Path, size: Size) -> str:
    """Write the same states as a CF file, a record a state, and a mesh_mask of NEMO."""
    import netCDF4

    (depth, thickness, wet), (lat, lon, area) = columns(size), place(size)
    levels, y, x = wet.shape
    with netCDF4.Dataset(folder / "STATES.nc", "w") as file:
        sizes = {"time": None, "depth": levels, "y": y, "x": x}
        for name, length in sizes.items():
            file.createDimension(name, length)
        known = {"depth": nominal(depth), "e3t": thickness, "lat": lat, "lon": lon, "area": area, "level_mask": wet}
        known |= {"gdept": depth} if size.partial else {}
        about = {"depth": "m", "gdept": "m", "e3t": "m", "lat": "degrees_north", "lon": "degrees_east", "area": "m2"}
        for name, values in known.items():
            dims = {1: ("depth",), 2: ("y", "x"), 3: ("depth", "y", "x")}[values.ndim]
            made = file.createVariable(name, "i1" if name == "level_mask" else "f8", dims)
            made[:], made.units = values, about.get(name, "1")
        file["depth"].positive = "down"
        time_of = file.createVariable("time", "f8", ("time",))
        time_of.units, time_of.calendar = "days since 2001-01-01", "noleap"
        for name, unit in (("thetao", "degC"), ("so", "1e-3"), ("zos", "m")):
            dims = ("time", "y", "x") if name == "zos" else ("time", "depth", "y", "x")
            chunks = (1, *((1,) if len(dims) == 4 else ()), y, x)
            file.createVariable(name, "f4", dims, fill_value=np.nan, chunksizes=chunks, zlib=True, complevel=1)
            file[name].units = unit
        for number in range(size.states):
            values = state(number, nominal(depth), wet)
            for k in range(levels):
                for name, at in (("thetao", k), ("so", levels + k)):
                    file[name][number, k] = np.where(wet[k], values[at], np.nan)
            file["zos"][number], time_of[number] = np.where(wet[0], values[-1], np.nan), number
    _write_mesh(folder / "mesh_mask.nc", depth, thickness, wet, lat, lon, area)
    return f"STATES.nc: {(folder / 'STATES.nc').stat().st_size / 1e9:.2f} GB"


def _write_mesh(path: Path, depth: np.ndarray, thickness: np.ndarray, wet: np.ndarray, *plane: np.ndarray) -> None:
    import netCDF4

    levels, y, x = wet.shape
    lat, lon, area = plane
    deep = ("time_counter", "nav_lev", "y", "x")
    with netCDF4.Dataset(path, "w") as file:
        for name, length in (("x", x), ("y", y), ("nav_lev", levels), ("time_counter", None)):
            file.createDimension(name, length)
        file.createVariable("nav_lev", "f4", ("nav_lev",))[:] = nominal(depth)
        mask = file.createVariable("tmask", "i1", deep, zlib=True, complevel=1, chunksizes=(1, 1, y, x))
        for k in range(levels):
            mask[0, k] = wet[k].astype(np.int8)
        for name, values in (("glamt", lon), ("gphit", lat), ("e1t", np.sqrt(area)), ("e2t", np.sqrt(area))):
            file.createVariable(name, "f8", deep[:1] + deep[2:])[0] = values
        for name, values in (("e3t_1d", thickness), ("gdept_1d", depth)):
            file.createVariable(name, "f8", deep[:2])[0] = nominal(values)
        if depth.ndim == 3:
            for name, values in (("e3t_0", thickness), ("gdept_0", depth)):
                file.createVariable(name, "f8", deep)[0] = values


def training_statistics(folder: Path, size: Size) -> str:
    """Compute what a codec is made of."""
    from halocline.data.store.ocean_statistics import OceanStatistics
    from halocline.data.store.store import open_store

    found = OceanStatistics.of(open_store(folder / "DATA.zarr"))
    return f"rms anomaly at the surface {found.rms_anomaly[0]:.2f} K"


def patterns(folder: Path, size: Size) -> str:
    """Find leading patterns of the states, and project one on them."""
    from halocline.constraints.named.patterns import OnPatterns
    from halocline.constraints.streamed_patterns import fit_streamed
    from halocline.data.store.store import open_store

    store = open_store(folder / "DATA.zarr")
    basis = fit_streamed(
        lambda: (store.read(0, k) for k in range(size.states)), store.wet, min(PATTERNS, size.states - 1)
    )
    near = OnPatterns(basis)
    rest = near.residual(near.project(store.read(0, 0)[None]))[0]
    return f"{len(basis.patterns)} pattern(s) of {size.states} states; left over after projecting: {rest:.1g}"


def constrain_stability(folder: Path, size: Size) -> str:
    """Make all states of the file stable, as ``halocline constrain`` does."""
    from halocline.chain.constrained_file import constrain_file
    from halocline.constraints.constrain import Task
    from halocline.constraints.taken import Taken
    from halocline.data.files.ocean import ocean_states

    (folder / "STABLE.nc").unlink(missing_ok=True)
    _, reports = constrain_file(folder / "STATES.nc", Task(["stability"], Taken(ocean_states)), folder / "STABLE.nc")
    told = reports[0]
    return (
        f"largest inversion {told.residual_before:.2g} to {told.residual_end:.2g} kg m-3, "
        f"{told.moved_share:.1%} of the values moved"
    )


def export_nemo(folder: Path, size: Size) -> str:
    """Write the last stable state as a restart of NEMO, checked."""
    import halocline as hl

    (folder / "restart.nc").unlink(missing_ok=True)
    hl.export(
        folder / "STABLE.nc", folder / "mesh_mask.nc", folder / "restart.nc", member=size.states - 1, time_step=900.0
    )
    return f"restart.nc: {(folder / 'restart.nc').stat().st_size / 1e9:.1f} GB, every rule holds"


STAGES: dict[str, Callable[[Path, Size], str]] = {
    "store": make_store,
    "file": make_file,
    "statistics": training_statistics,
    "patterns": patterns,
    "constrain-stability": constrain_stability,
    "export-nemo": export_nemo,
}


if __name__ == "__main__":
    main()
