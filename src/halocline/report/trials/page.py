"""The judge's page: one self-contained HTML file beside the tables."""

import math
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from rich.table import Table as Printed

from halocline.evaluate.engine.interval import LEVEL
from halocline.report.numbers import number
from halocline.report.page import Page, Section, Table, Tile, pictured, render
from halocline.report.trials import curves as judge_curves
from halocline.report.trials.table import judge_table, within_target
from halocline.runtime import files
from halocline.runtime.console import table_console
from halocline.runtime.seals.arrays import read_npz
from halocline.trials.controls import TRUTH
from halocline.trials.judgement import TARGET, Judgement, Verdict, judge
from halocline.trials.run_table import RunTable
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.presets import preset


def write_judgement(table: RunTable, folder: Path) -> Judgement:
    """Judge runs and write ``judgement.csv``, ``judgement.json`` and ``report.html`` beside them, over older ones.

    Args:
        table: From ``bridge.integrate.integrate``.
        folder: Its folder.
    """
    judgement = judge(table)
    judgement.write(folder)
    files.write_text(folder / "report.html", render(page(judgement, table, folder)))
    return judgement


def page(judgement: Judgement, table: RunTable, folder: Path) -> Page:
    """Return the page; states are drawn if their runs lie in ``folder``."""
    about, (low, high) = judgement.about, TARGET
    lead = (
        f"Veros, DINO {about['preset']}: everything but temperature and salinity reset; velocities spun up under held "
        f"tracers; ten days with one time step for all; then {about['years']} accelerated years. Each state stands "
        "beside a true state run in the same way under the same weather; ratios are taken member by member, with "
        f"{round(100 * LEVEL)} % intervals from resampling the members."
    )
    words = (
        f"A star: the ratio lies within {low} to {high}. Two numbers: the states' own | their controls'. All figures: "
        "judgement.csv; all days: runs.csv and runs.nc."
    )
    sections = [
        Section("The judgement", (words,), table=Table.of(judge_table(judgement))),
        *pictured(
            "The first ten days",
            "Noise and instability show here, before convection has mixed them away. Bands: intervals over the "
            "members. Green: the target.",
            "Curves by day of kinetic energy and vertical velocity as ratios to the true states, a curve a group.",
            judge_curves.first_days(judgement),
        ),
        *pictured(
            "The years",
            "Means over the members that have not crashed.",
            "Curves over the years of channel transport, overturning, mean temperature and salinity, a curve a group.",
            judge_curves.years(table.dataset, judgement),
        ),
        *pictured(
            "The states",
            "The first member of each group, and its difference from the true state it is compared with. Stretched by "
            "two along longitude.",
            "Maps of temperature of the first member of each group, and of its differences from the true state.",
            _states(table, folder),
        ),
    ]
    tiles = [
        _tile(verdict)
        for verdict in judgement.verdicts
        if verdict.day == 5.0
        and verdict.figure in _HEADLINES
        and verdict.group != TRUTH
        and math.isfinite(verdict.value)
    ]
    return Page("What the ocean model makes of the states", [lead], tiles=tiles, sections=sections, provenance=about)


def print_judgement(judgement: Judgement) -> None:
    """Print the main table."""
    shown = judge_table(judgement, brief=True)
    title = f"What the ocean model makes of the states: {round(100 * LEVEL)} % intervals; own | control's"
    table = Printed(title=title, title_justify="left", pad_edge=False)
    for k, name in enumerate(shown.header):
        table.add_column(name, justify="right" if k else "left", overflow="fold")
    for line in shown.lines:
        table.add_row(*line)
    table_console().print(table)
    print(f"* within {TARGET[0]:g} to {TARGET[1]:g}: accepted as a true state is")


_HEADLINES = {"kinetic_energy": "kinetic energy", "w_rms": "vertical velocity"}


def _tile(verdict: Verdict) -> Tile:
    beside = f"{number(verdict.low)} to {number(verdict.high)}; target {TARGET[0]} to {TARGET[1]}"
    what = f"{verdict.group}: {_HEADLINES[verdict.figure]}, ratio on day 5"
    return Tile(what, number(verdict.value), "", beside, within_target(verdict))


def _states(table: RunTable, folder: Path) -> Figure | None:
    runs = table.dataset
    names, groups = [str(n) for n in runs["run"].values], runs["group"].values
    folders = runs["folder"].values
    geometry = make_geometry(preset(runs.attrs["preset"]))
    shown: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for group in dict.fromkeys(map(str, groups)):
        row = int(np.flatnonzero(groups == group)[0])
        control = str(runs["control"].values[row])
        own = _start(folder, str(folders[row]))
        truth = _start(folder, str(folders[names.index(control)])) if control else own
        if own is not None and truth is not None:
            shown[group] = (own, truth)
    return judge_curves.states(shown, geometry.depth, geometry.wet) if shown else None


def _start(folder: Path, name: str) -> np.ndarray | None:
    path = folder / "members" / name / "start.npz"
    if not path.exists():
        return None
    return np.asarray(read_npz(path, "start", "thetao")["thetao"])
