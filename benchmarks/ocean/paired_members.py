"""How many members an ensemble mean needs: its error by the number of members, independent and with opposite noise.

    halocline forecast MODEL --start ARCTIC.zarr --starts 8 --days 10 --members 16 --seed 1 --out FC.zarr
    halocline forecast MODEL --start ARCTIC.zarr --starts 8 --days 10 --members 16 --seed 1 --paired --out PAIRED.zarr
    python benchmarks/ocean/paired_members.py --data ARCTIC.zarr --row independent=FC.zarr --row paired=PAIRED.zarr

Takes the first members of each forecast. RMSE over ocean cells by area and all starts, of thickness, concentration and
the drift vector. Prints a Markdown table.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from halocline.data.store.store import open_store
from halocline.evaluate.engine.draws import Draws
from halocline.evaluate.forecast.families.cells import CellScores
from halocline.evaluate.forecast.family import Moment
from halocline.evaluate.forecast.file import open_forecast
from halocline.evaluate.forecast.pairs import Pairs, pair
from ocean_rows import named


def main() -> None:
    """Read, average, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--row", type=named, action="append", required=True, metavar="NAME=FORECAST")
    parser.add_argument("--days", type=float, nargs="+", default=[2, 5, 10])
    parser.add_argument("--members", type=int, nargs="+", default=[2, 4, 8, 16])
    arguments = parser.parse_args()
    store = open_store(arguments.data)
    print("| RMSE of the mean: sit (m), sic, drift (m s-1) |" + "".join(f" day {day:g} |" for day in arguments.days))
    print("|---" * (1 + len(arguments.days)) + "|")
    for name, path in arguments.row:
        forecast = open_forecast(path, name)
        pairs = pair(forecast, store)
        family = CellScores(store.grid, pairs.channels, forecast.draws)
        cells: dict[int, list[str]] = {m: [] for m in arguments.members if m <= forecast.members}
        for day in arguments.days:
            lead = int(np.flatnonzero(pairs.lead_hours == 24 * day)[0])
            states = [forecast.read(start, lead, pairs.channels) for start in range(forecast.starts)]
            for members, row in cells.items():
                row.append(", ".join(f"{error:.3g}" for error in errors(family, states, members, pairs, lead)))
        for members, row in cells.items():
            print(f"| {name}, {members} members | " + " | ".join(row) + " |")


def errors(family: CellScores, states: list[np.ndarray], members: int, pairs: Pairs, lead: int) -> list[float]:
    """Return the RMSE over the ocean of the means of the first members: sit, sic, drift; states one a start."""
    first = replace(family, draws=Draws(family.draws.numbers[:members]))
    everywhere = pairs.store.grid.mask
    sums = [first.summary(s[:members], pairs.truth(k, lead), Moment(k, lead, everywhere)) for k, s in enumerate(states)]
    scores = first.scores(np.mean(sums, axis=0, keepdims=True))[0]
    found = {(label.id, label.variable): value for label, value in zip(first.labels, scores, strict=True)}
    return [float(found["rmse_ocean", name]) for name in ("sit", "sic", "drift")]


if __name__ == "__main__":
    main()
