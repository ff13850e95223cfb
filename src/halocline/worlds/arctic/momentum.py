"""What every rheology needs on the corners: mass, drag, wind stress, and the semi-implicit update.

Momentum, with A the concentration, m the ice mass per area and w = u - u_ocean::

    m du/dt = A tau_a + div(sigma) - m f k x w - A rho_w C_w |w| w

Coriolis and water drag are implicit (a 2 x 2 system in closed form), wind and stress divergence explicit. Coriolis acts
on w: the tilt of a geostrophic ocean surface balances the current's share. No turning angles.
"""

from dataclasses import dataclass

import numpy as np

from halocline.physics.quads import quad_mean
from halocline.worlds.arctic.domain import Domain
from halocline.worlds.arctic.parameters import DynamicsParameters
from halocline.worlds.arctic.state import IceState

LEAST_CORNER_ICE = 1e-4
"""Concentration on a corner from which on ice moves by its own momentum."""


@dataclass(frozen=True, eq=False)
class CornerForcing:
    """Wind and current on corners (y + 1, x + 1), float32.

    Attributes:
        wind_start: (u, v) of the 10-m wind at the start of the step, m/s.
        wind_end: (u, v) of the 10-m wind at its end, m/s.
        current: (u, v) of the surface current, m/s.
    """

    wind_start: tuple[np.ndarray, np.ndarray]
    wind_end: tuple[np.ndarray, np.ndarray]
    current: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Corners:
    """Coefficients of one step on corners, float32 (y + 1, x + 1).

    Attributes:
        active: 1 where ice moves, 0 on land, on open water and on the domain's edge.
        mass: Ice mass per area, kg/m2, at least that of ``least_ice``.
        drag: A rho_w C_w, kg/m3.
        tau_x, tau_y: A tau_a at the start of the step, N/m2.
        dtau_x, dtau_y: Its change over the step, N/m2.
        u_ocean, v_ocean: Current, m/s.
        low, high: First and one-past-last ice-covered cell column of each cell row (y,), int64.
    """

    active: np.ndarray
    mass: np.ndarray
    drag: np.ndarray
    tau_x: np.ndarray
    tau_y: np.ndarray
    dtau_x: np.ndarray
    dtau_y: np.ndarray
    u_ocean: np.ndarray
    v_ocean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def corner_mean(centres: np.ndarray) -> np.ndarray:
    """Return the mean of the four cells around each corner (y + 1, x + 1); beyond the edge is 0."""
    return quad_mean(np.pad(centres, 1))


def prepare_corners(domain: Domain, state: IceState, forcing: CornerForcing, p: DynamicsParameters) -> Corners:
    """Compute the corner coefficients and give ice-free corners the current, land corners 0."""
    sic = corner_mean(state.sic)
    active = domain.corner_free & (sic > LEAST_CORNER_ICE)
    u_ocean = np.where(domain.corner_free, forcing.current[0], np.float32(0)).astype(np.float32)
    v_ocean = np.where(domain.corner_free, forcing.current[1], np.float32(0)).astype(np.float32)
    state.u[...] = np.where(active, state.u, u_ocean)
    state.v[...] = np.where(active, state.v, v_ocean)
    start = _wind_stress(*forcing.wind_start, sic, p)
    end = _wind_stress(*forcing.wind_end, sic, p)
    icy = state.sic > 0
    n = icy.shape[1]
    any_ice = icy.any(axis=1)
    return Corners(
        active=active.astype(np.float32),
        mass=(p.rho_ice * np.maximum(corner_mean(state.sit), p.least_ice)).astype(np.float32),
        drag=(sic * p.rho_water * p.water_drag).astype(np.float32),
        tau_x=start[0],
        tau_y=start[1],
        dtau_x=end[0] - start[0],
        dtau_y=end[1] - start[1],
        u_ocean=u_ocean,
        v_ocean=v_ocean,
        low=np.where(any_ice, icy.argmax(axis=1), n).astype(np.int64),
        high=np.where(any_ice, n - icy[:, ::-1].argmax(axis=1), 0).astype(np.int64),
    )


def _wind_stress(u: np.ndarray, v: np.ndarray, sic: np.ndarray, p: DynamicsParameters) -> tuple[np.ndarray, np.ndarray]:
    factor = sic * p.rho_air * p.air_drag * np.hypot(u, v)
    return (factor * u).astype(np.float32), (factor * v).astype(np.float32)
