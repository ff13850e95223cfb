"""Forecast skill of the Arctic world from drawn states, and what a drawn damage field is worth.

    python benchmarks/forecast/ice_skill.py --data DATA.zarr --model arctic-100km [--starts 32] [--picture skill.png]
    python benchmarks/forecast/ice_skill.py --data DATA.zarr --states drawn.nc --starts 16

Held-out states of a store of 'halocline simulate arctic' are forecast for ten days under the store's own weather, from
the true state and from states in which something is not true (see trials/ice/skill.py); the store itself is the truth.
One state is drawn for the date of each start; or starts are chosen for the dates of states that are there, in turn.
Prints two Markdown tables; the picture shows errors over the days.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from halocline.data.store.store import StateStore, open_store
from halocline.report.numbers import display, number
from halocline.report.panels import panel_grid
from halocline.report.style import name_axes
from halocline.runtime.progress import progress
from halocline.trials.ice.skill import ERRORS, STARTS, Skill, forecast_skill, starts_for, starts_of
from halocline.trials.ice.starts import read_starts

DAYS = (0.0, 0.5, 1.0, 3.0, 10.0)
COLOURS = ("#1b3a4b", "#d1495b", "#e09f3e", "#5b8e7d", "#7768ae", "#3d7ea6", "#a44a3f")


def main() -> None:
    """Draw, forecast, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--model", help="A generator of sea ice that is told the day of the year.")
    source.add_argument("--states", type=Path, help="Or drawn states with their day_of_year.")
    parser.add_argument("--starts", type=int, default=32)
    parser.add_argument("--days", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    store = open_store(arguments.data)
    if arguments.model is not None:
        samples = starts_of(store, arguments.starts, arguments.days)
        drawn = draw(arguments.model, store, samples, arguments.seed)
    else:
        found = read_starts(arguments.states, "drawn").starts
        states = [found[k % len(found)] for k in range(arguments.starts)]
        samples = starts_for(store, [state.day for state in states], arguments.days)
        drawn = [state.arrays() for state in states]
    with progress("forecasts, starts", len(samples)) as report:
        skill = forecast_skill(
            store, samples, drawn, days=arguments.days, jobs=arguments.jobs, report=lambda n: report(n, "")
        )
    print(error_table(skill, STARTS[:4]))
    print(worth_table(skill))
    if arguments.picture is not None:
        picture(skill).savefig(arguments.picture, dpi=110, facecolor="white")


def draw(model: str, store: StateStore, samples: list[tuple[int, int]], seed: int) -> list[dict[str, np.ndarray]]:
    """Return a drawn state for the date of each start, land 0."""
    from halocline.runtime.device import set_threads
    from halocline.systems.loading import load_model

    set_threads(1)
    days = np.array([store.day_of_year(index) for _, index in samples])
    states = load_model(model).generate(len(samples), seed, conditions={"day_of_year": days})
    names = [name for name in ("sit", "sic", "sid", "siu", "siv") if name in states]
    return [{n: np.nan_to_num(states[n].isel(member=k).values) for n in names} for k in range(len(samples))]


def error_table(skill: Skill, ways: tuple[str, ...]) -> str:
    """Return the errors by day with their intervals."""
    lines = ["| error | start | " + " | ".join(f"day {d:g}" for d in DAYS) + " |", "|---|---|" + "---:|" * len(DAYS)]
    for name, (words, unit) in ERRORS.items():
        shown = display(unit)
        for way in ways:
            value, low, high = (x * shown.factor for x in skill.error(way, name))
            cells = cells_of(skill, (value, low, high), DAYS)
            label = f"{words} ({shown.unit})" if shown.unit else words
            lines.append(f"| {label} | {way} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def worth_table(skill: Skill) -> str:
    """Return what damage is worth: errors with other damage over those with none, of drift, deformation, damage."""
    lines = [
        "| error, ratio to no damage | start | " + " | ".join(f"day {d:g}" for d in DAYS[1:]) + " |",
        "|---|---|" + "---:|" * (len(DAYS) - 1),
    ]
    for name in ("sid", "drift", "deformation", "sit"):
        for way in ("truth", "drawn damage", "damage of the climatology"):
            value, low, high = skill.ratio(way, "no damage", name)
            cells = cells_of(skill, (value, low, high), DAYS[1:])
            lines.append(f"| {ERRORS[name][0]} | {way} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def cells_of(skill: Skill, error: tuple[np.ndarray, ...], days: tuple[float, ...]) -> list[str]:
    """Return an error with its interval on some days."""
    places = [int(np.argmin(np.abs(skill.leads - day))) for day in days]
    return ["{} ({} to {})".format(*(number(x[k]) for x in error)) for k in places]


def picture(skill: Skill) -> Figure:
    """Draw all errors over the days, bands of 90 %."""
    figure, panels = panel_grid(len(ERRORS))
    for axes, (name, (words, unit)) in zip(panels, ERRORS.items(), strict=True):
        shown = display(unit)
        for way, colour in zip(STARTS, COLOURS, strict=True):
            value, low, high = (x * shown.factor for x in skill.error(way, name))
            axes.fill_between(skill.leads, low, high, color=colour, alpha=0.12, lw=0)
            axes.plot(skill.leads, value, color=colour, lw=1.4, label=way)
        axes.set_ylim(bottom=0.0)
        name_axes(axes, title=f"{words}" + (f" ({shown.unit})" if shown.unit else ""), x="day")
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False, fontsize=8
    )
    return figure


if __name__ == "__main__":
    main()
