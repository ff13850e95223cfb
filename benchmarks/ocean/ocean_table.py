"""Table 1 of Meunier et al. 2025 on our data: water masses, density errors, spread, for each way to draw states.

    python benchmarks/ocean/ocean_table.py --data DINO.zarr --row 'no constraint=runs/meunier2025:none' \
        --row 'paper constraint=runs/meunier2025:paper' --row 'improved constraints=runs/dino' [--states 200]

A row is a file of states (.nc, .zarr) or a model folder; behind a colon the constraints it obeys instead of its own.
Conditional models get forcing and day of real states of the roles (--role, default train: an unconditional model
knows no other), drawn at random. The paper draws 200 states with seed 123: the defaults.

The row "data" holds the value of all real states of those roles, and the 90 % interval over whole members. Spreads are
ratios to the data; their interval in this row is that of real states of other years in the place of generated ones.
With --report each row's page is written too.
"""

import argparse
from pathlib import Path

from halocline.data.store.store import open_store
from halocline.evaluate.engine.scorecard import Row, Scorecard
from halocline.evaluate.ocean.evaluate import evaluate_ocean
from halocline.report.compare import Comparison
from halocline.report.page import write_report
from halocline.runtime import files
from halocline.runtime.device import set_threads
from ocean_rows import cell, named, row_states

PARTS = {
    "Water masses": [
        (f"water_mass_{mass}", name)
        for mass in ("deep", "bottom", "surface", "tropics_500m")
        for name in ("thetao", "so")
    ],
    "Density error": [
        (f"density_error_{where}_{beyond}", "all")
        for where in ("surface", "local")
        for beyond in ("strict", "0.0001", "0.001", "0.01")
    ],
    "Spread, relative to the data": [
        *[(f"spread_{what}_mean", name) for what in ("levels", "cells") for name in ("thetao", "so")],
        ("spread_levels_surface", "zos"),
        ("spread_cells_all", "zos"),
    ],
    "Distance": [
        ("energy", "all"),
        ("energy_levels", "all"),
        ("profile_w1", "thetao"),
        ("surface_map_mean", "thetao"),
        ("surface_map_sd", "thetao"),
    ],
}
"""Columns of each table: (id of the score, variable)."""


def main() -> None:
    """Draw or read the rows, score them, print one table a part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--row", type=named, action="append", required=True, metavar="NAME=PATH[:CONSTRAINTS]")
    parser.add_argument("--role", action="append")
    parser.add_argument("--states", type=int, default=200)
    parser.add_argument("--seed", type=int, default=123)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--report", type=Path, help="Folder to make, with one report a row.")
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    store, roles = open_store(arguments.data), arguments.role or ["train"]
    cards = {}
    for name, source in arguments.row:
        states = row_states(source, store, roles, arguments.states, arguments.seed, arguments.batch)
        cards[name] = evaluate_ocean(states, store, roles=roles, floor="years", seed=arguments.seed)
        if arguments.report is not None:
            with files.new_path(arguments.report / name.replace(" ", "-")) as hidden:
                hidden.mkdir(parents=True)
                write_report(cards[name], hidden, name, {"states": Path(source).name})
    for part, keys in PARTS.items():
        print(f"**{part}**\n\n{table(cards, keys).to_markdown()}")


def table(cards: dict[str, Scorecard], keys: list[tuple[str, str]]) -> Comparison:
    """Return one table: scores are columns, the data the first line."""
    first = next(iter(cards.values()))
    there = [key for key in keys if key in {(row.id, row.variable) for row in first.rows}]
    header = ("", *[heading(first.row(*key)) for key in there])
    lines = [("data", *[cell(row.floor, row.floor_low, row.floor_high) for row in (first.row(*k) for k in there)])]
    for name, card in cards.items():
        rows = [card.row(*key) for key in there]
        lines.append((name, *[cell(row.value, row.low, row.high) for row in rows]))
    return Comparison(header, tuple(lines))


def heading(row: Row) -> str:
    """Return the name of a column: what differs within a table, and the unit."""
    parts = ["" if row.id.startswith("water_mass") else row.score, "" if row.variable == "all" else row.variable]
    parts.append("" if row.id.endswith("_mean") else row.band)
    unit = "" if row.unit == "1" else f" ({row.unit})"
    return ", ".join(part for part in parts if part) + unit


if __name__ == "__main__":
    main()
