"""A rectangle of a grid's cells: by row and column numbers, or by latitudes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.grids.levels import Vertical
from halocline.data.grids.topology import Topology
from halocline.runtime.errors import InputError

_FORMS = re.compile(
    r"(?P<y0>\d*):(?P<y1>\d*),(?P<x0>\d*):(?P<x1>\d*)|lat=(?P<south>-?\d+(\.\d+)?):(?P<north>-?\d+(\.\d+)?)"
)


@dataclass(frozen=True, eq=False)
class Crop:
    """Rows and columns taken out of states.

    Attributes:
        target: The cells that are kept.
        rows: Which of the source's rows.
        columns: Which of its columns.
        notes: What was done, in words.
    """

    target: Grid
    rows: slice
    columns: slice
    notes: tuple[str, ...]

    def __call__(self, states: np.ndarray, channels: Sequence[str]) -> np.ndarray:
        """Return states (..., channel, y, x) float32 on the target's cells."""
        return np.asarray(states[..., self.rows, self.columns], np.float32)


def crop(source: Grid, words: str) -> Crop:
    """Return a crop.

    Args:
        source: The cells that states come from.
        words: ``40:200,0:300`` (rows, columns; the ends are left out, an end may be missing) or ``lat=50:90``: the
            smallest rectangle with all ocean cells between two latitudes (cells outside them within it are kept).

    Raises:
        InputError: If the words are neither, or leave no ocean.
    """
    found = _FORMS.fullmatch(words.replace(" ", ""))
    ny, nx = source.shape
    if found is not None and found["south"] is not None:
        at = source.mask & (source.lat >= float(found["south"])) & (source.lat <= float(found["north"]))
        rows, columns = (np.flatnonzero(at.any(axis=axis)) for axis in (1, 0))
        y, x = (slice(int(k[0]), int(k[-1]) + 1) if len(k) else slice(0, 0) for k in (rows, columns))
    elif found is not None:
        y, x = (
            slice(int(found["y0"] or 0), int(found["y1"] or ny)),
            slice(int(found["x0"] or 0), int(found["x1"] or nx)),
        )
    if found is None or not source.mask[y, x].any() or y.stop > ny or x.stop > nx:
        raise InputError(
            f"crop '{words}'",
            found="no rectangle of the grid with ocean in it",
            expected=f"rows and columns of {ny} x {nx} such as 0:{ny // 2},0:{nx}, or latitudes such as lat=50:90",
            remedy="Correct the ranges.",
        )
    v, vertical = source.vertical, None
    if v is not None:
        depth, thickness = (z[..., y, x] if z.ndim == 3 else z for z in (v.depth, v.thickness))
        vertical = Vertical(depth, thickness, v.mask[:, y, x], source.name)
    whole = {"y": source.mask[y].shape[0] == ny, "x": source.mask[:, x].shape[1] == nx}
    kept = {axis: edge for axis, edge in source.topology.words().items() if whole[axis]}
    target = replace(
        source,
        name=f"{source.name}-crop",
        x=source.x[x],
        y=source.y[y],
        **{part: getattr(source, part)[y, x] for part in ("lat", "lon", "area", "mask")},
        vertical=vertical,
        topology=Topology(**kept),  # type: ignore[arg-type]
    )
    return Crop(target, y, x, (f"cropped to rows {y.start}:{y.stop}, columns {x.start}:{x.stop} of {ny} x {nx}",))
