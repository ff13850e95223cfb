"""Which way round the rows and columns of a file lie: by position, against the grid wanted or by its own axes."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from halocline.data.grids.cell_areas import unit_vectors
from halocline.data.grids.grid import Grid
from halocline.data.reading.work import Work
from halocline.runtime.errors import InputError

TOLERANCE = 0.05  # of the distance between neighbours; float32 coordinates and rounded files lie far below it
_FLIPS = {"": (), "rows from top to bottom": ("y",), "columns from right to left": ("x",), "both reversed": ("y", "x")}


def face(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset in the order of the grid wanted, or with x and y increasing where there is none.

    Positions are compared on the sphere, so that 0-360 longitudes and single precision are no difference. What fits the
    grid reversed or rolled around the globe is turned, with a note; what fits nowhere is a problem.
    """
    if work.target is not None and (dataset.sizes["y"], dataset.sizes["x"]) != work.target.shape:
        work.wrong(
            "grid",
            found=f"y, x = {dataset.sizes['y']}, {dataset.sizes['x']}",
            expected=f"y, x = {work.target.shape[0]}, {work.target.shape[1]} ({work.target.name})",
            remedy=_OTHER_GRID[work.group == "forcing"],
        )
        return dataset
    if "lat" not in dataset.variables:
        return dataset
    if "lon" in dataset.variables and work.target is None and work.like is not None:
        work.target = work.like if _onto(dataset, work.like, work)[1] is not None else None
    if work.target is None or np.isnan(work.target.lat).all():
        return _ascending(dataset, work)
    target = work.target
    if "lon" not in dataset.variables or np.isnan(target.lon).all():
        return _by_latitude(dataset, target, work)
    distance, turned, words = _onto(dataset, target, work)
    if turned is None:
        work.wrong(
            "grid",
            found=f"cells up to {distance:.3g} km away from the grid's, whichever way round",
            expected=f"the cells of {target.name}",
            remedy=_OTHER_GRID[work.group == "forcing"],
        )
        return dataset
    if words:
        work.notes.add("converted", "grid", f"{words}: turned")
    return turned


def _by_latitude(dataset: xr.Dataset, target: Grid, work: Work) -> xr.Dataset:
    """Compare latitudes where there are no longitudes; nothing is turned."""
    off = np.abs(dataset["lat"].values - target.lat)[target.mask]
    if not off.max() <= 0.01:
        work.wrong(
            "grid",
            found=f"latitudes that differ by up to {off.max():.3g} degrees",
            expected=f"the cells of {target.name}",
            remedy=_OTHER_GRID[work.group == "forcing"],
        )
    return dataset


_OTHER_GRID = (
    "Bring the file to this grid: halocline import … --grid, or use what was made on the file's own grid.",
    "Give the weather on latitudes and longitudes, which is interpolated, or on this grid.",
)


def _onto(dataset: xr.Dataset, target: Grid, work: Work) -> tuple[float, xr.Dataset | None, str]:
    """Return (distance in km, dataset in the grid's order or None, what was turned) of the way that fits best."""
    if (dataset.sizes["y"], dataset.sizes["x"]) != target.shape or np.isnan(target.lat).all():
        return np.inf, None, ""
    wanted = unit_vectors(target.lat, target.lon)
    limit, nearest = TOLERANCE * _step(wanted), np.inf
    where = target.mask if work.group == "ocean" else np.ones(target.shape, bool)  # NEMO may write 0 on land
    for words, turned in _ways(dataset):
        here = unit_vectors(turned["lat"].values, turned["lon"].values)
        distance = float(np.nanmax(np.linalg.norm(here - wanted, axis=-1)[where]))
        if distance < limit:
            return 6371.2 * distance, turned, words
        nearest = min(nearest, distance)
    return 6371.2 * nearest, None, ""


def _ways(dataset: xr.Dataset) -> Iterator[tuple[str, xr.Dataset]]:
    for words, axes in _FLIPS.items():
        yield words, dataset.isel({axis: slice(None, None, -1) for axis in axes})
    if dataset["lon"].dims == ("y", "x"):
        row = np.asarray(dataset["lon"].values[dataset.sizes["y"] // 2])
        for half in (int(np.argmin(row)), dataset.sizes["x"] // 2):
            if half:
                rolled = dataset.roll(x=-half, roll_coords=True)
                yield f"columns begin at another longitude ({half} columns on)", rolled


def _ascending(dataset: xr.Dataset, work: Work) -> xr.Dataset:
    """Reverse axes whose coordinates decrease; vectors point along increasing x and y whatever the order of rows."""
    falling = [axis for axis in ("y", "x") if axis in dataset.variables and _falls(dataset[axis].values)]
    if falling:
        work.notes.add("converted", "grid", f"{' and '.join(falling)} decreasing: reversed")
    return dataset.isel({axis: slice(None, None, -1) for axis in falling})


def _falls(values: np.ndarray) -> bool:
    return bool(values.size > 1 and (np.diff(values) < 0).all())


def _step(points: np.ndarray) -> float:
    distances = [np.linalg.norm(np.diff(points, axis=axis), axis=-1) for axis in (0, 1) if points.shape[axis] > 1]
    if not distances:
        raise InputError("grid", found="one cell", expected="at least two", remedy="Use a larger grid.")
    return float(min(np.nanmedian(d) for d in distances))
