"""How many days of another model's states adapting takes: errors of persistence, of a model as it is, and adapted.

    python benchmarks/forecast/adapt_table.py --data OTHER.zarr --out runs/adapt --model arctic-onepass-100km \
        --days 10 30 90 360 --starts 12 --members 8 [--seeds 0 1 2] [--blocks 6] [--set training.samples=2000 …]

Cuts the first N days out of a store, or as many in blocks spread over its first year (no state of its test year is
among them), adapts the model to each, forecasts the starts of --split (test; take validation to choose settings) and
prints RMSE of the ensemble mean, CRPS and spread-skill by variable and lead (sit and snt in m, drift in m s-1), then
where an adapted model does not beat persistence. With more than one of --seeds each adaptation is trained as often, and
the tables show mean (least to largest). What is there already is not made again. Validation figures of the adaptations
are of the days that they train on: nothing is chosen by them.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import cftime
import numpy as np

from halocline.data.fields.variables import variable
from halocline.data.store.from_dataset import write_store
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.forecast.card import ForecastCard
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import open_forecast
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.config import load_config
from halocline.systems.training import train
from surrogate_table import run

SCORES = (("RMSE", "rmse_ocean"), ("CRPS", "crps_ocean"), ("spread-skill", "spread_skill_ocean"))
COMPONENTS = ("siu", "siv")
"""Left out of tables: RMSE and spread-skill have the vector."""


def main() -> None:
    """Cut, adapt and forecast what is missing; score; print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", default="arctic-onepass-100km")
    parser.add_argument("--days", type=int, nargs="+", default=[10, 30, 90, 360])
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    parser.add_argument("--name", default="adapted", help="Of this way to adapt, in tables and file names.")
    parser.add_argument(
        "--noise-hours", type=float, nargs="+", help="Memories of adapted models' noise; their own if omitted."
    )
    parser.add_argument("--blocks", type=int, default=1, help="In how many blocks, spread over a year, the days lie.")
    parser.add_argument("--seeds", type=int, nargs="+", help="Of trainings, one each; that of the recipe if omitted.")
    parser.add_argument("--starts", type=int, default=12)
    parser.add_argument("--members", type=int, default=8)
    parser.add_argument("--split", default="test")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table-days", type=float, nargs="+", default=[1, 2, 5, 10])
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    arguments.days_ahead, store = max(arguments.table_days), open_store(arguments.data)
    rows, columns = {"as shipped": arguments.model}, {name: [name] for name in ("persistence", "as shipped")}
    for days in arguments.days:
        for seed in arguments.seeds or [None]:
            model, of = adapted(store, days, seed, arguments), "" if seed is None else f", seed {seed}"
            for hours in arguments.noise_hours or [None]:
                words, sampler = ("", "") if hours is None else (f", noise {hours:g} h", f":@{hours:g}")
                column = f"{arguments.name}, {days} days{words}"
                columns.setdefault(column, []).append(column + of)
                rows[column + of] = f"{model}{sampler}"
    forecasts = []
    for name, model in rows.items():
        path = arguments.out / f"{arguments.split}-{name.replace(', ', '-').replace(' ', '-')}.zarr"
        print(f"- {name}: {forecast(model, path, arguments):.0f} CPU s in this call", flush=True)
        forecasts.append(open_forecast(path, name))
    card = evaluate_forecast(forecasts[0], store, beside=forecasts[1:])
    for words, id in SCORES:
        print(f"\n{table(card, id, words, arguments.table_days, columns)}")
    print()
    for name in rows:
        print(verdict(card, name))


def adapted(store: StateStore, days: int, seed: int | None, arguments: argparse.Namespace) -> Path:
    """Return the model that was adapted to the first days of a store, with a seed of its own or the recipe's."""
    some = arguments.out / f"{days}-days{'' if arguments.blocks == 1 else f'-in-{arguments.blocks}'}.zarr"
    model: Path = arguments.out / f"{arguments.name}-{days}{'' if seed is None else f'-seed-{seed}'}"
    overrides = arguments.overrides + ([] if seed is None else [f"seed={seed}"])
    if not some.exists():
        cut(store, days, arguments.blocks, some)
    if not model.exists():
        began, config = time.process_time(), load_config(None, overrides, arguments.model)
        script = "benchmarks/forecast/adapt_table.py"
        train(config, open_store(some), model, choose_compute(), command=script, quiet=True)
        print(f"- {days} days: adapted in {time.process_time() - began:.0f} CPU s", flush=True)
    return model


def cut(store: StateStore, days: int, blocks: int, path: Path) -> None:
    """Write so many days of the first member, in blocks over its first year, as a store of their own; all trains."""
    since = (store.hours - store.hours[0]) / 24
    among = since <= days if blocks == 1 else (since < 365) & (since % (365 / blocks) <= days / blocks)
    picked = np.flatnonzero(among)
    values, dataset = np.stack([store.read(0, int(n)) for n in picked]), store.grid.to_dataset()
    for k, name in enumerate(store.channels):
        dataset[name] = (("time", "y", "x"), values[:, k], {"units": variable(name).unit})
    times = cftime.num2date(np.asarray(store.hours[picked]), "hours since 2000-01-01", calendar=store.calendar)
    splits = {"train": [(0, 0)], "validation": [(0, 0)]}
    write_store(dataset.assign_coords(time=times), path, splits=splits, provenance={"cut from": store.fingerprint})


def forecast(model: str, path: Path, arguments: argparse.Namespace) -> float:
    """Run or continue a model's forecast; return CPU seconds."""
    wanted = argparse.Namespace(**(vars(arguments) | {"days": arguments.days_ahead, "compile": False}))
    return run(model, path, wanted)[0]


def table(card: ForecastCard, id: str, words: str, days: Sequence[float], columns: Mapping[str, Sequence[str]]) -> str:
    """Return a score as Markdown: variables and leads down, columns of one or several sources across."""
    found = {(row.source, row.variable, row.lead_hours): row.value for row in card.rows if row.id == id}
    lines = [f"| {words} | day | " + " | ".join(columns) + " |", "|---|---:" + "|---:" * len(columns) + "|"]
    for name in variables(card, id):
        for day in days:
            keys = [[(source, name, 24 * day) for source in sources] for sources in columns.values()]
            cells = [cell([found[key] for key in some if key in found]) for some in keys]
            lines.append(f"| {name} | {day:g} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cell(values: Sequence[float]) -> str:
    """Return a value, or the mean of several with the least and the largest."""
    if len(values) < 2:
        return f"{values[0]:.3g}" if values else "–"
    return f"{np.mean(values):.3g} ({min(values):.3g}–{max(values):.3g})"


def variables(card: ForecastCard, key: str) -> list[str]:
    """Return the variables of a score, in the order of the card; a vector instead of its components."""
    found = list(dict.fromkeys(row.variable for row in card.rows if row.id == key))
    return [name for name in found if name not in COMPONENTS or "drift" not in found]


def verdict(card: ForecastCard, name: str) -> str:
    """Return where a source does not beat persistence, and its spread-skill beyond 0.8 to 1.2."""
    found = {(row.source, row.id, row.variable, row.lead_hours): row.value for row in card.rows}
    behind, apart, count = [], [], 0
    for (source, key, var, hours), value in found.items():
        words = f"{var} day {hours / 24:g}"
        if source != name or hours < 24:
            continue
        if key in ("rmse_ocean", "crps_ocean") and ("persistence", key, var, hours) in found:
            count += 1
            if not value < found["persistence", key, var, hours]:
                behind.append(f"{key.partition('_')[0]} {words}")
        if key == "spread_skill_ocean" and not 0.8 <= value <= 1.2:
            apart.append(f"{words}: {value:.2f}")
    lost = f"behind persistence in {len(behind)} of {count} (variable, lead, score): {', '.join(behind) or 'none'}"
    return f"- {name}: {lost}; spread-skill outside 0.8 to 1.2: {', '.join(apart) or 'none'}"


if __name__ == "__main__":
    main()
