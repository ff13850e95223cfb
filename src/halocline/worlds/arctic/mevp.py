"""Modified elastic-viscous-plastic rheology: a control without damage.

Viscous-plastic ice on Hibler's ellipse (P = P* h exp(-C (1 - A)), eccentricity e, replacement pressure) by iterations
towards the implicit solution::

    alpha (s_new - s) = s_vp(strain) - s
    beta  (u_new - u) = dt / m (forces + div s_new) + u_start - u

Sources: Hibler 1979, J. Phys. Oceanogr. 9; Bouillon et al. 2013, Ocean Model. 71; Kimmritz et al. 2016, Ocean Model.
101. Same stencil, drag and hourglass damping as the brittle rheology; damage stays as it is.
"""

import numpy as np

from halocline.runtime.jit import njit
from halocline.worlds.arctic.bbm import force_row
from halocline.worlds.arctic.domain import Domain
from halocline.worlds.arctic.momentum import CornerForcing, prepare_corners
from halocline.worlds.arctic.parameters import DynamicsParameters
from halocline.worlds.arctic.state import IceState


def step_mevp(domain: Domain, state: IceState, forcing: CornerForcing, p: DynamicsParameters) -> None:
    """Advance velocity and stress by one dynamics step, in place; the wind is that of the step's end."""
    corners = prepare_corners(domain, state, forcing, p)
    strength = (p.plastic_strength * state.sit * np.exp(-p.compaction * (1.0 - state.sic))).astype(np.float32)
    damping = (p.hourglass * p.rho_ice * p.elastic_speed / domain.dx / 4.0 * state.sit).astype(np.float32)
    constants = (p.mevp_alpha, p.ellipse**-2, p.least_deformation, p.step_s, p.coriolis)
    _iterate(
        p.mevp_iterations,
        np.float32(0.5 / domain.dx),
        tuple(np.float32(c) for c in constants),
        (state.u, state.v, state.u.copy(), state.v.copy()),
        (corners.active, corners.mass, corners.drag, corners.u_ocean, corners.v_ocean),
        (corners.tau_x + corners.dtau_x, corners.tau_y + corners.dtau_y),
        (state.s11, state.s22, state.s12),
        (strength, damping),
        np.zeros((2, *state.sic.shape), np.float32),
    )
    state.u_mean[...] = state.u
    state.v_mean[...] = state.v


@njit(fastmath=True, error_model="numpy", cache=True)
def _plastic_row(corners, stress, coefficients, half, c):  # type: ignore[no-untyped-def]  # noqa: ANN001
    u0, u1, v0, v1 = corners
    s11, s22, s12 = stress
    strength, damping, qu, qv = coefficients
    alpha, e2, least = c[0], c[1], c[2]
    one = np.float32(1.0)
    for i in range(s11.size):
        ua, ub, uc, ud = u0[i], u0[i + 1], u1[i], u1[i + 1]
        va, vb, vc, vd = v0[i], v0[i + 1], v1[i], v1[i + 1]
        exx = (ub + ud - ua - uc) * half
        eyy = (vc + vd - va - vb) * half
        exy2 = (uc + ud - ua - ub + vb + vd - va - vc) * half
        qu[i] = damping[i] * (ua - ub - uc + ud)
        qv[i] = damping[i] * (va - vb - vc + vd)
        divergence = exx + eyy
        tension = exx - eyy
        delta = np.sqrt(divergence * divergence + e2 * (tension * tension + exy2 * exy2))
        zeta2 = strength[i] / (delta + least)  # 2 zeta
        pressure = zeta2 * delta
        mean = np.float32(0.5) * (zeta2 * divergence - pressure)
        half_diff = np.float32(0.5) * e2 * zeta2 * tension
        shear = np.float32(0.5) * e2 * zeta2 * exy2
        s11[i] += (mean + half_diff - s11[i]) * (one / alpha)
        s22[i] += (mean - half_diff - s22[i]) * (one / alpha)
        s12[i] += (shear - s12[i]) * (one / alpha)


@njit(fastmath=True, error_model="numpy", cache=True)
def _momentum_row(velocity, matter, wind, force, c):  # type: ignore[no-untyped-def]  # noqa: ANN001
    u, v, us, vs = velocity
    active, mass, drag, uo, vo = matter
    tx, ty = wind
    fx, fy = force
    beta, dt, f = c[0], c[3], c[4]
    one = np.float32(1.0)
    for i in range(u.size):
        wx = u[i] - uo[i]
        wy = v[i] - vo[i]
        k = dt / mass[i]
        a = beta + one + k * drag[i] * np.sqrt(wx * wx + wy * wy)
        b = dt * f
        rx = beta * wx + us[i] - uo[i] + k * (tx[i] + fx[i])
        ry = beta * wy + vs[i] - vo[i] + k * (ty[i] + fy[i])
        scale = one / (a * a + b * b)
        u[i] += active[i] * (uo[i] + (a * rx + b * ry) * scale - u[i])
        v[i] += active[i] * (vo[i] + (a * ry - b * rx) * scale - v[i])


@njit(fastmath=True, error_model="numpy", cache=True)
def _iterate(n, half, c, velocity, mass, wind, stress, coefficients, hourglass):  # type: ignore[no-untyped-def]  # noqa: ANN001
    u, v, us, vs = velocity
    active, m, drag, uo, vo = mass
    tx, ty = wind
    s11, s22, s12 = stress
    strength, damping = coefficients
    qu, qv = hourglass[0], hourglass[1]
    ny, nx = s11.shape
    fx = np.zeros(nx - 1, np.float32)
    fy = np.zeros(nx - 1, np.float32)
    for _ in range(n):
        for j in range(ny):
            corners = (u[j], u[j + 1], v[j], v[j + 1])
            _plastic_row(corners, (s11[j], s22[j], s12[j]), (strength[j], damping[j], qu[j], qv[j]), half, c)
        for j in range(1, ny):
            k, row = j - 1, slice(1, nx)
            below = (s11[k], s12[k], s22[k], qu[k], qv[k])
            force_row(below, (s11[j], s12[j], s22[j], qu[j], qv[j]), fx, fy, half)
            _momentum_row(
                (u[j, row], v[j, row], us[j, row], vs[j, row]),
                (active[j, row], m[j, row], drag[j, row], uo[j, row], vo[j, row]),
                (tx[j, row], ty[j, row]),
                (fx, fy),
                c,
            )
