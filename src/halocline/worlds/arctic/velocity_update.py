"""One explicit-implicit sub-step of velocity on a row of corners; shared by all rheologies."""

import numpy as np

from halocline.runtime.jit import njit


@njit(fastmath=True, error_model="numpy", inline="always")
def update_row(velocity, matter, wind, force, share, dt, f):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Update one row of corners in place and add the new velocity to the running sums ``um``, ``vm``.

    All rows are float32 (x,). ``force`` is that of the ice on itself, N/m2. ``share`` in 0..1 is the time within the
    step, at which the wind stress is ``t + share * dt``.
    """
    u, v, um, vm = velocity
    active, mass, drag, uo, vo = matter
    tx, ty, dtx, dty = wind
    fx, fy = force
    for i in range(u.size):
        wx = u[i] - uo[i]
        wy = v[i] - vo[i]
        inertia = mass[i] / dt
        a = inertia + drag[i] * np.sqrt(wx * wx + wy * wy)
        b = mass[i] * f
        rx = inertia * wx + tx[i] + share * dtx[i] + fx[i]
        ry = inertia * wy + ty[i] + share * dty[i] + fy[i]
        scale = np.float32(1.0) / (a * a + b * b)
        u_new = uo[i] + (a * rx + b * ry) * scale
        v_new = vo[i] + (a * ry - b * rx) * scale
        u[i] += active[i] * (u_new - u[i])
        v[i] += active[i] * (v_new - v[i])
        um[i] += u[i]
        vm[i] += v[i]
