"""Where a run's last change leads by one map for temperature and salinity, and by a map of the pair as one vector.

    python benchmarks/spinup/shared_map.py RUNS [--years 100 120] [--preset R8] [--ridge 0.005]
                                     [--on RUN --more 600 --out PLAIN]

RUNS is the folder of one forcing of 'halocline spinup reference', or of a pilot of 'simulate dino --equilibrium'. Both
maps are fitted to its runs as they were after --years, with the gaps between them. --on goes on plainly from a run's
last state for --more years, in the folder --out (run again, it continues), and prints the means of every fifth decade
and the limit of an exponential through its second half: what the maps should have said.
"""

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.optimize import curve_fit

from halocline.data.grids.grid import Grid
from halocline.spinup.block import Block, histories_of
from halocline.spinup.block_files import read_blocks
from halocline.spinup.histories import read_forcing
from halocline.spinup.jump.history import gaps
from halocline.spinup.jump.slow_map import SlowMapSettings, fit_slow_map
from halocline.spinup.metric import even_metric
from halocline.spinup.pooled_map import fit_ocean
from halocline.spinup.reference.stretch import Stretch
from halocline.spinup.run import InitialState, SpinupRun
from halocline.spinup.session_pool import SessionPool
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.presets import preset


def main() -> None:
    """Fit, tell, run on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--years", type=int, nargs="+", default=[100])
    parser.add_argument("--preset", default="R8")
    parser.add_argument("--ridge", type=float, default=SlowMapSettings().ridge)
    parser.add_argument("--on")
    parser.add_argument("--more", type=int, default=600)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    grid = make_grid(make_geometry(preset(arguments.preset)))
    runs = {name: blocks_of(arguments.runs / name) for name in ("cold", "other")}
    settings = SlowMapSettings(ridge=arguments.ridge)
    print("| years | run | now (degC, psu) | map of the pair | shared map | their slowest modes (years) |")
    print("|---:|---|---:|---:|---:|---:|")
    for years in arguments.years:
        table(years, {name: blocks[: years // 10] for name, blocks in runs.items()}, grid, settings)
    if arguments.on:
        go_on(arguments.runs, arguments.on, arguments.more, arguments.out, grid)


def blocks_of(run: Path) -> list[Block]:
    """Return the blocks of a run."""
    return [block for row in read_blocks(run) for block in row]


def table(years: int, runs: dict[str, list[Block]], grid: Grid, settings: SlowMapSettings) -> None:
    """Print where both maps lead."""
    histories = [h for name, blocks in runs.items() for h in histories_of(f"sides/{name}", blocks)]
    parted = [gaps(a, b) for a, b in combinations(histories, 2) if a.run != b.run]
    pair = fit_slow_map(histories, settings, even_metric(grid).slow, parted)
    shared = fit_ocean(histories, grid, settings)
    modes = ", ".join(f"{-10 / np.log(abs(m.eigenvalues[0])):.0f}" for m in (pair, shared))
    for name, blocks in runs.items():
        last = Stretch(name, blocks)
        ends = [last.mean + m.remaining(last.change).field for m in (pair, shared)]
        print(f"| {years} | {name} | " + " | ".join(means(x, grid) for x in (last.mean, *ends)) + f" | {modes} |")


def means(state: np.ndarray, grid: Grid) -> str:
    """Return the volume means of a state."""
    share = grid.volume / grid.volume.sum()
    return ", ".join(f"{float((field * share).sum()):.{places}f}" for field, places in zip(state, (2, 3), strict=True))


def go_on(runs: Path, name: str, more: int, out: Path, grid: Grid) -> None:
    """Go on plainly from a run's last state, and print where it tends to."""
    size, forcing = read_forcing(runs)
    start = np.where(grid.wet, blocks_of(runs / name)[-1].states[-1].astype(np.float64), 0.0)
    run = SpinupRun(out / name, forcing, InitialState(start))
    with SessionPool(size, out / "jobs", 1) as pool:
        while len(run.blocks) < more // 10:
            with pool.session() as session:
                run.extend(session)
    for number in range(4, len(run.blocks), 5):
        print(f"{10 * (number + 1)} years on: {means(run.blocks[number].mean, grid)}")
    share, half = grid.volume / grid.volume.sum(), len(run.blocks) // 2
    line = np.array([[float((x * share).sum()) for x in block.mean] for block in run.blocks])[half:]
    for values, unit in zip(line.T, ("degC", "psu"), strict=True):
        guess = (2 * values[-1] - values[0], values[0] - values[-1], 70.0)
        end, _, tau = curve_fit(lambda k, a, b, t: a + b * np.exp(-k / t), np.arange(len(values)), values, p0=guess)[0]
        print(f"tends to {end:.3f} {unit}, e-folding in {10 * tau:.0f} years")


if __name__ == "__main__":
    main()
