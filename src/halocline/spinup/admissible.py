"""What an extrapolated ocean must obey before the model may have it: plausible water, static stability."""

import numpy as np

from halocline.constraints.named.stability import MinimumChange
from halocline.data.grids.ocean_grid import OceanGrid
from halocline.data.grids.ocean_layout import OceanLayout

THETAO = (-2.5, 40.0)
"""Plausible temperatures, degC: freezing, and the overshoots of centred advection."""
SO = (5.0, 42.0)
"""Plausible salinities, psu."""


def admissible(state: np.ndarray, grid: OceanGrid) -> np.ndarray:
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
    layout = OceanLayout(grid, with_zos=False)
    clipped = np.where(grid.mask, [thetao, so], np.nan).astype(np.float64)
    stable = MinimumChange(layout).project(layout.join(clipped[:1], clipped[1:], None))
    return np.nan_to_num(np.stack([part[0] for part in layout.split(stable)[:2]]))
