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

    A column that is still unstable after 60 steps is mixed between its first and last violation, growing until it
    holds: a last resort that conserves too.

    Source: weighted projection on the monotone cone, e.g. Barlow et al. 1972; the reduction to r is derived in
    docs/ocean-constraints.md.

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
    """Mix each column between its first and its last violation until none is left; heat and salt are kept.

    A crude convection, for the last resort and as a control. It ends: the mixed layer is neutral, so a new violation
    can only lie at its edges and it grows, at most to the whole column.
    """
    thetao, so = columns.thetao.copy(), columns.so.copy()
    level = np.arange(thetao.shape[1])
    while True:
        bad = columns.with_state(thetao, so).jumps(eos) < accept
        rows = np.nonzero(bad.any(axis=1))[0]
        if not rows.size:
            return columns.with_state(thetao, so)
        first = bad[rows].argmax(axis=1)[:, None]
        last = (bad.shape[1] - bad[rows][:, ::-1].argmax(axis=1))[:, None]
        within = (level >= first) & (level <= last)
        weight = np.where(within, columns.thickness[rows], 0.0)
        weight /= weight.sum(axis=1, keepdims=True)
        for field in (thetao, so):
            field[rows] = np.where(within, (weight * field[rows]).sum(axis=1, keepdims=True), field[rows])


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
