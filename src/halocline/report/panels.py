"""Figures of several panels for curves, their legends, and the axis of wavelengths."""

from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from halocline.report.style import TEXT, curve_axes, name_axes

COLUMNS = 3
"""Panels a row."""

WAVELENGTH = "wavelength (km)"


def panel_grid(
    count: int, height: float = 2.7, columns: int = COLUMNS, width: float = 10.5
) -> tuple[Figure, list[Axes]]:
    """Return a figure ``width`` inches wide with ``count`` panels for curves, each row ``height`` inches high."""
    rows = -(-count // columns)
    figure = Figure(figsize=(width, height * rows), layout="constrained")
    panels = [figure.add_subplot(rows, columns, k + 1) for k in range(count)]
    for axes in panels:
        curve_axes(axes)
    return figure, panels


def wavelength_axis(axes: Axes, km: np.ndarray) -> None:
    """Label the horizontal axis with wavelengths (ring,) in kilometres, logarithmic, long waves left."""
    axes.set_xscale("log")
    axes.set_xlim(km.max() * 1.03, km.min() * 0.97)
    near = (m * 10.0**e for e in range(0, 5) for m in (1, 2, 4))
    ticks = [tick for tick in near if km.min() * 0.97 <= tick <= km.max() * 1.03]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    name_axes(axes, x=WAVELENGTH)


def legend(axes: Axes, loc: Literal["best", "upper left"] = "best") -> None:
    """Draw a legend without a frame."""
    axes.legend(fontsize=8, frameon=False, loc=loc, labelcolor=TEXT)


def shared_legend(panels: list[Axes]) -> None:
    """Draw the first panel's legend once for all of a ``panel_grid``: in its empty place, or else below the panels."""
    figure, entries = panels[0].get_figure(), panels[0].get_legend_handles_labels()
    assert isinstance(figure, Figure)
    rows, last = divmod(len(panels), COLUMNS)
    if last == 0:
        figure.legend(*entries, loc="outside lower center", ncols=8, fontsize=8, frameon=False, labelcolor=TEXT)
        return
    empty = figure.add_subplot(rows + 1, COLUMNS, len(panels) + 1)
    empty.set_axis_off()
    empty.legend(*entries, loc="upper left", fontsize=8, frameon=False, labelcolor=TEXT)
