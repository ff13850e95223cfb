"""Whether a plain cold start is on its way to where another method came to rest, and how long that way is.

    python benchmarks/spinup/cold_way.py RUNS [--method surface-jump] [--years 300 600 1000] [--preset R8]

For each target of 'halocline reproduce spinup', without any reference: the drift of the method's end over its last
thirty years (K and psu a decade, level means); then, for the cold start after some years, how far it is from that end
(rms over the volume), the cosine between the way there and what the cold start has changed over the last hundred years
(zonal means; 1: it goes straight there), and the e-folding time in which it comes nearer, by the secant of both drifts.
The last column takes the last of these for one mode and tells after how many years the cold start would be within the
criterion's 0.1 K and 0.02 psu of that end. Nothing of the method is known to the cold start: if the end is wrong, it
goes elsewhere.
"""

import argparse
from pathlib import Path

import numpy as np

from halocline.spinup.block import Block
from halocline.spinup.criterion import WINDOW, Criterion
from halocline.spinup.methods import METHODS
from halocline.spinup.metric import Metric, even_metric
from halocline.spinup.reference.secant import secant
from halocline.spinup.reference.stretch import Stretch
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.presets import preset
from reference_meets import run_blocks

CENTURY = 10
"""Blocks over which the cold start's change is taken, between means of three."""


def main() -> None:
    """Read, project, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--method", default="surface-jump", choices=sorted(METHODS))
    parser.add_argument("--years", type=int, nargs="+", default=[300, 600, 1000])
    parser.add_argument("--preset", default="R8")
    given = parser.parse_args()
    metric = even_metric(make_grid(make_geometry(preset(given.preset))))
    heads = ("target", f"end of {given.method} drifts (K, psu a decade)", "cold start after", "apart (K, psu)")
    heads += ("cosine", "e-folding (years)", "within the criterion after (years)")
    print("| " + " | ".join(heads) + " |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for folder in sorted(p for p in given.runs.iterdir() if (p / "cold").is_dir() and (p / given.method).is_dir()):
        end, cold = Stretch(given.method, run_blocks(folder, given.method)), run_blocks(folder, "cold")
        drift = end.equilibrium(metric).drift
        told = f"{drift['drift_thetao']:.5f}, {drift['drift_so']:.6f}"
        for years in sorted({min(y, WINDOW * len(cold)) for y in given.years} | {WINDOW * len(cold)}):
            print(f"| {folder.name} | {told} | {years} | {_way(cold[: years // WINDOW], end, metric)} |", flush=True)
            told = ""


def _way(cold: list[Block], end: Stretch, metric: Metric) -> str:
    now = Stretch("cold", cold)
    apart = metric.rms(now.state - end.state)
    before = np.mean([block.mean for block in cold[-CENTURY - 3 : -CENTURY]], axis=0)
    way, gone = metric.slow(end.state - now.state), metric.slow(now.state - before)
    cosine = float(way @ gone / (np.linalg.norm(way) * np.linalg.norm(gone)))
    rate = secant(now.mean, now.change, end.mean, end.change, metric.slow).rate
    folding = WINDOW / rate if rate > 0 else np.inf
    limits = Criterion()
    over = max(apart["thetao"] / limits.distance_thetao, apart["so"] / limits.distance_so, 1.0)
    after = WINDOW * len(cold) + folding * np.log(over)
    return f"{apart['thetao']:.3f}, {apart['so']:.4f} | {cosine:.2f} | {folding:.0f} | {after:.0f}"


if __name__ == "__main__":
    main()
