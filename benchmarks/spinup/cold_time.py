"""How long a cold start takes to equilibrium, and what its first centuries would have said about it.

    halocline reproduce spinup ... --references REFS --cold-years 2000 --out RUN
    python benchmarks/spinup/cold_time.py RUN --until 1000

Reads ``stages.csv`` of an experiment. Late in a run one mode is left, and the distance from the known equilibrium falls
as exp(-t / tau): fitted, for temperature and salinity, to the windows of the last ``--over`` years before ``--until``,
it tells when the later of both is within the criterion. Beside it stands the arrival itself, where the run went on to
it: how far one can be told from the other is the error of the forecast for the runs that did not.
"""

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np

from halocline.spinup.criterion import Criterion

NAMES = ("distance_thetao", "distance_so")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of 'halocline reproduce spinup'")
    parser.add_argument("--until", type=float, default=1000.0, help="years of the cold start that are looked at")
    parser.add_argument("--over", type=float, default=400.0, help="last years of these that are fitted")
    arguments = parser.parse_args()
    runs: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (arguments.run / "stages.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["method"] == "cold":
                runs[line["target"]].append(line)
    arrived = _arrivals(arguments.run / "outcomes.csv")
    print("| target | arrived (years) | ran (years) | distance there (K, psu) | told (years) | e-folding (years) |")
    print("|---|---:|---:|---:|---:|---:|")
    told = {}
    for target, lines in runs.items():
        told[target], foldings = _told(lines, arguments.until, arguments.over)
        end = lines[-1]
        row = (
            target,
            arrived[target] or "–",
            f"{float(end['years']):.0f}",
            f"{float(end[NAMES[0]]):.3f}, {float(end[NAMES[1]]):.4f}",
            f"{told[target]:.0f}",
            " and ".join(f"{f:.0f}" for f in foldings),
        )
        print("| " + " | ".join(str(word) for word in row) + " |")
    both = [(told[t], float(years)) for t, years in arrived.items() if years]
    if both:
        off = [abs(a / b - 1.0) for a, b in both]
        print(
            f"\ntold against arrived, {len(both)} runs: {100 * np.median(off):.0f} % (at most {100 * max(off):.0f} %)"
        )


def _arrivals(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["method"] == "cold" and line["region"] == "whole"]
    return {line["target"]: line["years"] for line in lines}


def _told(lines: list[dict[str, str]], until: float, over: float) -> tuple[float, list[float]]:
    """Return when both distances would be within the criterion, and their e-folding times, years."""
    years = np.array([float(line["years"]) for line in lines])
    chosen = (years <= until) & (years > min(until, years[-1]) - over)
    limits, ends, foldings = Criterion(), [], []
    for name in NAMES:
        values = np.array([float(line[name]) for line in lines])[chosen]
        slope, height = np.polyfit(years[chosen], np.log(values), 1)
        foldings.append(-1.0 / slope if slope < 0 else np.inf)
        ends.append((np.log(getattr(limits, name)) - height) / slope if slope < 0 else np.inf)
    return max(ends), foldings


if __name__ == "__main__":
    main()
