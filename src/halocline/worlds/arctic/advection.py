"""Transport of ice volume, concentration, snow and damage: conservative, direction-split, flux-limited.

Finite volumes on the sphere with the limiter of van Leer (1974, J. Comput. Phys. 14); the order of x and y alternates.
Volume, concentration and snow move in flux form; damage rides on the flux of concentration, so that it stays between
its neighbours' values and a cell that fills with broken ice is broken. Convergence beyond full cover is ridging:
concentration is cut at 1, volume is kept.
"""

import numpy as np

from halocline.runtime.jit import njit
from halocline.worlds.arctic.domain import Domain
from halocline.worlds.arctic.state import IceState


def advect(domain: Domain, state: IceState, dt: float, x_first: bool) -> np.ndarray:
    """Move ice with ``u_mean``, ``v_mean`` over ``dt`` seconds, in place; total volume is kept to rounding.

    Returns:
        Cover beyond 1 that ridging has taken away (y, x), as a share of the cell.
    """
    transport_x = 0.5 * (state.u_mean[:-1] + state.u_mean[1:]).astype(np.float64) * domain.x_face * dt
    transport_y = 0.5 * (state.v_mean[:, :-1] + state.v_mean[:, 1:]).astype(np.float64) * domain.y_face * dt
    transport_x[:, [0, -1]] = 0.0
    transport_y[[0, -1]] = 0.0
    closed_x = ~(domain.ocean[:, :-1] & domain.ocean[:, 1:])
    closed_y = ~(domain.ocean[:-1] & domain.ocean[1:])
    transport_x[:, 1:-1][closed_x] = 0.0
    transport_y[1:-1][closed_y] = 0.0
    fields = (state.sit, state.sic, state.snow, state.damage)
    area = domain.grid.area
    if x_first:
        _sweep_rows(*fields, transport_x, area)
    turned = [np.ascontiguousarray(f.T) for f in fields]
    _sweep_rows(*turned, np.ascontiguousarray(transport_y.T), np.ascontiguousarray(area.T))  # type: ignore[call-arg]
    for field, values in zip(fields, turned, strict=True):
        field[...] = values.T
    if not x_first:
        _sweep_rows(*fields, transport_x, area)
    ridged = np.maximum(state.sic - 1.0, 0.0)
    np.minimum(state.sic, 1.0, out=state.sic)
    np.clip(state.damage, 0.0, 1.0 - 1e-6, out=state.damage)
    return ridged


@njit(cache=True, error_model="numpy")
def _face_value(q: np.ndarray, i: int, c: float) -> float:
    """Limited value of ``q`` on the face between i - 1 and i; ``c`` is the Courant number, positive towards i."""
    n = q.size
    if c >= 0.0:
        k, up, down, w = i - 1, i - 2, i, c
    else:
        k, up, down, w = i, i + 1, i - 1, -c
    if up < 0 or up >= n:
        return q[k]
    back = q[k] - q[up]
    ahead = q[down] - q[k]
    if back * ahead <= 0.0:
        return q[k]
    return q[k] + (1.0 - w) * back * ahead / (back + ahead)


@njit(cache=True, error_model="numpy")
def _face_damage(d: np.ndarray, sic: np.ndarray, i: int, c: float) -> float:
    """Limited damage on the face; cells without ice have no damage to make a slope with."""
    k = i - 1 if c >= 0.0 else i
    for j in range(max(0, k - 1), min(d.size, k + 2)):
        if sic[j] == 0.0:
            return d[k]
    return _face_value(d, i, c)


@njit(cache=True, error_model="numpy")
def _sweep_rows(sit, sic, snow, damage, transport, area):  # type: ignore[no-untyped-def]  # noqa: ANN001
    ny, nx = sit.shape
    fh = np.zeros(nx + 1)
    fa = np.zeros(nx + 1)
    fs = np.zeros(nx + 1)
    fd = np.zeros(nx + 1)
    for j in range(ny):
        h, a, s, d, t = sit[j], sic[j], snow[j], damage[j], transport[j]
        if not a.any():
            continue
        for i in range(1, nx):
            if t[i] == 0.0 or (a[i - 1] == 0.0 and a[i] == 0.0):
                fh[i] = fa[i] = fs[i] = fd[i] = 0.0
                continue
            c = t[i] / area[j, i - 1] if t[i] > 0.0 else t[i] / area[j, i]
            fh[i] = t[i] * _face_value(h, i, c)
            fa[i] = t[i] * _face_value(a, i, c)
            fs[i] = t[i] * _face_value(s, i, c)
            fd[i] = fa[i] * _face_damage(d, a, i, c)
        for i in range(nx):
            inverse = 1.0 / area[j, i]
            a_new = a[i] + (fa[i] - fa[i + 1]) * inverse
            if a_new > 0.0:
                d[i] = (a[i] * d[i] + (fd[i] - fd[i + 1]) * inverse) / a_new
            a[i] = max(0.0, a_new)
            h[i] += (fh[i] - fh[i + 1]) * inverse
            s[i] = max(0.0, s[i] + (fs[i] - fs[i + 1]) * inverse)
