"""What a pooled jump removes of a run's distance from its equilibrium, by maps that have not seen the run.

    python benchmarks/spinup/jump_gain.py REFERENCES [--leave run|forcing] [--years 60 100 150] \
        [--patterns 12] [--end RUN]

REFERENCES is a folder of 'halocline spinup reference', finished or (with --end) not. For each run, or all runs of a
forcing, that is left out, the map is fitted to the others, and each of the run's decades is a place to jump from; the
table gives the distance (rms over the volume, K) from the known equilibrium before and after a jump after --years, and
the median share that the jumps of all its decades from the first to the last of --years remove. --end FORCING/RUN takes
the last 30 years of a run for the equilibrium of its forcing, and tells how these still drift.
"""

import argparse
import statistics
from pathlib import Path

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.report.numbers import number
from halocline.spinup.block_files import read_blocks
from halocline.spinup.histories import read_histories
from halocline.spinup.jump.leave_one_out import Gain, leave_one_out
from halocline.spinup.jump.slow_map import SlowMapSettings
from halocline.spinup.metric import even_metric
from halocline.spinup.pooled_map import fit_ocean, forcing_of
from halocline.spinup.reference.folder import read_known
from halocline.spinup.reference.settings import ReferenceSettings
from halocline.spinup.reference.stretch import Stretch
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.presets import preset


def main() -> None:
    """Fit, jump, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("references", type=Path)
    parser.add_argument("--leave", choices=("run", "forcing"), default="forcing")
    parser.add_argument("--years", type=int, nargs="+", default=[60, 100, 150])
    parser.add_argument("--patterns", type=int, default=SlowMapSettings().patterns)
    parser.add_argument("--end", nargs="+", default=[], help="runs whose last 30 years are taken for the equilibrium")
    parser.add_argument("--preset", default="R4")
    arguments = parser.parse_args()
    grid = make_grid(make_geometry(preset(arguments.preset)))
    settings = SlowMapSettings(patterns=arguments.patterns)
    histories = [h for each in read_histories(arguments.references, arguments.preset) for h in each.histories]
    known = ends(arguments.references, arguments.end, grid)
    if not arguments.end:
        known = {k.equilibrium.name: k.equilibrium.state for k in read_known(arguments.references, arguments.preset)}
    gains = leave_one_out(
        histories,
        {h.run: known[forcing_of(h.run)] for h in histories if forcing_of(h.run) in known},
        lambda rest: fit_ocean(rest, grid, settings),
        reach=ReferenceSettings().reach,
        measure=lambda field: even_metric(grid).rms(field)["thetao"],
        group=forcing_of if arguments.leave == "forcing" else lambda run: run,
    )
    print_table(gains, arguments.years)


def ends(folder: Path, runs: list[str], grid: Grid) -> dict[str, np.ndarray]:
    """Return the mean of the last 30 years of a run for each forcing, and print its drift."""
    out = {}
    for run in runs:
        last = Stretch(run, [block for row in read_blocks(folder / run) for block in row])
        drift = last.equilibrium(even_metric(grid)).drift
        print(f"{run}: {drift['drift_thetao']:.5f} K and {drift['drift_so']:.6f} psu a decade over its last 30 years\n")
        out[forcing_of(run)] = last.state
    return out


def print_table(gains: list[Gain], years: list[int]) -> None:
    """Print a line a run. Steps count the means that teach; the first three decades of a run do not."""
    print("| left out | " + " | ".join(f"after {y} years (K)" for y in years) + " | share removed, median (range) |")
    print("|---|" + "---:|" * (len(years) + 1))
    for run in dict.fromkeys(g.run for g in gains):
        mine = {10 * (g.step + 4): g for g in gains if g.run == run}
        cells = [f"{number(mine[y].before)} → {number(mine[y].after)}" if y in mine else "–" for y in years]
        shares = [g.removed for y, g in mine.items() if years[0] <= y <= years[-1]]
        middle = f"{statistics.median(shares):.2f} ({min(shares):.2f} to {max(shares):.2f})" if shares else "–"
        print(f"| {run} | " + " | ".join(cells) + f" | {middle} |")


if __name__ == "__main__":
    main()
