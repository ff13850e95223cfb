"""A horizontal grid: coordinates, ocean mask, true cell areas, and a fingerprint of all of them."""

import hashlib
from dataclasses import dataclass

import numpy as np
import xarray as xr

from halocline.runtime.errors import InputError


@dataclass(frozen=True, eq=False)
class Grid:
    """A rectangular array of cells on the sphere.

    Attributes:
        name: For people, e.g. ``arctic-100km``.
        x: Cell centres along x on the projection plane (x,), metres.
        y: Cell centres along y on the projection plane (y,), metres.
        lat: Latitude of the centres (y, x), degrees north.
        lon: Longitude of the centres (y, x), degrees east, -180..180.
        area: Area of the cells on the sphere (y, x), m2 (not on the projection plane).
        mask: True where the cell is ocean (y, x).
        spacing: Nominal distance between centres on the projection plane, metres.
        projection: CF grid mapping attributes.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    area: np.ndarray
    mask: np.ndarray
    spacing: float
    projection: dict[str, str | float]

    @property
    def shape(self) -> tuple[int, int]:
        """(y, x)."""
        ny, nx = self.mask.shape
        return ny, nx

    def fingerprint(self) -> str:
        """Return a short sha256 over mask and coordinates; equal grids have equal fingerprints."""
        digest = hashlib.sha256()
        digest.update(np.packbits(self.mask).tobytes())
        for values in (self.lat, self.lon, self.area):
            digest.update(np.round(np.asarray(values, np.float64), 3).astype("<f8").tobytes())
        return digest.hexdigest()[:16]

    def static_maps(self) -> np.ndarray:
        """Return what networks know of the place (3, y, x): ocean mask, position along y and along x in -1..1."""
        ny, nx = self.shape
        y, x = np.meshgrid(np.linspace(-1, 1, ny), np.linspace(-1, 1, nx), indexing="ij")
        return np.stack([self.mask.astype(float), y, x]).astype(np.float32)

    def to_dataset(self) -> xr.Dataset:
        """Return the grid as a CF dataset with dimensions (y, x)."""
        dims = ("y", "x")
        return xr.Dataset(
            {
                "mask": (
                    dims,
                    self.mask.astype(np.int8),
                    {"long_name": "ocean mask, 1 = ocean", "units": "1"},
                ),
                "area": (dims, self.area.astype(np.float64), {"standard_name": "cell_area", "units": "m2"}),
                "projection": ((), np.int32(0), dict(self.projection)),
            },
            coords={
                "x": ("x", self.x, {"standard_name": "projection_x_coordinate", "units": "m"}),
                "y": ("y", self.y, {"standard_name": "projection_y_coordinate", "units": "m"}),
                "lat": (dims, self.lat, {"standard_name": "latitude", "units": "degrees_north"}),
                "lon": (dims, self.lon, {"standard_name": "longitude", "units": "degrees_east"}),
            },
            attrs={
                "grid": self.name,
                "grid_spacing_m": float(self.spacing),
                "grid_fingerprint": self.fingerprint(),
            },
        )

    @classmethod
    def from_dataset(cls, dataset: xr.Dataset) -> "Grid":
        """Read a grid back from the form of ``to_dataset``.

        Raises:
            InputError: If one of the grid's variables is missing.
        """
        for name in ("mask", "area", "lat", "lon", "x", "y"):
            if name not in dataset.variables:
                raise InputError(
                    f"grid variable '{name}'",
                    found=f"only {', '.join(map(str, dataset.variables))}",
                    expected="mask, area, lat, lon, x and y beside the states",
                    remedy="Write the states with Halocline, or add the grid's variables to the file.",
                )
        spacing = dataset.attrs.get("grid_spacing_m", float(np.median(np.abs(np.diff(dataset["x"].values)))))
        projection = dict(dataset["projection"].attrs) if "projection" in dataset.variables else {}
        return cls(
            name=str(dataset.attrs.get("grid", "unnamed")),
            x=np.asarray(dataset["x"].values, np.float64),
            y=np.asarray(dataset["y"].values, np.float64),
            lat=np.asarray(dataset["lat"].values, np.float64),
            lon=np.asarray(dataset["lon"].values, np.float64),
            area=np.asarray(dataset["area"].values, np.float64),
            mask=np.asarray(dataset["mask"].values) > 0.5,
            spacing=float(spacing),
            projection=projection,
        )
