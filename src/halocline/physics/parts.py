"""Connected parts of a pattern of cells: how large, how long, how thin."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import label

_DIRECTIONS = np.arange(16) * np.pi / 16.0


@dataclass(frozen=True, eq=False)
class Parts:
    """Connected parts of the patterns of several states, each (part,).

    Attributes:
        sample: The state that a part is in.
        area: Sum of its cells' areas, m2.
        length: Largest extent in any of 16 directions, from rim to rim of its cells, m.
        elongation: 1 - b / a with a >= b the axes of the ellipse of its second moments: 0 round, 1 a line.
    """

    sample: np.ndarray
    area: np.ndarray
    length: np.ndarray
    elongation: np.ndarray

    @property
    def width(self) -> np.ndarray:
        """Area over length (part,), m."""
        return self.area / self.length


def connected_parts(cells: np.ndarray, area: np.ndarray) -> Parts:
    """Return the parts of cells that touch at a side or a corner.

    A single cell is as long as its side. Second moments are those of squares, 1/12 more than those of their centres.

    Args:
        cells: True on the cells of the pattern (sample, y, x).
        area: Areas of the cells (y, x), m2.
    """
    touching = np.zeros((3, 3, 3), bool)
    touching[1] = True
    labels, number = label(cells, touching)
    sample, row, column = np.nonzero(cells)
    part = labels[sample, row, column] - 1
    order = np.argsort(part, kind="stable")
    part, sample, row, column = part[order], sample[order], row[order], column[order]
    first = np.searchsorted(part, np.arange(number))
    if not number:
        return Parts(*(np.zeros(0, kind) for kind in (int, float, float, float)))
    count = np.bincount(part).astype(np.float64)
    areas = np.bincount(part, area[row, column])
    extent = np.zeros(number)
    for angle in _DIRECTIONS:
        along = column * np.cos(angle) + row * np.sin(angle)
        extent = np.maximum(extent, np.maximum.reduceat(along, first) - np.minimum.reduceat(along, first) + 1.0)
    y, x = (coordinate - (np.bincount(part, coordinate) / count)[part] for coordinate in (row, column))
    yy, xx, xy = (np.bincount(part, product) / count for product in (y * y, x * x, x * y))
    trace, apart = yy + xx + 1.0 / 6.0, np.hypot(xx - yy, 2.0 * xy)
    elongation = 1.0 - np.sqrt(np.maximum(trace - apart, 0.0) / (trace + apart))
    return Parts(sample[first], areas, extent * np.sqrt(areas / count), elongation)
