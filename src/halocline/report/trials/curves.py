"""Figures of the judge: the first days beside the true states, the years, and the states themselves."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from halocline.report.map_grid import Column, Sheet
from halocline.report.panels import panel_grid
from halocline.report.style import GENERATED, REAL, name_axes
from halocline.trials.groups import TRUTH
from halocline.trials.judgement import TARGET, Judgement

_COLOURS = (GENERATED, "#e09f3e", "#5b8e7d", "#7768ae", "#3d7ea6", "#a44a3f", "#6b705c", "#b56576")
_DEEP = 300.0  # m


def group_colours(judgement: Judgement) -> dict[str, str]:
    """Return a colour a group; truth has that of real states everywhere."""
    others = [group for group in judgement.groups if group != TRUTH]
    return {TRUTH: REAL} | {group: _COLOURS[k % len(_COLOURS)] for k, group in enumerate(others)}


def first_days(judgement: Judgement) -> Figure | None:
    """Draw the ratios of kinetic energy and w_rms by day with their intervals; None without controls."""
    compared = [g for g in judgement.groups if g != TRUTH and np.isfinite(judgement.find(g, "w_rms").value)]
    if not compared:
        return None
    colours = group_colours(judgement)
    figure, panels = panel_grid(2, height=4.0, columns=2)
    for axes, name, words in zip(
        panels, ("kinetic_energy", "w_rms"), ("kinetic energy", "rms vertical velocity"), strict=True
    ):
        axes.axhspan(*TARGET, color="#e5f3ed", lw=0)
        axes.axhline(1.0, color=REAL, lw=1.2)
        for group in compared:
            rows = [v for v in judgement.verdicts if (v.group, v.figure) == (group, name)]
            days = [v.day for v in rows]
            axes.fill_between(
                days, [v.low for v in rows], [v.high for v in rows], color=colours[group], alpha=0.2, lw=0
            )
            axes.plot(days, [v.value for v in rows], color=colours[group], lw=1.6, marker="o", ms=3, label=group)
        axes.set_yscale("log")
        bottom, top = min(axes.get_ylim()[0], 0.5), max(axes.get_ylim()[1], 2.0)
        axes.set_ylim(bottom, top)
        ticks = [t for t in (0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if bottom <= t <= top]
        axes.set_yticks(ticks, [f"{t:g}" for t in ticks])
        axes.set_yticks([], minor=True)
        name_axes(axes, title=f"{words}, ratio to the true state", x="day after the spin-up of the velocities")
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=6, frameon=False, fontsize=8)
    return figure


def years(runs: xr.Dataset, judgement: Judgement) -> Figure | None:
    """Draw transports and contents over the years, means over the members of each group; None if there are none."""
    days = runs["day"].values
    if days[-1] <= 11:
        return None
    panels = (
        ("acc", "channel transport (Sv)", False),
        ("moc_upper", "upper overturning (Sv)", False),
        ("thetao_mean", "mean temperature since day 0 (mK)", True),
        ("so_mean", "mean salinity since day 0 (10⁻³ psu)", True),
    )
    colours = group_colours(judgement)
    stable = [group for group in judgement.groups if judgement.find(group, "crashes").value == 0] or judgement.groups
    figure, axes_of = panel_grid(4, height=3.4, columns=2)
    for axes, (name, words, relative) in zip(axes_of, panels, strict=True):
        for group in sorted(judgement.groups, key=stable.__contains__, reverse=True):
            if group not in stable:
                axes.set_ylim(axes.get_ylim())  # the last days before a crash would hide all else
            values = runs[name].values[runs["group"].values == group]
            if relative:
                values = 1e3 * (values - values[:, :1])
            there = np.isfinite(values).any(axis=0)
            mean = np.nanmean(values[:, there], axis=0)
            axes.plot(days[there] / 360.0, mean, color=colours[group], lw=1.4, label=group)
        name_axes(axes, title=words, x="years (of 360 days)")
        handles = axes.get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=6, frameon=False, fontsize=8)
    return figure


def states(starts: dict[str, tuple[np.ndarray, np.ndarray]], depth: np.ndarray, wet: np.ndarray) -> Figure:
    """Draw the first state of each group: surface temperature, and differences from its control at two depths.

    Args:
        starts: Group to the temperatures (level, y, x) of its first member and of that one's control, degC.
        depth: Depth of the levels (level,), m.
        wet: Wet cells (level, y, x).
    """
    deep = int(np.argmin(np.abs(depth - _DEEP)))
    stretched = 2.0 * wet.shape[2]  # cells of a Mercator grid are square; stretched, a narrow basin can be read
    columns: list[Column] = ["map"] * len(starts)
    sheet = Sheet(3, [*columns, "bar"], aspect=wet.shape[1] / stretched)
    low, high = np.percentile(starts.get(TRUTH, next(iter(starts.values())))[0][0][wet[0]], [1, 99])
    rows = (("surface (°C)", 0), ("surface − truth (K)", 0), (f"{depth[deep]:.0f} m − truth (K)", deep))
    for row, (label, level) in enumerate(rows):
        sheet.label(row, label)
        fields = [own[level] - (truth[level] if row else 0.0) for own, truth in starts.values()]
        spans = [float(np.percentile(np.abs(field[wet[level]]), 98)) for field in fields]
        span = max(0.1, 2.0 * float(np.median([s for s in spans if s > 0] or [0.0])))  # one wild group is cut off
        for column, field in enumerate(fields):
            shown = np.repeat(np.where(wet[level], field, np.nan), 2, axis=1)
            image = sheet.map(
                row,
                column,
                shown,
                "difference" if row else "thetao",
                -span if row else float(low),
                span if row else float(high),
            )
        sheet.bar(row, len(starts), image, "")
    for column, group in enumerate(starts):
        sheet.title(column, group)
    return sheet.figure
