"""The brittle Bingham-Maxwell rheology: elastic ice that breaks along a Mohr-Coulomb line and remembers it.

Per sub-step, with thickness-integrated stress s, om = 1 - SID and E = E0 h om exp(-C (1 - A)):

1. elastic:  s += dt E K : strain rate                                   (plane stress, Poisson's ratio nu)
2. viscous:  s *= 1 / (1 + dt (1 + P~) / lambda),  lambda = lambda0 om^(alpha-1);
             P~ = -1 between 0 and the ridging threshold P (no relaxation), P / sigma_n beyond it, 0 in tension
3. brittle:  if tau + mu sigma_n > c h:  om and s lose (1 - d_crit) dt / t_d,  d_crit = c h / (tau + mu sigma_n),
             t_d = dx / c_elastic(local),  c = c_lab sqrt(0.1 m / dx)
4. momentum on the corners.

Source: Olason et al. 2022, JAMES 14, e2021MS002685, equations 5-23; Dansereau et al. 2016 for the parent model.
Stencil: velocities on corners, one stress point per cell (B grid). Its velocity checkerboard feels no stress and is
damped by a viscous force on the cell's hourglass mode.
"""

import numpy as np

from halocline.runtime.jit import njit
from halocline.worlds.arctic.domain import Domain
from halocline.worlds.arctic.momentum import CornerForcing, prepare_corners
from halocline.worlds.arctic.parameters import DynamicsParameters
from halocline.worlds.arctic.state import IceState
from halocline.worlds.arctic.velocity_update import update_row


def substeps(dx: float, p: DynamicsParameters) -> int:
    """Return the number of sub-steps per dynamics step: elastic Courant number below ``p.courant``."""
    return int(np.ceil(p.step_s / (p.courant * dx / p.elastic_speed)))


def step_bbm(domain: Domain, state: IceState, forcing: CornerForcing, p: DynamicsParameters) -> None:
    """Advance velocity, stress and damage by one dynamics step, in place; fills ``u_mean`` and ``v_mean``."""
    corners = prepare_corners(domain, state, forcing, p)
    n = substeps(domain.dx, p)
    compaction = np.exp(-p.compaction * (1.0 - state.sic))
    stiffness = (p.young * state.sit * compaction).astype(np.float32)
    powered = state.sit.astype(np.float32) ** np.float32(p.ridging_exponent)
    ridging = (p.ridging_strength * compaction).astype(np.float32) * powered
    strength = (p.cohesion_lab * np.sqrt(p.lab_scale / domain.dx) * state.sit).astype(np.float32)
    speed = (p.elastic_speed / domain.dx * np.sqrt(compaction)).astype(np.float32)
    damping = (p.hourglass * p.rho_ice * p.elastic_speed / domain.dx / 4.0 * state.sit).astype(np.float32)
    intact = (1.0 - state.damage).astype(np.float32)
    state.u_mean[...] = 0.0
    state.v_mean[...] = 0.0
    _substeps(
        n,
        np.float32(p.step_s / n),
        np.float32(0.5 / domain.dx),
        _constants(p),
        (state.u, state.v, state.u_mean, state.v_mean),
        (corners.active, corners.mass, corners.drag, corners.u_ocean, corners.v_ocean),
        (corners.tau_x, corners.tau_y, corners.dtau_x, corners.dtau_y),
        (state.s11, state.s22, state.s12, intact),
        (stiffness, ridging, strength, speed, damping),
        np.zeros((2, *state.sic.shape), np.float32),
        (corners.low, corners.high),
    )
    state.u_mean /= n
    state.v_mean /= n
    idle = corners.active == 0
    state.u_mean[idle] = corners.u_ocean[idle]
    state.v_mean[idle] = corners.v_ocean[idle]
    state.damage[...] = np.where(state.sic > 0, np.maximum(0.0, 1.0 - intact.astype(np.float64)), 0.0)


def _constants(p: DynamicsParameters) -> tuple[np.float32, ...]:
    nu = p.poisson
    elastic = (1.0 / (1.0 - nu * nu), nu, 1.0 - nu)
    others = (1.0 / p.relaxation_time, p.friction, p.most_loss, p.least_intact, p.coriolis)
    return tuple(np.float32(c) for c in (*elastic, *others))


@njit(fastmath=True, error_model="numpy", inline="always")
def _stress_row(corners, stress, coefficients, hourglass, dt, half, c):  # type: ignore[no-untyped-def]  # noqa: ANN001
    u0, u1, v0, v1 = corners
    s11, s22, s12, om = stress
    stiffness, ridging, strength, speed, damping = coefficients
    qu, qv = hourglass
    bulk, nu, shear, slow, mu, most, least, _ = c
    one, zero, tiny = np.float32(1.0), np.float32(0.0), np.float32(1e-6)
    for i in range(s11.size):
        ua, ub, uc, ud = u0[i], u0[i + 1], u1[i], u1[i + 1]
        va, vb, vc, vd = v0[i], v0[i + 1], v1[i], v1[i + 1]
        exx = (ub + ud - ua - uc) * half
        eyy = (vc + vd - va - vb) * half
        exy = np.float32(0.5) * (uc + ud - ua - ub + vb + vd - va - vc) * half
        qu[i] = damping[i] * (ua - ub - uc + ud)
        qv[i] = damping[i] * (va - vb - vc + vd)
        w = om[i]
        elastic = dt * stiffness[i] * w * bulk
        a = s11[i] + elastic * (exx + nu * eyy)
        b = s22[i] + elastic * (eyy + nu * exx)
        t = s12[i] + elastic * shear * exy
        mean = np.float32(0.5) * (a + b)
        p = ridging[i]
        under = one - p / max(-mean, p + tiny)  # 0 below the threshold, towards 1 far beyond it
        open_ = under if mean < zero else one
        w2 = w * w
        relax = one / (one + dt * slow * open_ / (w2 * w2))
        a *= relax
        b *= relax
        t *= relax
        mean *= relax
        diff = np.float32(0.5) * (a - b)
        load = np.sqrt(diff * diff + t * t) + mu * mean
        over = max(zero, one - strength[i] / max(load, tiny + strength[i]))
        loss = one - min(most, over * dt * speed[i] * np.sqrt(w))
        s11[i] = a * loss
        s22[i] = b * loss
        s12[i] = t * loss
        om[i] = max(least, w * loss)


@njit(fastmath=True, error_model="numpy", inline="always")
def force_row(below, above, fx, fy, half):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Write the force of cells on a row of corners (x,), N/m2; rows of cells below and above it (x + 1,)."""
    a11, a12, a22, aqu, aqv = below
    b11, b12, b22, bqu, bqv = above
    for i in range(fx.size):
        fx[i] = (b11[i + 1] + a11[i + 1] - b11[i] - a11[i] + b12[i + 1] + b12[i] - a12[i + 1] - a12[i]) * half + (
            aqu[i + 1] + bqu[i] - bqu[i + 1] - aqu[i]
        )
        fy[i] = (b12[i + 1] + a12[i + 1] - b12[i] - a12[i] + b22[i + 1] + b22[i] - a22[i + 1] - a22[i]) * half + (
            aqv[i + 1] + bqv[i] - bqv[i + 1] - aqv[i]
        )


@njit(fastmath=True, error_model="numpy", cache=True)
def _substeps(n, dt, half, c, velocity, mass, wind, stress, coefficients, hourglass, columns):  # type: ignore[no-untyped-def]  # noqa: ANN001
    u, v, um, vm = velocity
    active, m, drag, uo, vo = mass
    tx, ty, dtx, dty = wind
    s11, s22, s12, om = stress
    stiffness, ridging, strength, speed, damping = coefficients
    qu, qv = hourglass[0], hourglass[1]
    low, high = columns
    ny, nx = s11.shape
    fx = np.zeros(nx + 1, np.float32)
    fy = np.zeros(nx + 1, np.float32)
    f = c[7]
    for part in range(n):
        share = np.float32((part + 0.5) / n)
        for j in range(ny):
            if high[j] > low[j]:
                a, b = slice(low[j], high[j]), slice(low[j], high[j] + 1)  # cells, and the corners around them
                _stress_row(
                    (u[j, b], u[j + 1, b], v[j, b], v[j + 1, b]),
                    (s11[j, a], s22[j, a], s12[j, a], om[j, a]),
                    (stiffness[j, a], ridging[j, a], strength[j, a], speed[j, a], damping[j, a]),
                    (qu[j, a], qv[j, a]),
                    dt,
                    half,
                    c,
                )
        for j in range(1, ny):
            i = max(1, min(low[j - 1], low[j]))
            e = min(nx, max(high[j - 1], high[j]) + 1)
            if e > i:
                a, b, k = slice(i - 1, e), slice(i, e), j - 1
                below = (s11[k, a], s12[k, a], s22[k, a], qu[k, a], qv[k, a])
                above = (s11[j, a], s12[j, a], s22[j, a], qu[j, a], qv[j, a])
                force_row(below, above, fx[b], fy[b], half)
                update_row(
                    (u[j, b], v[j, b], um[j, b], vm[j, b]),
                    (active[j, b], m[j, b], drag[j, b], uo[j, b], vo[j, b]),
                    (tx[j, b], ty[j, b], dtx[j, b], dty[j, b]),
                    (fx[b], fy[b]),
                    share,
                    dt,
                    f,
                )
