"""The sea ice's columns and sections of the judge's page."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from halocline.report.map_grid import Sheet
from halocline.report.page import Section, pictured
from halocline.report.panels import panel_grid
from halocline.report.style import REAL, name_axes
from halocline.report.trials.curves import group_colours
from halocline.report.trials.table import Column, beside_cells, crashes_cell, ratio_cell, starred_cell
from halocline.runtime.seals.arrays import read_npz
from halocline.trials.groups import FLOOR, TRUTH
from halocline.trials.ice.verdicts import told_apart
from halocline.trials.judgement import TARGET, Judgement
from halocline.trials.run_table import RunTable
from halocline.worlds.arctic.domain import RESOLUTIONS_KM, arctic_grid

TITLE = "What the Arctic world makes of the states"
HEADLINES = {
    ("kinetic_energy_12_48", 2.0): "kinetic energy, ratio of hours 12 to 48",
    ("deformation_12_48", 2.0): "deformation, ratio of hours 12 to 48",
    ("growth_12_48", 2.0): "growth, ratio of hours 12 to 48",
}
STAR = "A star: the ratio lies within {low} to {high}. Two numbers: the states' own | their controls'."
COLUMNS: tuple[Column, ...] = (
    ("KE, hour 0", "kinetic_energy", 0.0, ratio_cell),
    ("KE, hours 12–48", "kinetic_energy_12_48", None, starred_cell),
    ("acceleration, hours 0–12", "acceleration_0_12", None, ratio_cell),
    ("deformation, hours 12–48", "deformation_12_48", None, starred_cell),
    ("its p99, hours 12–48", "deformation_p99_12_48", None, ratio_cell),
    ("growth, hours 12–48", "growth_12_48", None, starred_cell),
    ("growth in leads, hours 0–12", "lead_growth_0_12", None, ratio_cell),
    ("melt, hours 12–48", "melt_12_48", None, ratio_cell),
    ("roughness, hour 6", "roughness", 0.25, ratio_cell),
    ("ridging, hours 0–12", "ridging_0_12", None, ratio_cell),
    ("damage made, hours 0–12", "damage_made_0_12", None, ratio_cell),
    ("damage made, hours 12–48", "damage_made_12_48", None, ratio_cell),
    ("damage healed, hours 12–48", "damage_healed_12_48", None, ratio_cell),
    ("coastal ridging, hours 0–12", "coastal_ridging_0_12", None, ratio_cell),
    ("coastal ridging, hours 12–48", "coastal_ridging_12_48", None, ratio_cell),
    ("volume, day 10 (10³ km³)", "volume", 10.0, beside_cells(1e-12)),
    ("volume, day 365", "volume", 365.0, beside_cells(1e-12)),
    ("extent, day 365 (10⁶ km²)", "extent", 365.0, beside_cells(1e-12)),
    ("edge error to the control, day 10 (10⁶ km²)", "iiee_truth", 10.0, beside_cells(1e-12)),
    ("day 90", "iiee_truth", 90.0, beside_cells(1e-12)),
    ("day 365", "iiee_truth", 365.0, beside_cells(1e-12)),
    ("edge error to the climate, day 10", "iiee_climate", 10.0, beside_cells(1e-12)),
    ("crashes", "crashes", None, crashes_cell),
)
BRIEF = (
    "KE, hours 12–48",
    "deformation, hours 12–48",
    "growth, hours 12–48",
    "acceleration, hours 0–12",
    "damage made, hours 0–12",
    "crashes",
)
_TOLD = (
    "Figures of hours 0 to 12 whose interval has nothing in common with that of another true state of the same date."
)
_CURVES = {
    "kinetic_energy": "kinetic energy",
    "deformation": "total deformation",
    "deformation_p99": "its 99th percentile",
    "acceleration": "acceleration",
    "growth": "growth",
    "damage_made": "damage made",
}


def lead(about: dict[str, Any]) -> str:
    """Return what was run."""
    return (
        f"The Arctic world, {about['grid']}, rheology {about['rheology']}: everything but the state reset, stresses "
        f"among it; ten days, the first two diagnosed every six hours; then to the end of {about['years']} years."
    )


def sections(judgement: Judgement, table: RunTable, folder: Path) -> list[Section]:
    """Return the figures; states are drawn if their runs lie in ``folder``."""
    told = [
        f"{group}: {', '.join(sorted({v.figure for v in told_apart(judgement, group)})) or 'by nothing'}."
        for group in judgement.groups
        if group not in (TRUTH, FLOOR) and FLOOR in judgement.groups
    ]
    return [
        *([Section("What tells the states from true ones", (_TOLD, *told))] if told else []),
        *pictured(
            "The first two days",
            "What the ice has to adjust to shows here. Bands: intervals over the members. Green: the target.",
            "Curves by hour of energy, deformation, acceleration, growth and damage as ratios to the true states.",
            _hours(judgement),
        ),
        *pictured(
            "The months",
            "Means over the members that have not crashed.",
            "Curves over the run of volume, extent and errors of the ice edge, a curve a group.",
            _months(table.dataset, judgement),
        ),
        *pictured(
            "The states",
            "The first member of each group.",
            "Maps of thickness, concentration and damage of the first member of each group.",
            _states(table.dataset, folder),
        ),
    ]


def _hours(judgement: Judgement) -> Figure | None:
    compared = [g for g in judgement.groups if g != TRUTH and np.isfinite(judgement.find(g, "kinetic_energy").value)]
    if not compared:
        return None
    colours = group_colours(judgement)
    names = [name for name in _CURVES if any(v.figure == name for v in judgement.verdicts)]
    figure, panels = panel_grid(len(names))
    for axes, name in zip(panels, names, strict=True):
        axes.axhspan(*TARGET, color="#e5f3ed", lw=0)
        axes.axhline(1.0, color=REAL, lw=1.2)
        for group in compared:
            rows = [v for v in judgement.verdicts if (v.group, v.figure) == (group, name) and v.day <= 2.0]
            hours = [24 * v.day for v in rows]
            axes.fill_between(
                hours, [v.low for v in rows], [v.high for v in rows], color=colours[group], alpha=0.15, lw=0
            )
            axes.plot(hours, [v.value for v in rows], color=colours[group], lw=1.4, marker="o", ms=2.5, label=group)
        axes.set_ylim(0.0, float(np.clip(axes.get_ylim()[1], 1.5, 4.0)))
        name_axes(axes, title=f"{_CURVES[name]}, ratio to the true states", x="hour")
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=6, frameon=False, fontsize=8)
    return figure


def _months(runs: xr.Dataset, judgement: Judgement) -> Figure:
    days = runs["day"].values
    panels = (
        ("volume", "volume (10³ km³)", 1e-12),
        ("extent", "extent (10⁶ km²)", 1e-12),
        ("iiee_truth", "edge error to the control's run (10⁶ km²)", 1e-12),
        ("iiee_climate", "edge error to the climate (10⁶ km²)", 1e-12),
    )
    colours = group_colours(judgement)
    figure, axes_of = panel_grid(4, height=2.9, columns=2)
    for axes, (name, words, factor) in zip(axes_of, panels, strict=True):
        for group in judgement.groups:
            values = runs[name].values[runs["group"].values == group] * factor
            there = np.isfinite(values).any(axis=0)
            if there.any():
                mean = np.nanmean(values[:, there], axis=0)
                axes.plot(days[there], mean, color=colours[group], lw=1.4, label=group)
        name_axes(axes, title=words, x="day of the run")
    handles = axes_of[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=6, frameon=False, fontsize=8)
    return figure


def _states(runs: xr.Dataset, folder: Path) -> Figure | None:
    grid = next(g for g in map(arctic_grid, RESOLUTIONS_KM) if g.name == runs.attrs["grid"])
    groups = runs["group"].values
    shown: dict[str, dict[str, np.ndarray]] = {}
    for group in dict.fromkeys(map(str, groups)):
        path = folder / "members" / str(runs["folder"].values[groups == group][0]) / "start.npz"
        if path.exists():
            shown[group] = read_npz(path, "start")
    if not shown:
        return None
    rows = (("thickness (m)", "sit", 0.0, 4.0), ("concentration", "sic", 0.0, 1.0), ("damage", "sid", 0.0, 1.0))
    sheet = Sheet(len(rows), [*["map"] * len(shown), "bar"])  # type: ignore[list-item]
    for row, (label, name, low, high) in enumerate(rows):
        sheet.label(row, label)
        for column, fields in enumerate(shown.values()):
            field = np.where(grid.mask, fields.get(name, np.zeros(grid.shape)), np.nan)
            image = sheet.map(row, column, field, name, low, high)
        sheet.bar(row, len(shown), image, "")
    for column, group in enumerate(shown):
        sheet.title(column, group)
    return sheet.figure
