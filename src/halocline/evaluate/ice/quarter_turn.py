"""A quarter turn of grid and vectors: the control that deformation is computed from vectors as vectors."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from halocline.data.fields.variables import variable
from halocline.data.grids.grid import Grid
from halocline.evaluate.ice.cover import IceCover


def turned(states: np.ndarray, grid: Grid, channels: Sequence[str]) -> tuple[np.ndarray, Grid]:
    """Turn states and their grid by 90 degrees, counter-clockwise with y upwards.

    (x, y) -> (-y, x) and (u, v) -> (-v, u)

    Args:
        states: (..., channel, y, x).
        grid: The grid, (y, x).
        channels: Variables, in order; of a vector both components.

    Returns:
        The turned states (..., channel, x, y) and the turned grid.
    """
    names, out = list(channels), np.rot90(states, -1, axes=(-2, -1)).copy()
    for name in names:
        partner = variable(name).partner
        if partner in names and partner is not None and names.index(name) < names.index(partner):
            u, v = out[..., names.index(name), :, :].copy(), out[..., names.index(partner), :, :].copy()
            out[..., names.index(name), :, :], out[..., names.index(partner), :, :] = -v, u
    fields = {part: np.rot90(getattr(grid, part), -1).copy() for part in ("lat", "lon", "area", "mask")}
    return out, replace(grid, x=-grid.y[::-1], y=grid.x, **fields)


def rotation_control(states: np.ndarray, grid: Grid, channels: Sequence[str]) -> float:
    """Return how much the distribution of deformation changes under a quarter turn, over its largest value.

    Anything above rounding means that components were mixed up; then deformation scores cannot be trusted.

    Args:
        states: (sample, channel, y, x), with sic, siu and siv.
        grid: The grid.
        channels: Variables, in order.

    Returns:
        Largest difference of the sorted values over ice-covered quads, over the largest value; 0 without ice.
    """
    both = []
    for fields, cells in ((states, grid), turned(states, grid, channels)):
        total, weights = IceCover(np.asarray(fields, np.float64), cells, tuple(channels)).deformation
        both.append(np.sort(total[weights > 0]))
    if not len(both[0]):
        return 0.0
    return float(np.abs(both[0] - both[1]).max() / max(float(both[0].max()), 1e-30))
