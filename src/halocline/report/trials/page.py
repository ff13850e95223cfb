"""The judge's page: one self-contained HTML file beside the tables."""

import math
from importlib.resources import files as resources
from pathlib import Path

import jinja2
import numpy as np
from matplotlib.figure import Figure
from rich.table import Table

from halocline.report.numbers import number
from halocline.report.page import page_style, png
from halocline.report.trials import curves as judge_curves
from halocline.report.trials.table import judge_table, within_target
from halocline.runtime import files
from halocline.runtime.console import table_console
from halocline.trials.controls import TRUTH
from halocline.trials.judgement import LEVEL, TARGET, Judgement, Verdict, judge
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
    files.write_text(folder / "report.html", render(judgement, table, folder))
    return judgement


def render(judgement: Judgement, table: RunTable, folder: Path) -> str:
    """Return the page; states are drawn if their runs lie in ``folder``."""
    source = resources("halocline.report").joinpath("judge.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    figures = {
        "days": judge_curves.first_days(judgement),
        "years": judge_curves.years(table.dataset, judgement),
        "states": _states(table, folder),
    }
    return environment.from_string(source).render(
        style=page_style(),
        about=judgement.about,
        tiles=[_tile(v) for v in judgement.verdicts if _headline(v)],
        target=TARGET,
        level=round(100 * LEVEL),
        table=judge_table(judgement).to_html(),
        figures={name: png(figure) for name, figure in figures.items() if figure is not None},
    )


def print_judgement(judgement: Judgement) -> None:
    """Print the main table."""
    shown = judge_table(judgement, brief=True)
    title = f"What the ocean model makes of the states: {round(100 * LEVEL)} % intervals; own | control's"
    table = Table(title=title, title_justify="left", pad_edge=False)
    for k, name in enumerate(shown.header):
        table.add_column(name, justify="right" if k else "left", overflow="fold")
    for line in shown.lines:
        table.add_row(*line)
    table_console().print(table)
    print(f"* within {TARGET[0]:g} to {TARGET[1]:g}: accepted as a true state is")


def _headline(verdict: Verdict) -> bool:
    first = verdict.figure in ("kinetic_energy", "w_rms") and verdict.day == 5.0
    return first and verdict.group != TRUTH and math.isfinite(verdict.value)


def _tile(verdict: Verdict) -> dict[str, object]:
    name = {"kinetic_energy": "kinetic energy", "w_rms": "vertical velocity"}[verdict.figure]
    interval = f"{number(verdict.low)} to {number(verdict.high)}"
    return {
        "what": f"{verdict.group}: {name}",
        "value": number(verdict.value),
        "interval": interval,
        "within": within_target(verdict),
    }


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
    with np.load(path) as state:
        return np.asarray(state["thetao"])
