"""Latitudes and longitudes as files have them: in radians, missing on land, beside a projection that fits or not."""

import numpy as np
import xarray as xr

from halocline.data.grids.cell_areas import unit_vectors
from halocline.data.grids.projection import Projection
from halocline.data.reading.units import factor_and_offset
from halocline.data.reading.work import Work

_FITS = 0.25  # of the spacing: how far x and y may lie from the positions; spheres and ellipsoids differ by more
_SCALES = {1e3: "km", 1e5: "100 km", 1e-3: "m, called km,"}


def in_degrees(dataset: xr.Dataset, work: Work) -> xr.Dataset:
    """Return the dataset with latitudes and longitudes in degrees; grid files of CICE have radians."""
    for name in ("lat", "lon"):
        if name not in dataset.variables:
            continue
        said = str(dataset[name].attrs.get("units", "degrees")).strip().lower()
        scale = None if said.startswith("degree") else factor_and_offset(said, "degree")
        if scale is not None and scale[0] != 1.0:
            work.notes.add("converted", name, f"'{said}' to degrees")
            array = dataset[name].copy(data=np.asarray(dataset[name].values, np.float64) * scale[0])
            dataset = dataset.assign_coords({name: array.assign_attrs(units="degrees")})
    if "lat" in dataset.variables and np.nanmax(np.abs(dataset["lat"].values), initial=0.0) > 90.01:
        work.wrong(
            "latitudes",
            found=f"{np.nanmin(dataset['lat'].values):g} to {np.nanmax(dataset['lat'].values):g}",
            expected="degrees north, -90 to 90",
            remedy="Exchange lat and lon if they are swapped; declare a fill value by the attribute _FillValue.",
        )
    return dataset


def begin_at_the_gap(dataset: xr.Dataset, work: Work) -> xr.Dataset:
    """Return a rectilinear dataset whose columns run on: a region across Greenwich was cut out of 0 to 360."""
    if "x" not in dataset.variables or dataset["x"].attrs.get("standard_name") != "longitude":
        return dataset
    lon = np.asarray(dataset["x"].values, np.float64)
    if lon.size < 3:
        return dataset
    steps = np.mod(np.diff(lon, append=lon[:1] + 360.0), 360.0)
    usual, widest = float(np.median(steps)), int(np.argmax(steps))
    if widest == lon.size - 1 or steps[widest] <= 1.5 * usual or steps[-1] > 1.5 * usual:
        return dataset
    work.notes.add("converted", "grid", f"columns run across {lon[-1]:g} degrees east: begun at {lon[widest + 1]:g}")
    rolled = dataset.roll(x=-(widest + 1), roll_coords=True)
    ahead = np.rad2deg(np.unwrap(np.deg2rad(rolled["x"].values.astype(np.float64))))
    return rolled.assign_coords(x=rolled["x"].copy(data=ahead))


def fill_positions(dataset: xr.Dataset, work: Work) -> xr.Dataset:
    """Return the dataset with positions in every cell.

    CICE and NEMO leave them out, or write 0 and 0, where blocks of land were not computed; neighbours' are continued.
    """
    if not {"lat", "lon"} <= set(dataset.variables) or dataset["lat"].dims != ("y", "x"):
        return dataset
    lat, lon = (np.array(dataset[n].values, np.float64) for n in ("lat", "lon"))
    zero = (lat == 0) & (lon == 0)
    gone = np.isnan(lat) | np.isnan(lon) | (zero if zero.sum() > 1 else False)
    if not gone.any() or gone.all():
        return dataset
    points = np.where(gone[..., None], np.nan, unit_vectors(lat, lon))
    while np.isnan(points).any():
        padded = np.pad(points, ((1, 1), (1, 1), (0, 0)), constant_values=np.nan)
        sides = np.stack([padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]])
        known = np.isfinite(sides)
        mean = np.where(known, sides, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        points = np.where(np.isnan(points) & known.any(axis=0), mean, points)
    lat = np.where(gone, np.rad2deg(np.arctan2(points[..., 2], np.hypot(points[..., 0], points[..., 1]))), lat)
    lon = np.where(gone, np.rad2deg(np.arctan2(points[..., 1], points[..., 0])), lon)
    work.notes.add("filled", "lat", "positions missing: continued from the neighbours", int(gone.sum()))
    return dataset.assign_coords(lat=dataset["lat"].copy(data=lat), lon=dataset["lon"].copy(data=lon))


def fit_plane(dataset: xr.Dataset, plane: Projection | None, work: Work) -> tuple[xr.Dataset, Projection | None]:
    """Return the dataset with x and y on the plane of its projection, and the plane; None if it is not the grid's.

    The positions decide: they tell x and y that the file leaves out or has in another unit than it says, and whether
    the projection is that of the grid at all. Without it directions and areas are those of the positions.
    """
    if plane is None or not {"lat", "lon"} <= set(dataset.variables) or dataset["lat"].dims != ("y", "x"):
        return dataset, plane
    x, y = plane.forward(np.asarray(dataset["lat"].values), np.asarray(dataset["lon"].values))
    own = {"x", "y"} <= set(dataset.variables)
    if min(x.shape) < 2:
        return dataset, plane
    if own and _fits(dataset["x"].values, dataset["y"].values, x, y):
        return dataset, plane
    for factor, unit in _SCALES.items() if own else ():
        if _fits(factor * dataset["x"].values, factor * dataset["y"].values, x, y):
            work.notes.add("converted", "x, y", f"'{unit}' to 'm': the positions tell the unit")
            new = {n: (n, factor * dataset[n].values, {**dataset[n].attrs, "units": "m"}) for n in ("x", "y")}
            return dataset.assign_coords(new), plane
    if not own and _fits(np.median(x, axis=0), np.median(y, axis=1), x, y):
        work.notes.add("assumed", "x, y", "made of the positions and the grid mapping")
        return dataset.assign_coords(x=("x", np.median(x, axis=0)), y=("y", np.median(y, axis=1))), plane
    work.notes.add(
        "warning", "projection", "the grid mapping is not that of the positions: directions are taken from these"
    )
    return dataset.drop_vars("projection"), None


def _fits(x: np.ndarray, y: np.ndarray, x_there: np.ndarray, y_there: np.ndarray) -> bool:
    """Tell whether axes x (x,) and y (y,) are those of cells at x_there, y_there (y, x), m on the plane."""
    step = min(np.median(np.abs(np.diff(x_there, axis=1))), np.median(np.abs(np.diff(y_there, axis=0))))
    away = np.hypot(x_there - np.asarray(x)[None, :], y_there - np.asarray(y)[:, None])
    return bool(np.nanmax(away) <= _FITS * step)
