"""Ocean states of any origin: a dataset with temperature and salinity to arrays and cells, and back."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from halocline.data.fields.variables import variable
from halocline.data.files.validate import check_names, check_unit, check_values
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_io import topology_of
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.grids.levels import Vertical
from halocline.runtime.errors import InputError


@dataclass(frozen=True, eq=False)
class OceanStates:
    """Ocean states as an array, with their cells and the dataset they came from.

    Attributes:
        states: (member, channel, y, x): thetao on all levels, so on all levels, zos; dry cells NaN. Every leading
            dimension of the dataset (member, time) is counted as a member.
        layout: The channels and cells.
        dataset: Where they came from.
    """

    states: np.ndarray
    layout: GridLayout
    dataset: xr.Dataset

    def members(self) -> list[int]:
        """Return the members' numbers: the coordinate ``member`` if it is the one leading dimension, else 0, 1, ..."""
        if self.dataset["thetao"].dims[:-3] == ("member",) and "member" in self.dataset.coords:
            return [int(m) for m in self.dataset["member"].values]
        return list(range(len(self.states)))

    @property
    def channel_names(self) -> list[str]:
        """The variable of each channel."""
        return list(self.layout.fields.channel_fields)

    def into(self, dataset: xr.Dataset, states: np.ndarray) -> xr.Dataset:
        """Return ``dataset`` with the variables of ``states`` in place of its own; types and dry cells are kept."""
        out = dataset.copy()
        for name, values in self.layout.fields.split(states).items():
            old, wet = dataset[name], self.layout.fields.select(self.layout.wet, name)[0]
            out[name] = old.copy(data=np.where(wet, values.reshape(old.shape), old.values).astype(old.dtype))
            out[name].encoding = {}  # packing to 16 bits would undo the constraints
        return out


def ocean_states(dataset: xr.Dataset, *, positive: str | None = None, source: str = "the dataset") -> OceanStates:
    """Read ocean states out of a dataset and check them.

    Args:
        dataset: Holds ``thetao`` (degC) and ``so`` (1e-3, practical scale) with dimensions (..., depth, y, x), whatever
            the names of the dimensions, and may hold ``zos`` (m) (..., y, x). Beside them: the cell thickness ``e3t``
            (m; (depth) or (depth, y, x)) or bounds of the depth coordinate; ``level_mask``, ``mask`` or ``tmask``
            (1 = wet), else NaN is land; ``area`` or ``areacello`` (m2), or ``e1t`` and ``e2t`` (m); ``lat``,
            ``nav_lat`` or ``gphit``; ``gdept`` (m, positive down; (depth, y, x)) where levels are not horizontal.
        positive: Direction of the depth coordinate if its attribute ``positive`` is missing.
        source: Name for errors.

    Raises:
        InputError: If something is missing, has another unit or range, or the levels run the wrong way.
    """
    check_names(dataset, ("thetao", "so"), source)
    thetao, so = dataset["thetao"], dataset["so"]
    if thetao.ndim < 3 or thetao.dims != so.dims:
        raise InputError(
            f"dimensions of 'thetao' and 'so' in {source}",
            found=f"{thetao.dims} and {so.dims}",
            expected="the same (…, depth, y, x) for both",
            remedy="Transpose them; one level needs a depth dimension of length 1.",
        )
    names = ["thetao", "so"] + (["zos"] if "zos" in dataset.data_vars else [])
    level = str(thetao.dims[-3])
    mask = _mask(dataset, thetao, source)
    for name in names:
        array = dataset[name]
        if name == "zos" and array.dims != (*thetao.dims[:-3], *thetao.dims[-2:]):
            raise InputError(
                f"dimensions of 'zos' in {source}",
                found=f"{array.dims}",
                expected=f"{(*thetao.dims[:-3], *thetao.dims[-2:])}",
                remedy="Give the sea-surface height the dimensions of 'thetao' without depth.",
            )
        check_unit(array, variable(name), source)
        check_values(np.asarray(array.values), variable(name), mask[0] if name == "zos" else mask, source)
    grid = _grid(dataset, level, mask, positive, source)
    layout = GridLayout.ocean(grid, zos="zos" in names)
    cells = layout.fields.split(layout.wet)
    parts = {
        n: np.where(wet, np.asarray(dataset[n].values).reshape(-1, *wet.shape), np.nan) for n, wet in cells.items()
    }
    return OceanStates(layout.fields.join(parts), layout, dataset)


def _mask(dataset: xr.Dataset, thetao: xr.DataArray, source: str) -> np.ndarray:
    for name in ("level_mask", "mask", "tmask"):
        if name in dataset.variables:
            values = np.asarray(dataset[name].values).squeeze() > 0.5
            if values.shape == thetao.shape[-3:]:
                return np.asarray(values)
            raise InputError(
                f"'{name}' in {source}",
                found=f"shape {values.shape}",
                expected=f"(depth, y, x) = {thetao.shape[-3:]}",
                remedy="Give the mask of every level, or leave it out and set dry cells to NaN.",
            )
    return np.asarray(np.isfinite(thetao.values).reshape(-1, *thetao.shape[-3:]).any(axis=0))


def _grid(dataset: xr.Dataset, level: str, mask: np.ndarray, positive: str | None, source: str) -> Grid:
    if level not in dataset.variables:
        raise InputError(
            f"coordinate '{level}' in {source}",
            found="a dimension without a coordinate",
            expected="the depth of each level in m",
            remedy=f"Add dataset['{level}'] with attributes units = 'm' and positive = 'down'.",
        )
    coordinate = dataset[level]
    found = coordinate.attrs.get("positive")
    if found is None and coordinate.attrs.get("standard_name") == "depth":
        found = "down"  # by the definition of the CF standard name
    direction = positive if found is None else str(found)
    # Checked even where gdept gives the true depths: the nominal ones tell the order.
    check = Vertical.build(
        coordinate.values, np.ones(len(coordinate)), mask, positive=direction, source=f"{level} in {source}"
    )
    local = _field(dataset, ("gdept",), mask)
    thickness = _thickness(dataset, coordinate, mask, source)
    area = _field(dataset, ("area", "areacello"), mask[0])
    if area is None:
        e1, e2 = _field(dataset, ("e1t",), mask[0]), _field(dataset, ("e2t",), mask[0])
        area = None if e1 is None or e2 is None else e1 * e2
    depth = check.depth if local is None else local
    return Grid.of_columns(
        Vertical.build(depth, thickness, mask, positive="down", source=source),
        area=area,
        lat=_latlon(dataset, ("lat", "latitude", "nav_lat", "gphit"), mask.shape[1:], 0),
        lon=_latlon(dataset, ("lon", "longitude", "nav_lon", "glamt"), mask.shape[1:], 1),
        topology=topology_of(dataset),
        name=source,
    )


def _thickness(dataset: xr.Dataset, coordinate: xr.DataArray, mask: np.ndarray, source: str) -> np.ndarray:
    for name in ("e3t", "e3t_0", "thkcello"):
        if name in dataset.variables:
            values = np.asarray(dataset[name].values, np.float64).squeeze()
            if values.shape in (mask.shape, mask.shape[:1]):
                return values
    bounds = str(coordinate.attrs.get("bounds", f"{coordinate.name}_bnds"))
    if bounds in dataset.variables and dataset[bounds].shape == (mask.shape[0], 2):
        return np.asarray(np.abs(np.diff(dataset[bounds].values.astype(np.float64), axis=1))[:, 0])
    raise InputError(
        f"cell thickness in {source}",
        found=f"neither 'e3t' nor '{bounds}' of a fitting shape",
        expected="e3t in m, (depth) or (depth, y, x); or bounds of the depth coordinate (depth, 2)",
        remedy="Add one of them: without thickness neither heat nor salt can be kept.",
    )


def _field(dataset: xr.Dataset, names: tuple[str, ...], like: np.ndarray) -> np.ndarray | None:
    for name in names:
        if name in dataset.variables:
            values = np.asarray(dataset[name].values, np.float64).squeeze()
            if values.shape == like.shape:
                return values
    return None


def _latlon(dataset: xr.Dataset, names: tuple[str, ...], shape: tuple[int, ...], axis: int) -> np.ndarray | None:
    for name in names:
        if name in dataset.variables:
            values = np.asarray(dataset[name].values, np.float64).squeeze()
            if values.shape == (shape[axis],):
                values = np.broadcast_to(values[:, None] if axis == 0 else values[None, :], shape)
            if values.shape == shape:
                return values
    return None
