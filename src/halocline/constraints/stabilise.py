"""The smallest change of heat and salt that makes columns stable."""

import numpy as np

from halocline.constraints.columns import Columns
from halocline.constraints.isotonic import isotonic
from halocline.physics.eos import EquationOfState

_ITERATIONS = 60


def stabilise(
    columns: Columns, eos: EquationOfState, *, gap: float, accept: float, sd_thetao: float, sd_so: float
) -> Columns:
    """Move columns as little as possible so that density grows downwards; heat and salt of each column are kept.

        minimise  sum_k h_k dX_k^T Sigma^-1 dX_k,  dX = (dT, dS), Sigma = diag(sd_thetao^2, sd_so^2)
        subject to  d_k >= gap,  d_k the density jump across interface k

    With a_k = (drho/dT, drho/dS), q_k = a_k^T Sigma a_k and r_{k+1} = r_k + d_k - gap the solution for a linear
    equation of state is

        dX_k = Sigma a_k (r*_k - r_k) / q_k,   r* = isotonic regression of r with weights h_k / q_k

    It is exact, does not enlarge distances, and moves water along Sigma a_k only: spice is kept. For a non-linear one
    the step is repeated; after each, a constant over the column returns what the change of a_k within a block took from
    heat and salt.

    A column that is still unstable after 60 steps is mixed where it is unstable: a last resort that conserves too.

    Source: weighted projection on the monotone cone, e.g. Barlow et al. 1972; the reduction to r is derived in
    docs/explanation/ocean-constraints.md.

    Args:
        columns: The columns.
        eos: Equation of state.
        gap: Jump that is aimed at, kg m-3.
        accept: Jumps from here on count as stable, kg m-3; at most ``gap``.
        sd_thetao: Scale of temperature changes, K.
        sd_so: Scale of salinity changes, psu.
    """
    thetao, so = columns.thetao.copy(), columns.so.copy()
    active = np.arange(len(columns))
    for _ in range(_ITERATIONS):
        now = columns.take(active).with_state(thetao[active], so[active])
        jumps = now.jumps(eos)
        bad = (np.where(now.wet()[:, 1:], jumps, np.inf) < accept).any(axis=1)
        active, now, jumps = active[bad], now.take(np.nonzero(bad)[0]), jumps[bad]
        if not active.size:
            return columns.with_state(thetao, so)
        thetao[active], so[active] = _step(now, jumps, eos, gap, sd_thetao, sd_so)
    rest = columns.take(active).with_state(thetao[active], so[active])
    mixed = mix(rest, eos, accept=min(accept, 0.0))
    thetao[active], so[active] = mixed.thetao, mixed.so
    return columns.with_state(thetao, so)


def mix(columns: Columns, eos: EquationOfState, *, accept: float = 0.0) -> Columns:
    """Mix unstable neighbours, and what they then make unstable, until none is left; heat and salt are kept.

    Complete convective adjustment, for the last resort and as a control. Layers that were mixed once stay one layer, so
    they can only grow: it ends, at the latest when the column is one.
    """
    thetao, so = columns.thetao.copy(), columns.so.copy()
    joined = np.zeros((len(columns), thetao.shape[1] - 1), bool)
    rows = np.arange(len(columns))
    while rows.size:
        now = columns.take(rows).with_state(thetao[rows], so[rows])
        bad = now.jumps(eos) < accept  # never within a mixed layer: its jumps are exactly 0
        again = np.nonzero(bad.any(axis=1))[0]
        rows, now = rows[again], now.take(again)
        joined[rows] |= bad[again]
        layer = np.concatenate([np.zeros((len(rows), 1), int), np.cumsum(~joined[rows], axis=1)], axis=1)
        layer += np.arange(len(rows))[:, None] * thetao.shape[1]
        size = layer.shape[0] * thetao.shape[1]
        weight = np.bincount(layer.ravel(), now.thickness.ravel(), size)
        alone = np.bincount(layer.ravel(), minlength=size) == 1
        for field, value in ((thetao, now.thetao), (so, now.so)):
            mean = np.bincount(layer.ravel(), (value * now.thickness).ravel(), size) / np.where(weight > 0, weight, 1)
            field[rows] = np.where(alone[layer], value, mean[layer])
    return columns.with_state(thetao, so)


def _step(
    columns: Columns, jumps: np.ndarray, eos: EquationOfState, gap: float, sd_thetao: float, sd_so: float
) -> tuple[np.ndarray, np.ndarray]:
    wet, h = columns.wet(), columns.thickness
    by_t, by_s = eos.derivatives(columns.thetao, columns.so, columns.centre)
    q = (sd_thetao * by_t) ** 2 + (sd_so * by_s) ** 2
    target = np.where(wet[:, 1:], jumps - gap, 0.0)
    r = np.concatenate([np.zeros((len(columns), 1)), np.cumsum(target, axis=1)], axis=1)
    change = np.where(wet, (isotonic(r, h / q, columns.count) - r) / q, 0.0)
    depth = h.sum(axis=1, keepdims=True)
    fields = []
    for field, sd, slope in ((columns.thetao, sd_thetao, by_t), (columns.so, sd_so, by_s)):
        moved = sd**2 * slope * change
        constant = (h * moved).sum(axis=1, keepdims=True) / depth
        fields.append(np.where(wet, field + moved - constant, field))
    return fields[0], fields[1]
