"""The small scales of a generator, by place: before and after its projection, beside encode-decode and the floor.

    python benchmarks/generator/places_table.py MODEL [MODEL ...] --data DATA.zarr [--states 128] [--seasons] [--all]

MODEL is a folder, the name of a shipped model, or a file of states (.nc, .zarr) that somebody drew. Prints a Markdown
table: a line a score, a column each for real states of other years (the floor), for --states states drawn with the
model before and after its constraints, and for as many real held-out states through the encoder and the decoder of a
latent model, before and after. In brackets 90 % intervals; a star marks a value within that of the floor. A model that
is told the season is told that of the held-out states, state by state: days that it draws itself would by chance hold
more of one season, and volume and ridges with it; --own-days leaves the days to it. --seasons prints a table for each
of the four seasons, of states that carry a date against the held-out states of the same months.

What is chosen after a training, such as the guidance of its third stage, is chosen on the validation years:

    python benchmarks/generator/places_table.py MODEL --data DATA.zarr --split validation --detail-guidance 1 1.5 2 2.5
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.chain.dataset import to_dataset
from halocline.chain.generator import Generator
from halocline.data.fields.calendar import NOLEAP, mean_year_days, twelfth_of_year
from halocline.data.files.states import open_states
from halocline.data.sampling.conditions import DAY, YEAR_LENGTH
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.engine.scorecard import Row
from halocline.evaluate.engine.table import ScoreTable
from halocline.evaluate.ice.evaluate import evaluate_families
from halocline.evaluate.ice.held_states import store_as_states
from halocline.report.numbers import display, number, row_name
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.loading import load_model

FAMILIES = ("places", "texture", "lines", "mechanics", "bounds", "atoms", "integrals")
SEASONS = {"DJF": (12, 1, 2), "MAM": (3, 4, 5), "JJA": (6, 7, 8), "SON": (9, 10, 11)}
LEFT_OUT = ("out_of_bounds", "zero_mismatch")


def main() -> None:
    """Draw, score, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", type=str)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--states", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, help="solver steps; the model's if not given")
    parser.add_argument(
        "--detail-guidance", type=float, nargs="+", default=[None], help="of the third stage; the model's if not given"
    )
    parser.add_argument("--split", choices=("test", "validation"), default="test", help="what is compared with")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--own-days", action="store_true", help="let a model that is told the season draw its days")
    parser.add_argument("--seasons", action="store_true")
    parser.add_argument("--all", action="store_true", help="distances of distributions, too")
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    store, sets = held_out(open_store(arguments.data), arguments.split), {}
    for model, weight in product(arguments.models, arguments.detail_guidance):
        name = Path(model).stem if len(arguments.models) > 1 else ""
        name += f" guided {weight:g}" if len(arguments.detail_guidance) > 1 else ""
        sets |= {f"{name} {row}".strip(): states for row, states in variants(model, store, arguments, weight).items()}
    print(markdown({row: evaluate_families(states, store, FAMILIES) for row, states in sets.items()}, arguments.all))
    if not arguments.seasons:
        return
    for season, months in SEASONS.items():
        parts = {row: part for row, states in sets.items() if (part := of_months(states, months)) is not None}
        if parts:
            sizes = (f"{row}: {part.sizes['member']} states" for row, part in parts.items())
            print(f"\n{season}, {', '.join(sizes)}\n")
            times = np.isin(twelfth_of_year(store.hours, store.calendar) + 1, months)
            tables = {row: evaluate_families(part, store, FAMILIES, times=times) for row, part in parts.items()}
            print(markdown(tables, arguments.all))


def held_out(store: StateStore, split: str) -> StateStore:
    """Return a store with the years of a split in the place of its test years, and the other way round."""
    splits = store.attributes["splits"]
    return replace(
        store, attributes=store.attributes | {"splits": splits | {"test": splits[split], split: splits["test"]}}
    )


def variants(
    model: str, store: StateStore, arguments: argparse.Namespace, weight: float | None = None
) -> dict[str, xr.Dataset]:
    """Return the states of each column of a model, guided by a weight, or of a file."""
    if Path(model).suffix in (".nc", ".zarr"):
        return {"states": open_states(Path(model))}
    generator = load_model(model, choose_compute(arguments.device)).with_sampler(
        steps=arguments.steps, detail_guidance=weight
    )
    real = store_as_states(store, arguments.states)
    days = {} if arguments.own_days else days_of(real, generator, arguments.states)
    bare = generator.with_constraints(["none"]).generate(arguments.states, arguments.seed, conditions=days)
    after = projected(generator, bare)
    if any(c.on_estimate or c.after_step for c in generator.chain.constraints):
        after = generator.generate(arguments.states, arguments.seed, conditions=days)
    found = {"drawn": bare, "drawn, projected": after}
    if generator.chain.latent is None:
        return found
    decoded = as_states(generator, generator.encode_decode(values(generator, real)), real)
    found |= {"encode-decode": decoded, "encode-decode, projected": projected(generator, decoded)}
    if generator.chain.detail is None:
        return found
    smooth = as_states(generator, generator.without_detail().encode_decode(values(generator, real)), real)
    return found | {"encode-decode without detail, projected": projected(generator, smooth)}


def days_of(real: xr.Dataset, generator: Generator, states: int) -> dict[str, np.ndarray]:
    """Return the days of the year of real states, again and again for more; nothing for a model that is told none."""
    if generator.conditions is None or DAY not in generator.conditions.names:
        return {}
    return {DAY: np.resize(real[DAY].values.astype(float), states)}


def values(generator: Generator, states: xr.Dataset) -> np.ndarray:
    """Return states (member, channel, y, x), land NaN."""
    return np.stack([states[name].values for name in generator.codec.channels], axis=1)


def as_states(generator: Generator, states: np.ndarray, like: xr.Dataset) -> xr.Dataset:
    """Return states (member, channel, y, x) with the dates of others."""
    made = to_dataset(states, generator.codec.channels, generator.grid, range(len(states)), {})
    return made.assign_coords({DAY: like[DAY]}) if DAY in like.coords else made


def projected(generator: Generator, states: xr.Dataset) -> xr.Dataset:
    """Return states as the model's constraints at the end leave them."""
    return as_states(generator, generator.project(values(generator, states))[0], states)


def of_months(states: xr.Dataset, months: tuple[int, ...]) -> xr.Dataset | None:
    """Return the states of these months, a twelfth of the year each; None without dates, or of fewer than 8 states."""
    if DAY not in states.coords:
        return None
    year = float(states[DAY].attrs.get(YEAR_LENGTH, mean_year_days(NOLEAP)))
    chosen = np.flatnonzero(np.isin((states[DAY].values / year * 12).astype(int) % 12 + 1, months))
    return states.isel(member=chosen) if len(chosen) >= 8 else None


def markdown(tables: Mapping[str, ScoreTable[Row]], everything: bool, variables: Sequence[str] = ()) -> str:
    """Return the tables side by side: a line a score (of ``variables``), the first table's floor as first column."""
    first = next(iter(tables.values()))
    lines = [["score", "aim", "real states", *tables], ["---", "---:", "---:", *["---:"] * len(tables)]]
    for row in first.rows:
        detail = row.id in LEFT_OUT or (row.id.endswith("_distribution") and not everything)
        if detail or (variables and row.variable not in variables):
            continue
        shown, aim = display(row.unit, row.id), {"one": "1", "lower": "low", "zero": "0"}.get(row.better)
        mine = [table.row(row.id, variable=row.variable) for table in tables.values()]
        unit = f" ({shown.unit})" if shown.unit else ""
        lines.append(
            [
                row_name(row) + unit,
                aim or number((row.reference or 0.0) * shown.factor),
                cell(row.floor, row.floor_low, row.floor_high, shown.factor),
                *(cell(r.value, r.low, r.high, shown.factor, star=r.within_floor is True) for r in mine),
            ]
        )
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cell(value: float, low: float, high: float, factor: float, *, star: bool = False) -> str:
    """Return a number, its interval, and a star."""
    return f"{number(value * factor)} ({number(low * factor)} to {number(high * factor)})" + " *" * star


if __name__ == "__main__":
    main()
