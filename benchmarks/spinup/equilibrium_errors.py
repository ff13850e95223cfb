"""How near a generator on equilibria draws equilibria that it was not shown, and whether it knows how near.

    python benchmarks/spinup/equilibrium_errors.py MODEL --data DATA.zarr --references REFERENCES \
        [--targets 12] [--members 16]

For held-out forcings whose equilibria are known (``halocline spinup reference``): distance (rms over the volume) of a
response surface over the training members, of the mean of drawn states of 1 January, and of single ones; beside them
the reference's own error. Then, for level means of temperature and salinity, spread over error of the drawn states and
the ranks of the reference among them, over levels and targets (1.0 and even where a model knows its own error).
"""

import argparse
import warnings
from pathlib import Path

import numpy as np

from halocline.data.sampling.conditions import OutsideTrainedRange
from halocline.data.store.store import open_store
from halocline.experiments.spinup_given import known_equilibria
from halocline.physics.means import level_means
from halocline.spinup.targets import Archive, Target
from halocline.systems.loading import load_model
from halocline.trials.ocean.starts import DAY
from halocline.worlds.dino.parameters import NAMES

NAMED = ("thetao", "so")


def main() -> None:
    """Draw, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--references", type=Path, required=True)
    parser.add_argument("--targets", type=int, default=12)
    parser.add_argument("--members", type=int, default=16)
    given = parser.parse_args()
    archive = Archive(open_store(given.data))
    metric, grid = archive.metric, archive.store.grid
    targets = archive.targets(given.targets)
    known, about = known_equilibria(given.references, archive, targets)
    print(about["reference_errors"], "\n")
    found: dict[str, list[tuple[float, ...]]] = {}
    anomalies, spreads, ranks = [], [], []
    for target in targets:
        truth = known[target.name].state
        drawn = draw(given.model, target, given.members, grid.wet)
        ways = (archive.surface(target).state, drawn.mean(axis=0), *drawn)
        sizes = [metric.rms(np.where(grid.wet, way - truth, 0.0)) for way in ways]
        singles = [float(np.sqrt(np.mean([size[n] ** 2 for size in sizes[2:]]))) for n in NAMED]
        row = tuple(v for n, single in zip(NAMED, singles, strict=True) for v in (sizes[0][n], sizes[1][n], single))
        found.setdefault(target.role, []).append(row)
        levels = np.stack([level_means(np.where(grid.wet, state, 0.0), grid.volume) for state in (truth, *drawn)])
        anomalies.append(levels[1:].mean(axis=0) - levels[0])
        spreads.append(levels[1:].var(axis=0, ddof=1) * (1 + 1 / given.members))
        ranks.append((levels[1:] < levels[0]).sum(axis=0))
    print("| targets | surface (K) | mean of drawn | one drawn | surface (psu) | mean of drawn | one drawn |")
    print("|---|" + "---:|" * 6)
    for role, rows in found.items():
        middle = np.sqrt(np.mean(np.square(rows), axis=0))
        print(f"| {len(rows)} {role} | " + " | ".join(f"{v:.3g}" for v in middle) + " |")
    print("\n| level means | spread over error | reference below all | above all | of |")
    print("|---|" + "---:|" * 4)
    for k, name in enumerate(NAMED):
        ratio = np.sqrt(np.mean(np.stack(spreads)[:, k]) / np.mean(np.stack(anomalies)[:, k] ** 2))
        places = np.stack(ranks)[:, k].ravel()
        ends = [int((places == end).sum()) for end in (0, given.members)]
        print(f"| {name} | {ratio:.2f} | {ends[0]} | {ends[1]} | {places.size} |")


def draw(model: str, target: Target, members: int, wet: np.ndarray) -> np.ndarray:
    """Return states of 1 January under a target's forcing (member, variable, level, y, x)."""
    chain = load_model(model)
    told = {name: getattr(target.forcing, name) for name in NAMES} | {DAY: 0.0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideTrainedRange)
        states = chain.generate(members, seed=target.member, conditions=told, quiet=True)
    return np.where(wet, np.stack([states[name].values for name in NAMED], axis=1), 0.0).astype(np.float64)


if __name__ == "__main__":
    main()
