"""How many members an ensemble mean needs: its error by the number of members, independent and with opposite noise.

    halocline forecast MODEL --start ARCTIC.zarr --starts 8 --days 10 --members 16 --seed 1 --out FC.zarr
    halocline forecast MODEL --start ARCTIC.zarr --starts 8 --days 10 --members 16 --seed 1 --paired --out PAIRED.zarr
    python benchmarks/paired_members.py --data ARCTIC.zarr --row independent=FC.zarr --row paired=PAIRED.zarr

Takes the first members of each forecast. RMSE over ocean cells by area and all starts, of thickness, concentration and
the drift vector. Prints a Markdown table.
"""

import argparse
from pathlib import Path

import numpy as np

from halocline.evaluate.forecast_file import open_forecast
from halocline.evaluate.forecast_pairs import Pairs, pair
from halocline.states.store import open_store
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
        for members in arguments.members:
            cells = []
            for day in arguments.days:
                lead = int(np.flatnonzero(pairs.lead_hours == 24 * day)[0])
                states = [forecast.read(start, lead, pairs.channels)[:members] for start in range(forecast.starts)]
                cells.append(", ".join(f"{error:.3g}" for error in errors(states, pairs, lead)))
            print(f"| {name}, {members} members | " + " | ".join(cells) + " |")


def errors(states: list[np.ndarray], pairs: Pairs, lead: int) -> list[float]:
    """Return the RMSE of the means of ensembles (member, channel, y, x), one a start: sit, sic, drift."""
    area = pairs.store.grid.area * pairs.store.grid.mask
    squares = np.zeros(len(pairs.channels))
    for start, ensemble in enumerate(states):
        off = ensemble.mean(axis=0, dtype=np.float64) - pairs.truth(start, lead)
        squares += np.einsum("cyx,yx->c", off**2, area) / area.sum() / len(states)
    by_name = dict(zip(pairs.channels, squares, strict=True))
    return [float(np.sqrt(value)) for value in (by_name["sit"], by_name["sic"], by_name["siu"] + by_name["siv"])]


if __name__ == "__main__":
    main()
