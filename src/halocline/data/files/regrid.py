"""Bring fields of a file to a grid: those that lie on it already, and those on a global latitude-longitude grid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import xarray as xr
from scipy import ndimage

from halocline.data.fields.symmetries import vector_pairs
from halocline.data.files.same_grid import check_grid
from halocline.data.grids.grid import Grid
from halocline.data.grids.orientation import handedness, turn_of
from halocline.data.grids.projection import projection_of, to_grid
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


def field_reader(data: xr.Dataset, names: Sequence[str], grid: Grid, corners: Points | None = None) -> FieldReader:
    """Return the reader that fits a file's horizontal grid.

    Args:
        data: The file; variables with dimensions (time, y, x), or (time, latitude, longitude).
        names: The variables; all lie on one grid.
        grid: The grid wanted.
        corners: Where the corners of its cells lie, each (y + 1, x + 1), if vectors are wanted there too.

    Raises:
        InputError: If the file's grid is neither ``grid`` nor a regular latitude-longitude grid that covers it.
    """
    dims = data[names[0]].dims[1:]
    if dims == ("y", "x"):
        check_grid(data, grid, "forcing")
        return SameGrid(grid.mask, with_corners=corners is not None)
    pairs = (("latitude", "longitude"), ("lat", "lon"))
    if dims in pairs and all(d in data.variables for d in dims):
        lat, lon = (np.asarray(data[d].values, float) for d in dims)
        return LatLonGrid.onto(grid, lat, lon, corners)
    raise InputError(
        "forcing grid",
        found=f"dimensions {', '.join(map(str, data[names[0]].dims))}",
        expected="(time, y, x) on the model's grid, or (time, latitude, longitude)",
        remedy="Transpose or regrid the file.",
    )


@dataclass(frozen=True, eq=False)
class SameGrid:
    """Fields that lie on the grid already; land may be NaN and takes the nearest ocean's value.

    Attributes:
        ocean: True where a value is needed (y, x).
        with_corners: Whether vectors are wanted at the corners too.
    """

    ocean: np.ndarray
    with_corners: bool = False

    def read(self, raw: Mapping[str, np.ndarray], what: str) -> dict[str, np.ndarray]:
        """Return the fields at the cells' centres (y, x), and vectors at the corners too if these are wanted."""
        out = {}
        for name, values in raw.items():
            _require_finite(values[self.ocean], name, what)
            out[name] = _fill(values)
        for name in _components(list(raw)) if self.with_corners else []:
            padded = np.pad(out[name], 1, mode="edge")
            out[name + CORNER] = 0.25 * (padded[:-1, :-1] + padded[:-1, 1:] + padded[1:, :-1] + padded[1:, 1:])
        return out


@dataclass(frozen=True, eq=False)
class LatLonGrid:
    """Bilinear interpolation from a regular latitude-longitude grid around the globe.

    Attributes:
        north_first: Whether the file's latitudes decrease.
        order: Columns in increasing longitude.
        turn: By how much north is turned from the grid's y axis at the file's points, as ``Projection.turn``; None if
            the grid has no projection.
        turn_here: The same at the cell centres, for grids without a projection; None if the grid has one.
        hand: 1, or -1 for a grid whose y lies right of x.
        centre: (row, column) positions of the cell centres in the reordered field.
        corner: The same of the corners; None if they are not wanted.
    """

    north_first: bool
    order: np.ndarray
    turn: np.ndarray | None
    turn_here: np.ndarray | None
    hand: int
    centre: np.ndarray
    corner: np.ndarray | None

    @classmethod
    def onto(cls, grid: Grid, lat: np.ndarray, lon: np.ndarray, corners: Points | None) -> "LatLonGrid":
        """Prepare the interpolation.

        Raises:
            InputError: If latitudes or longitudes are not regular, or do not cover the grid's ocean.
        """
        north_first = bool(lat[0] > lat[-1])
        lat = lat[::-1] if north_first else lat
        turned = lon % 360.0
        order = np.argsort(turned, kind="stable")
        east = turned[order]
        step_lat, step_lon = np.diff(lat), np.diff(east)
        regular = lat.size > 1 and east.size > 1 and np.allclose(step_lat, step_lat[0], atol=1e-3)
        if not regular or not np.allclose(step_lon, step_lon[0], atol=1e-3):
            raise _coverage("latitudes or longitudes at unequal steps", "a regular grid, each longitude once")
        if abs(east[0] + 360.0 - east[-1] - step_lon[0]) > 1e-2:
            raise _coverage(f"longitudes {lon.min():g} to {lon.max():g}", "all longitudes around the globe")
        wet = grid.lat[grid.mask]
        pole = 90.0 - 1.01 * step_lat[0]  # beyond the last row the pole takes its values
        south, north = max(float(wet.min()), -pole), min(float(wet.max()), pole)
        if lat[0] > south or lat[-1] < north:
            found = f"latitudes {lat[0]:g} to {lat[-1]:g}"
            raise _coverage(found, f"{wet.min():.1f} to {wet.max():.1f} degrees north")

        def position(at_lat: np.ndarray, at_lon: np.ndarray) -> np.ndarray:
            rows = np.clip((at_lat - lat[0]) / step_lat[0], 0.0, lat.size - 1.0)
            columns = ((at_lon % 360.0) - east[0]) / step_lon[0]
            return np.stack([rows, columns % east.size + 1.0])

        plane = projection_of(grid.projection) if grid.projection else None
        turn = None if plane is None else plane.turn(lat[:, None], lon[order][None, :])
        here = None if grid.projection else turn_of(grid)
        corner = None if corners is None else position(*corners)
        return cls(north_first, order, turn, here, handedness(grid), position(grid.lat, grid.lon), corner)

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

    @staticmethod
    def _to(position: np.ndarray, values: np.ndarray) -> np.ndarray:
        periodic = np.concatenate([values[:, -1:], values, values[:, :1]], axis=1)
        return ndimage.map_coordinates(periodic, position, order=1, mode="nearest")


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
