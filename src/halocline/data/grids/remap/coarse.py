"""Coarser cells: blocks of the grid's own."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from halocline.data.grids.grid import Grid
from halocline.data.grids.projection import EARTH_RADIUS, projection_of
from halocline.data.grids.remap.corners import cell_corners, is_rectilinear, on_sphere
from halocline.data.grids.remap.overlap import areas_of
from halocline.data.grids.remap.regrid import Regrid, settle
from halocline.data.grids.topology import Topology
from halocline.runtime.errors import InputError


def coarse(source: Grid, by: int) -> Regrid:
    """Return the area-weighted means over the ocean cells of blocks of ``by`` x ``by`` cells.

    A block is ocean if at least half its area is. Rows and columns at the far end that fill no block are left out.

    Args:
        source: The cells that states come from; where areas are unknown, those between the corners count.
        by: Cells a side, at least 2.

    Raises:
        InputError: If the grid has no whole block.
    """
    (ny, nx), rows, columns = source.shape, source.shape[0] // by, source.shape[1] // by
    if by < 2 or not rows or not columns:
        raise InputError(
            "coarsen",
            found=f"blocks of {by} x {by} on {ny} x {nx} cells",
            expected=f"a number from 2 to {min(ny, nx)}",
            remedy="Choose another block size.",
        )
    y, x = np.meshgrid(np.arange(rows * by), np.arange(columns * by), indexing="ij")
    block, cell = (y // by * columns + x // by).ravel(), (y * nx + x).ravel()
    known = not np.isnan(source.area).any()
    area = source.area.ravel() if known else np.abs(areas_of(cell_corners(source))) * EARTH_RADIUS**2
    shares = sparse.csr_matrix((area[cell], (block, cell)), shape=(rows * columns, ny * nx))
    notes: tuple[str, ...] = (f"coarsened by {by} x {by} cells",)
    if (rows * by, columns * by) != source.shape:
        notes += (f"the last {ny - rows * by} rows and {nx - columns * by} columns fill no block and are left out",)
    whole = np.asarray(shares.sum(axis=1)).ravel()
    cells = _blocks(source, by, whole.reshape(rows, columns))
    return settle(source, cells, shares, whole, coast="land", notes=notes)


def _blocks(source: Grid, by: int, area: np.ndarray) -> Grid:
    rows, columns = area.shape
    x, y = (axis[: n * by].reshape(n, by).mean(axis=1) for axis, n in ((source.x, columns), (source.y, rows)))
    plane = projection_of(source.projection) if source.projection else None
    if plane is not None:
        lat, lon = plane.inverse(x[None, :], y[:, None])
    elif is_rectilinear(source):
        turned = np.unwrap(source.lon[0], period=360.0)[: columns * by].reshape(columns, by).mean(axis=1)
        lat, lon = np.meshgrid(source.lat[: rows * by, 0].reshape(rows, by).mean(axis=1), turned, indexing="ij")
        lon = (lon + 180.0) % 360.0 - 180.0
    else:
        places = on_sphere(source.lat, source.lon)[: rows * by, : columns * by]
        middle = places.reshape(rows, by, columns, by, 3).mean(axis=(1, 3))
        lat = np.rad2deg(np.arctan2(middle[..., 2], np.hypot(middle[..., 0], middle[..., 1])))
        lon = np.rad2deg(np.arctan2(middle[..., 1], middle[..., 0]))
    whole = {"y": rows * by == source.shape[0], "x": columns * by == source.shape[1]}
    kept = {axis: edge for axis, edge in source.topology.words().items() if whole[axis]}  # type: ignore[index]
    return replace(
        source,
        name=f"{source.name}-coarse{by}",
        x=x,
        y=y,
        lat=lat,
        lon=lon,
        area=area,
        mask=np.ones((rows, columns), bool),
        spacing=source.spacing * by,
        vertical=None,
        topology=Topology(**kept),  # type: ignore[arg-type]
    )
