"""Where a forecast's spread and error sit: by start, in the worst cells, beside land.

    python benchmarks/forecast/adapt_where.py --data OTHER.zarr --forecast runs/test-30.zarr [--hours 12 24]

For each variable and lead: the spread-skill ratio of all starts, that of each start with its date, the share of the
squared error in the 0.1, 1 and 5 % of cells (of all starts) where it is largest, and the share and the ratio in cells
beside land. Of thickness, also the cells of the start with the largest error: thickness there before, after and in the
mean of the members.
"""

import argparse
from pathlib import Path

import cftime
import numpy as np

from halocline.data.fields.variables import Variable, variable
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.forecast.file import Forecast, open_forecast

CELLS = 8


def main() -> None:
    """Print variable by variable and lead by lead."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--forecast", type=Path, required=True)
    parser.add_argument("--hours", type=float, nargs="+", default=[12, 24])
    arguments = parser.parse_args()
    store, forecast = open_store(arguments.data), open_forecast(arguments.forecast)
    wet, area = forecast.grid.mask, forecast.grid.area
    beside = (wet & ~_inland(wet))[wet]
    print("starts:", ", ".join(str(date(store, n)) for n in first(forecast)))
    for hours in arguments.hours:
        error, spread = squares(store, forecast, hours)
        for name, e, s in zip(forecast.channels, error * area[wet], spread * area[wet], strict=True):
            ranked = np.sort(e.ravel())[::-1]
            worst = [ranked[: int(share * ranked.size)].sum() / ranked.sum() for share in (0.001, 0.01, 0.05)]
            coast = e[:, beside].sum() / e.sum(), np.sqrt(s[:, beside].sum() / e[:, beside].sum())
            print(
                f"{name}, {hours:g} h: spread-skill {np.sqrt(s.sum() / e.sum()):.2f}; by start",
                " ".join(f"{ratio:.2f}" for ratio in np.sqrt(s.sum(axis=1) / np.maximum(e.sum(axis=1), 1e-30))),
                f"; {', '.join(f'{share:.0%}' for share in worst)} of squared errors in the worst 0.1, 1, 5 % of cells",
                f"; {coast[0]:.0%} beside land, spread-skill there {coast[1]:.2f}",
            )
    if "sit" in forecast.channels:
        print("\n".join(cells(store, forecast, arguments.hours[0], variable("sit"))))


def first(forecast: Forecast) -> np.ndarray:
    """Return the positions (start,) of the starts in the store."""
    assert forecast.start_index is not None
    return forecast.start_index


def date(store: StateStore, index: int) -> object:
    """Return the date of a record."""
    return cftime.num2date(int(store.hours[index]), "hours since 2000-01-01", calendar=store.calendar)


def truth(store: StateStore, forecast: Forecast, start: int, hours: float) -> np.ndarray:
    """Return the state (channel, y, x) that came, physical units."""
    assert forecast.store_member is not None
    index = int(np.searchsorted(store.hours, store.hours[first(forecast)[start]] + hours))
    return store.read(int(forecast.store_member[start]), index)[[store.channels.index(n) for n in forecast.channels]]


def squares(store: StateStore, forecast: Forecast, hours: float) -> tuple[np.ndarray, np.ndarray]:
    """Return squared errors of the mean and (1 + 1/M) times the members' variance (channel, start, wet cell)."""
    wet, lead, found = forecast.grid.mask, int(np.flatnonzero(forecast.lead_hours == hours)[0]), []
    for start in range(forecast.starts):
        members = forecast.read(start, lead)[..., wet].astype(np.float64)
        error = (members.mean(axis=0) - truth(store, forecast, start, hours)[:, wet]) ** 2
        found.append((error, members.var(axis=0, ddof=1) * (1 + 1 / len(members))))
    error, spread = (np.stack(part, axis=1) for part in zip(*found, strict=True))
    return error, spread


def cells(store: StateStore, forecast: Forecast, hours: float, what: Variable) -> list[str]:
    """Return, in words, the cells with the largest errors of the start with the largest error."""
    wet, k = forecast.grid.mask, forecast.channels.index(what.name)
    error = squares(store, forecast, hours)[0][k]
    start = int(error.sum(axis=1).argmax())
    order = np.argsort(-error[start])[:CELLS]
    share, at = error[start][order].sum() / error[start].sum(), np.argwhere(wet)[order]
    lead = int(np.flatnonzero(forecast.lead_hours == hours)[0])
    mean = forecast.read(start, lead)[:, k].mean(axis=0)
    before, after = (truth(store, forecast, start, h)[k] for h in (0, hours))
    words = f"{date(store, first(forecast)[start])}: {share:.0%} of the squared error of {what.name} in {CELLS} cells"
    return [words] + [f"  {before[y, x]:.2f} {what.unit} -> {after[y, x]:.2f}, mean {mean[y, x]:.2f}" for y, x in at]


def _inland(wet: np.ndarray) -> np.ndarray:
    """Return the wet cells (y, x) that all four neighbours surround with water; the domain's edge counts as land."""
    padded = np.pad(wet, 1)
    return wet & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]


if __name__ == "__main__":
    main()
