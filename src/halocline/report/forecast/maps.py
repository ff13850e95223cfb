"""Maps of a forecast: truth, ensemble mean, two members and spread, a row a lead."""

import numpy as np
from matplotlib.figure import Figure

from halocline.data.fields.variables import channel
from halocline.data.grids.grid import Grid
from halocline.evaluate.forecast.pictures import Frames
from halocline.report.map_grid import Column, Sheet
from halocline.report.numbers import display


def forecast_maps(frames: Frames, grid: Grid, channels: tuple[str, ...], name: str) -> Figure | None:
    """Draw one variable, or ``speed`` of the drift; None if it is not there.

    Truth, mean and members share one scale over all leads; the spread has its own.
    """
    if not (set(channels) >= {"siu", "siv"} if name == "speed" else name in channels):
        return None
    truth, mean, spread, *members = (
        _field(states, channels, name)
        for states in (frames.truth, frames.mean, frames.spread, *frames.members.swapaxes(0, 1))
    )
    unit = display("m s-1" if name == "speed" else channel(name).unit)
    shown = [np.where(grid.mask, field * unit.factor, np.nan) for field in (truth, mean, *members)]
    titles = ["truth", "ensemble mean", "member 1", "member 2"][: len(shown)]
    columns: list[Column] = [*(["map"] * len(shown)), "bar"]  # type: ignore[list-item]
    if len(members) > 1:
        columns += ["map", "bar"]
    else:
        titles = ["truth", "forecast"]
        shown, columns = shown[:2], ["map", "map", "bar"]
    sheet = Sheet(len(frames.lead_hours), columns, grid.shape[0] / grid.shape[1])
    places = [k for k, column in enumerate(columns) if column == "map"]
    for place, title in zip(places, [*titles, "spread"], strict=False):
        sheet.title(place, title)
    low, high = _limits(np.stack(shown), name)
    top = max(float(np.nanquantile(spread * unit.factor, 0.998)), 1e-12)
    for row, hours in enumerate(frames.lead_hours):
        sheet.label(row, f"day {hours / 24:g}")
        for place, field in zip(places, shown, strict=False):
            image = sheet.map(row, place, field[row], name, low, high)
        sheet.bar(row, columns.index("bar"), image, unit.unit)
        if len(members) > 1:
            field = np.where(grid.mask, spread[row] * unit.factor, np.nan)
            sheet.bar(row, len(columns) - 1, sheet.map(row, places[-1], field, "std", 0.0, top), unit.unit)
    return sheet.figure


def _field(states: np.ndarray, channels: tuple[str, ...], name: str) -> np.ndarray:
    """Return (lead, y, x) of a variable or of the drift's speed, of states (lead, channel, y, x)."""
    if name == "speed":
        return np.hypot(states[:, channels.index("siu")], states[:, channels.index("siv")])
    return states[:, channels.index(name)]


def _limits(fields: np.ndarray, name: str) -> tuple[float, float]:
    upper = None if name == "speed" else channel(name).upper
    high = max(float(np.nanquantile(np.abs(fields), 0.998)), 1e-12) if upper is None else upper
    signed = name != "speed" and channel(name).lower is None
    return (-high if signed else 0.0), high
