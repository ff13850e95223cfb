"""A grid as a CF dataset, and as the arrays and the card of a model folder; and back."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from halocline.data.grids.levels import Vertical
from halocline.data.grids.topology import Topology
from halocline.runtime.errors import InputError

if TYPE_CHECKING:
    from halocline.data.grids.grid import Grid

_TOPOLOGY = "grid_topology_"  # and the axis; an attribute of the dataset, absent where the sides do not meet


def to_dataset(grid: "Grid") -> xr.Dataset:
    """Return a grid as a CF dataset with dimensions (y, x), and depth if it has levels."""
    dims = ("y", "x")
    x_attrs: dict[str, str] = {"standard_name": "projection_x_coordinate", "units": "m"}
    y_attrs: dict[str, str] = {"standard_name": "projection_y_coordinate", "units": "m"}
    if grid.projection.get("grid_mapping_name") == "latitude_longitude":
        x_attrs = {"standard_name": "longitude", "units": "degrees_east"}
        y_attrs = {"standard_name": "latitude", "units": "degrees_north"}
    mask_attrs = {"long_name": "ocean mask, 1 = ocean", "units": "1"}
    dataset = xr.Dataset(
        {
            "mask": (dims, grid.mask.astype(np.int8), mask_attrs),
            "area": (dims, grid.area.astype(np.float64), {"standard_name": "cell_area", "units": "m2"}),
            "projection": ((), np.int32(0), dict(grid.projection)),
        },
        coords={
            "x": ("x", grid.x, x_attrs),
            "y": ("y", grid.y, y_attrs),
            "lat": (dims, grid.lat, {"standard_name": "latitude", "units": "degrees_north"}),
            "lon": (dims, grid.lon, {"standard_name": "longitude", "units": "degrees_east"}),
        },
        attrs={
            "grid": grid.name,
            "grid_spacing_m": float(grid.spacing),
            "grid_fingerprint": grid.fingerprint(),
            **sides(grid.topology),
        },
    )
    return dataset if grid.vertical is None else _with_levels(dataset, grid.vertical)


def _with_levels(dataset: xr.Dataset, v: Vertical) -> xr.Dataset:
    cells = ("depth", "y", "x")
    depth = {"standard_name": "depth", "units": "m", "positive": "down", "axis": "Z"}
    thickness = {"standard_name": "cell_thickness", "units": "m"}
    wet = {"long_name": "ocean mask by level, 1 = ocean", "units": "1"}
    dataset = dataset.assign_coords(depth=("depth", v.nominal_depth.astype(np.float64), depth))
    if v.depth.ndim == 3:
        local = {"long_name": "depth of the cell centres", "units": "m", "positive": "down"}
        dataset["gdept"] = (cells, v.depth.astype(np.float64), local)
    dataset["e3t"] = (cells[: v.thickness.ndim], v.thickness.astype(np.float64), thickness)
    dataset["level_mask"] = (cells, v.mask.astype(np.int8), wet)
    return dataset


def of_dataset(dataset: xr.Dataset) -> dict[str, Any]:
    """Return the parts of a grid in the form of ``to_dataset``.

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
    vertical = None
    if "level_mask" in dataset.variables:
        depth = dataset["gdept" if "gdept" in dataset.variables else "depth"]
        vertical = Vertical(
            np.asarray(depth.values, np.float64),
            np.asarray(dataset["e3t"].values, np.float64),
            np.asarray(dataset["level_mask"].values) > 0.5,
        )
    return {
        "name": str(dataset.attrs.get("grid", "unnamed")),
        **{part: np.asarray(dataset[part].values, np.float64) for part in ("x", "y", "lat", "lon", "area")},
        "mask": np.asarray(dataset["mask"].values) > 0.5,
        "spacing": float(spacing),
        "projection": dict(dataset["projection"].attrs) if "projection" in dataset.variables else {},
        "vertical": vertical,
        "topology": topology_of(dataset),
    }


def sides(topology: Topology) -> dict[str, str]:
    """Return the attributes by which a dataset says how the sides of its grid meet."""
    return {_TOPOLOGY + axis: edge for axis, edge in topology.words().items()}


def topology_of(dataset: xr.Dataset) -> Topology:
    """Return how a dataset says that the sides of its grid meet; closed if it says nothing."""
    return Topology(**{axis: dataset.attrs.get(_TOPOLOGY + axis, "closed") for axis in ("y", "x")})


def to_arrays(grid: "Grid") -> dict[str, np.ndarray]:
    """Return the arrays of a grid by name."""
    arrays = {"x": grid.x, "y": grid.y, "lat": grid.lat, "lon": grid.lon, "area": grid.area}
    arrays["mask"] = grid.mask.astype(np.uint8)
    if grid.vertical is not None:
        v = grid.vertical
        arrays |= {"depth": v.depth, "thickness": v.thickness, "level_mask": v.mask.astype(np.uint8)}
    return arrays


def to_card(grid: "Grid") -> dict[str, Any]:
    """Return what a model's card says of a grid beside the arrays."""
    return {
        "name": grid.name,
        "fingerprint": grid.fingerprint(),
        "spacing": grid.spacing,
        "projection": grid.projection,
        **({} if grid.topology.closed else {"topology": grid.topology.words()}),
    }


def of_arrays(arrays: dict[str, np.ndarray], card: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a grid from the forms of ``to_arrays`` and ``to_card``."""
    vertical = None
    if "level_mask" in arrays:
        vertical = Vertical(arrays["depth"], arrays["thickness"], arrays["level_mask"] > 0)
    return {
        "name": str(card["name"]),
        **{part: arrays[part] for part in ("x", "y", "lat", "lon", "area")},
        "mask": arrays["mask"] > 0,
        "spacing": float(card["spacing"]),
        "projection": dict(card["projection"]),
        "vertical": vertical,
        "topology": Topology(**card.get("topology", {})),
    }
