"""How the commands would read a file: as sea ice, as an ocean, as weather; in words and on a small map."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from halocline.data.files.open import open_dataset
from halocline.data.grids.grid import Grid
from halocline.data.reading.axes import name_axes
from halocline.data.reading.choices import Choices
from halocline.data.reading.names import ours_of
from halocline.data.reading.notes import Notes
from halocline.data.reading.read import Reading, read_states
from halocline.data.reading.times import time_axis
from halocline.data.reading.work import Group, Work
from halocline.runtime.errors import InputError

ROLES: dict[Group, str] = {
    "seaice": "as sea ice (forecast and simulate --start, score, constrain, import)",
    "ocean": "as an ocean (constrain, score, export nemo, integrate, import)",
    "forcing": "as weather (forecast and simulate --forcing, import era5)",
}
_WIDE, _HIGH = 48, 20
_SHADES = ".:-=+*%@"


def roles_of(path: Path) -> tuple[Group, ...]:
    """Return as what a file can be read: the groups of which it has variables."""
    dataset = open_dataset(path)
    return tuple(group for group in ROLES if ours_of(dataset, group))


def how_read(path: Path, choices: Choices) -> dict[str, Any]:
    """Return how a file would be read in each of its roles, by the first of its records.

    Returns:
        ``times``; ``readings``, by words for each what is found or would be refused; and ``map``, lines of text.
    """
    roles: dict[str, Any] = {}
    about: dict[str, Any] = {"times": _times(path), "readings": roles}
    for group in roles_of(path):
        try:
            reading = _first(path, group, choices)
        except InputError as error:
            roles[ROLES[group]] = {"refused": str(error)}
            continue
        roles[ROLES[group]] = _facts(reading, group)
        if group != "forcing" and "map" not in about and {"mask", "lat"} <= set(reading.dataset.variables):
            about["map"] = small_map(reading.dataset)
    return about


def small_map(dataset: xr.Dataset) -> list[str]:
    """Return a grid as lines of text, the last row uppermost: land '#', ocean ' ', concentration by shade."""
    mask = np.asarray(dataset["mask"].values) > 0.5
    rows, columns = (
        np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int))
        for n, most in zip(mask.shape, (_HIGH, _WIDE), strict=True)
    )
    shade = np.zeros(mask.shape)
    if "sic" in dataset.variables:
        shade = np.nan_to_num(dataset["sic"].values.reshape(-1, *mask.shape)[0])
    lines = []
    for j in rows[::-1]:
        cells = (
            "#"
            if not mask[j, i]
            else " "
            if shade[j, i] <= 0
            else _SHADES[min(int(shade[j, i] * len(_SHADES)), len(_SHADES) - 1)]
            for i in columns
        )
        lines.append("".join(cells).rstrip())
    return lines


def _first(path: Path, group: Group, choices: Choices) -> Reading:
    dataset = name_axes(open_dataset(path).copy(), Work(str(path), group, choices, None))
    dataset = dataset.isel({d: slice(0, 1) for d in ("time", "member") if d in dataset.dims}).load()
    return read_states(dataset, group=group, choices=choices, source=str(path), needs_grid=group != "forcing")


def _times(path: Path) -> str:
    work = Work(str(path), "seaice", Choices(), None)
    dataset = name_axes(open_dataset(path, times="cftime").copy(), work)
    axis = time_axis(dataset, work)
    if work.problems.found:
        return "; ".join(str(error) for error in work.problems.found)
    if axis is None:
        return "none: a forecast or a simulation is told its date by --at"
    first, last = axis.dates[[0, -1]]
    kind = "means, dated by the middle of their bounds" if axis.mean else "instants"
    return f"{len(axis.hours)} from {first} to {last}, calendar {axis.calendar}, {kind}"


def _facts(reading: Reading, group: Group) -> dict[str, Any]:
    dataset, notes = reading.dataset, reading.notes
    found: dict[str, Any] = {"variables": {name: _variable(dataset[name]) for name in reading.names}}
    if {"lat", "lon", "mask"} <= set(dataset.variables):
        place = _place(reading)
        found |= place if group != "forcing" else {"grid": place["grid"], "latitudes": place["latitudes"]}
    vectors = [name for name in reading.names if name in ("siu", "u10", "uo")]
    if vectors:
        turned = any("east" in text for name in vectors for text in notes.about("converted", name))
        found["vectors"] = (
            "eastward and northward in the file, turned to the grid's axes"
            if turned
            else (
                "along the axes of the grid" if group != "forcing" else "as on latitudes and longitudes: east and north"
            )
        )
    found["notes"] = _told(notes)
    return found


def _variable(array: xr.DataArray) -> str:
    theirs, values = array.attrs.get("halocline_name"), np.asarray(array.values)
    name = f"from '{theirs}', " if theirs else ""
    return f"{name}{np.nanmin(values):.4g} to {np.nanmax(values):.4g} {array.attrs.get('units', '')}".rstrip()


def _place(reading: Reading) -> dict[str, Any]:
    grid: Grid = reading.grid
    ny, nx = grid.shape
    size = f", {grid.spacing / 1e3:.4g} km" if np.isfinite(grid.spacing) and grid.spacing > 500 else ""
    plane = str(grid.projection.get("grid_mapping_name", "no projection: curvilinear, or latitudes and longitudes"))
    if "straight_vertical_longitude_from_pole" in grid.projection:
        plane += f", longitude {grid.projection['straight_vertical_longitude_from_pole']:g} downwards"
    return {
        "grid": f"{ny} x {nx} cells (y, x){size}; {plane}",
        "latitudes": f"{np.nanmin(grid.lat):.2f} to {np.nanmax(grid.lat):.2f}",
        "mask": f"{int(grid.mask.sum())} ocean cells, {int((~grid.mask).sum())} land",
    }


def _told(notes: Notes) -> list[str]:
    return notes.told() or ["nothing converted, filled or dropped"]
