"""Velocities of a POP restart, on the corners of cells: at rest, or in geostrophic balance with the state.

The same options as those of NEMO's restarts (``bridge/nemo/velocities.py``); balance at corners is
``physics/flow/corners.py``. Velocities of other runs are none of them: POP's lie elsewhere than NEMO's.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from halocline.bridge.nemo.template import Template
from halocline.bridge.nemo.velocities import Velocities, density, stream_function
from halocline.bridge.nemo.wind import NONE, OF_TEMPLATE, stress_of
from halocline.bridge.pop.grid import PopGrid
from halocline.physics.eos import DINO_EOS
from halocline.physics.flow.corners import balanced_at_corners, ekman_at_corners, with_stream_function_at_corners
from halocline.physics.flow.faces import Column
from halocline.runtime.errors import ConfigError

KINDS = ("rest", "balanced")


def require_kind(how: Velocities) -> None:
    """Raise ConfigError if the velocities are of a kind, or their wind of an origin, that only NEMO's restarts have."""
    for option, word, valid in (("velocities", how.kind, KINDS), ("wind", how.wind, (NONE, "dino", "a file"))):
        if word == OF_TEMPLATE or (option == "velocities" and word not in KINDS):
            raise ConfigError(
                option, found=str(word), expected=" or ".join(valid), remedy="The others need a restart of NEMO."
            )


def corner_velocities(
    how: Velocities, fields: Mapping[str, np.ndarray], grid: PopGrid, at_45s: float | None
) -> tuple[np.ndarray, np.ndarray, str]:
    """Return (u, v) along the grid's axes (level, y, x), m s-1, 0 on dry corners, and in words where they are from.

    Args:
        how: Where they come from.
        fields: thetao (degC), so (psu) (level, y, x) and zos (m) (y, x), 0 on land.
        grid: Cells and corners.
        at_45s: Zonal stress at 45S of DINO's wind, N m-2; DINO's own if left out.

    Raises:
        InputError: If a file of wind or of a stream function does not fit.
    """
    cells = grid.cells
    if how.kind == "rest":
        return np.zeros(cells.wet.shape), np.zeros(cells.wet.shape), "at rest"
    column = column_of(grid)
    rho = density(how.equation, fields["thetao"], fields["so"], cells)
    level = "the sea-surface height" if how.no_motion is None else f"no motion at {how.no_motion:g} m"
    u, v = balanced_at_corners(rho, column, grid.corners, how.balance(fields["zos"]))
    stress, words = stress_of(how.wind or NONE, Template(Path(cells.name), grid.mesh, None), at_45s)
    if stress is not None:
        driven = ekman_at_corners(stress, column, grid.corners, rho0=DINO_EOS.rho0, depth=how.ekman_depth)
        u, v = u + driven[0], v + driven[1]
        words = f"moved by {words}, over {how.ekman_depth:g} m"
    means = ""
    if how.stream_function is not None:
        psi = stream_function(how.stream_function, cells.shape)
        u, v = with_stream_function_at_corners(u, v, column, grid.corners, psi)
        means = f", depth means of {how.stream_function.name}"
    return u, v, f"geostrophic, by {level}{means}; {words}"


def column_of(grid: PopGrid) -> Column:
    """Return the cells with their faces: wet between two wet cells, dry beyond the last row and an open last column."""
    cells = grid.cells
    wet_u, wet_v = (cells.wet & np.roll(cells.wet, -1, axis) for axis in (2, 1))
    wet_v[:, -1] = False
    if not grid.periodic:
        wet_u[:, :, -1] = False
    return Column(cells.depth, cells.thickness, wet_u, wet_v, cells.lat, cells.lon)
