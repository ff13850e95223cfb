"""How long runs take to where they themselves come to rest: no method is judged by another one's end.

    python benchmarks/spinup/own_rest.py RUNS --rests STAY --references REFERENCES [--method surface-jump]
                                         [--others cold-jump cold-anderson] [--preset R8]

RUNS is a folder of 'halocline reproduce spinup', STAY one of stays.py (the method's runs, gone on plainly: the mean of
their last thirty years is where they rest), REFERENCES one of 'halocline spinup reference --other mirror', whose cold
sides are the plain cold starts of RUNS: where these tend to. For each target: the drift of the method's rest and how
far it had gone in the plain years, how far apart both places are, and model years until the criterion holds (its three
tiers: looser, as stated, stricter) for the method by its own rest, by the cold start's, for the cold start by its own
and by the method's, and for --others by the nearer of both. Two places that stay apart are two equilibria; no method
can then be blamed for the one it came to.
"""

import argparse
import statistics
from pathlib import Path

import numpy as np

from halocline.spinup.block import Block
from halocline.spinup.block_files import read_blocks
from halocline.spinup.criterion import TIERS, Criterion, Equilibrium, window_figures
from halocline.spinup.methods import METHODS
from halocline.spinup.metric import Metric, even_metric
from halocline.spinup.outcome import Stage, arrival
from halocline.spinup.reference.folder import read_known
from halocline.spinup.reference.stretch import Stretch
from halocline.spinup.windows import windows
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.presets import preset
from reference_meets import run_blocks


def main() -> None:
    """Read, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--rests", type=Path, required=True)
    parser.add_argument("--references", type=Path, required=True)
    parser.add_argument("--method", default="surface-jump", choices=sorted(METHODS))
    parser.add_argument("--others", nargs="+", default=[], choices=sorted(METHODS))
    parser.add_argument("--preset", default="R8")
    given = parser.parse_args()
    metric = even_metric(make_grid(make_geometry(preset(given.preset))))
    ends = {k.equilibrium.name: k for k in read_known(given.references, given.preset)}
    ways = [(given.method, "own"), (given.method, "cold"), ("cold", "cold"), ("cold", "own")]
    ways += [(name, "either") for name in given.others]
    words = {"own": f"the rest of {given.method}", "cold": "the cold start's", "either": "the nearer of both"}
    heads = ["target", "drift (K, psu a decade)", "had gone (K)", "error of the cold start's (K)", "apart (K, psu)"]
    heads += [f"{name} by {words[by]}" for name, by in ways]
    print("| " + " | ".join(heads) + " |\n|---|" + "---:|" * (len(heads) - 1))
    found: dict[tuple[str, str], list[list[float]]] = {way: [] for way in ways}
    for folder in sorted(p for p in given.runs.iterdir() if (given.rests / p.name).is_dir()):
        rest = Stretch(folder.name, [block for row in read_blocks(given.rests / folder.name) for block in row])
        own, end = rest.equilibrium(metric), ends.get(folder.name)
        gone = metric.rms(rest.state - Stretch("", run_blocks(folder, given.method)).state)["thetao"]
        cells = [folder.name, f"{own.drift['drift_thetao']:.5f}, {own.drift['drift_so']:.6f}", f"{gone:.3f}"]
        places = {"own": [own]}
        if end is None:
            cells += ["–", "–"]
        else:
            apart = metric.rms(end.equilibrium.state - own.state)
            places |= {"cold": [end.equilibrium], "either": [own, end.equilibrium]}
            cells += [f"{end.record['error_thetao']:.3f}", f"{apart['thetao']:.3f}, {apart['so']:.4f}"]
        for name, by in ways:
            blocks = run_blocks(folder, name) if (folder / name).is_dir() else []
            if by not in places or not blocks:
                cells.append("–")
                continue
            years = arrivals(blocks, places[by], metric)
            found[name, by].append(years)
            most = sum(block.years for block in blocks)
            cells.append(", ".join(f"{y:.4g}" if y < np.inf else f"> {most:.0f}" for y in years))
        print("| " + " | ".join(cells) + " |", flush=True)
    for (name, by), rows in found.items():
        told = ", ".join(f"{statistics.median(column):.4g}" for column in zip(*rows, strict=True))
        print(f"\n{name} by {words[by]}: {told} years ({', '.join(TIERS)}; median of {len(rows)})")


def arrivals(blocks: list[Block], places: list[Equilibrium], metric: Metric) -> list[float]:
    """Return the years after which each tier of the criterion holds at one of the places, infinite if it does not."""
    stages = [
        Stage(w.years, w.cpu_seconds, w.began, *window_figures(metric, w.states, w.series, places))
        for w in windows(blocks)
    ]
    there = [arrival(stages, Criterion().times(factor)) for factor in TIERS.values()]
    return [np.inf if stage is None else stage.years for stage in there]


if __name__ == "__main__":
    main()
