"""Figures of curves for ocean states: profiles, density errors, spread by level, volume by temperature and salinity."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from halocline.evaluate.engine.scorecard import Row
from halocline.evaluate.ocean.pictures import OceanPictures
from halocline.physics.eos import DINO_EOS
from halocline.report.panels import legend, panel_grid
from halocline.report.style import FAINT, GENERATED, REAL, TEXT, name_axes

_AXES = {"thetao": "potential temperature (°C)", "so": "salinity (psu)"}
_LEVEL_SPREADS = ("spread_levels_level_", "spread_cells_level_")


def profiles(pictures: OceanPictures) -> Figure:
    """Draw the level means of temperature and salinity: mean and the band that holds 90 % of the states."""
    figure, panels = panel_grid(2, height=4.4, columns=2)
    for axes, (name, profile) in zip(panels, pictures.profiles.items(), strict=True):
        for band, colour, label in ((profile.real, REAL, "real"), (profile.generated, GENERATED, "generated")):
            axes.fill_betweenx(pictures.depth, band[1], band[2], color=colour, alpha=0.2, lw=0)
            axes.plot(band[0], pictures.depth, color=colour, lw=1.6, marker=".", ms=3, label=label)
        depth_axis(axes, float(pictures.level_edges[-1]))
        name_axes(axes, x=_AXES[name])
    legend(panels[0])
    return figure


def depth_axis(axes: Axes, deepest: float) -> None:
    """Label the vertical axis as depth, positive down: the surface at the top."""
    axes.set_ylim(deepest, 0.0)
    name_axes(axes, y="depth (m, positive down)")


def density_errors(rows: Sequence[Row]) -> Figure | None:
    """Draw the density error by reference and tolerance beside that of real states; None if there is none."""
    errors = [row for row in rows if row.id.startswith("density_error_")]
    if not errors:
        return None
    figure, (axes,) = panel_grid(1, height=3.2, columns=1)
    place = np.arange(len(errors))
    for shift, colour, label, values in (
        (-0.2, REAL, "real", [(row.floor, row.floor_low, row.floor_high) for row in errors]),
        (0.2, GENERATED, "generated", [(row.value, row.low, row.high) for row in errors]),
    ):
        middle, low, high = np.array(values).T
        whiskers = np.clip([middle - low, high - middle], 0.0, None)
        axes.bar(place + shift, middle, 0.36, color=colour, alpha=0.85, label=label)
        axes.errorbar(place + shift, middle, whiskers, fmt="none", ecolor=TEXT, elinewidth=0.9, capsize=2)
    names = [row.band.replace(", ", "\n").replace("kg m-3", "kg m⁻³") for row in errors]
    axes.set_xticks(place, names, fontsize=7)
    name_axes(axes, y="density error (% of the volume)")
    legend(axes)
    return figure


def spreads(pictures: OceanPictures, rows: Sequence[Row]) -> Figure | None:
    """Draw the ratio of spreads by depth, level means and cells, with the floor's band; None if there is none."""
    groups = {
        (prefix, name): [r for r in rows if r.variable == name and r.id.startswith(prefix)]
        for name in pictures.profiles
        for prefix in _LEVEL_SPREADS
    }
    shown = {key: group for key, group in groups.items() if group}
    if not shown:
        return None
    figure, panels = panel_grid(len(shown), height=3.8, columns=len(shown))
    for axes, ((prefix, name), group) in zip(panels, shown.items(), strict=True):
        depth = [float(pictures.depth[int(row.id.removeprefix(prefix))]) for row in group]
        for low, high, colour in (
            ([r.floor_low for r in group], [r.floor_high for r in group], REAL),
            ([r.low for r in group], [r.high for r in group], GENERATED),
        ):
            axes.fill_betweenx(depth, low, high, color=colour, alpha=0.2, lw=0)
        axes.plot([r.value for r in group], depth, color=GENERATED, lw=1.6, marker=".", ms=3)
        axes.axvline(1.0, color=TEXT, lw=0.8, ls=":")
        depth_axis(axes, float(pictures.level_edges[-1]))
        axes.set_xlim(0.0, max(2.0, min(4.0, 1.1 * max(r.value for r in group))))
        axes.set_title(f"{group[0].score}, {name}", fontsize=8.5, color=TEXT)
        axes.set_xlabel("ratio to real", fontsize=8, color=TEXT)
    return figure


def water(pictures: OceanPictures) -> Figure:
    """Draw how the volume lies over temperature and salinity: generated, real, and their difference."""
    volumes = pictures.volumes
    figure, panels = panel_grid(3, height=3.4)
    salt, warm = np.meshgrid(volumes.so, volumes.thetao)
    sigma = DINO_EOS.density(warm, salt, 0.0) - 1000.0
    top = max(float(volumes.real.max()), float(volumes.generated.max()), 1e-12)
    off = max(float(np.abs(volumes.generated - volumes.real).max()), 1e-12)
    for axes, title, field in (
        (panels[0], "generated", volumes.generated),
        (panels[1], "real", volumes.real),
        (panels[2], "generated minus real", volumes.generated - volumes.real),
    ):
        signed = title.endswith("real") and title != "real"
        scaled = np.sign(field) * np.sqrt(np.abs(field) / (off if signed else top))
        shown = np.where(field == 0.0, np.nan, scaled)
        low, colours = (-1.0, "RdBu_r") if signed else (0.0, "YlGnBu")
        axes.pcolormesh(volumes.so, volumes.thetao, shown, cmap=colours, vmin=low, vmax=1.0)
        lines = axes.contour(salt, warm, sigma, levels=8, colors="#8a97a1", linewidths=0.5)
        axes.clabel(lines, fontsize=6, fmt="%.1f")
        axes.set_facecolor("white")
        axes.grid(color=FAINT, linewidth=0.4)
        name_axes(axes, title=title, x=_AXES["so"], y=_AXES["thetao"])
    return figure
