"""What an extrapolated ocean must obey before the model may have it: plausible water, static stability."""

import numpy as np

from halocline.constraints.named.stability import MinimumChange
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import GridLayout

THETAO = (-2.5, 40.0)
"""Plausible temperatures, degC: freezing, and the overshoots of centred advection."""
SO = (5.0, 42.0)
"""Plausible salinities, psu."""


def admissible(state: np.ndarray, grid: Grid) -> np.ndarray:
    """Return a state as near as possible whose water is plausible and whose columns are statically stable.

    Clipping changes heat and salt where it acts, which is where an extrapolation has failed; the projection keeps both
    in each column (constraints.named.stability.MinimumChange).

    Args:
        state: Temperature (degC) and salinity (psu), (variable, level, y, x); dry cells anything.
        grid: The cells.

    Returns:
        The same shape, float64; dry cells 0.
    """
    thetao, so = (np.clip(field, *limits) for field, limits in zip(state, (THETAO, SO), strict=True))
    layout = GridLayout.ocean(grid, zos=False)
    clipped = np.where(grid.wet, [thetao, so], np.nan).astype(np.float64)
    states = layout.fields.join(dict(zip(("thetao", "so"), clipped, strict=True)))
    stable = MinimumChange(layout).project(states[None])
    return np.nan_to_num(np.stack(layout.select(stable[0], "thetao", "so")))
