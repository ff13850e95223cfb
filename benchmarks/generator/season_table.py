"""A generator that is told the season: each month's draws against its held-out states, and calibration given the date.

    python benchmarks/generator/season_table.py MODEL --data DATA.zarr [--states 64] [--seed 1] [--keep STATES.nc]

MODEL is a folder, the name of a shipped model, or a file of states (.nc, .zarr) that carry their day of the year. Draws
--states states for each month, a twelfth of the year each, their days evenly spread over it, and prints Markdown tables
by month, each with its floor (as many real states of the month, of the validation years, against the test years): mean
and standard deviation of ice extent and volume; the areas between the edges. Then where the extent and the volume of
each held-out state lie among the draws of its month, by season; the floor takes training and validation years for the
draws. In brackets 90 % intervals; a star marks a value within that of the floor. Definitions:
docs/explanation/scores.md, "Month by month".
"""

import argparse
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.data.files.states import open_states
from halocline.data.sampling.conditions import DAY
from halocline.data.store.store import open_store
from halocline.evaluate.engine.calibration import STATISTICS
from halocline.evaluate.engine.scorecard import Row
from halocline.evaluate.engine.season import MONTHS
from halocline.evaluate.ice.calibration import WORDS, calibration
from halocline.evaluate.ice.months import Month, score_months
from halocline.report.numbers import display, number, with_interval
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.loading import load_model


def main() -> None:
    """Draw, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--states", type=int, default=64, help="states a month")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, help="solver steps; the model's if not given")
    parser.add_argument("--guidance", type=float, help="how much to stress the day; as trained if not given")
    parser.add_argument("--keep", type=Path, help="file to write the states to, .nc or .zarr")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    store = open_store(arguments.data)
    drawn = arguments.model.endswith((".nc", ".zarr"))
    states = open_states(Path(arguments.model)) if drawn else draw(arguments)
    months = score_months(states, store)
    sizes = [sorted({month.sizes[k] for month in months}) for k in range(3)]
    words = [f"{size[0]}" if len(size) == 1 else f"{size[0]} to {size[-1]}" for size in sizes]
    print(f"A month: {words[0]} states drawn, {words[1]} of test years, {words[2]} of validation years.")
    for note in dict.fromkeys(note for month in months for note in month.notes):
        print(f"Note: {note}")
    for id in ("ice_extent", "ice_volume"):
        print_totals(id, months)
    print_edges(months)
    print_calibration(calibration(states, store))


def draw(arguments: argparse.Namespace) -> xr.Dataset:
    """Return the states of twelve months, one after the other, each with its day of the year."""
    generator = load_model(arguments.model, choose_compute(arguments.device)).with_sampler(steps=arguments.steps)
    if arguments.guidance is not None:
        generator = generator.with_guidance(arguments.guidance)
    members = 12 * arguments.states
    year = generator.conditions.days_per_year if generator.conditions else 365.0
    days = (np.arange(members) + 0.5) / members * year
    return generator.generate(members, arguments.seed, conditions={DAY: days}, out=arguments.keep)


def print_totals(id: str, months: list[Month]) -> None:
    """Print mean and standard deviation of an integral by month."""
    found = [(month, month.row(id), month.row(f"{id}_sd")) for month in months if month.has(id)]
    if not found:
        return
    unit, name = display(found[0][1].unit), found[0][1].score
    print(
        f"\n| {name} ({unit.unit}) | test years | drawn | other years | sd, test years | sd, drawn | sd, other years |"
    )
    print("| --- |" + " ---: |" * 6)
    for month, *rows in found:
        cells = [cell for row in rows for cell in (number((row.reference or 0.0) * unit.factor), *both(row))]
        print(f"| {' | '.join([MONTHS[month.month], *cells])} |")
    print(f"\nMean within the floor in {within([r for _, r, _ in found])}, sd in {within([r for *_, r in found])}.")


def print_edges(months: list[Month]) -> None:
    """Print the areas between the edges by month."""
    ids = ("edge_probability_error", "median_edge_error")
    found = [(month, [month.row(id) for id in ids]) for month in months if month.has(ids[0])]
    if not found:
        return
    unit, names = display("m2"), [row.score for row in found[0][1]]
    head = [cell for name in names for cell in (f"{name} ({unit.unit}), drawn", "other years")]
    print(f"\n| month | {' | '.join(head)} |\n| --- |" + " ---: |" * 4)
    for month, rows in found:
        print(f"| {' | '.join([MONTHS[month.month], *(cell for row in rows for cell in both(row))])} |")
    print("\nWithin the floor in " + ", ".join(within([rows[k] for _, rows in found]) for k in (0, 1)) + ".")


def print_calibration(rows: list[Row]) -> None:
    """Print where held-out states lie among the draws, by integral and season."""
    aims = {name: number(rows[k].reference or 0.0) for k, name in enumerate(STATISTICS)} if rows else {}
    heads = [f"{words}, {aims[name]} if calibrated | other years" for name, words in WORDS.items() if aims]
    print(f"\n| held-out states among those drawn | {' | '.join(heads)} |\n| --- |" + " ---: |" * 6)
    for start in range(0, len(rows), len(STATISTICS)):
        several = rows[start : start + len(STATISTICS)]
        name = f"{several[0].score.split(',')[0]}, {several[0].band or 'year'}"
        print(f"| {' | '.join([name, *(cell for row in several for cell in both(row))])} |")


def both(row: Row) -> tuple[str, str]:
    """Return the value with its interval, a star if it is within the floor's, and the floor with its interval."""
    factor = display(row.unit).factor
    mark = " *" if row.within_floor else ""
    return (
        with_interval(row.value, row.low, row.high, factor, mark),
        with_interval(row.floor, row.floor_low, row.floor_high, factor),
    )


def within(rows: list[Row]) -> str:
    """Return in how many of the months a value lies within the floor."""
    return f"{sum(row.within_floor is True for row in rows)} of {len(rows)} months"


if __name__ == "__main__":
    main()
