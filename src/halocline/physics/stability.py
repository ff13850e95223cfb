"""Static stability of ocean columns: density jumps across interfaces, and the density error of a state."""

from typing import Literal, cast

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.grids.rows import Cells
from halocline.physics.eos import EquationOfState
from halocline.runtime.errors import ConfigError

Reference = float | Literal["local", "both"]
"""Depth (m) at which both cells of a pair are compared, 0 = surface; "local", the depth of their interface; or "both",
the smaller jump of surface and interface. What is stable at both is stable at every depth between if the equation of
state is linear in depth, as the simplified one is."""

TOLERANCES = (0.0, 1e-4, 1e-3, 1e-2)
"""Tolerances of the density error that are reported, kg m-3; 0 is strict."""


def parse_reference(text: str | float) -> Reference:
    """Return a reference from "local", "surface", "both" or a depth in metres.

    Raises:
        ConfigError: If it is none of these.
    """
    if text in ("local", "both"):
        return cast(Reference, text)
    if text == "surface":
        return 0.0
    try:
        depth = float(text)
    except ValueError:
        depth = -1.0
    if not 0 <= depth <= 12000:
        raise ConfigError(
            "reference",
            found=f"'{text}'",
            expected="'local', 'surface', 'both' or a depth in m, 0 to 12000",
            remedy="'local' is what a convection scheme sees; 'surface' is the published density error.",
        )
    return depth


def density_jumps(
    thetao: np.ndarray, so: np.ndarray, grid: Cells, eos: EquationOfState, reference: Reference = "local"
) -> np.ndarray:
    """Return the density of the lower minus the upper cell across each interface, at one depth; < 0 is unstable.

        d_k = rho(T_{k+1}, S_{k+1}, z) - rho(T_k, S_k, z),   z = interface depth ("local") or the reference depth,
        and the smaller of two for "both"

    Args:
        thetao: Potential temperature (..., level, y, x), degC; level 0 is the surface.
        so: Salinity, same shape, psu.
        grid: The cells.
        eos: Equation of state.
        reference: Depth of comparison.

    Returns:
        (..., level - 1, y, x), kg m-3; NaN where either cell is dry.
    """
    if reference == "both":
        local, surface = (density_jumps(thetao, so, grid, eos, r) for r in ("local", 0.0))
        return np.minimum(local, surface)
    depth: np.ndarray | float = grid.interface_depth if reference == "local" else float(reference)
    lower = eos.density(thetao[..., 1:, :, :], so[..., 1:, :, :], depth)
    upper = eos.density(thetao[..., :-1, :, :], so[..., :-1, :, :], depth)
    return np.where(grid.wet[1:], lower - upper, np.nan)


def density_error(
    thetao: np.ndarray,
    so: np.ndarray,
    grid: Grid,
    eos: EquationOfState,
    *,
    tolerance: float = 0.0,
    reference: Reference = 0.0,
) -> np.ndarray:
    """Return the share of the wet volume that lies denser water above lighter, in per cent.

        100 * sum_k [d_k < -tolerance] V_{k+1} / sum_k V_k

    Each violating interface is charged the volume of its *lower* cell; the denominator holds all wet cells, the top
    level included.

    Source: the density error of Meunier et al. 2025 (arXiv 2502.02499), which is strict (tolerance 0) and referenced
    to the surface: the defaults. They use the TEOS-10 polynomial; here the model's own equation of state.

    Args:
        thetao: Potential temperature (..., level, y, x), degC.
        so: Salinity, same shape, psu.
        grid: The cells; needs their area.
        eos: Equation of state.
        tolerance: Jumps down to minus this count as stable, kg m-3.
        reference: Depth of comparison.

    Returns:
        (...), per cent, 0 to 100.
    """
    return error_of_jumps(density_jumps(thetao, so, grid, eos, reference), grid, tolerance)


def error_of_jumps(jumps: np.ndarray, grid: Grid, tolerance: float = 0.0) -> np.ndarray:
    """Return the density error (...), per cent, of jumps (..., level - 1, y, x) from ``density_jumps``."""
    volume = grid.volume
    charged = np.tensordot(jumps < -tolerance, volume[1:], axes=3)
    return np.asarray(100.0 * charged / volume.sum())


def violation_share(jumps: np.ndarray, tolerance: float = 0.0) -> float:
    """Return the share of wet interfaces with a jump below ``-tolerance`` (kg m-3), 0 to 1."""
    wet = np.isfinite(jumps)
    return int(np.count_nonzero(jumps[wet] < -tolerance)) / max(1, int(np.count_nonzero(wet)))
