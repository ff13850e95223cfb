"""How two runs towards an equilibrium drift, and where they would be set down, had they been stopped earlier.

    python benchmarks/spinup/reference_sides.py REFERENCES/FORCING [--years 80 120 160 200] [--blocks 5] [--preset R4]

The folder is one of 'halocline spinup reference', finished or not. A line for each of --years: distance of the sides
(rms over the volume, K), their signed drifts along it (K a decade; + is from the cold side to the other), the
e-folding time of their gap; then the mean temperature (degC) of the place where the secant and where the map of their
changes would set them down, how far apart the map's two places are, and the e-folding times of the map's two slowest
modes (years; in brackets if they grow). Then the last --blocks blocks of each run: how they began, mean temperature and
salinity and their trends a decade, and the drift of the level means (rms over the volume, a decade).
"""

import argparse
from pathlib import Path

import numpy as np

from halocline.physics.means import level_means
from halocline.spinup.block import Block
from halocline.spinup.block_files import read_blocks
from halocline.spinup.criterion import trend
from halocline.spinup.metric import Metric, even_metric
from halocline.spinup.reference.extrapolate import SIDES, pooled, signed_drifts
from halocline.spinup.reference.settings import ReferenceSettings
from halocline.spinup.reference.stretch import Stretch
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.presets import preset

COLUMNS = ("years", "apart", "drift cold", "drift other", "e-folding", "secant T", "map T", "map apart", "map's modes")
BLOCK = ("block", "began", "T (degC)", "S (psu)", "trend of T", "trend of S", "drift (K)", "drift (psu)")


def main() -> None:
    """Read, estimate, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--years", type=int, nargs="+", default=[80, 120, 160, 200])
    parser.add_argument("--blocks", type=int, default=5)
    parser.add_argument("--preset", default="R4")
    arguments = parser.parse_args()
    metric = even_metric(make_grid(make_geometry(preset(arguments.preset))))
    blocks = {name: read_blocks(arguments.folder / name)[0] for name in SIDES}
    print("| " + " | ".join(COLUMNS) + " |\n|" + "---:|" * len(COLUMNS))
    for years in arguments.years:
        runs = {name: Stretch(name, run[: years // 10]) for name, run in blocks.items()}
        print("| " + " | ".join([str(years), *cells(runs, metric)]) + " |")
    print("\n| " + " | ".join(BLOCK) + " |\n|" + "---|" * 2 + "---:|" * (len(BLOCK) - 2))
    for name, run in blocks.items():
        for number, block in list(enumerate(run, 1))[-arguments.blocks :]:
            print(f"| {name}, year {10 * number} | {block.began} | " + " | ".join(block_cells(block, metric)) + " |")


def block_cells(block: Block, metric: Metric) -> list[str]:
    """Return the figures of a block."""
    volume = metric.grid.volume
    means = level_means(block.states, volume)
    share = metric.level_volume / metric.level_volume.sum()
    (warm, salt), (warming, salting) = means.mean(axis=0) @ share, trend(means) @ share
    drift = metric.rms_levels(trend(means))
    out = [f"{warm:.4f}", f"{salt:.5f}", f"{warming:+.5f}", f"{salting:+.6f}"]
    return [*out, f"{drift['thetao']:.5f}", f"{drift['so']:.6f}"]


def cells(runs: dict[str, Stretch], metric: Metric) -> list[str]:
    """Return a line's cells but for the first."""
    cold, other = (runs[name] for name in SIDES)
    gap = other.mean - cold.mean
    apart, drifts = metric.rms(gap)["thetao"], signed_drifts(runs, metric)
    out = [f"{apart:.3f}", f"{drifts.a * apart:+.4f}", f"{drifts.b * apart:+.4f}"]
    out += [f"{10 / drifts.rate:.0f}", f"{mean(cold.mean + drifts.share * gap, metric):.3f}"]
    slow = pooled(runs, metric, ReferenceSettings())
    if slow is None:
        return [*out, "–", "–", "–"]
    ends = [side.mean + slow.remaining(side.change).field for side in (cold, other)]
    modes = [abs(a) for a in slow.eigenvalues[:2]]
    words = [f"{-10 / np.log(a):.0f}" if a < 1 else f"({10 / np.log(a):.0f})" for a in modes]
    between = metric.rms(ends[1] - ends[0])["thetao"]
    return [*out, f"{mean(0.5 * (ends[0] + ends[1]), metric):.3f}", f"{between:.3f}", ", ".join(words)]


def mean(state: np.ndarray, metric: Metric) -> float:
    """Return the mean temperature of a state."""
    volume = metric.grid.volume
    return float((state[0] * volume).sum() / volume.sum())


if __name__ == "__main__":
    main()
