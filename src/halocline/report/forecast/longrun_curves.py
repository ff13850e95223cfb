"""Figures of a long run: seasonal cycles with the band of the truth, series of all years, and ratios by month."""

import numpy as np
from matplotlib.figure import Figure

from halocline.evaluate.forecast.card import ForecastCard
from halocline.evaluate.forecast.longrun_series import LongRun
from halocline.evaluate.forecast.months import MONTHS
from halocline.evaluate.ice.cover import INTEGRALS
from halocline.report.numbers import display
from halocline.report.panels import legend, panel_grid, shared_legend
from halocline.report.style import GENERATED, REAL, name_axes

_LETTERS = "JFMAMJJASOND"


def seasonal_cycles(run: LongRun) -> Figure:
    """Draw the mean cycle of each number: members, and the truth with the band that holds 90 % of member-years."""
    figure, panels = panel_grid(len(run.names))
    months = np.arange(MONTHS)
    for k, (axes, id) in enumerate(zip(panels, run.names, strict=True)):
        name, unit_name = INTEGRALS[id]
        unit = display(unit_name, id)
        low, high = np.nanquantile(run.climate[..., k], [0.05, 0.95], axis=0) * unit.factor
        axes.fill_between(months, low, high, color=REAL, alpha=0.16, lw=0, label="member-years, 90 %")
        truth = run.truth[..., k] if np.isfinite(run.truth).any() else run.climate[..., k]
        axes.plot(months, np.nanmean(truth, axis=0) * unit.factor, color=REAL, lw=1.7, label="truth")
        for member in range(run.forecast.shape[1]):
            cycle = np.nanmean(run.forecast[:, member, :, k], axis=0) * unit.factor
            axes.plot(months, cycle, color=GENERATED, lw=1.0, alpha=0.8, label="members" if member == 0 else None)
        axes.set_xticks(months, list(_LETTERS))
        axes.set_ylim(bottom=0.0)
        name_axes(axes, title=name, y=unit.unit)
    shared_legend(panels)
    return figure


def all_years(run: LongRun) -> Figure:
    """Draw the monthly series of extent and volume over all years of the first start."""
    shown = [k for k, id in enumerate(run.names) if id in ("ice_extent", "ice_volume")]
    figure, panels = panel_grid(len(shown), height=2.6, columns=1)
    own = run.start == run.start[0]
    time = (run.year[own][:, None] + (np.arange(MONTHS) + 0.5) / MONTHS).ravel()
    for axes, k in zip(panels, shown, strict=True):
        name, unit_name = INTEGRALS[run.names[k]]
        unit = display(unit_name, run.names[k])
        for member in range(run.forecast.shape[1]):
            series = run.forecast[own, member, :, k].ravel() * unit.factor
            axes.plot(time, series, color=GENERATED, lw=0.9, alpha=0.8, label="members" if member == 0 else None)
        axes.plot(time, run.truth[own, :, k].ravel() * unit.factor, color=REAL, lw=1.3, label="truth")
        axes.set_ylim(bottom=0.0)
        name_axes(axes, title=name, x="years since 2000-01-01 of the store's calendar", y=unit.unit)
    legend(panels[0])
    return figure


def month_ratios(card: ForecastCard) -> Figure | None:
    """Draw the ratio of each month's mean to the truth's, with its interval; None if there is none."""
    run = card.long_run
    if run is None:
        return None
    figure, panels = panel_grid(len(run.names))
    for axes, id in zip(panels, run.names, strict=True):
        prefix = f"{id}_ratio_month_"
        axes.axhspan(0.9, 1.1, color="#e5f3ed", lw=0)
        axes.axhline(1.0, color=REAL, lw=1.0)
        for source, colour in (("other years", "#9aa5ad"), (card.sources[0], GENERATED)):
            rows = [row for row in card.rows if row.id.startswith(prefix) and row.source == source]
            if not rows:
                continue
            months = [int(row.id.removeprefix(prefix)) - 1 for row in rows]
            if source == card.sources[0] and np.isfinite(rows[0].low):
                axes.fill_between(months, [r.low for r in rows], [r.high for r in rows], color=colour, alpha=0.2, lw=0)
            axes.plot(months, [row.value for row in rows], color=colour, lw=1.4, marker=".", label=source)
        axes.set_xticks(range(MONTHS), list(_LETTERS))
        bottom, top = axes.get_ylim()
        axes.set_ylim(max(0.0, min(bottom, 0.8)), min(3.0, max(top, 1.2)))
        name_axes(axes, title=INTEGRALS[id][0], y="over truth")
    shared_legend(panels)
    return figure
