"""Sections along latitude and depth: generated, real, difference; one variable a row."""

import numpy as np
from matplotlib.figure import Figure

from halocline.data.fields.variables import variable
from halocline.evaluate.ocean.pictures import OceanPictures
from halocline.report.numbers import display
from halocline.report.ocean.curves import depth_axis
from halocline.report.style import FAINT, TEXT, colours, name_axes


def sections(pictures: OceanPictures) -> Figure:
    """Draw the zonal means of temperature and salinity, averaged over all states."""
    figure = Figure(figsize=(10.5, 2.7 * len(pictures.sections)), layout="constrained")
    rows = len(pictures.sections)
    latitude = pictures.latitude
    middle = (latitude[1:] + latitude[:-1]) / 2
    edges = np.concatenate([[2 * latitude[0] - middle[0]], middle, [2 * latitude[-1] - middle[-1]]])
    for k, (name, section) in enumerate(pictures.sections.items()):
        both = np.stack([section.generated, section.real])
        off = max(float(np.nanmax(np.abs(both[0] - both[1]))), 1e-12)
        low, high = float(np.nanmin(both)), float(np.nanmax(both))
        for j, (who, field, palette, limits) in enumerate(
            (
                ("generated", both[0], name, (low, high)),
                ("real", both[1], name, (low, high)),
                ("generated minus real", both[0] - both[1], "difference", (-off, off)),
            )
        ):
            axes = figure.add_subplot(rows, 3, 3 * k + j + 1)
            vmin, vmax = limits
            mesh = axes.pcolormesh(edges, pictures.level_edges, field, cmap=colours(palette), vmin=vmin, vmax=vmax)
            depth_axis(axes, float(pictures.level_edges[-1]))
            axes.set_facecolor(FAINT)
            name_axes(axes, title=f"{variable(name).name}, {who}", x="latitude (°N)")
            axes.tick_params(labelsize=7, colors=TEXT, length=2)
            if j > 0:
                axes.set_ylabel("")
            bar = figure.colorbar(mesh, ax=axes, shrink=0.9)
            bar.ax.tick_params(labelsize=7, colors=TEXT, length=0)
            bar.ax.set_title(display(variable(name).unit).unit, fontsize=7, color=TEXT)
    return figure
