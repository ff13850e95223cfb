"""How good known equilibria are, by runs that came from elsewhere: where the two would meet.

    python benchmarks/spinup/reference_meets.py RUNS --references REFERENCES \
        [--methods surface-jump cold-jump] [--preset R8]

For each target of 'halocline reproduce spinup' and each method, at the end of its run, against the reference (the mean
of its sides): how far they are apart (rms over the volume), how fast either drifts along what parts them (K a decade,
positive from the run to the reference, over their last thirty years), and where on the way from the run (0) to the
reference (1) both would come to rest if what parts them were one mode. Sides of a reference that were set down beside
each other agree whatever is slow in both; a run from another start does not. Then, how far the ends of two methods are
apart, and when each was first at rest by drift alone: thirty years without a jump in which level means drift by no more
than a reference's limits, 0.0008 K and 0.0001 psu a decade.
"""

import argparse
from pathlib import Path

import numpy as np

from halocline.spinup.block import Block, stretches
from halocline.spinup.block_files import read_blocks
from halocline.spinup.methods import METHODS
from halocline.spinup.metric import Metric, even_metric
from halocline.spinup.reference.extrapolate import SIDES
from halocline.spinup.reference.secant import secant
from halocline.spinup.reference.settings import PROOF, ReferenceSettings
from halocline.spinup.reference.stretch import Stretch
from halocline.spinup.run import SHARED
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.presets import preset


def main() -> None:
    """Read, project, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--references", type=Path, required=True)
    parser.add_argument("--methods", nargs="+", default=["surface-jump", "cold-jump"])
    parser.add_argument("--preset", default="R8")
    given = parser.parse_args()
    metric = even_metric(make_grid(make_geometry(preset(given.preset))))
    print("| target | run | apart (K, psu) | run drifts (K a decade) | reference drifts | they meet at |")
    print("|---|---|---:|---:|---:|---:|")
    for folder in sorted(p for p in given.runs.iterdir() if (given.references / p.name / "reference.json").exists()):
        sides = [_last(given.references / folder.name / side) for side in SIDES]
        mean, change = (np.mean([getattr(s, what) for s in sides], axis=0) for what in ("mean", "change"))
        for method in given.methods:
            run = _last(folder / method) if (folder / method).is_dir() else None
            if run is None:
                continue
            apart = metric.rms(mean - run.mean)
            found = secant(run.mean, run.change, mean, change, metric.slow)
            drifts = " | ".join(f"{apart['thetao'] * rate:+.5f}" for rate in (found.a, found.b))
            meets = f"{found.share:.2f}" if found.b < found.a else "–"  # they part
            print(
                f"| {folder.name} | {method} | {apart['thetao']:.3f}, {apart['so']:.4f} | {drifts} | {meets} |",
                flush=True,
            )

    print(
        "\n| target | ends apart (K) | "
        + " | ".join(f"{m}, at rest (year), drift at the end" for m in given.methods)
        + " |"
    )
    print("|---|---:|" + "---:|" * len(given.methods))
    for folder in sorted(p for p in given.runs.iterdir() if (given.references / p.name / "reference.json").exists()):
        runs = [run_blocks(folder, method) for method in given.methods]
        ends = [Stretch(folder.name, blocks).state for blocks in runs[:2]]
        apart = f"{metric.rms(ends[1] - ends[0])['thetao']:.3f}" if len(ends) > 1 else "–"
        print(
            f"| {folder.name} | {apart} | " + " | ".join(_at_rest(blocks, metric) for blocks in runs) + " |", flush=True
        )


def run_blocks(folder: Path, method: str) -> list[Block]:
    """Return all blocks of an accelerated run: the first ones lie with the plain run from its start."""
    own = [block for row in read_blocks(folder / method) for block in row]
    start = METHODS[method].start
    return own if start == method else [*(b for row in read_blocks(folder / start) for b in row)][:SHARED] + own


def _at_rest(blocks: list[Block], metric: Metric) -> str:
    """Return when a run first drifted less than a reference may, and the least of both drifts that it came to."""
    limits, first, words = ReferenceSettings(), None, "–"
    for number in range(PROOF, len(blocks) + 1):
        last = Stretch("", blocks[:number])
        if not last.steady:
            continue
        drift = last.equilibrium(metric).drift
        if drift["drift_thetao"] <= limits.drift_thetao and drift["drift_so"] <= limits.drift_so and first is None:
            first = sum(block.years for block in blocks[:number])
        words = f"{drift['drift_thetao']:.5f} K, {drift['drift_so']:.6f} psu"
    return f"{'–' if first is None else f'{first:.0f}'}; {words}"


def _last(folder: Path) -> Stretch | None:
    """Return the end of a run; None if it is too short since its last jump."""
    blocks = [block for row in read_blocks(folder) for block in row]
    return Stretch(folder.name, blocks) if blocks and len(stretches(blocks)[-1]) >= PROOF else None


if __name__ == "__main__":
    main()
