"""Is the sampler of analyses calibrated, given its prior? The truth is drawn from the generator itself.

    python benchmarks/observations/analysis_ranks.py MODEL [--cases 40] [--members 5] [--steps 16] [--keep FOLDER]

For each case a state is drawn on a day of the year, observed (``halocline observe``), and analysed. As the truth comes
from the prior, it is one more member of the posterior: whatever is not uniform or not 1 here is the sampler's fault,
not that of a generator that differs from the simulator (``benchmarks/observations/analysis_twin.py`` has both).

Prints for each variable: chi2 of the ranks of the truth at one cell a case that has ice, ties at atoms in random order;
the same of its mean over the ocean; spread over error and its 90 % interval over cases, of prior and posterior; and the
CRPS of the posterior relative to the prior's. With --keep a second call goes on, and more cases may be asked for; with
--share 0/2 and --share 1/2 two calls do every other case each, into one folder, and a third one without prints all.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import xarray as xr
from scipy import stats

from halocline.analysis.methods.base import Settings
from halocline.analysis.run import analyse
from halocline.chain.generator import Generator
from halocline.data.fields.calendar import date_of
from halocline.data.sampling.conditions import DAY
from halocline.evaluate.engine.crps import fair_crps
from halocline.evaluate.engine.ranks import ranks
from halocline.observations.observe import observe
from halocline.runtime import keyed
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.loading import load_model

REPLICATES = 2000
TRUTHS = 1000  # seeds of truths begin here, those of posteriors at 0


def main() -> None:
    """Draw, analyse, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--members", type=int, default=5)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--iterations", type=int, default=2)
    parser.add_argument("--method", default="mmps")
    parser.add_argument("--kinds", nargs="+", default=["concentration"])
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--keep", type=Path, help="folder for results; a second call goes on with it")
    parser.add_argument("--share", default="0/1", help="K/N: of the cases, those of process K out of N")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    about = {k: getattr(given, k) for k in ("members", "steps", "iterations", "method", "kinds", "precision")}
    path = None if given.keep is None else given.keep / "ranks.jsonl"
    rows = [] if path is None or not path.exists() else [json.loads(line) for line in path.read_text().splitlines()]
    done = {row["case"]: row for row in rows if row["about"] == about}
    number, processes = (int(part) for part in given.share.split("/"))
    missing = [k for k in range(number, given.cases, processes) if k not in done]
    if missing:
        set_threads(given.threads)
        model: Generator = load_model(given.model, choose_compute(precision=given.precision)).without_detail()
        model = model.with_sampler(steps=given.steps)
    for k in missing:
        done[k] = {"about": about, "case": k, **case(model, k, given)}
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "a", encoding="utf-8") as file:
                file.write(json.dumps(done[k]) + "\n")
    show([done[k] for k in sorted(done) if k < given.cases], given.members)


def case(model: Generator, k: int, given: argparse.Namespace) -> dict[str, object]:
    """Return ranks and errors of one truth."""
    random = keyed.generator(TRUTHS, "analysis-ranks", k)
    conditions = {}
    hour = 12.0
    if model.conditions is not None and model.conditions.season:
        conditions[DAY] = float(random.integers(365))
        hour += 24.0 * conditions[DAY]
    truth = model.generate(1, TRUTHS + k, conditions=conditions, quiet=True)
    settings = {"concentration.bounded": True} if "concentration" in given.kinds else {}
    table = observe(truth, given.kinds, date=date_of(hour, "standard"), seed=k, settings=settings)
    prior = model.generate(given.members, k, first=given.members, conditions=conditions, quiet=True)
    states, _ = analyse(
        model,
        table,
        given.members,
        k,
        method=given.method,
        settings=Settings(iterations=given.iterations),
        conditions=conditions,
        prior=prior,
        quiet=True,
    )
    return scores(model, truth, prior, states, random)


def scores(
    model: Generator, truth: xr.Dataset, prior: xr.Dataset, states: xr.Dataset, random: np.random.Generator
) -> dict[str, object]:
    """Return, by variable, ranks at a cell and of the mean, and variances, squared errors and CRPS over the ocean."""
    wet, area = model.grid.mask, model.grid.area
    weight = area[wet] / area[wet].sum()
    ice = np.concatenate([truth["sic"].values, states["sic"].values])[:, wet].max(axis=0) > 0
    cell = int(random.choice(np.flatnonzero(ice))) if ice.any() else 0
    out: dict[str, dict[str, float]] = {}
    for name in model.codec.channels:
        real = truth[name].values[0, wet].astype(np.float64)
        row = {}
        for which, drawn in (("before", prior), ("after", states)):
            members = drawn[name].values[:, wet].astype(np.float64)
            row[f"variance_{which}"] = float(members.var(axis=0, ddof=1) @ weight) * (1 + 1 / len(members))
            row[f"error_{which}"] = float((members.mean(axis=0) - real) ** 2 @ weight)
            row[f"crps_{which}"] = float(fair_crps(members, real) @ weight)
        row["rank_cell"] = int(ranks(members[:, cell : cell + 1], real[cell : cell + 1], random)[0])
        row["rank_mean"] = int(ranks((members @ weight)[:, None], (real @ weight)[None], random)[0])
        out[name] = row
    return {"scores": out}


def show(rows: list[dict], members: int) -> None:
    """Print the table."""
    print(f"{len(rows)} cases, {members} members: {rows[0]['about']}\n")
    print(
        "| variable | p, a cell | p, the mean | spread / error, prior | posterior | 90 % of it | CRPS, of the prior's |"
    )
    print("| --- |" + " ---: |" * 6)
    random = keyed.generator(0, "analysis-ranks")
    for name in rows[0]["scores"]:
        found = {key: np.array([row["scores"][name][key] for row in rows]) for key in rows[0]["scores"][name]}
        p = [
            stats.chisquare(np.bincount(found[key].astype(int), minlength=members + 1)).pvalue
            for key in ("rank_cell", "rank_mean")
        ]
        before = np.sqrt(found["variance_before"].mean() / found["error_before"].mean())
        after = np.sqrt(found["variance_after"].mean() / found["error_after"].mean())
        picks = random.integers(len(rows), size=(REPLICATES, len(rows)))
        each = np.sqrt(found["variance_after"][picks].mean(axis=1) / found["error_after"][picks].mean(axis=1))
        low, high = np.quantile(each, [0.05, 0.95])
        crps = found["crps_after"].mean() / found["crps_before"].mean()
        print(
            f"| {name} | {p[0]:.3f} | {p[1]:.3f} | {before:.2f} | {after:.2f} | {low:.2f}-{high:.2f} | {crps:.2f} |"
            f" <!-- {np.bincount(found['rank_cell'].astype(int), minlength=members + 1).tolist()} -->"
        )


if __name__ == "__main__":
    main()
