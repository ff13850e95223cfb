"""Thorpe sorting of columns: the same water, lightest on top."""

import numpy as np

from halocline.constraints.columns import Columns
from halocline.physics.eos import EquationOfState
from halocline.runtime.jit import njit

_ITERATIONS = 20


def thorpe_sort(columns: Columns, eos: EquationOfState, *, accept: float = 0.0) -> Columns:
    """Re-stack the water of unstable columns by density; heat and salt of each column are kept.

    Where all cells of a column have one thickness the parcels are permuted: contents *and* the T-S histogram are kept
    to the bit. Elsewhere the sorted parcels are stacked from the surface by their thickness and each cell takes the
    thickness-weighted mean of what comes to lie in it, which keeps the contents to rounding.

    Parcels are ordered by r_{k+1} = r_k + d_k, the sum of the density jumps at the columns' reference depths: density
    itself for one reference depth. With local references, and where mixing in a cell makes denser water (cabbeling),
    the sort is repeated; columns that stay unstable after 20 times are returned so.

    Source: Thorpe 1977, Phil. Trans. R. Soc. A 286, 125 (the sorted profile).

    Args:
        columns: The columns.
        eos: Equation of state.
        accept: Columns whose jumps are all at least this, kg m-3, are left alone.
    """
    thetao, so = columns.thetao.copy(), columns.so.copy()
    active = np.arange(len(columns))
    for _ in range(_ITERATIONS):
        now = columns.take(active).with_state(thetao[active], so[active])
        jumps = now.jumps(eos)
        bad = (jumps < accept).any(axis=1)
        active, now, jumps = active[bad], now.take(np.nonzero(bad)[0]), jumps[bad]
        if not active.size:
            break
        r = np.concatenate([np.zeros((len(now), 1)), np.cumsum(jumps, axis=1)], axis=1)
        order = np.argsort(np.where(now.wet(), r, np.inf), axis=1, kind="stable")
        stacked = _stack(now.thetao, now.so, now.thickness, order, now.count)
        thetao[active], so[active] = stacked
    return columns.with_state(thetao, so)


@njit(cache=True)
def _stack(
    thetao: np.ndarray, so: np.ndarray, thickness: np.ndarray, order: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    out_t, out_s = thetao.copy(), so.copy()
    for c in range(thetao.shape[0]):
        n = counts[c]
        first = thickness[c, 0]
        uniform = True
        for k in range(n):
            if abs(thickness[c, k] - first) > 1e-9 * first:
                uniform = False
        if uniform:
            for k in range(n):
                out_t[c, k], out_s[c, k] = thetao[c, order[c, k]], so[c, order[c, k]]
            continue
        parcel = 0
        left = thickness[c, order[c, 0]]
        for k in range(n):
            need = thickness[c, k]
            sum_t = sum_s = 0.0
            while need > 0.0:
                source = order[c, parcel]
                # What rounding leaves over is no parcel; the last one fills the last cell.
                if left <= need * (1 + 1e-12) and parcel < n - 1:
                    part = min(left, need)
                    parcel += 1
                    left = thickness[c, order[c, parcel]]
                else:
                    part = need
                    left -= need
                sum_t += part * thetao[c, source]
                sum_s += part * so[c, source]
                need -= part
                if need < 1e-12 * thickness[c, k]:
                    need = 0.0
            out_t[c, k], out_s[c, k] = sum_t / thickness[c, k], sum_s / thickness[c, k]
    return out_t, out_s
