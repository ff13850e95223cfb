"""Bring fields of a forcing file to cell centres and corners of the model grid."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import xarray as xr
from scipy import ndimage

from halocline.runtime.errors import InputError
from halocline.worlds.arctic.domain import PROJECTION, Domain
from halocline.worlds.arctic.open_file import check_grid


class FieldReader(Protocol):
    """Turns the raw fields of one record into fields on the model grid."""

    def read(self, raw: dict[str, np.ndarray], what: str) -> dict[str, np.ndarray]:
        """Return scalars and grid-axis winds on centres, and ``u10_corner``, ``v10_corner``."""
        ...


def field_reader(data: xr.Dataset, names: tuple[str, ...], domain: Domain) -> FieldReader:
    """Return the reader that fits the file's horizontal grid.

    Raises:
        InputError: If the grid is neither the model's nor a regular latitude-longitude grid that covers it.
    """
    dims = data[names[0]].dims[1:]
    if dims == ("y", "x"):
        check_grid(data, domain.grid, "forcing")
        return SameGrid(domain)
    pairs = (("latitude", "longitude"), ("lat", "lon"))
    if dims in pairs and all(d in data.variables for d in dims):
        return _lat_lon(np.asarray(data[dims[0]].values, float), np.asarray(data[dims[1]].values, float), domain)
    raise InputError(
        "forcing grid",
        found=f"dimensions {', '.join(map(str, data[names[0]].dims))}",
        expected="(time, y, x) on the model's grid, or (time, latitude, longitude)",
        remedy="Transpose or regrid the file.",
    )


class SameGrid:
    """Fields that lie on the model's grid already; land may be NaN and takes the nearest ocean's value."""

    def __init__(self, domain: Domain) -> None:
        self._ocean = domain.ocean

    def read(self, raw: dict[str, np.ndarray], what: str) -> dict[str, np.ndarray]:
        """Return the fields on the model's grid, the wind on corners too; land takes the nearest ocean cell's value."""
        out = {}
        for name, values in raw.items():
            _require_finite(values[self._ocean], name, what)
            out[name] = _fill(values)
        for name in ("u10", "v10"):
            padded = np.pad(out[name], 1, mode="edge")
            out[f"{name}_corner"] = 0.25 * (padded[:-1, :-1] + padded[:-1, 1:] + padded[1:, :-1] + padded[1:, 1:])
        return out


def _fill(values: np.ndarray) -> np.ndarray:
    missing = ~np.isfinite(values)
    if not missing.any():
        return values
    nearest = ndimage.distance_transform_edt(missing, return_distances=False, return_indices=True)
    filled: np.ndarray = values[tuple(nearest)]
    return filled


@dataclass(frozen=True, eq=False)
class LatLonGrid:
    """Bilinear interpolation from a regular latitude-longitude grid.

    Attributes:
        north_first: Whether the file's latitudes decrease.
        order: Columns in increasing longitude.
        lon: Those longitudes, degrees.
        centre: (row, column) positions of the cell centres in the reordered field.
        corner: The same of the corners.
        shapes: Shapes of centres and corners.
    """

    north_first: bool
    order: np.ndarray
    lon: np.ndarray
    centre: np.ndarray
    corner: np.ndarray

    def read(self, raw: dict[str, np.ndarray], what: str) -> dict[str, np.ndarray]:
        """See FieldReader. Winds turn to the grid's axes before they are interpolated, so that the pole is no seam."""
        fields = {}
        for name, values in raw.items():
            _require_finite(values, name, what)
            ordered = values[:, self.order]
            fields[name] = ordered[::-1] if self.north_first else ordered
        fields["u10"], fields["v10"] = PROJECTION.rotate_to_grid(fields["u10"], fields["v10"], self.lon[None, :])
        out = {name: self._to(self.centre, values) for name, values in fields.items()}
        for name in ("u10", "v10"):
            out[f"{name}_corner"] = self._to(self.corner, fields[name])
        return out

    @staticmethod
    def _to(position: np.ndarray, values: np.ndarray) -> np.ndarray:
        periodic = np.concatenate([values[:, -1:], values, values[:, :1]], axis=1)
        return ndimage.map_coordinates(periodic, position, order=1, mode="nearest")


def _lat_lon(lat: np.ndarray, lon: np.ndarray, domain: Domain) -> LatLonGrid:
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
    corner_lat, corner_lon = PROJECTION.inverse(domain.corner_x[None, :], domain.corner_x[:, None])
    south = float(domain.grid.lat[domain.ocean].min())
    if lat[0] > south or lat[-1] < 90.0 - 1.01 * step_lat[0]:
        raise _coverage(f"latitudes {lat[0]:g} to {lat[-1]:g}", f"{south:.1f} to 90 degrees north")

    def position(at_lat: np.ndarray, at_lon: np.ndarray) -> np.ndarray:
        rows = np.clip((at_lat - lat[0]) / step_lat[0], 0.0, lat.size - 1.0)
        columns = ((at_lon % 360.0) - east[0]) / step_lon[0]
        return np.stack([rows, columns % east.size + 1.0])

    return LatLonGrid(
        north_first, order, lon[order], position(domain.grid.lat, domain.grid.lon), position(corner_lat, corner_lon)
    )


def _coverage(found: str, expected: str) -> InputError:
    return InputError(
        "forcing grid", found=found, expected=expected, remedy="Download or cut the file so that it covers the Arctic."
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
