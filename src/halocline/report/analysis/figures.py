"""Pictures of an analysis: innovations, ranks, maps of increments, spread against error."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from halocline.report.map_grid import Sheet
from halocline.report.panels import legend, panel_grid
from halocline.report.style import GENERATED, REAL, name_axes

_BINS = 12


def innovations(beside: xr.Dataset, groups: Mapping[str, np.ndarray]) -> Figure | None:
    """Draw histograms of (y - mean) / sigma of the prior and of the posterior, a panel a group of rows."""
    if not groups:
        return None
    figure, panels = panel_grid(len(groups))
    value, sigma = beside["value"].values, beside["sigma"].values
    for axes, (name, rows) in zip(panels, groups.items(), strict=True):
        for which, colour in (("before", REAL), ("after", GENERATED)):
            d = (value[rows] - beside[which].values[:, rows].mean(axis=0)) / sigma[rows]
            axes.hist(
                np.clip(d, -5, 5),
                bins=np.linspace(-5, 5, 41).tolist(),
                color=colour,
                alpha=0.5,
                label=which,
                density=True,
            )
        name_axes(axes, title=name, x="innovation over its error")
    legend(panels[0])
    return figure


def ranks(titled: Mapping[str, tuple[np.ndarray, int]]) -> Figure | None:
    """Draw histograms of ranks (n,) of 0 to the number of members, a panel each; flat if calibrated.

    Args:
        titled: Title to (ranks, members).
    """
    if not titled:
        return None
    figure, panels = panel_grid(len(titled))
    for axes, (title, (rank, members)) in zip(panels, titled.items(), strict=True):
        share = (rank + 0.5) / (members + 1)
        bins = min(_BINS, members + 1)
        counts, edges = np.histogram(share, bins=bins, range=(0, 1))
        axes.bar(edges[:-1], counts / max(rank.size, 1) * bins, width=1 / bins, align="edge", color=REAL, alpha=0.7)
        axes.axhline(1.0, color=GENERATED, linewidth=1)
        name_axes(axes, title=title, x="rank / members", y="relative frequency")
    return figure


def increments(beside: xr.Dataset, names: Sequence[str], wet: np.ndarray) -> Figure:
    """Draw for each variable the means before and after, what was changed, and both spreads."""
    columns = ("mean before", "mean after", "increment", "spread before", "spread after")
    aspect = wet.shape[0] / wet.shape[1]
    sheet = Sheet(len(names), ["map"] * len(columns), aspect)
    for k, title in enumerate(columns):
        sheet.title(k, title)
    for row, name in enumerate(names):
        get = {w: np.where(wet, beside[f"{name}_{w}"].values, np.nan) for w in _MAPS}
        sheet.label(row, name)
        means = np.concatenate([get[w][wet] for w in _MAPS[:2]])
        low, high = (float(q) for q in np.nanquantile(means, (0.01, 0.99)))
        change = get["mean_after"] - get["mean_before"]
        most = max(float(np.nanquantile(np.abs(change[wet]), 0.99)), 1e-9)
        wide = max(float(np.nanquantile(get["spread_before"][wet], 0.99)), 1e-9)
        for column, field in enumerate((get["mean_before"], get["mean_after"])):
            sheet.map(row, column, field, name, low, max(high, low + 1e-9))
        sheet.map(row, 2, change, "difference", -most, most)
        for column, which in ((3, "spread_before"), (4, "spread_after")):
            sheet.map(row, column, get[which], "std", 0.0, wide)
    return sheet.figure


_MAPS = ("mean_before", "mean_after", "spread_before", "spread_after")


def spread_against_error(found: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure | None:
    """Draw root-mean-square error over that of the spread, in classes of the spread; on the diagonal if calibrated.

    Args:
        found: Variable to (variance of the members (cell,), squared error of their mean (cell,)).
    """
    if not found:
        return None
    figure, panels = panel_grid(len(found))
    for axes, (name, (variance, squared)) in zip(panels, found.items(), strict=True):
        order = np.array_split(np.argsort(variance), _BINS)
        x, y = (np.array([np.sqrt(v[part].mean()) for part in order if part.size]) for v in (variance, squared))
        top = max(float(x.max(initial=0)), float(y.max(initial=0)), 1e-9) * 1.05
        axes.plot([0, top], [0, top], color=REAL, linewidth=1)
        axes.plot(x, y, "o-", color=GENERATED, markersize=4, linewidth=1)
        name_axes(axes, title=name, x="spread", y="error of the mean")
    return figure
