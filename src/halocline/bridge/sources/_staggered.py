"""Velocities on the faces or corners of the cells, averaged to the centres.

A face beside a land cell is closed: nothing flows through it, whatever the file holds there. On a B grid a corner that
touches land is at rest. The mean is over the faces or corners that the file has; beyond the first row or column there
is none, except where the columns meet around the globe.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from halocline.bridge.sources._completed import done
from halocline.data.grids.cell_areas import unit_vectors
from halocline.data.reading.names import named


def to_centres(
    dataset: xr.Dataset, name: str, along: Sequence[str], land: np.ndarray | None, *, around: str | None = None
) -> xr.Dataset:
    """Return the dataset with one component averaged to the centres of the cells.

    Args:
        dataset: With the component ``name``; value k lies on the far side of cell k.
        name: The component.
        along: The dimensions along which it lies half a cell off: one for faces, two for corners.
        land: (y, x), True where a cell is land; None if the file does not tell.
        around: The dimension whose last cell meets its first one, if any.
    """
    if name not in dataset.data_vars:
        return dataset
    old = dataset[name]
    dims = [str(d) for d in old.dims]
    values = np.asarray(old.values, np.float64)
    if land is not None and values.shape[-2:] == land.shape:
        closed = land.copy()
        for dim in along:
            closed |= _next(closed, dims.index(dim) - len(dims), wrap=dim == around)
        values = np.where(closed, 0.0, values)
    total, count = np.where(np.isnan(values), 0.0, values), np.isfinite(values).astype(float)
    for dim in along:
        axis = dims.index(dim)
        total = total + _before(total, axis, wrap=dim == around)
        count = count + _before(count, axis, wrap=dim == around)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count > 0, total / count, np.nan)
    if land is not None and values.shape[-2:] == land.shape:
        mean = np.where(land, np.nan, mean)
    where = "faces" if len(along) == 1 else "corners"
    return dataset.assign({name: done(old.copy(data=mean.astype(old.dtype)), f"averaged from {where} to centres")})


def land_of(slab: xr.Dataset) -> np.ndarray | None:
    """Return where cells are land (y, x): by the ocean mask, or where the concentration is never there."""
    mask = named(slab, "mask")
    if mask is not None:
        values = np.nan_to_num(np.asarray(slab[mask].values))
        return np.asarray(values.reshape(-1, *values.shape[-2:])[0] < 0.5)
    if "sic" not in slab.data_vars:
        return None
    gone = np.isnan(slab["sic"].values)
    return gone.reshape(-1, *gone.shape[-2:]).all(axis=0)


def round_the_globe(slab: xr.Dataset) -> bool:
    """Tell whether the columns of a slab meet around the globe; False where it has no positions in two dimensions."""
    names = [named(slab, ours) for ours in ("lat", "lon")]
    places = [np.asarray(slab[n].values, np.float64) for n in names if n is not None and slab[n].ndim == 2]
    return len(places) == 2 and meeting(*places)


def meeting(lat: np.ndarray, lon: np.ndarray) -> bool:
    """Tell whether the last column lies beside the first, as on a grid around the globe; positions are (y, x)."""
    row = unit_vectors(lat, lon)[lat.shape[0] // 2]
    steps = np.linalg.norm(np.diff(row, axis=0), axis=-1)
    return bool(np.linalg.norm(row[-1] - row[0]) < 1.5 * np.nanmedian(steps))


def _before(values: np.ndarray, axis: int, *, wrap: bool) -> np.ndarray:
    """Return the values of the cell before along an axis, 0 before the first."""
    moved = np.roll(values, 1, axis)
    if not wrap:
        moved[(slice(None),) * (axis % values.ndim) + (0,)] = 0.0
    return moved


def _next(values: np.ndarray, axis: int, *, wrap: bool) -> np.ndarray:
    """Return the values of the next cell along an axis, False beyond the last."""
    moved = np.roll(values, -1, axis)
    if not wrap:
        moved[(slice(None),) * (axis % values.ndim) + (-1,)] = False
    return moved
