"""Analysis cycles over a held-out season: a surrogate carries members, observations correct them every few days.

    python benchmarks/observations/cycling_twin.py --data DATA.zarr [--days 60] [--every 6] [--members 32] \
        [--keep FOLDER]
        [--split test] [--runs free etkf:600:1.05 resample:0.5 mmps]

The truth is a member of the store in the first months of a year of the split; concentration of each date of analysis
and a week of thickness tracks around it are observed. All runs begin with the same members, drawn for the first date;
the surrogate has the weather of the truth. Runs: ``free`` (never corrected); ``METHOD:RADIUS:INFLATION`` (enkf, etkf,
enoi; radius in km); ``resample:LEVEL``; ``mmps`` (each date anew from the climatological prior: no memory).

Prints the CRPS of forecasts and analyses relative to the free run's, spread over error, ice-edge errors and CPU
seconds, means over all dates but the first ones (--spun-up). With --keep every date is a line of FOLDER/cycles.jsonl,
and runs that are there are not made again.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from analysis_twin import observed
from halocline.analysis.cycling import Cycling
from halocline.analysis.methods.base import Settings
from halocline.chain.forecast.surrogate import Surrogate
from halocline.chain.forecast.weather import StoreWeather
from halocline.chain.generator import Generator
from halocline.data.fields.season import season_share
from halocline.data.sampling.conditions import DAY
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.engine.crps import fair_crps
from halocline.evaluate.ice.edge import edge_error
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.loading import load_model, load_surrogate
from halocline.trials.ice.climate import IceClimate

EDGE = 0.15
SHOWN = ("sit", "sic", "sid", "siu", "siv")


def main() -> None:
    """Run what is not there, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--generator", default="arctic-100km")
    parser.add_argument("--surrogate", default="arctic-onepass-100km")
    parser.add_argument("--split", default="test", choices=["validation", "test"])
    parser.add_argument("--member", type=int, default=0, help="of the store, the truth")
    parser.add_argument("--first-day", type=int, default=20, help="of the year")
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--every", type=int, default=6, help="days between analyses")
    parser.add_argument("--members", type=int, default=32)
    parser.add_argument("--steps", type=int, default=10, help="solver steps of analyses")
    parser.add_argument("--iterations", type=int, default=1)
    parser.add_argument("--orbits", type=int, default=6, help="of the tracks, every so-manieth orbit")
    parser.add_argument("--runs", nargs="+", default=["free", "etkf:600:1.05", "resample:0.5"])
    parser.add_argument("--spun-up", type=int, default=2, help="first dates that do not count")
    parser.add_argument("--keep", type=Path, help="folder for results")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    set_threads(given.threads)
    names = ("split", "member", "first_day", "days", "every", "members", "steps", "iterations", "orbits")
    about = {name: getattr(given, name) for name in names}
    path = None if given.keep is None else given.keep / "cycles.jsonl"
    rows = [] if path is None or not path.exists() else [json.loads(line) for line in path.read_text().splitlines()]
    rows = [row for row in rows if row["about"] == about]
    store, compute = open_store(given.data), choose_compute()
    generator = load_model(given.generator, compute).with_sampler(steps=given.steps)
    surrogate = load_surrogate(given.surrogate, compute)
    for run in given.runs:
        if any(row["run"] == run for row in rows):
            continue
        made = [{"about": about, "run": run, **row} for row in cycle(store, generator, surrogate, run, given)]
        rows += made
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "a", encoding="utf-8") as file:
                file.writelines(json.dumps(row) + "\n" for row in made)
    show(rows, given.runs, given.spun_up)


def cycle(
    store: StateStore, generator: Generator, surrogate: Surrogate, run: str, given: argparse.Namespace
) -> list[dict[str, object]]:
    """Return the scores of the dates of one run."""
    index = first_index(store, given.split, given.first_day)
    apart = given.every * 24 // int(np.diff(store.hours[:2])[0])
    at = [index + k * apart for k in range(given.days // given.every + 1)]
    tables = [
        observed(store, given.member, k, ["concentration", "thickness-tracks"], given.orbits, seed=k) for k in at[1:]
    ]
    name, *numbers = run.split(":")
    values = [float(number) for number in numbers]
    settings = Settings(given.iterations)
    if name == "resample" and values:
        settings = Settings(given.iterations, level=values[0])
    elif values:
        settings = Settings(given.iterations, *values)
    weather = StoreWeather(store, given.member, surrogate.forcing, store.grid)
    method = None if name == "free" else name
    cycling = Cycling(generator, surrogate, weather, method, settings, 1, given.member)
    out, began = [], time.process_time()
    made = cycling.run(
        starts(store, generator, surrogate, index, given.members), [int(store.hours[k]) for k in at], tables
    )
    for k, (each, here) in enumerate(zip(made, at[1:], strict=True)):
        truth = store.read(given.member, here)[[store.channels.index(n) for n in surrogate.channels]]
        seconds, began = time.process_time() - began, time.process_time()
        row = {"date": k, "cpu_seconds": seconds}
        for which, states in (("forecast", each.before), ("analysis", each.after)):
            row[which] = scores(states, truth, surrogate.channels, store)
        print(run, json.dumps(row), flush=True)
        out.append(row)
        began = time.process_time()
    return out


def first_index(store: StateStore, split: str, day: int) -> int:
    """Return the time index of a day of the first year of a split, at noon."""
    wanted = [i for _, i in samples_of(store, split) if store.hours[i] % 24 == 12]  # type: ignore[arg-type]
    return min(i for i in wanted if store.day_of_year(i) >= day)


def starts(store: StateStore, generator: Generator, surrogate: Surrogate, index: int, members: int) -> np.ndarray:
    """Return drawn members of the date (member, channel, y, x), land 0, with the snow of the training states."""
    drawn = generator.generate(members, 1, conditions={DAY: float(store.day_of_year(index))}, quiet=True)
    climate, share = IceClimate(store), float(season_share(store.hours[index : index + 1], store.calendar)[0])
    out = []
    for m in range(members):
        own = {n: np.nan_to_num(drawn[n].values[m]) for n in generator.codec.channels}
        full = climate.completed(own, share)
        out.append(np.stack([full[n] for n in surrogate.channels]))
    return np.stack(out).astype(np.float32)


def scores(states: np.ndarray, truth: np.ndarray, names: tuple[str, ...], store: StateStore) -> dict[str, object]:
    """Return CRPS, variance and squared error by variable, area means over the ocean, and the ice-edge error, m2."""
    wet, area = store.grid.mask, store.grid.area
    weight = area[wet] / area[wet].sum()
    out: dict[str, object] = {}
    for name in SHOWN:
        k = names.index(name)
        members, real = states[:, k, wet].astype(np.float64), truth[k, wet].astype(np.float64)
        out[name] = {
            "crps": float(fair_crps(members, real) @ weight),
            "variance": float(members.var(axis=0, ddof=1) @ weight) * (1 + 1 / len(members)),
            "error": float((members.mean(axis=0) - real) ** 2 @ weight),
        }
    k = names.index("sic")
    median = (states[:, k] > EDGE).mean(axis=0) > 0.5
    out["edge"] = edge_error(median & wet, (truth[k] > EDGE) & wet, np.where(wet, area, 0.0)).total
    return out


def show(rows: list[dict], runs: list[str], spun_up: int) -> None:
    """Print the table."""
    base = [row for row in rows if row["run"] == "free" and row["date"] >= spun_up]
    print(
        "\n| run | of the | "
        + " | ".join(f"CRPS {v}" for v in SHOWN)
        + " | spread / error sit, sic, sid, siu | edge | CPU s |"
    )
    print("| --- | --- |" + " ---: |" * (len(SHOWN) + 3))
    for run in runs:
        mine = [row for row in rows if row["run"] == run and row["date"] >= spun_up]
        for which in ("forecast", "analysis") if run != "free" else ("forecast",):
            crps = []
            for v in SHOWN:
                own = np.mean([row[which][v]["crps"] for row in mine])
                free = np.mean([row["forecast"][v]["crps"] for row in base]) if base else np.nan
                crps.append(f"{own / free:.2f}" if run != "free" else f"{own:.4f}")
            spread = [
                np.sqrt(
                    np.mean([r[which][v]["variance"] for r in mine]) / np.mean([r[which][v]["error"] for r in mine])
                )
                for v in ("sit", "sic", "sid", "siu")
            ]
            edge = np.mean([row[which]["edge"] for row in mine]) / 1e9
            seconds = sum(row["cpu_seconds"] for row in rows if row["run"] == run)
            words = ", ".join(f"{s:.2f}" for s in spread)
            print(f"| {run} | {which} | {' | '.join(crps)} | {words} | {edge:.0f} | {seconds:.0f} |")


if __name__ == "__main__":
    main()
