"""Areas that cells of two grids share on the sphere, exact for cells whose edges are great circles.

Each pair of cells near each other is clipped edge by edge (Sutherland and Hodgman 1974; an edge is a plane through the
Earth's centre, so that the clipping is linear algebra) and what is left is measured by the spherical excess of its
triangles (Van Oosterom and Strackee 1983): tan(E/2) = a.(b x c) / (1 + a.b + b.c + c.a). No plane, no pole and no date
line comes in; edges along parallels or straight on a plane are replaced by great circles between the same corners,
which neighbours share, so that nothing is lost or counted twice.
"""

from collections.abc import Iterator

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

_PAIRS = 100_000  # clipped at once
_TARGETS = 20_000  # whose neighbours are sought at once
_SLIVER = 1e-10  # share of a cell below which an overlap is rounding


def overlaps(source: np.ndarray, target: np.ndarray) -> sparse.csr_matrix:
    """Return the area on the unit sphere that each cell shares with each.

    Args:
        source: Corners (source, 4, 3) of cells, on the unit sphere; cells with NaN share nothing.
        target: Corners (target, 4, 3).

    Returns:
        (target, source), sr.
    """
    rows, columns, areas = [], [], []
    pieces, owner, sign = _convex(target)
    whole = np.abs(areas_of(target))
    turned = np.where(areas_of(source) < 0, -1.0, 1.0)
    for piece, cell in _neighbours(pieces, source):
        for part in range(0, len(piece), _PAIRS):
            p, c = piece[part : part + _PAIRS], cell[part : part + _PAIRS]
            left, polygons = _clipped(source[c], pieces[p])
            area = areas_of(polygons) * turned[c[left]] * sign[p[left]]
            rows.append(owner[p[left]])
            columns.append(c[left])
            areas.append(area)
    if not rows:
        return sparse.csr_matrix((len(target), len(source)))
    found = (np.concatenate(areas), (np.concatenate(rows), np.concatenate(columns)))
    shared = sparse.csr_matrix(found, shape=(len(target), len(source)))
    shared.data[shared.data < _SLIVER * np.repeat(whole, np.diff(shared.indptr))] = 0.0
    shared.eliminate_zeros()
    return shared


def areas_of(polygons: np.ndarray) -> np.ndarray:
    """Return the areas (polygon,) on the unit sphere, sr, negative where corners (polygon, corner, 3) run clockwise."""
    unit = polygons / np.linalg.norm(polygons, axis=-1, keepdims=True)
    a, b, c = unit[:, :1], unit[:, 1:-1], unit[:, 2:]
    volume = (a * np.cross(b - a, c - a)).sum(axis=-1)
    below = 1.0 + (a * b).sum(axis=-1) + (b * c).sum(axis=-1) + (c * a).sum(axis=-1)
    return 2.0 * np.arctan2(volume, below).sum(axis=1)


def _convex(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return counter-clockwise convex pieces (piece, 4, 3), the cell of each and whether it counts as 1 or -1."""
    number = np.flatnonzero(np.isfinite(cells).all(axis=(1, 2)))
    quads = cells[number]
    quads = np.where((areas_of(quads) < 0)[:, None, None], quads[:, ::-1], quads)
    before, after = np.roll(quads, 1, axis=1), np.roll(quads, -1, axis=1)
    convex = ((np.cross(quads - before, after - quads) * quads).sum(axis=-1) >= -1e-15).all(axis=1)
    halves = np.concatenate([quads[~convex][:, [0, 1, 2, 2]], quads[~convex][:, [0, 2, 3, 3]]])
    sign = np.where(areas_of(halves) < 0, -1.0, 1.0)
    halves = np.where((sign < 0)[:, None, None], halves[:, ::-1], halves)
    return (
        np.concatenate([quads[convex], halves]),
        np.concatenate([number[convex], number[~convex], number[~convex]]),
        np.concatenate([np.ones(int(convex.sum())), sign]),
    )


def _neighbours(pieces: np.ndarray, source: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield pairs (piece, source cell) whose circles meet; source cells of like size are sought together."""
    centres, reach = _circles(pieces)
    known = np.flatnonzero(np.isfinite(source).all(axis=(1, 2)))
    places, radius = _circles(source[known])
    size = np.floor(np.log2(np.maximum(radius, 1e-9))).astype(int)
    for group in np.unique(size):
        among = np.flatnonzero(size == group)
        tree = cKDTree(places[among])
        for first in range(0, len(pieces), _TARGETS):
            some = slice(first, first + _TARGETS)
            lists = tree.query_ball_point(centres[some], reach[some] + radius[among].max())
            counts = np.array([len(found) for found in lists])
            if counts.any():
                cell = among[np.concatenate([found for found in lists if found]).astype(np.int64)]
                piece = first + np.repeat(np.arange(len(counts)), counts)
                near = np.linalg.norm(centres[piece] - places[cell], axis=1) <= reach[piece] + radius[cell]
                yield piece[near], known[cell[near]]


def _circles(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a point (cell, 3) and the distance (cell,) from it within which each cell lies, its arcs too."""
    centre = cells.mean(axis=1)
    centre /= np.linalg.norm(centre, axis=1, keepdims=True)
    reach = np.linalg.norm(cells - centre[:, None], axis=-1).max(axis=1)
    return centre, reach * (1.0 + reach**2)


def _clipped(polygons: np.ndarray, windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which pairs share an area, and what is left of their polygons (pair, corner, 3).

    Args:
        polygons: Corners (pair, 4, 3).
        windows: Corners (pair, 4, 3) of convex cells, counter-clockwise.
    """
    left = np.arange(len(polygons))
    for k in range(windows.shape[1]):
        normal = np.cross(windows[left, k], windows[left, (k + 1) % windows.shape[1]])
        side = np.einsum("pkc,pc->pk", polygons, normal)
        after, beyond = np.roll(polygons, -1, axis=1), np.roll(side, -1, axis=1)
        inside = side >= 0
        crossing = inside != (beyond >= 0)
        share = side / np.where(crossing, side - beyond, 1.0)
        cut = polygons + share[..., None] * (after - polygons)
        points = np.stack([polygons, cut], axis=2).reshape(len(left), -1, 3)
        kept = np.stack([inside, crossing], axis=2).reshape(len(left), -1)
        count = kept.sum(axis=1)
        some = count >= 3
        points, kept, count, left = points[some], kept[some], count[some], left[some]
        order = np.argsort(~kept, axis=1, kind="stable")[:, : int(count.max(initial=3))]
        order = np.where(np.arange(order.shape[1]) < count[:, None], order, order[:, :1])  # the rest: the first again
        polygons = np.take_along_axis(points, order[..., None], axis=1)
    return left, polygons
