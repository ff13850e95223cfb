"""Figures of curves: spectra, histograms, distributions of the ice cover's integrals, ratios of the copy test."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from halocline.data.fields.variables import variable
from halocline.evaluate.ice.cover import INTEGRALS
from halocline.evaluate.ice.families.copies import COPY_RATIO
from halocline.evaluate.ice.histogram import Curve, Histogram
from halocline.evaluate.ice.pictures import Pictures
from halocline.report.numbers import Display, display
from halocline.report.panels import COLUMNS, WAVELENGTH, legend, panel_grid, shared_legend, wavelength_axis
from halocline.report.style import GENERATED, REAL, TEXT, curve_axes, name_axes

_LOGARITHMIC = {"siu", "siv", "deformation"}


def spectra(pictures: Pictures) -> Figure | None:
    """Draw power against wavelength, log-log, and its ratio to real; None if there are no tiles."""
    if not pictures.spectra:
        return None
    rows = -(-len(pictures.spectra) // COLUMNS)
    figure = Figure(figsize=(10.5, 3.5 * rows), layout="constrained")
    layout = figure.add_gridspec(2 * rows, COLUMNS, height_ratios=[2.0, 1.0] * rows)
    for k, (name, curve) in enumerate(pictures.spectra.items()):
        row, column = divmod(k, COLUMNS)
        upper = figure.add_subplot(layout[2 * row, column])
        lower = figure.add_subplot(layout[2 * row + 1, column], sharex=upper)
        _spectrum(upper, lower, pictures.wavelengths / 1000.0, curve, display(variable(name).unit))
        upper.set_title(variable(name).long_name, fontsize=9, color=TEXT)
        if k == 0:
            legend(upper)
    return figure


def _spectrum(upper: Axes, lower: Axes, km: np.ndarray, curve: Curve, unit: Display) -> None:
    factor = unit.factor**2 * km[0]  # power per ring to power per cycle per km
    for axes, scale in ((upper, np.full_like(curve.real, 1.0 / factor)), (lower, curve.real)):
        curve_axes(axes)
        scale = np.maximum(scale, np.finfo(np.float64).tiny)
        axes.fill_between(km, curve.real_low / scale, curve.real_high / scale, color=REAL, alpha=0.22, lw=0)
        axes.plot(km, curve.real / scale, color=REAL, lw=1.6, label="held-out")
        axes.plot(km, curve.generated / scale, color=GENERATED, lw=1.6, label="generated")
    upper.set_yscale("log")
    upper.yaxis.set_minor_formatter(NullFormatter())
    wavelength_axis(upper, km)
    upper.set_xlabel("")
    upper.tick_params(labelbottom=False)
    ratio = curve.generated / np.maximum(curve.real, np.finfo(np.float64).tiny)
    lower.set_ylim(0.0, min(3.0, max(1.5, 1.1 * float(ratio.max()))))
    name_axes(lower, x=WAVELENGTH, y="ratio")
    square = {"": "", "m": "m² "}.get(unit.unit, f"({unit.unit})² ")
    upper.set_ylabel(f"power ({square}km)", fontsize=8, color=TEXT)


def histograms(pictures: Pictures) -> Figure:
    """Draw densities with the band of real states, and the shares at exact bounds as bars."""
    figure, panels = panel_grid(len(pictures.histograms))
    for axes, (name, histogram) in zip(panels, pictures.histograms.items(), strict=False):
        known = name != "deformation"
        unit = display(variable(name).unit if known else "s-1")
        _histogram(axes, histogram, unit.factor, logarithmic=name in _LOGARITHMIC)
        title = variable(name).long_name if known else "total deformation where there is ice"
        name_axes(axes, title=title, x=unit.unit or "fraction", y="density")
    shared_legend(panels)
    return figure


def series(pictures: Pictures) -> Figure:
    """Draw the distributions of extent, volume, marginal ice zone and deformation over the states."""
    figure, panels = panel_grid(len(pictures.series))
    for axes, (id, (generated, real)) in zip(panels, pictures.series.items(), strict=False):
        name, unit_name = INTEGRALS[id]
        unit = display(unit_name, id)
        first, second = generated * unit.factor, real * unit.factor
        edges = np.histogram_bin_edges(np.concatenate([first, second]), bins=24).tolist()
        _distributions(axes, first, second, edges)
        name_axes(axes, title=name, x=unit.unit, y="density")
    shared_legend(panels)
    return figure


def copy_ratios(pictures: Pictures) -> Figure:
    """Draw the ratios of nearest to second-nearest distance of generated and held-out states."""
    figure, (axes,) = panel_grid(1, height=3.0, columns=1, width=4.4)
    _distributions(axes, *pictures.ratios, np.linspace(0.0, 1.0, 41).tolist())
    axes.axvline(COPY_RATIO, color=TEXT, lw=1, ls=":")
    axes.text(COPY_RATIO - 0.02, 0.96, "copy", fontsize=8, ha="right", va="top", transform=axes.get_xaxis_transform())
    name_axes(axes, x="distance to nearest / second nearest training state", y="density")
    legend(axes, loc="upper left")
    return figure


def _distributions(axes: Axes, generated: np.ndarray, real: np.ndarray, edges: list[float]) -> None:
    axes.hist(real, edges, density=True, color=REAL, alpha=0.28, label="held-out")
    axes.hist(generated, edges, density=True, histtype="step", color=GENERATED, lw=1.6, label="generated")


def _histogram(axes: Axes, histogram: Histogram, factor: float, *, logarithmic: bool) -> None:
    edges, curve = histogram.edges * factor, histogram.density
    real, mine = curve.real / factor, curve.generated / factor
    low, high = curve.real_low / factor, curve.real_high / factor
    axes.stairs(high, edges, baseline=low, fill=True, color=REAL, alpha=0.25, lw=0)
    axes.stairs(real, edges, baseline=None, color=REAL, lw=1.4, label="held-out")
    axes.stairs(mine, edges, baseline=None, color=GENERATED, lw=1.4, label="generated")
    if logarithmic:
        axes.set_yscale("log")
        floor = real[real > 0].min() if (real > 0).any() else 1e-6
        axes.set_ylim(bottom=max(floor, real.max() * 1e-5) * 0.5)
    else:
        axes.set_ylim(0.0, 1.3 * float(np.quantile(np.concatenate([real, mine]), 0.97)))
    _atoms(axes, histogram, factor)


def _atoms(axes: Axes, histogram: Histogram, factor: float) -> None:
    """Draw the shares at the bounds as bars beside the density, on an axis of shares of their own."""
    if not histogram.atoms:
        return
    edges = histogram.edges * factor
    span = edges[-1] - edges[0]
    right = axes.twinx()
    right.set_ylim(0.0, 1.0)
    right.tick_params(labelsize=7, colors=TEXT, length=2)
    right.set_ylabel("share at the bound (bars)", fontsize=7, color=TEXT)
    for side in ("top", "left", "bottom"):
        right.spines[side].set_visible(False)
    right.spines["right"].set_color("#8a97a1")
    for bound, mine, real in histogram.atoms:
        lower = bound * factor <= edges[0] + 0.5 * span
        edge, outwards = (edges[0], -span) if lower else (edges[-1], span)
        for step, share, colour in ((0.045, mine, GENERATED), (0.095, real, REAL)):
            right.bar(edge + step * outwards, share, 0.045 * span, color=colour, alpha=0.85)
