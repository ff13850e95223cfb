"""Bring fields of a file to a grid: those that lie on it already, and those on a global latitude-longitude grid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import xarray as xr
from scipy import ndimage

from halocline.data.fields.symmetries import vector_pairs
from halocline.data.fields.variables import variable
from halocline.data.grids.grid import Grid
from halocline.data.grids.orientation import handedness, turn_of
from halocline.data.grids.projection import projection_of, to_grid
from halocline.data.reading.facing import face
from halocline.data.reading.place import place_cells
from halocline.data.reading.vectors import basis_of
from halocline.data.reading.work import Work
from halocline.runtime.errors import InputError

CORNER = "_corner"
Points = tuple[np.ndarray, np.ndarray]
"""Latitudes and longitudes, degrees."""


class FieldReader(Protocol):
    """Turns the raw fields of one record into fields on a grid."""

    def read(self, raw: Mapping[str, np.ndarray], what: str) -> dict[str, np.ndarray]:
        """Return fields at the cells' centres (y, x), vectors along the grid's axes.

        Where corners were asked for, the components of vectors stand there too, as ``NAME_corner`` (y + 1, x + 1).

        Args:
            raw: Fields as they lie in the file, by name; vectors eastward and northward on latitude-longitude grids.
            what: Which record, for errors.

        Raises:
            InputError: If a value is not finite.
        """


def has_horizontal_axes(data: xr.Dataset, name: str, work: Work) -> bool:
    """Tell whether a variable has the axes y and x under our names; it is a problem if not."""
    dims = set(data[name].dims)
    if fits := {"y", "x"} <= dims <= _AXES:
        return fits
    work.wrong(
        f"'{name}'",
        found=f"dimensions {', '.join(map(str, data[name].dims))}",
        expected="(time, y, x) on the model's grid, or (time, latitude, longitude)",
        remedy="Rename the horizontal dimensions; select along the others.",
    )
    return False


def field_reader(
    data: xr.Dataset, names: Sequence[str], grid: Grid, corners: Points | None, work: Work
) -> tuple[xr.Dataset, FieldReader]:
    """Return the file in the grid's order of rows and columns, and the reader that fits its horizontal grid.

    Args:
        data: The file, axes under our names; lazily.
        names: The variables; all lie on one grid.
        grid: The grid wanted.
        corners: Where the corners of its cells lie, each (y + 1, x + 1), if vectors are wanted there too.
        work: Notes and problems.

    Raises:
        InputError: If the file's grid is neither ``grid`` nor one of latitudes and longitudes that covers it.
    """
    axes = _latitudes_and_longitudes(data)
    if axes is not None:
        reader = LatLonGrid.onto(grid, *axes, corners)
        turned = ", vectors turned to the grid's axes" if vector_pairs(names) else ""
        work.notes.add("converted", "grid", f"from latitudes and longitudes, bilinear{turned}")
        return data, reader
    data = face(place_cells(data, work), tuple(names), work)
    turns = {}
    for u, v in ((names[k], names[m]) for k, m in vector_pairs(names)):
        if basis_of(data, variable(u), variable(v), work) == "east":
            turns[u] = v
            work.notes.add("converted", u, f"eastward and northward, with '{v}', to along the grid's axes")
    turn, hand = _axes_of(grid) if turns else (np.zeros(grid.shape), 1)
    return data, SameGrid(grid.mask, corners is not None, turns, turn, hand)


def _axes_of(grid: Grid) -> tuple[np.ndarray, int]:
    """Return by how much north is turned from the y axis (y, x), and the hand of the axes."""
    plane = projection_of(grid.projection) if grid.projection else None
    return (turn_of(grid), handedness(grid)) if plane is None else (plane.turn(grid.lat, grid.lon), 1)


_AXES = {"time", "y", "x", "member", "depth", "expver"}


def _latitudes_and_longitudes(data: xr.Dataset) -> Points | None:
    """Return latitudes (y,) and longitudes (x,) of a file whose axes they are; None for another grid."""
    found = []
    for ours, axis, standard in (("lat", "y", "latitude"), ("lon", "x", "longitude")):
        if axis in data.variables and data[axis].attrs.get("standard_name") == standard:
            found.append(np.asarray(data[axis].values, np.float64))
        elif ours in data.variables and data[ours].dims == (axis,):
            found.append(np.asarray(data[ours].values, np.float64))
    return (found[0], found[1]) if len(found) == 2 else None


@dataclass(frozen=True, eq=False)
class SameGrid:
    """Fields that lie on the grid already; land may be NaN and takes the nearest ocean's value.

    Attributes:
        ocean: True where a value is needed (y, x).
        with_corners: Whether vectors are wanted at the corners too.
        turned: Eastward components of vectors to be turned to the grid's axes, and the northward one of each.
        turn: By how much north is turned from the grid's y axis (y, x), as ``Projection.turn``.
        hand: 1, or -1 for a grid whose y lies right of x.
    """

    ocean: np.ndarray
    with_corners: bool
    turned: Mapping[str, str]
    turn: np.ndarray
    hand: int

    def read(self, raw: Mapping[str, np.ndarray], what: str) -> dict[str, np.ndarray]:
        """Return the fields at the cells' centres (y, x), and vectors at the corners too if these are wanted."""
        out = {}
        for name, values in raw.items():
            _require_finite(values[self.ocean], name, what)
            out[name] = _fill(values)
        for u, v in self.turned.items():
            out[u], left = to_grid(out[u], out[v], self.turn)
            out[v] = self.hand * left
        for name in _components(list(raw)) if self.with_corners else []:
            padded = np.pad(out[name], 1, mode="edge")
            out[name + CORNER] = 0.25 * (padded[:-1, :-1] + padded[:-1, 1:] + padded[1:, :-1] + padded[1:, 1:])
        return out


@dataclass(frozen=True, eq=False)
class LatLonGrid:
    """Bilinear interpolation from a grid of latitudes and longitudes that covers the grid wanted.

    Latitudes may lie at unequal steps (Gaussian ones); longitudes go around the globe, or span the grid wanted.

    Attributes:
        north_first: Whether the file's latitudes decrease.
        order: Columns in increasing longitude.
        around: Whether the longitudes go around the globe.
        turn: By how much north is turned from the grid's y axis at the file's points, as ``Projection.turn``; None if
            the grid has no projection.
        turn_here: The same at the cell centres, for grids without a projection; None if the grid has one.
        hand: 1, or -1 for a grid whose y lies right of x.
        centre: (row, column) positions of the cell centres in the reordered field.
        corner: The same of the corners; None if they are not wanted.
    """

    north_first: bool
    order: np.ndarray
    around: bool
    turn: np.ndarray | None
    turn_here: np.ndarray | None
    hand: int
    centre: np.ndarray
    corner: np.ndarray | None

    @classmethod
    def onto(cls, grid: Grid, lat: np.ndarray, lon: np.ndarray, corners: Points | None) -> "LatLonGrid":
        """Prepare the interpolation.

        Raises:
            InputError: If they are no grid, or do not cover the grid's ocean.
        """
        north_first = bool(lat[0] > lat[-1])
        lat = lat[::-1] if north_first else lat
        order, east, around = _columns(lon)
        step_lat, step_lon = np.diff(lat), np.diff(east)
        if not (lat.size > 1 and east.size > 1 and (step_lat > 0).all()):
            raise _coverage("latitudes that go to and fro, or one row or column", "latitudes and longitudes in order")
        if not np.allclose(step_lon, step_lon[0], atol=1e-3):
            raise _coverage("longitudes at unequal steps", "longitudes at equal steps, each once")
        wet = grid.mask
        if not around and (beyond := _offset(grid.lon[wet], east[0]).max() - (east[-1] - east[0])) > 1e-6:
            found = f"longitudes {lon.min():g} to {lon.max():g}, {beyond:.3g} degrees short of the grid"
            raise _coverage(found, "longitudes that span the grid, or all around the globe")
        pole = 90.0 - 1.01 * np.array([step_lat[0], step_lat[-1]])  # beyond the last row the pole takes its values
        south, north = max(float(grid.lat[wet].min()), -pole[0]), min(float(grid.lat[wet].max()), pole[1])
        if lat[0] > south or lat[-1] < north:
            found = f"latitudes {lat[0]:g} to {lat[-1]:g}"
            raise _coverage(found, f"{grid.lat[wet].min():.1f} to {grid.lat[wet].max():.1f} degrees north")

        def position(at_lat: np.ndarray, at_lon: np.ndarray) -> np.ndarray:
            rows = np.clip(_index(lat, at_lat), 0.0, lat.size - 1.0)
            if not around:
                return np.stack([rows, np.clip(_offset(at_lon, east[0]) / step_lon[0], 0.0, east.size - 1.0)])
            columns = ((at_lon % 360.0) - east[0]) / step_lon[0]
            return np.stack([rows, columns % east.size + 1.0])

        plane = projection_of(grid.projection) if grid.projection else None
        turn = None if plane is None else plane.turn(lat[:, None], lon[order][None, :])
        here = None if grid.projection else turn_of(grid)
        corner = None if corners is None else position(*corners)
        return cls(north_first, order, around, turn, here, handedness(grid), position(grid.lat, grid.lon), corner)

    def read(self, raw: Mapping[str, np.ndarray], what: str) -> dict[str, np.ndarray]:
        """Return the fields at the cells' centres, vectors turned before: the pole is no seam."""
        fields = {}
        for name, values in raw.items():
            _require_finite(values, name, what)
            ordered = values[:, self.order]
            fields[name] = ordered[::-1] if self.north_first else ordered
        names = list(fields)
        if self.turn is not None:
            for u, v in vector_pairs(names):
                fields[names[u]], fields[names[v]] = to_grid(fields[names[u]], fields[names[v]], self.turn)
        out = {name: self._to(self.centre, values) for name, values in fields.items()}
        if self.turn_here is not None:
            for u, v in vector_pairs(names):
                out[names[u]], left = to_grid(out[names[u]], out[names[v]], self.turn_here)
                out[names[v]] = self.hand * left
        if self.corner is not None:
            for name in _components(names):
                out[name + CORNER] = self._to(self.corner, fields[name])
        return out

    def _to(self, position: np.ndarray, values: np.ndarray) -> np.ndarray:
        periodic = np.concatenate([values[:, -1:], values, values[:, :1]], axis=1) if self.around else values
        return ndimage.map_coordinates(periodic, position, order=1, mode="nearest")


def _columns(lon: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return the order of columns eastward, their longitudes in it, and whether they go around the globe."""
    east, order = np.unique(lon % 360.0, return_index=True)  # some files repeat the first column as the last
    gaps = np.diff(east, append=east[0] + 360.0)
    widest = int(np.argmax(gaps))
    if abs(gaps[-1] - gaps[0]) <= 1e-2 or widest == east.size - 1:
        return order, east, bool(abs(gaps[-1] - gaps[0]) <= 1e-2)
    order = np.roll(order, -widest - 1)  # a region across the meridian of Greenwich begins after its widest gap
    east = np.roll(east, -widest - 1)
    return order, east[0] + (east - east[0]) % 360.0, False


def _offset(lon: np.ndarray, first: float) -> np.ndarray:
    """Return degrees east of the first column, 0..360; rounding west of it counts as 0."""
    offset = (lon - first) % 360.0
    return np.where(offset > 360.0 - 1e-6, 0.0, offset)


def _index(axis: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return where values lie on an increasing axis, in steps from its first value."""
    steps = np.diff(axis)
    if np.allclose(steps, steps[0], atol=1e-3):
        return (at - axis[0]) / steps[0]
    return np.interp(at, axis, np.arange(axis.size))


def _components(names: Sequence[str]) -> list[str]:
    return [names[k] for pair in vector_pairs(names) for k in pair]


def _fill(values: np.ndarray) -> np.ndarray:
    missing = ~np.isfinite(values)
    if not missing.any():
        return values
    nearest = ndimage.distance_transform_edt(missing, return_distances=False, return_indices=True)
    filled: np.ndarray = values[tuple(nearest)]
    return filled


def _coverage(found: str, expected: str) -> InputError:
    return InputError(
        "forcing grid", found=found, expected=expected, remedy="Download or cut the file so that it covers the grid."
    )


def _require_finite(values: np.ndarray, name: str, what: str) -> None:
    bad = int((~np.isfinite(values)).sum())
    if bad:
        raise InputError(
            f"forcing variable '{name}', {what}",
            found=f"{bad} cells that are NaN or infinite",
            expected="a finite value on every ocean cell, in every record",
            remedy="Fill the gap, e.g. by interpolation in time.",
        )
