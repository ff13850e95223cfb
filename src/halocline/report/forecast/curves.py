"""Figures of forecast scores against lead, rank histograms, spectra and deformation by lead."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from halocline.data.fields.variables import channel, is_channel
from halocline.evaluate.forecast.card import ForecastCard
from halocline.evaluate.forecast.pictures import ForecastPictures
from halocline.evaluate.ice.cover import INTEGRALS
from halocline.report.forecast.table import nearest_leads
from halocline.report.numbers import display
from halocline.report.panels import legend, panel_grid, shared_legend, wavelength_axis
from halocline.report.style import GENERATED, REAL, TEXT, curve_axes, name_axes

_BASELINES = {
    "persistence": ("#7c8a94", "--"),
    "damped anomaly": ("#b08968", "-."),
    "climatology": ("#5b8e7d", ":"),
    "other years": ("#9aa5ad", (0, (1, 1))),
}
_BESIDE = ("#e09f3e", "#7768ae", "#3d7ea6", "#2f9e77", "#c2679e", "#6b705c")
_ORDER = ("sic", "sit", "drift", "sid", "snt", "siu", "siv")


def line_style(card: ForecastCard) -> dict[str, tuple[str, object]]:
    """Return colour and dashes of each source; the forecast is red as generated states are everywhere."""
    beside = [name for name in card.sources[1:] if name not in _BASELINES]
    found: dict[str, tuple[str, object]] = {card.sources[0]: (GENERATED, "-")}
    found |= {name: (_BESIDE[k % len(_BESIDE)], "-") for k, name in enumerate(beside)}
    return found | {name: style for name, style in _BASELINES.items() if name in card.sources}


def by_lead(card: ForecastCard, id: str) -> Figure | None:
    """Draw a score of every variable against lead, all sources; None if there is none."""
    names = _shown(card, id)
    if not names:
        return None
    figure, panels = panel_grid(len(names))
    for axes, name in zip(panels, names, strict=True):
        _lines(axes, card, id, name)
        name_axes(axes, title=words(name))
    shared_legend(panels)
    return figure


def reliability(card: ForecastCard) -> Figure | None:
    """Draw spread-skill ratio, and how often the truth is outside the ensemble, against lead; 1 is right."""
    parts = [
        rows[0]
        for id in ("spread_skill_ice", "outside_ice")
        if (rows := card.table.find(id=id, source=card.sources[0]))
    ]
    if not parts:
        return None
    colours = dict(zip(_ORDER, colormaps["tab10"].colors, strict=False))  # type: ignore[attr-defined]
    figure, panels = panel_grid(len(parts), height=3.2, columns=len(parts))
    for axes, row in zip(panels, parts, strict=True):
        axes.axhspan(0.8, 1.2, color="#e5f3ed", lw=0)
        axes.axhline(1.0, color=REAL, lw=1.0)
        top = 2.0
        for name in _shown(card, row.id):
            line = card.line(row.id, name)
            assert line is not None
            inside = line.lead_hours > 0
            axes.plot(
                line.lead_hours[inside] / 24.0,
                line.value[inside],
                color=colours[name],
                lw=1.4,
                marker=".",
                ms=4,
                label=name,
            )
            finite = line.value[inside & np.isfinite(line.value)]
            top = max(top, 1.1 * float(finite.max(initial=0.0)))
        axes.set_ylim(0.0, min(top, 6.0))
        name_axes(axes, title=row.score, x="lead (days)")
    curves = {curve.get_label(): curve for axes in figure.axes for curve in axes.get_legend_handles_labels()[0]}
    figure.legend(
        [curves[name] for name in _ORDER if name in curves],
        [name for name in _ORDER if name in curves],
        loc="outside right center",
        fontsize=8,
        frameon=False,
        labelcolor=TEXT,
    )
    return figure


def _shown(card: ForecastCard, id: str) -> list[str]:
    """Return the variables of a score; drift stands for its components."""
    names = [name for name in _ORDER if card.line(id, name) is not None]
    return [name for name in names if "drift" not in names or name not in ("siu", "siv")]


def edge(card: ForecastCard) -> Figure | None:
    """Draw the ice-edge error of all sources, its two partitions for the forecast, and biases of the ice cover."""
    if card.line("iiee", "sic") is None:
        return None
    figure, panels = panel_grid(6)
    _lines(panels[0], card, "iiee", "sic")
    name_axes(panels[0], title="ice-edge error of the median edge")
    shared_legend(panels)
    for axes, parts in (
        (panels[1], ("edge_over", "edge_under")),
        (panels[2], ("extent_error", "misplacement")),
    ):
        _stack(axes, card, parts)
    for axes, id in zip(panels[3:], ("ice_extent", "miz_area", "ice_volume"), strict=True):
        axes.axhline(0.0, color=REAL, lw=1.0)
        _lines(axes, card, f"{id}_bias", "all", from_zero=False)
        name_axes(axes, title=f"{INTEGRALS[id][0]}: forecast minus truth")
    return figure


def _stack(axes: Axes, card: ForecastCard, parts: tuple[str, str]) -> None:
    lines = [card.line(part, "sic") for part in parts]
    assert lines[0] is not None
    assert lines[1] is not None
    unit = display("m2")
    days = lines[0].lead_hours / 24.0
    axes.stackplot(
        days,
        [line.value * unit.factor for line in lines if line is not None],
        labels=[card.table.row(part).score for part in parts],
        colors=[GENERATED, "#e8a3ab"],
        alpha=0.85,
        lw=0,
    )
    name_axes(axes, title="its parts", x="lead (days)", y=unit.unit)
    legend(axes, loc="upper left")


def _lines(axes: Axes, card: ForecastCard, id: str, name: str, *, from_zero: bool = True) -> None:
    """Draw one score of all sources with the interval of the forecast; sources far above the others are cut."""
    tops, unit = [], display("1")
    for order, (source, (colour, dashes)) in enumerate(line_style(card).items()):
        line = card.line(id, name, source=source)
        if line is None:
            continue
        unit = display(line.unit, id)
        days, first = line.lead_hours / 24.0, source == card.sources[0]
        if first and np.isfinite(line.low).any():
            axes.fill_between(days, line.low * unit.factor, line.high * unit.factor, color=colour, alpha=0.18, lw=0)
        width = 1.9 if first else 1.2
        axes.plot(
            days,
            line.value * unit.factor,
            color=colour,
            ls=dashes,
            lw=width,
            label=source,  # type: ignore[arg-type]
            zorder=5 - 0.1 * order,
        )
        tops.append(float(np.nanmax(np.abs(line.value))) * unit.factor)
    if from_zero and tops:
        axes.set_ylim(0.0, 1.05 * min(max(tops), 4.0 * float(np.median(tops))) or 1.0)
    name_axes(axes, x="lead (days)", y=unit.unit)


def rank_histograms(pictures: ForecastPictures, days: Sequence[float] = (1.0, 3.0, 5.0, 10.0)) -> Figure | None:
    """Draw rank histograms, a row a lead, a column a variable; None without an ensemble."""
    leads = nearest_leads(pictures.ranks, days)
    if not leads:
        return None
    count = len(pictures.channels)
    figure = Figure(figsize=(10.5, 1.5 * len(leads) + 0.4), layout="constrained")
    for row, hours in enumerate(leads):
        shares = pictures.ranks[hours]
        flat = 1.0 / shares.shape[1]
        for column, name in enumerate(pictures.channels):
            axes = figure.add_subplot(len(leads), count, row * count + column + 1)
            curve_axes(axes)
            axes.grid(visible=False)
            axes.bar(np.arange(shares.shape[1]), shares[column] / flat, 0.9, color=GENERATED, alpha=0.8)
            axes.axhline(1.0, color=REAL, lw=1.0)
            axes.set_ylim(0.0, max(2.0, min(6.0, 1.1 * float(shares[column].max()) / flat)))
            axes.set_xticks([])
            if row == 0:
                axes.set_title(name, fontsize=9, color=TEXT)
            if column == 0:
                axes.set_ylabel(f"day {hours / 24:g}", fontsize=8, color=TEXT)
    return figure


def spectra(pictures: ForecastPictures, days: Sequence[float] = (1.0, 5.0, 10.0)) -> Figure | None:
    """Draw power over that of the truth against wavelength, members and ensemble mean, a colour a lead."""
    leads = nearest_leads(pictures.spectra, days)
    if not leads or not len(pictures.wavelengths):
        return None
    figure, panels = panel_grid(len(pictures.channels))
    colours = colormaps["viridis_r"](np.linspace(0.25, 0.95, len(leads)))
    km = pictures.wavelengths / 1000.0
    for place, (axes, name) in enumerate(zip(panels, pictures.channels, strict=True)):
        axes.axhline(1.0, color=REAL, lw=1.2)
        for hours, colour in zip(leads, colours, strict=True):
            shapes = pictures.spectra[hours]
            truth = np.maximum(shapes.truth[place], np.finfo(float).tiny)
            day = f"day {hours / 24:g}"
            axes.plot(km, shapes.forecast[place] / truth, color=colour, lw=1.7, label=f"{day}, members")
            axes.plot(km, shapes.mean[place] / truth, color=colour, lw=1.0, ls=":", label=f"{day}, ensemble mean")
        wavelength_axis(axes, km)
        highest = max(float(np.max(line.get_ydata())) for line in axes.lines)
        axes.set_ylim(0.0, min(3.0, max(1.6, 1.1 * highest)))
        name_axes(axes, title=channel(name).long_name, y="power over truth's")
    shared_legend(panels)
    return figure


def deformation(pictures: ForecastPictures, days: Sequence[float] = (1.0, 3.0, 5.0, 10.0)) -> Figure | None:
    """Draw the share of the ice that deforms faster than a rate, log-log, a panel a lead; None without drift."""
    leads = nearest_leads(pictures.deformation, days)
    if not leads:
        return None
    figure, panels = panel_grid(len(leads), height=3.0, columns=len(leads))
    rates = pictures.edges[1:-1] * display("s-1").factor
    for axes, hours in zip(panels, leads, strict=True):
        shapes = pictures.deformation[hours]
        for part, colour, dashes, label in (
            (shapes.truth, REAL, "-", "truth"),
            (shapes.forecast, GENERATED, "-", "members"),
            (shapes.mean, GENERATED, ":", "ensemble mean"),
        ):
            above = np.cumsum(part[0][::-1])[::-1]
            share = above[1:] / max(float(above[0]), 1e-30)
            axes.plot(rates, np.where(share > 0, share, np.nan), color=colour, ls=dashes, lw=1.4, label=label)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(max(float(rates[0]), 1e-4), float(rates[-1]))
        axes.set_ylim(1e-5, 1.0)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_minor_formatter(NullFormatter())
        name_axes(axes, title=f"day {hours / 24:g}", x=f"total deformation ({display('s-1').unit})")
    name_axes(panels[0], y="share of the ice above")
    legend(panels[0])
    return figure


def words(name: str) -> str:
    """Return what a variable is called in titles."""
    return channel(name).long_name if is_channel(name) else "drift (vector)"
