"""Figures of maps: example states, climatological maps, and the nearest training state."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from halocline.data.fields.variables import variable
from halocline.evaluate.ice.pictures import Pictures
from halocline.evaluate.ocean.pictures import OceanPictures
from halocline.report.map_grid import Column, Sheet
from halocline.report.numbers import Display, display

RANGED = ("thetao", "so")
"""Variables whose zero means nothing: colours span the values."""

_SURFACE = {"thetao": "surface temperature", "so": "surface salinity"}


Surfaces = Pictures | OceanPictures
"""Pictures that hold maps: those of sea ice, and of an ocean's surface."""


@dataclass(frozen=True, eq=False)
class _Layer:
    """One row of maps: a variable, or drift as speed with arrows; fields (state, y, x) in display units, land NaN."""

    title: str
    palette: str
    fields: np.ndarray
    arrows: tuple[np.ndarray, np.ndarray] | None
    low: float
    high: float
    unit: str


def gallery(pictures: Surfaces) -> Figure:
    """Draw generated states beside similar held-out ones; one variable and one colour scale a row."""
    count = len(pictures.generated)
    titles = [f"generated {k + 1}" for k in range(count)] + [f"held-out {k + 1}" for k in range(count)]
    block: list[Column] = ["map"] * count
    columns: list[Column] = [*block, "gap", *block, "bar"]
    return _draw(pictures, np.concatenate([pictures.generated, pictures.real]), columns, titles)


def twins(pictures: Pictures) -> Figure:
    """Draw the generated state that is most like training beside its nearest training state."""
    return _draw(pictures, pictures.suspect, ["map", "map", "bar"], ["generated", "nearest in training"])


def climatology(pictures: Surfaces) -> Figure:
    """Draw mean and standard-deviation maps: generated, held-out, difference; one variable a row."""
    columns: list[Column] = ["map", "map", "bar", "map", "bar", "gap", "map", "map", "bar", "map", "bar"]
    sheet = Sheet(len(pictures.channels), columns, _aspect(pictures))
    for start, what in ((0, "mean"), (6, "std")):
        for step, who in ((0, "generated"), (1, "held-out"), (3, "difference")):
            sheet.title(start + step, f"{what}, {who}")
    for row, name in enumerate(pictures.channels):
        sheet.label(row, _row_title(name))
        unit, maps = display(variable(name).unit), pictures.maps[name]
        _trio(sheet, row, 0, maps.mean_generated, maps.mean_real, unit, name)
        _trio(sheet, row, 6, maps.std_generated, maps.std_real, unit, "std")
    return sheet.figure


def _trio(
    sheet: Sheet,
    row: int,
    column: int,
    generated: np.ndarray,
    real: np.ndarray,
    unit: Display,
    palette: str,
) -> None:
    both = np.stack([generated, real]) * unit.factor
    difference = both[0] - both[1]
    low, high = _limits(both, palette)
    off = max(float(np.nanquantile(np.abs(difference), 0.998)), 1e-12)
    sheet.map(row, column, both[0], palette, low, high)
    image = sheet.map(row, column + 1, both[1], palette, low, high)
    sheet.bar(row, column + 2, image, unit.unit)
    image = sheet.map(row, column + 3, difference, "difference", -off, off)
    sheet.bar(row, column + 4, image, unit.unit)


def _limits(fields: np.ndarray, palette: str) -> tuple[float, float]:
    """Return the range of colours: from 0, symmetric about 0, or (temperature, salinity) that of the values."""
    if palette in RANGED:
        low, high = np.nanquantile(fields, [0.002, 0.998])
        return float(low), max(float(high), float(low) + 1e-12)
    high = max(float(np.nanquantile(np.abs(fields), 0.998)), 1e-12)
    return (-high if palette != "std" and variable(palette).lower is None else 0.0), high


def _draw(pictures: Surfaces, states: np.ndarray, columns: list[Column], titles: list[str]) -> Figure:
    layers = _layers(pictures, states)
    sheet = Sheet(len(layers), columns, _aspect(pictures))
    places = [k for k, column in enumerate(columns) if column == "map"]
    for column, title in zip(places, titles, strict=True):
        sheet.title(column, title)
    for row, layer in enumerate(layers):
        sheet.label(row, layer.title)
        for k, column in enumerate(places):
            image = sheet.map(row, column, layer.fields[k], layer.palette, layer.low, layer.high)
            if layer.arrows is not None:
                sheet.arrows(image, layer.arrows[0][k], layer.arrows[1][k], layer.high)
        sheet.bar(row, columns.index("bar"), image, layer.unit)
    return sheet.figure


def _layers(pictures: Surfaces, states: np.ndarray) -> list[_Layer]:
    """Return the rows of a gallery of states (state, channel, y, x), the two drift components as one row."""
    dry = np.where(pictures.grid.mask, states, np.nan)
    fields = {name: dry[:, k] * display(variable(name).unit).factor for k, name in enumerate(pictures.channels)}
    layers = []
    for name, field in fields.items():
        partner, unit = variable(name).partner, display(variable(name).unit).unit
        if partner in fields and partner is not None:
            if list(fields).index(partner) > list(fields).index(name):
                speed = np.hypot(field, fields[partner])
                top = max(float(np.nanquantile(speed, 0.99)), 1e-12)
                layers.append(_Layer("drift speed", "speed", speed, (field, fields[partner]), 0.0, top, unit))
            continue
        lower, upper = variable(name).lower, variable(name).upper
        if lower is None and name not in RANGED:
            low, top = _limits(field, name)
        else:
            low, top = (float(np.nanquantile(field, share)) for share in (0.002, 0.998))
            low, top = low if lower is None else lower, max(top, 1e-12) if upper is None else upper
        layers.append(_Layer(_row_title(name), name, field, None, low, top, unit))
    return layers


def _row_title(name: str) -> str:
    if name in _SURFACE:
        return f"{_SURFACE[name]} ({name})"
    words = variable(name).long_name.replace("sea-ice ", "").replace(" (cell mean)", "")
    return f"{words} ({name})" if len(words) < 16 else words


def _aspect(pictures: Surfaces) -> float:
    ny, nx = pictures.grid.shape
    return ny / nx
