"""A grid: horizontal coordinates, ocean mask, true cell areas, levels if any, and a fingerprint of all of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from halocline.data.fields.variables import channel_variable
from halocline.data.grids.ocean_grid import OceanGrid
from halocline.data.grids.vertical import Vertical
from halocline.runtime.errors import InputError


@dataclass(frozen=True, eq=False)
class Grid:
    """A rectangular array of cells on the sphere.

    Attributes:
        name: For people, e.g. ``arctic-100km``.
        x: Cell centres along x (x,): metres on the projection plane, degrees east on a geographic grid.
        y: Cell centres along y (y,): metres on the projection plane, degrees north on a geographic grid.
        lat: Latitude of the centres (y, x), degrees north.
        lon: Longitude of the centres (y, x), degrees east, -180..180.
        area: Area of the cells on the sphere (y, x), m2 (not on the projection plane).
        mask: True where the cell is ocean (y, x); with levels, at the surface.
        spacing: Nominal distance between centres, metres.
        projection: CF grid mapping attributes; ``{"grid_mapping_name": "latitude_longitude"}`` for geographic grids.
        vertical: The levels; None for a grid of surface fields.
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
    vertical: Vertical | None = None

    def __post_init__(self) -> None:
        if self.vertical is not None and not np.array_equal(self.vertical.mask[0], self.mask):
            raise InputError(
                f"grid {self.name}",
                found=f"an ocean mask {self.mask.shape} that differs from the uppermost level's",
                expected="mask (y, x) equal to level 0 of the levels' mask (level, y, x)",
                remedy="Give mask = vertical.mask[0].",
            )

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
        if self.vertical is not None:
            digest.update(np.packbits(self.vertical.mask).tobytes())
            for values in (self.vertical.depth, self.vertical.thickness):
                digest.update(np.round(np.asarray(values, np.float64), 3).astype("<f8").tobytes())
        return digest.hexdigest()[:16]

    def channel_mask(self, channels: Sequence[str]) -> np.ndarray:
        """Return which cells of each channel are wet (channel, y, x): its level's for a level, else the surface's.

        Raises:
            InputError: If a channel names a level that the grid has not.
        """
        return np.stack([self._channel_wet(name) for name in channels])

    def _channel_wet(self, name: str) -> np.ndarray:
        level = channel_variable(name)[1]
        if level is None:
            return self.mask
        levels = 0 if self.vertical is None else self.vertical.levels
        if self.vertical is None or level >= levels:
            raise InputError(
                f"channel '{name}'",
                found=f"a grid of {levels} levels",
                expected=f"at least {level + 1}",
                remedy="Give the grid its levels (data/grids/vertical.py), or leave the channel out.",
            )
        return self.vertical.mask[level]

    def ocean_grid(self) -> OceanGrid:
        """Return the cells as constraints and scores take them.

        Raises:
            InputError: If the grid has no levels.
        """
        if self.vertical is None:
            raise InputError(
                f"grid {self.name}",
                found="no levels",
                expected="depth, thickness and mask of the levels",
                remedy="Use a grid of ocean states.",
            )
        v = self.vertical
        return OceanGrid.build(
            v.depth, v.thickness, v.mask, positive="down", area=self.area, lat=self.lat, lon=self.lon, source=self.name
        )

    def static_maps(self) -> np.ndarray:
        """Return what networks know of the place (3, y, x): ocean mask, position along y and along x in -1..1."""
        ny, nx = self.shape
        y, x = np.meshgrid(np.linspace(-1, 1, ny), np.linspace(-1, 1, nx), indexing="ij")
        return np.stack([self.mask.astype(float), y, x]).astype(np.float32)

    def to_dataset(self) -> xr.Dataset:
        """Return the grid as a CF dataset with dimensions (y, x), and depth if it has levels."""
        dims = ("y", "x")
        x_attrs: dict[str, str] = {"standard_name": "projection_x_coordinate", "units": "m"}
        y_attrs: dict[str, str] = {"standard_name": "projection_y_coordinate", "units": "m"}
        if self.projection.get("grid_mapping_name") == "latitude_longitude":
            x_attrs = {"standard_name": "longitude", "units": "degrees_east"}
            y_attrs = {"standard_name": "latitude", "units": "degrees_north"}
        dataset = xr.Dataset(
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
                "x": ("x", self.x, x_attrs),
                "y": ("y", self.y, y_attrs),
                "lat": (dims, self.lat, {"standard_name": "latitude", "units": "degrees_north"}),
                "lon": (dims, self.lon, {"standard_name": "longitude", "units": "degrees_east"}),
            },
            attrs={
                "grid": self.name,
                "grid_spacing_m": float(self.spacing),
                "grid_fingerprint": self.fingerprint(),
            },
        )
        if self.vertical is None:
            return dataset
        v = self.vertical
        depth = {"standard_name": "depth", "units": "m", "positive": "down", "axis": "Z"}
        wet = {"long_name": "ocean mask by level, 1 = ocean", "units": "1"}
        dataset = dataset.assign_coords(depth=("depth", v.depth.astype(np.float64), depth))
        dataset["e3t"] = ("depth", v.thickness.astype(np.float64), {"standard_name": "cell_thickness", "units": "m"})
        dataset["level_mask"] = (("depth", *dims), v.mask.astype(np.int8), wet)
        return dataset

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays of the grid by name; name, spacing and projection stand in a model's card."""
        arrays = {"x": self.x, "y": self.y, "lat": self.lat, "lon": self.lon, "area": self.area}
        arrays["mask"] = self.mask.astype(np.uint8)
        if self.vertical is not None:
            v = self.vertical
            arrays |= {"depth": v.depth, "thickness": v.thickness, "level_mask": v.mask.astype(np.uint8)}
        return arrays

    @classmethod
    def from_arrays(
        cls, arrays: dict[str, np.ndarray], name: str, spacing: float, projection: dict[str, str | float]
    ) -> "Grid":
        """Read the form of ``to_arrays`` back."""
        vertical = None
        if "level_mask" in arrays:
            vertical = Vertical(arrays["depth"], arrays["thickness"], arrays["level_mask"] > 0)
        x, y, lat, lon, area = (arrays[part] for part in ("x", "y", "lat", "lon", "area"))
        return cls(name, x, y, lat, lon, area, arrays["mask"] > 0, spacing, projection, vertical)

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
        vertical = None
        if "level_mask" in dataset.variables:
            vertical = Vertical(
                np.asarray(dataset["depth"].values, np.float64),
                np.asarray(dataset["e3t"].values, np.float64),
                np.asarray(dataset["level_mask"].values) > 0.5,
            )
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
            vertical=vertical,
        )
