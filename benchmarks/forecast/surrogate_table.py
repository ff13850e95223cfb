"""Forecasts of surrogates and baselines, scored side by side: error, CRPS, spread, ice edge, and small scales.

    python benchmarks/forecast/surrogate_table.py --data ARCTIC.zarr --out runs/table --starts 8 --members 16 \
        --row flow=runs/surrogate-100km --row twin=runs/twin-100km --row '5 passes=runs/surrogate-100km:heun-3'

Persistence and free drift are run beside, climatology and damped anomalies scored beside. A row is a model folder or
name, behind a colon another solver and its steps, behind @ another memory of the noise in hours, +paired for members
with opposite noise, behind ~ other views (NAME=MODEL:@24+paired~one); deterministic ones run one member. Starts lie
in --split (test years; take validation to choose something). Prints one Markdown table a lead;
forecasts and the page stay in OUT, a stopped run continues. Intervals (90 %) come from drawing starts anew.
"""

import argparse
import re
import time
from pathlib import Path

from halocline.chain.forecast.surrogate import Surrogate
from halocline.data.store.store import open_store
from halocline.evaluate.forecast.card import ForecastCard
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import open_forecast
from halocline.report.numbers import with_interval
from halocline.report.page import write_report
from halocline.runtime.device import choose_compute, set_threads
from halocline.runtime.words import named_values
from halocline.systems.forecasting import Request, run_forecast
from halocline.systems.loading import load_stepper
from page_figures import save_figures

PICTURES = {
    "Error of the ensemble mean": "surrogate-errors.png",
    "Spectra": "surrogate-spectra.png",
    "Spread": "surrogate-spread.png",
    "Concentration": "surrogate-maps.png",
}


def row(text: str) -> tuple[str, str]:
    """Return (name, model) of "name=model[...]", for argparse."""
    return next(iter(named_values([text], "flow=runs/surrogate-100km").items()))


def main() -> None:
    """Run what is missing, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--row",
        type=row,
        action="append",
        required=True,
        metavar="NAME=MODEL[:[SOLVER-STEPS][@HOURS][+paired][~VIEWS]]",
    )
    parser.add_argument("--starts", type=int, default=8)
    parser.add_argument("--members", type=int, default=16)
    parser.add_argument("--days", type=float, default=10)
    parser.add_argument("--split", default="test")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table-days", type=float, nargs="+", default=[2, 5, 10])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pictures", type=Path, help="Folder for maps, spectra and errors by lead as pictures.")
    parser.add_argument("--compile", action="store_true", help="Compile the network first.")
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    forecasts = []
    for name, source in [*arguments.row, ("free drift", "free-drift")]:
        path = arguments.out / f"{re.sub('[^a-z0-9]+', '-', name.lower())}.zarr"
        seconds, members = run(source, path, arguments)
        print(f"- {name}: {members} member(s), {seconds:.0f} CPU s in this call", flush=True)
        forecasts.append(open_forecast(path, name))
    store = open_store(arguments.data)
    card = evaluate_forecast(forecasts[0], store, beside=forecasts[1:])
    write_report(card, arguments.out / "report", "Surrogates and baselines", {"data": arguments.data.name})
    if arguments.pictures:
        save_figures(card, arguments.pictures, PICTURES)
    for days in arguments.table_days:
        print(f"\n### Day {days:g}\n")
        print(table(card, 24 * days))


def run(source: str, path: Path, arguments: argparse.Namespace) -> tuple[float, int]:
    """Run or continue one row's forecast; return CPU seconds and members."""
    model, _, sampler = source.partition(":")
    sampler, _, views = sampler.partition("~")
    sampler, _, pairing = sampler.partition("+")
    sampler, _, hours = sampler.partition("@")
    solver, _, steps = sampler.partition("-")
    if pairing not in ("", "paired"):
        raise SystemExit(f"row {source}: '+{pairing}' is not known, only '+paired' is")
    stepper = load_stepper(model, views=views or None)
    differ = isinstance(stepper, Surrogate) and (stepper.noisy or stepper.views != "one")
    members = arguments.members if differ else 1
    began = time.process_time()
    run_forecast(
        Request(
            model=model,
            start=arguments.data,
            out=path,
            days=arguments.days,
            members=members,
            seed=arguments.seed,
            starts=arguments.starts,
            split=arguments.split,
            solver=solver or None,
            steps=int(steps) if steps else None,
            noise_hours=float(hours) if hours else None,
            paired=pairing == "paired",
            views=views or None,
        ),
        choose_compute(compiled=arguments.compile),
    )
    return time.process_time() - began, members


def table(card: ForecastCard, hours: float) -> str:
    """Return a lead's scores of all sources as Markdown."""
    rows = [row for row in card.rows if row.lead_hours == hours]
    finest = next((row.band for row in rows if row.id == "psd_ratio_2_4"), "")
    columns = [
        ("RMSE sit (m)", "rmse_ocean", "sit"),
        ("RMSE sic", "rmse_ocean", "sic"),
        ("RMSE drift (m s-1)", "rmse_ocean", "drift"),
        ("CRPS sit (m)", "crps_ocean", "sit"),
        ("CRPS sic", "crps_ocean", "sic"),
        ("spread-skill sit", "spread_skill_ocean", "sit"),
        ("sic", "spread_skill_ocean", "sic"),
        ("drift", "spread_skill_ocean", "drift"),
        (f"power {finest} sit", "psd_ratio_2_4", "sit"),
        ("sic", "psd_ratio_2_4", "sic"),
        ("total deformation W1", "w1", "deformation"),
        ("IIEE (m2)", "iiee", "sic"),
    ]
    found = {(row.source, row.id, row.variable): row for row in rows}
    lines = ["| source | " + " | ".join(c[0] for c in columns) + " |", "|---" + "|---:" * len(columns) + "|"]
    for source in dict.fromkeys(row.source for row in rows):
        cells = []
        for _, *key in columns:
            row = found.get((source, *key))
            cells.append("–" if row is None else with_interval(row.value, row.low, row.high))
        lines.append(f"| {source} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
