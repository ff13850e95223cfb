"""Which way round a grid's axes lie on the Earth."""

import numpy as np

from halocline.data.grids.grid import Grid


def handedness(grid: Grid) -> int:
    """Return 1 if y lies left of x seen from above, as on any map; -1 if right of it.

    The axes point to where the coordinates ``x`` and ``y`` increase, whatever the order of rows and columns.

    Args:
        grid: Latitudes and longitudes (y, x) say where its axes lead.
    """
    lat, lon = np.deg2rad(grid.lat), np.deg2rad(grid.lon)
    place = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)
    along_x, along_y = np.diff(place, axis=1)[:-1], np.diff(place, axis=0)[:, :-1]
    upward = (np.cross(along_x, along_y) * place[:-1, :-1]).sum(axis=-1)
    order = np.sign(grid.x[-1] - grid.x[0]) * np.sign(grid.y[-1] - grid.y[0])
    return 1 if np.median(np.sign(upward)) * order >= 0 else -1
