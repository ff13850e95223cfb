# SPDX-License-Identifier: GPL-3.0-or-later
"""DINO as a Veros setup: grid, topography, physics; forcing comes step by step (step.py).

Deviations from DINO (Kamm, Deshayes & Madec 2025): levels are full cells on z, the lid is rigid, advection is centred,
viscosity is constant in time, and solar radiation acts on the top level.
"""

from typing import Any

import numpy as np
from veros import VerosSetup, veros_routine
from veros.core import numerics
from veros.core.density import nonlinear_eq2
from veros.core.operators import at, update
from veros.core.operators import numpy as npx

from halocline.physics.eos import DINO_EOS
from halocline.worlds.dino.climate import initial_state
from halocline.worlds.dino.geometry import RADIUS, Geometry

GRAVITY = 9.81


def use_dino_equation_of_state() -> None:
    """Give Veros's equation 3 the coefficients of DINO's: they have the same form, but for compressibility."""
    eos = DINO_EOS
    eq = nonlinear_eq2
    eq.rho0, eq.theta0, eq.S0, eq.grav = eos.rho0, 10.0, 35.0, GRAVITY
    eq.betaT, eq.betaTs, eq.betaS = eos.a0 / eos.rho0, eos.a0 * eos.lambda1 / eos.rho0, eos.b0 / eos.rho0
    eq.gammas = eos.mu1 / (GRAVITY * eos.rho0)
    eq.cs0 = 1e30  # a term that depends on depth alone moves no water


def with_halo(field: np.ndarray) -> np.ndarray:
    """Return (x + 4, y + 4, ...) of (x, y, ...): Veros's two ghost cells a side, cyclic in x, repeated in y."""
    wrapped = np.concatenate([field[-2:], field, field[:2]], axis=0)
    return np.concatenate([wrapped[:, :1], wrapped[:, :1], wrapped, wrapped[:, -1:], wrapped[:, -1:]], axis=1)


def to_veros(field: np.ndarray) -> np.ndarray:
    """Return (x + 4, y + 4, z) bottom first of (level, y, x) surface first, or (x + 4, y + 4) of (y, x)."""
    turned = field[::-1].transpose(2, 1, 0) if field.ndim == 3 else field.T
    return with_halo(np.asarray(turned, np.float64))


def from_veros(field: np.ndarray) -> np.ndarray:
    """Return (level, y, x) surface first of (x + 4, y + 4, z), or (y, x) of (x + 4, y + 4)."""
    inner = np.asarray(field)[2:-2, 2:-2]
    return np.ascontiguousarray(inner.transpose(2, 1, 0)[::-1] if inner.ndim == 3 else inner.T)


class DinoSetup(VerosSetup):
    """The basin of one geometry at one pair of time steps.

    Args:
        geometry: The basin.
        dt_momentum: Momentum step, s.
        dt_tracer: Tracer step, s.
    """

    def __init__(self, geometry: Geometry, dt_momentum: float, dt_tracer: float) -> None:
        self._geometry, self._dt_momentum, self._dt_tracer = geometry, dt_momentum, dt_tracer
        super().__init__()

    @veros_routine
    def set_parameter(self, state: Any) -> None:
        """Set sizes, physics and time steps."""
        geometry, s = self._geometry, state.settings
        s.identifier = "dino"
        s.nz, s.ny, s.nx = geometry.preset.shape
        s.dt_mom, s.dt_tracer = self._dt_momentum, self._dt_tracer
        s.runlen = 0.0
        s.radius, s.degtom = RADIUS, RADIUS * np.pi / 180.0
        s.rho_0, s.grav = DINO_EOS.rho0, GRAVITY
        s.x_origin, s.y_origin = 0.0, float(geometry.lat_edges[0])
        s.coord_degree = s.enable_cyclic_x = True
        s.enable_streamfunction = False  # the rigid lid is in step.py, and gives the surface pressure

        s.enable_neutral_diffusion = s.enable_skew_diffusion = True
        s.K_iso_0, s.K_iso_steep, s.K_gm_0 = 1000.0, 500.0, 1000.0
        s.iso_slopec, s.iso_dslope = 0.004, 0.001
        s.enable_hor_friction = s.enable_hor_friction_cos_scaling = True
        s.A_h = 2e-11 * (geometry.preset.spacing * s.degtom) ** 3
        s.hor_friction_cosPower = geometry.preset.viscosity_power
        s.enable_bottom_friction, s.r_bot = True, 1e-5
        s.enable_implicit_vert_friction = True

        s.enable_tke = True
        s.c_k, s.c_eps, s.alpha_tke, s.mxl_min, s.tke_mxl_choice = 0.1, 0.7, 30.0, 1e-8, 2
        s.kappaM_min, s.kappaH_min, s.enable_kappaH_profile = 2e-4, 2e-5, True
        s.enable_eke = s.enable_idemix = s.enable_conserve_energy = False
        s.eq_of_state_type = 3
        s.restart_output_filename = None

    @veros_routine
    def set_grid(self, state: Any) -> None:
        """Set the cells' sides in degrees and metres, bottom first."""
        vs, geometry = state.variables, self._geometry
        vs.dxt = update(vs.dxt, at[...], geometry.preset.spacing)
        rows = np.diff(geometry.lat_edges)
        vs.dyt = update(vs.dyt, at[2:-2], npx.asarray(rows))
        vs.dzt = update(vs.dzt, at[...], npx.asarray(geometry.thickness[::-1].copy()))

    @veros_routine
    def set_coriolis(self, state: Any) -> None:
        """Move the T points to the cells' centres (Veros would make them alternate), then set Coriolis."""
        vs, s, geometry = state.variables, state.settings, self._geometry
        lat = np.asarray(vs.yt).copy()
        lat[2:-2] = geometry.lat
        lat[[1, 0]], lat[[-2, -1]] = 2 * lat[2] - lat[[3, 4]], 2 * lat[-3] - lat[[-4, -5]]
        spacing = np.diff(lat) * s.degtom
        vs.yt, vs.dyu = npx.asarray(lat), npx.asarray(np.append(spacing, spacing[-1]))
        depth = -geometry.depth[::-1]
        dz = np.diff(depth)
        vs.zt, vs.dzw = npx.asarray(depth), npx.asarray(np.append(dz, geometry.thickness[0]))
        vs.update(numerics.calc_grid_metrics_kernel(state))
        vs.coriolis_t = update(vs.coriolis_t, at[...], 2 * s.omega * npx.sin(vs.yt[None, :] / 180.0 * s.pi))

    @veros_routine
    def set_topography(self, state: Any) -> None:
        """Set the lowest wet level of each column, counted from the bottom and from 1; 0 on land."""
        vs, wet = state.variables, self._geometry.wet
        lowest = np.where(wet[0], wet.shape[0] - wet.sum(axis=0) + 1, 0)
        vs.kbot = npx.asarray(to_veros(lowest).astype(int))

    @veros_routine
    def set_initial_conditions(self, state: Any) -> None:
        """Start from rest with the analytic profiles."""
        vs, geometry = state.variables, self._geometry
        shape = geometry.preset.shape
        for name, profile in zip(("temp", "salt"), initial_state(geometry.lat, geometry.depth), strict=True):
            field = npx.asarray(to_veros(np.broadcast_to(profile[:, :, None], shape))) * vs.maskT
            setattr(vs, name, npx.repeat(field[..., None], 3, axis=-1))

    @veros_routine
    def set_forcing(self, state: Any) -> None:
        """Nothing: step.py forces."""

    @veros_routine
    def set_diagnostics(self, state: Any) -> None:
        """Write nothing."""
        state.diagnostics.clear()

    @veros_routine
    def after_timestep(self, state: Any) -> None:
        """Nothing."""
