"""A picture of where observations lie and what they are: one map for each kind and variable."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from halocline.data.grids.projection import Plane
from halocline.observations.quantities import quantity
from halocline.observations.table import Observations
from halocline.report.style import DPI, TEXT, colours, plain_axes
from halocline.runtime import files
from halocline.runtime.errors import InputError, OutputError

_POLAR = 40.0  # degrees; what lies nearer to a pole is drawn on a plane around it
_MOST = 20_000  # points a map
_COLUMNS = 3


def write_picture(table: Observations, path: Path) -> Path:
    """Write a picture (.png) of the used rows: a polar map where all lie around one pole, else longitude and latitude.

    Maps of more than 20 000 rows show every so-manieth; excluded rows are not shown.

    Raises:
        InputError: If no row is used.
        OutputError: If ``path`` exists or does not end in .png.
    """
    if path.suffix != ".png":
        raise OutputError(
            f"picture {path}", found=f"the ending '{path.suffix}'", expected=".png", remedy="Give it this ending."
        )
    files.require_absent(path)
    good = table.select(table.good)
    if not len(good):
        raise InputError("picture of observations", found="no row that is used", expected="one", remedy="Add some.")
    groups = pd.DataFrame({"kind": good.kind, "variable": good.variable}).groupby(["kind", "variable"]).indices
    rows = -(-len(groups) // _COLUMNS)
    figure = Figure(figsize=(3.6 * min(_COLUMNS, len(groups)), 3.4 * rows), layout="constrained")
    plane = _plane(good)
    for k, ((kind, name), numbers) in enumerate(sorted(groups.items())):
        part = good.select(np.asarray(numbers))
        axes = figure.add_subplot(rows, min(_COLUMNS, len(groups)), k + 1)
        _map(axes, part, str(name), plane)
        axes.set_title(f"{kind}: {name}, {len(part)} rows", fontsize=9, color=TEXT)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI)
    files.write_bytes(path, buffer.getvalue())
    return path


def _map(axes: Axes, part: Observations, name: str, plane: Plane | None) -> None:
    part = part.select(np.arange(0, len(part), -(-len(part) // _MOST)))
    x, y = (part.longitude, part.latitude) if plane is None else plane.forward(part.latitude, part.longitude)
    low, high = np.quantile(part.value, [0.01, 0.99])
    of = quantity(name)
    if of.operator in ("eastward", "northward"):
        low, high = -max(abs(low), abs(high)), max(abs(low), abs(high))
    palette = of.needs[0] if of.operator != "value" else name
    size = float(np.clip(4e4 / len(part), 1.5, 16.0))
    points = axes.scatter(x, y, c=part.value, s=size, cmap=colours(palette), vmin=low, vmax=high, linewidths=0)
    bar = axes.figure.colorbar(points, ax=axes, shrink=0.8)
    bar.ax.tick_params(labelsize=7, colors=TEXT, length=0)
    bar.ax.set_title(of.unit, fontsize=7, color=TEXT)
    if plane is None:
        axes.tick_params(labelsize=7, colors=TEXT, length=2)
    else:
        plain_axes(axes)
        axes.set_aspect("equal")


def _plane(table: Observations) -> Plane | None:
    """Return the plane around the pole near which all rows lie; None if they lie elsewhere."""
    if (table.latitude > _POLAR).all():
        return Plane.of("EPSG:3413")
    return Plane.of("EPSG:3976") if (table.latitude < -_POLAR).all() else None
