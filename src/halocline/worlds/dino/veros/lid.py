# SPDX-License-Identifier: GPL-3.0-or-later
"""The rigid lid: the surface pressure that keeps the depth-integrated flow free of divergence, solved directly.

Veros's own pressure solver is a linear free surface, whose tracer budget does not close in the top cell (the surface
moves, the cell does not), and an iteration that cannot be compiled into the step. The operator here is Veros's without
the free-surface term, made symmetric by the cells' area; its null space, a constant pressure, is filled so that the
solution has zero mean.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import splu

DENSE_LIMIT = 4500
"""Up to this many columns the inverse is kept as a matrix (160 MB at most); beyond, a sparse factorisation."""


def make_lid_solver(vs: Any, backend: str) -> Callable[[Any], Any]:
    """Return a function from the divergence (x + 4, y + 4), s-2, to the pressure over rho0 (x + 4, y + 4), m2 s-2.

    Args:
        vs: Veros's variables after setup.
        backend: ``jax`` or ``numpy``.
    """
    wet = np.asarray(vs.maskT)[2:-2, 2:-2, -1] > 0
    number = np.where(wet, np.cumsum(wet.ravel()).reshape(wet.shape) - 1, -1)
    matrix, area = _operator(vs, wet, number)
    n = int(wet.sum())
    cells = np.nonzero(wet.ravel())[0]
    nx, ny = wet.shape
    source = np.arange((nx + 4) * (ny + 4)).reshape(nx + 4, ny + 4)[2:-2, 2:-2].ravel()[cells]
    # Every cell of the haloed plane takes the value of its wet original, or 0.
    plane = np.pad(number, ((0, 0), (2, 2)), constant_values=-1)
    plane = np.concatenate([plane[-2:], plane, plane[:2]])
    if n <= DENSE_LIMIT:
        inverse = np.linalg.inv(matrix.toarray() + _pin(area, matrix))
        inverse = np.vstack([inverse * area[None, :], np.zeros((1, n))])
        if backend == "jax":
            import jax.numpy as jnp

            full, take = jnp.asarray(inverse), jnp.asarray(plane)
            return lambda divergence: (full @ divergence.ravel()[source])[take]
        return lambda divergence: (inverse @ divergence.ravel()[source])[plane]
    factor = splu((matrix - sparse.eye(n) * 1e-12 * abs(matrix.diagonal()).mean()).tocsc())

    def solve(divergence: np.ndarray) -> np.ndarray:
        right = np.asarray(divergence).ravel()[source] * area
        x = factor.solve(right - area * right.sum() / area.sum())
        x = np.append(x - (x * area).sum() / area.sum(), 0.0)
        return np.asarray(x[plane])

    if backend == "jax":
        import jax

        return lambda divergence: jax.pure_callback(
            solve, jax.ShapeDtypeStruct(plane.shape, divergence.dtype), divergence
        )
    return solve


def _operator(vs: Any, wet: np.ndarray, number: np.ndarray) -> tuple[sparse.csr_matrix, np.ndarray]:
    take = slice(2, -2)
    hu, hv = np.asarray(vs.hu), np.asarray(vs.hv)
    dxt, dxu, dyt, dyu = (np.asarray(getattr(vs, name)) for name in ("dxt", "dxu", "dyt", "dyu"))
    cost, cosu = np.asarray(vs.cost), np.asarray(vs.cosu)
    area = (dxt[take, None] * dyt[None, take] * cost[None, take])[wet]
    # Transmissions through the eastern and northern faces: depth * side / distance.
    east = (hu[take, take] * dyt[None, take] / (dxu[take, None] * cost[None, take])) * (wet & np.roll(wet, -1, axis=0))
    north = hv[take, take] * dxt[take, None] * cosu[None, take] / dyu[None, take]
    north = north * wet * np.concatenate([wet[:, 1:], np.zeros_like(wet[:, :1])], axis=1)
    n = int(wet.sum())
    matrix = sparse.csr_matrix((n, n))
    for face, neighbour in ((east, np.roll(number, -1, axis=0)), (north, np.roll(number, -1, axis=1))):
        on = face > 0
        i, j, t = number[on], neighbour[on], face[on]
        rows, columns = np.concatenate([i, j, i, j]), np.concatenate([j, i, i, j])
        matrix = matrix + sparse.csr_matrix((np.concatenate([t, t, -t, -t]), (rows, columns)), shape=(n, n))
    return matrix, area


def _pin(area: np.ndarray, matrix: sparse.csr_matrix) -> np.ndarray:
    """Return a multiple of the area's dyad: removes the null space and makes the area mean zero."""
    share = area / area.sum()
    return -np.outer(share, share) * abs(matrix.diagonal()).mean() * len(area)
