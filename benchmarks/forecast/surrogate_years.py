"""Years of a surrogate under weather it never saw: seasonal cycle, anomalies, trend, smoothing.

    halocline simulate arctic --years 10 --spinup-years 1 --interval-hours 12 --seed 77 --out HELDOUT.zarr
    python benchmarks/forecast/surrogate_years.py runs/surrogate-100km --reference HELDOUT.zarr \
        --climate ARCTIC.zarr --out YEARS

Starts --at a date of the reference's member 0 (its first day) and runs for --years, or as far as its weather reaches;
members differ by noise alone. --climate is the training store, whose other years are the floor. Prints a Markdown
table; the page with pictures lies in OUT/report, and a stopped run continues.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from halocline.data.fields.calendar import hour_of
from halocline.data.store.store import open_store
from halocline.evaluate.forecast.card import ForecastCard
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import open_forecast
from halocline.report.numbers import number, with_interval
from halocline.report.page import write_report
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.forecasting import Request, run_forecast
from page_figures import save_figures

WRITTEN_HOURS = 120
PICTURES = {"All years": "surrogate-years.png", "Month by month": "surrogate-months.png"}


def main() -> None:
    """Run, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("--climate", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--members", type=int, default=4)
    parser.add_argument("--steps", type=int, help="Solver steps.")
    parser.add_argument("--solver", help="Another solver.")
    parser.add_argument("--at", default="2000-01-01", help="Where to start.")
    parser.add_argument("--years", type=float, help="Length; the rest of the reference if left out.")
    parser.add_argument("--noise-hours", type=float, help="Another memory of the noise.")
    parser.add_argument("--views", help="In which symmetries members are stepped: one, member or step.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pictures", type=Path, help="Folder for the series and the months as pictures.")
    parser.add_argument("--compile", action="store_true", help="Compile the network first.")
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    reference, path = open_store(arguments.reference), arguments.out / "forecast.zarr"
    path.parent.mkdir(parents=True, exist_ok=True)
    left = int(reference.hours[-1]) - hour_of(arguments.at)
    wanted = left if arguments.years is None else round(8760 * arguments.years)
    days = min(left, wanted) // WRITTEN_HOURS * WRITTEN_HOURS / 24
    began = time.process_time()
    run_forecast(
        Request(
            model=arguments.model,
            start=arguments.reference,
            out=path,
            days=days,
            members=arguments.members,
            at=(arguments.at,),
            seed=arguments.seed,
            output_hours=WRITTEN_HOURS,
            steps=arguments.steps,
            solver=arguments.solver,
            noise_hours=arguments.noise_hours,
            views=arguments.views,
        ),
        choose_compute(compiled=arguments.compile),
    )
    print(
        f"{days / 365:.2f} years, {arguments.members} members, {time.process_time() - began:.0f} CPU s in this call\n"
    )
    card = evaluate_forecast(open_forecast(path, "surrogate"), reference, climate=open_store(arguments.climate))
    write_report(card, arguments.out / "report", "Years of a surrogate", {"model": arguments.model})
    if arguments.pictures:
        save_figures(card, arguments.pictures, PICTURES)
    print(table(card))


def table(card: ForecastCard) -> str:
    """Return seasonal cycles over the truth's, scores of the whole run, and small scales by year, as Markdown."""
    months = [f"{k + 1:02d}" for k in range(12)]
    cycles: dict[tuple[str, str], dict[str, float]] = {}
    scales: dict[str, list[float]] = {}
    whole = []
    for row in card.rows:
        what, _, month = row.id.partition("_ratio_month_")
        if month:
            cycles.setdefault((what, row.source), {})[month] = row.value
        elif row.id == "psd_ratio_2_4_year":
            scales.setdefault(f"{row.variable}, {row.band}", []).append(row.value)
        elif not np.isfinite(row.lead_hours):
            value = with_interval(row.value, row.low, row.high)
            whole.append(f"| {row.score} | {row.source} | {value} | {row.truth:.3g} |")
    lines = [
        "| monthly mean over the truth's | source | " + " | ".join("JFMAMJJASOND") + " |",
        "|---|---" + 12 * "|---:" + "|",
    ]
    lines += [
        f"| {what} | {source} | " + " | ".join(f"{found[m]:.3f}" if m in found else "–" for m in months) + " |"
        for (what, source), found in cycles.items()
    ]
    lines += ["", "| score | source | value | truth |", "|---|---|---:|---:|", *whole]
    years = range(1, 1 + max(map(len, scales.values()), default=0))
    lines += [
        "",
        "| power over the truth's | " + " | ".join(f"year {k}" for k in years) + " |",
        "|---" + len(years) * "|---:" + "|",
    ]
    return "\n".join([*lines, *(f"| {name} | " + " | ".join(map(number, v)) + " |" for name, v in scales.items())])


if __name__ == "__main__":
    main()
