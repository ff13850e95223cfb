"""Free drift: no stress inside the ice. A baseline for tests, not for use (ice piles up without limit at coasts)."""

import numpy as np

from halocline.runtime.jit import njit
from halocline.worlds.arctic.domain import Domain
from halocline.worlds.arctic.momentum import CornerForcing, prepare_corners
from halocline.worlds.arctic.parameters import DynamicsParameters
from halocline.worlds.arctic.state import IceState
from halocline.worlds.arctic.velocity_update import update_row


def step_freedrift(domain: Domain, state: IceState, forcing: CornerForcing, p: DynamicsParameters) -> None:
    """Advance the velocity by one dynamics step, in place; stress stays 0 and damage as it is."""
    corners = prepare_corners(domain, state, forcing, p)
    n = p.free_drift_substeps
    state.u_mean[...] = 0.0
    state.v_mean[...] = 0.0
    _substeps(
        n,
        np.float32(p.step_s / n),
        np.float32(p.coriolis),
        (state.u, state.v, state.u_mean, state.v_mean),
        (corners.active, corners.mass, corners.drag, corners.u_ocean, corners.v_ocean),
        (corners.tau_x, corners.tau_y, corners.dtau_x, corners.dtau_y),
    )
    state.u_mean /= n
    state.v_mean /= n


@njit(fastmath=True, error_model="numpy", cache=True)
def _substeps(n, dt, f, velocity, mass, wind):  # type: ignore[no-untyped-def]  # noqa: ANN001
    u, v, um, vm = velocity
    active, m, drag, uo, vo = mass
    tx, ty, dtx, dty = wind
    none = np.zeros(u.shape[1], np.float32)
    for k in range(n):
        share = np.float32((k + 0.5) / n)
        for j in range(u.shape[0]):
            update_row(
                (u[j], v[j], um[j], vm[j]),
                (active[j], m[j], drag[j], uo[j], vo[j]),
                (tx[j], ty[j], dtx[j], dty[j]),
                (none, none),
                share,
                dt,
                f,
            )
