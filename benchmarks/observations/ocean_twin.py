"""Analyses of synthetic observations of held-out oceans: every method from the same members of the same prior.

    python benchmarks/observations/ocean_twin.py dino-R4 [--data DINO.zarr] [--dates 6] [--members 16] \
        [--keep FOLDER] [--write DIR]

Observes states of held-out members (``halocline observe``: 50 profiles down to 2000 m, and the sea level along ten days
of an altimeter's tracks), analyses them by each method, and prints Markdown tables: error of the ensemble mean and CRPS
of T and S on all levels by layer, spread over error (of all, of level means, of what is left of each cell without
them), unstable interfaces, CPU seconds a member. The forcing is not told: the prior holds oceans of all forcings. The
localisation of the filters is tuned on members of the role ``validation``, or, in a store without any (the shipped
one), on those at the end of the range. No row of the tables is of one of them. --write keeps each date's analyses as
files for ``halocline integrate``.
"""

import argparse
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.analysis.methods.base import Settings
from halocline.analysis.run import analyse
from halocline.chain.dataset import write_dataset
from halocline.chain.generator import Generator
from halocline.data.fields.calendar import date_of
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.engine.crps import fair_crps
from halocline.observations.observe import observe
from halocline.physics.means import level_means
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.loading import load_model
from halocline.systems.shipped import reference_path
from halocline.worlds.dino.diagnostics import stability_of
from twin_rows import TUNED, Rows, analysed

METHODS = ("climatology", "enoi", "enkf", "etkf", "mmps")
PARTS, SQUARES = ("all", "level means", "without them"), ("variance", "squared_error")
LAYERS = {"0-200 m": (0.0, 200.0), "200-1000 m": (200.0, 1000.0), "below 1000 m": (1000.0, 1e5), "all": (0.0, 1e5)}
RADII, INFLATIONS = (1000.0, 2500.0, 6000.0), (1.0, 1.2)
HALF_HOURS = 120
SETTINGS = {"profiles.days": 11}


def main() -> None:
    """Tune, analyse, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, help="store of DINO; the shipped one of the model's name if left out")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--dates", type=int, default=6, help="held-out members inside the range, a date each")
    parser.add_argument("--tuning-dates", type=int, default=2)
    parser.add_argument("--members", type=int, default=16)
    parser.add_argument("--steps", type=int, default=16, help="solver steps")
    parser.add_argument("--iterations", type=int, default=2)
    parser.add_argument("--pilots", type=int, default=128, help="0: the forcing stays that of the prior")
    parser.add_argument("--keep", type=Path, help="folder for results; a second call goes on with it")
    parser.add_argument("--write", type=Path, help="folder for the analyses")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    set_threads(given.threads)
    twin = OceanTwin(given)
    twin.run()
    twin.print()


class OceanTwin(Rows):
    """The runs and their results."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.given, self.store = given, open_store(given.data or reference_path(given.model))
        self.model: Generator = load_model(given.model, choose_compute()).with_sampler(steps=given.steps)
        super().__init__(given.keep)

    def run(self) -> None:
        """Do what is not done."""
        methods = self.given.methods
        tuned = [method for method in TUNED if method in methods]
        tried = [(method, radius, inflation) for method in tuned for radius in RADII for inflation in INFLATIONS]
        roles = "validation" if "validation" in self.store.roles else "end"
        for k, pair in enumerate(held_out(self.store, roles, self.given.tuning_dates) if tried else []):
            self.case("tuning", k, pair, tried)
        best = self.best()
        for k, pair in enumerate(held_out(self.store, "interior", self.given.dates)):
            self.case("test", k, pair, [(m, *best.get(m, (2500.0, 1.0))) for m in methods])

    def case(self, split: str, k: int, pair: tuple[int, int], methods: list[tuple[str, float, float]]) -> None:
        """Analyse the ocean of one member at one date."""
        member, index = pair
        truth = self.store.read(member, index)
        hour = float(self.store.hours[index])
        first, last = (date_of(hour + d, self.store.calendar) for d in (-HALF_HOURS, HALF_HOURS))
        kinds = ["profiles", "altimeter"]
        table = observe(self.store.path, kinds, member=member, first=first, last=last, seed=k, settings=SETTINGS)
        prior: xr.Dataset | None = None
        for method, radius, inflation in methods:
            key = {"split": split, "date": k, "method": method, "radius": radius, "inflation": inflation}
            key |= {"member": member, "rows": len(table), "members": self.given.members, "pilots": self.given.pilots}
            if self.has(key):
                continue
            if prior is None:
                prior = analyse(self.model, table, self.given.members, 1, method="climatology", batch=8, quiet=True)[0]
            given, data = self.given, self.store.path
            settings = Settings(given.iterations, radius, inflation, None, data, pilots=given.pilots)
            states, beside, seconds = analysed(self.model, table, given, method, settings, prior)
            d = (beside["value"] - beside["after"].mean("member")) / beside["sigma"]
            found = scores(states, truth, self.store) | {"innovation": float(np.sqrt((d**2).mean()))}
            self.keep(key | found | {"cpu_seconds_a_member": seconds})
            if self.given.write is not None and split == "test":
                self.given.write.mkdir(parents=True, exist_ok=True)
                write_dataset(states, self.given.write / f"{method}-{k}.nc")

    def best(self) -> dict[str, tuple[float, float]]:
        """Return radius and inflation of the least CRPS of T and S, each over the least that any setting has."""
        rows = [row for row in self.rows if row["split"] == "tuning"]
        least = {name: min((row["crps"][name]["all"] for row in rows), default=1.0) for name in ("thetao", "so")}
        found: dict[str, dict[tuple[float, float], float]] = {}
        for row in rows:
            at = found.setdefault(row["method"], {})
            cost = sum(row["crps"][name]["all"] / least[name] for name in least)
            at[row["radius"], row["inflation"]] = at.get((row["radius"], row["inflation"]), 0.0) + cost
        return {method: min(costs, key=lambda at: costs[at]) for method, costs in found.items()}

    def print(self) -> None:
        """Print the tables."""
        rows = [row for row in self.rows if row["split"] == "test"]
        base = [row for row in rows if row["method"] == self.given.methods[0]]
        print("\ntuned (radius km, inflation):", self.best())
        print(
            f"{len(base)} held-out oceans, {self.given.members} members, {np.mean([r['rows'] for r in base]):.0f} rows"
        )
        for name, unit in (("thetao", "degC"), ("so", "1e-3")):
            heads = [f"error, {layer}" for layer in LAYERS]
            heads += ["CRPS, all"] + [f"spread/error, {part}" for part in PARTS]
            print(f"\n| {name} | {' | '.join(heads)} |\n| --- |{' ---: |' * len(heads)}")
            for method in METHODS:
                mine = [row for row in rows if row["method"] == method]
                if not mine:
                    continue
                errors = [np.sqrt(np.mean([row["squared_error"][name][layer] for row in mine])) for layer in LAYERS]
                crps = np.mean([row["crps"][name]["all"] for row in mine])
                cells = [f"{error:.3g}" for error in errors] + [f"{crps:.3g}"]
                for part in PARTS:
                    variance, error = (np.mean([row[key][name][part] for row in mine]) for key in SQUARES)
                    cells.append(f"{np.sqrt(variance / error):.2f}")
                print(f"| {method} ({unit}) | {' | '.join(cells)} |")
        print("\n| method | unstable interfaces, % | innovations after, in errors | CPU s a member |")
        print("| --- | ---: | ---: | ---: |")
        for method in METHODS:
            mine = [row for row in rows if row["method"] == method]
            if mine:
                unstable, left, cpu = (
                    np.mean([row[key] for row in mine]) for key in ("unstable", "innovation", "cpu_seconds_a_member")
                )
                print(f"| {method} | {unstable:.2f} | {left:.2f} | {cpu:.2f} |")


def held_out(store: StateStore, role: str, count: int) -> list[tuple[int, int]]:
    """Return (member, time index) of members of a role in turn, the times spread over the store's."""
    members = [m for m, found in enumerate(store.roles) if found == role]
    times = len(store.hours)
    return [(members[k % len(members)], (times * (2 * k + 1) // (2 * count)) % times) for k in range(count)]


def scores(states: xr.Dataset, truth: np.ndarray, store: StateStore) -> dict[str, object]:
    """Return what one analysis reached, by layer, weighted by volume."""
    grid, layout = store.grid, store.layout
    out: dict[str, dict[str, dict[str, float]]] = {"crps": {}, "variance": {}, "squared_error": {}}
    for name in ("thetao", "so"):
        (real,) = layout.select(truth, name)
        drawn = states[name].values.astype(np.float64)
        n = len(drawn)
        fields = {
            "crps": fair_crps(drawn, real.astype(np.float64)),
            "variance": drawn.var(axis=0, ddof=1) * (1 + 1 / n),
            "squared_error": (drawn.mean(axis=0) - real) ** 2,
        }
        for layer, (top, bottom) in LAYERS.items():
            weight = np.where((grid.depth >= top) & (grid.depth < bottom), grid.volume, 0.0)
            for key, field in fields.items():
                mean = float(np.where(weight > 0, field, 0.0).ravel() @ weight.ravel() / weight.sum())
                out[key].setdefault(name, {})[layer] = mean
        means = level_means(np.concatenate([drawn, real[None]]), grid.volume)
        parts = {
            "variance": means[:-1].var(axis=0, ddof=1) * (1 + 1 / n),
            "squared_error": (means[:-1].mean(axis=0) - means[-1]) ** 2,
        }
        share = grid.volume.sum(axis=(1, 2)) / grid.volume.sum()
        for key, part in parts.items():
            found = out[key][name]
            found["level means"] = float(part @ share)
            found["without them"] = found["all"] - found["level means"]
    both = zip(states["thetao"].values.astype(np.float64), states["so"].values.astype(np.float64), strict=True)
    return {**out, "unstable": float(np.mean([stability_of(*one, grid) for one in both]))}


if __name__ == "__main__":
    main()
