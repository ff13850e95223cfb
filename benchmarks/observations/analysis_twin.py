"""Analyses of synthetic observations of held-out test years: every method from the same members of the same prior.

    python benchmarks/observations/analysis_twin.py MODEL --data DATA.zarr [--dates 6] [--members 16] \
        [--steps 20] [--keep FOLDER]

Observes states of the store's test years (``halocline observe``: concentration of the day; the same and a week of
thickness tracks), analyses them by each method, and prints Markdown tables: CRPS of each variable relative to
climatology, spread over error, small-scale power in the pack relative to the truth's, the ice-edge error, CPU seconds a
member. The localisation of EnOI, EnKF and ETKF is tuned on the validation years. Methods that are not calibrated are
run on the first date only. With --keep every result is written to a line of FOLDER/results.jsonl, and a second call
goes on. Definitions: docs/explanation/observations.md.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import xarray as xr
from scipy.ndimage import uniform_filter

from halocline.analysis.methods.base import Settings
from halocline.analysis.run import analyse
from halocline.chain.generator import Generator
from halocline.data.fields.calendar import date_of
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.engine.crps import fair_crps
from halocline.evaluate.ice.edge import edge_error
from halocline.observations.observe import observe
from halocline.observations.table import Observations, concatenate
from halocline.physics.sea_ice import PACK_ICE
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.loading import load_model
from twin_rows import TUNED, Rows, analysed

SETS = {"sic": ["concentration"], "sic+tracks": ["concentration", "thickness-tracks"]}
MAIN = ("climatology", "nearest", "enoi", "enkf", "etkf", "mmps")
ONCE = ("dps", "sda", "pgdm")
RADII = (300.0, 600.0, 1200.0)
INFLATIONS = (1.0, 1.2)
ICE = 0.15


def main() -> None:
    """Tune, analyse, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--dates", type=int, default=6, help="dates of the test years")
    parser.add_argument("--tuning-dates", type=int, default=2, help="dates of the validation years")
    parser.add_argument("--members", type=int, default=16)
    parser.add_argument("--steps", type=int, default=20, help="solver steps")
    parser.add_argument("--iterations", type=int, default=2)
    parser.add_argument("--orbits", type=int, default=6, help="of the tracks, every so-manieth orbit")
    parser.add_argument("--methods", nargs="+", default=list(MAIN), choices=[*MAIN, *ONCE])
    parser.add_argument("--once", nargs="*", default=list(ONCE), choices=[*MAIN, *ONCE], help="on the first date only")
    parser.add_argument("--radii", nargs="+", type=float, default=list(RADII), help="that are tried, km")
    parser.add_argument("--inflations", nargs="+", type=float, default=list(INFLATIONS), help="that are tried")
    parser.add_argument("--keep", type=Path, help="folder for results; a second call goes on with it")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only-print", action="store_true", help="print what is kept")
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    twin = Twin(arguments)
    if not arguments.only_print:
        twin.run()
    twin.print()


class Twin(Rows):
    """The runs and their results."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments, self.store = arguments, open_store(arguments.data)
        self.model: Generator = load_model(arguments.model, choose_compute()).with_sampler(steps=arguments.steps)
        super().__init__(arguments.keep)

    def run(self) -> None:
        """Do what is not done."""
        given = self.arguments
        tried = [(m, r, i) for m in TUNED if m in given.methods for r in given.radii for i in given.inflations]
        for k, pair in enumerate(dates(self.store, "validation", given.tuning_dates)):
            self.case("validation", k, pair, ["sic+tracks"], tried)
        best = self.best()
        for k, pair in enumerate(dates(self.store, "test", given.dates)):
            chosen = [*given.methods, *(given.once if k == 0 else ())]
            self.case("test", k, pair, list(SETS), [(m, *best.get(m, (300.0, 1.0))) for m in chosen])

    def case(
        self, split: str, k: int, pair: tuple[int, int], sets: list[str], methods: list[tuple[str, float, float]]
    ) -> None:
        """Analyse one date."""
        member, index = pair
        truth = self.store.read(member, index)[[self.store.channels.index(n) for n in self.model.codec.channels]]
        prior: xr.Dataset | None = None
        for name in sets:
            table = observed(self.store, member, index, SETS[name], self.arguments.orbits, seed=k)
            for method, radius, inflation in methods:
                key = {
                    "split": split,
                    "date": k,
                    "set": name,
                    "method": method,
                    "radius": radius,
                    "inflation": inflation,
                }
                key |= {"day": self.store.day_of_year(index), "rows": len(table), "members": self.arguments.members}
                if self.has(key):
                    continue
                if name == "sic+tracks" and method in ONCE:
                    continue
                if prior is None:
                    prior = self.prior(table)
                settings = Settings(self.arguments.iterations, radius, inflation, None, self.arguments.data)
                states, beside, seconds = analysed(self.model, table, self.arguments, method, settings, prior)
                self.keep(key | scores(states, beside, truth, self.model) | {"cpu_seconds_a_member": seconds})

    def prior(self, table: Observations) -> xr.Dataset:
        """Draw the members from which all methods begin."""
        began = time.process_time()
        states, _ = analyse(self.model, table, self.arguments.members, 1, method="climatology", batch=8, quiet=True)
        print(f"prior: {(time.process_time() - began) / self.arguments.members:.2f} CPU seconds a member", flush=True)
        return states

    def best(self) -> dict[str, tuple[float, float]]:
        """Return radius and inflation of the least mean CRPS over variables, each relative to its largest."""
        out = {}
        for method in TUNED:
            found: dict[tuple[float, float], list[float]] = {}
            for row in self.rows:
                if row["split"] == "validation" and row["method"] == method:
                    crps = row["crps"]
                    assert isinstance(crps, dict)
                    base = self.scale(row)
                    found.setdefault((float(row["radius"]), float(row["inflation"])), []).append(  # type: ignore[arg-type]
                        float(np.mean([crps[v] / base[v] for v in crps]))
                    )
            if found:
                out[method] = min(found, key=lambda at: float(np.mean(found[at])))
        return out

    def scale(self, row: dict[str, object]) -> dict[str, float]:
        """Return the largest CRPS of each variable on the row's date: a yardstick that is the same for all."""
        alike = [
            r["crps"] for r in self.rows if (r["split"], r["date"], r["set"]) == (row["split"], row["date"], row["set"])
        ]
        return {v: max(float(c[v]) for c in alike) for v in alike[0]}  # type: ignore[index,call-overload]

    def print(self) -> None:
        """Print the tables."""
        print("\ntuned on validation years (radius km, inflation):", self.best())
        variables = self.model.codec.channels
        for name in SETS:
            rows = [r for r in self.rows if r["split"] == "test" and r["set"] == name]
            base = {r["date"]: r for r in rows if r["method"] == "climatology"}
            if not base:
                continue
            count = len(base)
            print(f"\n{name}: {count} dates of test years, {self.arguments.members} members")
            heads = " | ".join(f"CRPS {v}" for v in variables)
            print(f"\n| method | dates | {heads} | spread/error sic, sit, sid, siu |")
            print("| --- |" + " ---: |" * (len(variables) + 2))
            for method in (*MAIN, *ONCE):
                mine = [r for r in rows if r["method"] == method]
                if not mine:
                    continue
                dated = [base[r["date"]] for r in mine]
                crps = [ratio(mine, dated, "crps", v) for v in variables]
                spread = [
                    np.sqrt(np.mean([r["variance"][v] for r in mine]) / np.mean([r["squared_error"][v] for r in mine]))
                    for v in ("sic", "sit", "sid", "siu")
                ]
                print(f"| {method} | {len(mine)} | {' | '.join(crps)} | {', '.join(f'{s:.2f}' for s in spread)} |")
            print("\n| method | power in the pack: sic, sit, sid, siu | ice-edge error (10^3 km2) | CPU s a member |")
            print("| --- | ---: | ---: | ---: |")
            for method in (*MAIN, *ONCE):
                mine = [r for r in rows if r["method"] == method]
                if not mine:
                    continue
                power = [np.nanmean([r["power"][v] for r in mine]) for v in ("sic", "sit", "sid", "siu")]
                edge = np.mean([r["edge_error"] for r in mine]) / 1e9
                cpu = np.mean([r["cpu_seconds_a_member"] for r in mine])
                print(f"| {method} | {', '.join(f'{p:.2f}' for p in power)} | {edge:.0f} | {cpu:.2f} |")


def ratio(mine: list[dict], base: list[dict], key: str, name: str) -> str:
    """Return the ratio of two means in words."""
    return f"{np.mean([r[key][name] for r in mine]) / np.mean([r[key][name] for r in base]):.2f}"


def dates(store: StateStore, split: str, count: int) -> list[tuple[int, int]]:
    """Return (member, time index) at noon, spread over October to April, in which thickness is measured."""
    pairs = [p for p in samples_of(store, split) if store.hours[p[1]] % 24 == 12]  # type: ignore[arg-type]
    pairs = [p for p in pairs if not 110 <= store.day_of_year(p[1]) < 280 and 4 <= store.day_of_year(p[1]) < 361]
    chosen = (np.arange(count) + 0.5) / count * len(pairs)
    return [pairs[int(k)] for k in chosen]


def observed(store: StateStore, member: int, index: int, kinds: list[str], orbits: int, seed: int) -> Observations:
    """Return concentration of the day, and tracks of the days from three before to three after it."""
    hour, tables = float(store.hours[index]), []
    for kind in kinds:
        around = 72 if kind == "thickness-tracks" else 0
        first, last = (date_of(hour + d, store.calendar) for d in (-12 - around, 11 + around))
        settings = {"concentration.bounded": True}
        settings |= {"thickness-tracks.every": orbits, "thickness-tracks.bounded": True}
        tables.append(
            observe(
                store.path,
                [kind],
                member=member,
                first=first,
                last=last,
                seed=seed,
                settings={k: v for k, v in settings.items() if k.startswith(kind + ".")},
            )
        )
    return concatenate(tables)


def scores(states: xr.Dataset, beside: xr.Dataset, truth: np.ndarray, model: Generator) -> dict[str, object]:
    """Return what one analysis reached."""
    grid, wet = model.grid, model.grid.mask
    weight = grid.area[wet] / grid.area[wet].sum()
    out: dict[str, dict[str, float]] = {"crps": {}, "variance": {}, "squared_error": {}, "power": {}}
    sic = states["sic"].values
    for k, name in enumerate(model.codec.channels):
        members, real = states[name].values[:, wet].astype(np.float64), truth[k][wet].astype(np.float64)
        n = len(members)
        out["crps"][name] = float(fair_crps(members, real) @ weight)
        out["variance"][name] = float(members.var(axis=0, ddof=1) @ weight) * (1 + 1 / n)
        out["squared_error"][name] = float((members.mean(axis=0) - real) ** 2 @ weight)
        own = roughness(truth[k], truth[model.codec.channels.index("sic")], wet)
        each = [roughness(states[name].values[m], sic[m], wet) for m in range(n)]
        out["power"][name] = float(np.nanmean(each) / own)
    median = (sic > ICE).mean(axis=0) > 0.5
    real = truth[model.codec.channels.index("sic")] > ICE
    area = np.where(wet, grid.area, 0.0)
    edge = edge_error(median & wet, real & wet, area).total
    d = (beside["value"] - beside["after"].mean("member")) / beside["sigma"]
    return {**out, "edge_error": edge, "innovation_after": float(np.sqrt((d**2).mean()))}


def roughness(field: np.ndarray, sic: np.ndarray, wet: np.ndarray) -> float:
    """Return the variance of a field (y, x) about its mean over 3 x 3 cells, where all of these are pack."""
    pack = uniform_filter((wet & (np.nan_to_num(sic) > PACK_ICE)).astype(np.float64), 3) > 0.999
    away = np.nan_to_num(field) - uniform_filter(np.nan_to_num(field).astype(np.float64), 3)
    return float((away[pack] ** 2).mean()) if pack.any() else float("nan")


if __name__ == "__main__":
    main()
