"""The ocean's columns and sections of the judge's page."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from halocline.report.page import Section, pictured
from halocline.report.trials import curves as judge_curves
from halocline.report.trials.table import Column, beside_cells, crashes_cell, ratio_cell, starred_cell
from halocline.runtime.seals.arrays import read_npz
from halocline.trials.judgement import Judgement
from halocline.trials.run_table import RunTable
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.presets import preset

TITLE = "What the ocean model makes of the states"
HEADLINES = {
    ("kinetic_energy", 5.0): "kinetic energy, ratio on day 5",
    ("w_rms", 5.0): "vertical velocity, ratio on day 5",
}
STAR = "A star: the ratio lies within {low} to {high}. Two numbers: the states' own | their controls'."
COLUMNS: tuple[Column, ...] = (
    ("KE ratio, day 1", "kinetic_energy", 1.0, ratio_cell),
    ("KE ratio, day 5", "kinetic_energy", 5.0, starred_cell),
    ("w_rms ratio, day 1", "w_rms", 1.0, ratio_cell),
    ("w_rms ratio, day 5", "w_rms", 5.0, starred_cell),
    ("mixing ratio, days 1–10", "mixing_integral", None, ratio_cell),
    ("PE released, day 5 (J m⁻³)", "potential_energy_released", 5.0, beside_cells(1.0)),
    ("PE released, day 10 (J m⁻³)", "potential_energy_released", 10.0, beside_cells(1.0)),
    ("unstable, day 0 (%)", "unstable", 0.0, beside_cells(1.0)),
    ("ACC, last year (Sv)", "acc_last_year", None, beside_cells(1.0)),
    ("MOC, last year (Sv)", "moc_upper_last_year", None, beside_cells(1.0)),
    ("T drift (mK per year)", "thetao_drift", None, beside_cells(1e3)),
    ("S drift (10⁻³ psu per year)", "so_drift", None, beside_cells(1e3)),
    ("crashes", "crashes", None, crashes_cell),
)
BRIEF = (
    "KE ratio, day 5",
    "w_rms ratio, day 5",
    "mixing ratio, days 1–10",
    "PE released, day 5 (J m⁻³)",
    "T drift (mK per year)",
    "crashes",
)


def lead(about: dict[str, Any]) -> str:
    """Return what was run."""
    return (
        f"Veros, DINO {about['preset']}: everything but temperature and salinity reset; velocities spun up under held "
        f"tracers; ten days with one time step for all; then {about['years']} accelerated years."
    )


def sections(judgement: Judgement, table: RunTable, folder: Path) -> list[Section]:
    """Return the figures; states are drawn if their runs lie in ``folder``."""
    return [
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
