"""Where the cells of a file lie: coordinates, projection and area, in metres, degrees and m2; missing ones made."""

import numpy as np
import xarray as xr

from halocline.data.grids.cell_areas import areas_of
from halocline.data.grids.projection import Plane, Projection, projection_of
from halocline.data.reading.positions import fill_positions, fit_plane, in_degrees
from halocline.data.reading.units import coordinate_in
from halocline.data.reading.work import Work
from halocline.runtime.errors import InputError

_SPHERE = 5.101e14  # m2, surface of the Earth
_MAPPINGS = ("grid_mapping_name", "crs_wkt", "proj4", "proj4_string", "spatial_ref")


def place_cells(dataset: xr.Dataset, work: Work) -> xr.Dataset:
    """Return the dataset with x, y (1-D), lat, lon, area (y, x) and ``projection``, as far as the file tells them.

    Without latitudes they are made of x, y and the grid mapping; without area, of the cells on the sphere. The caller's
    grid fills what is missing when the file lies on it; without one, missing positions are a problem.
    """
    dataset = _projection(dataset, work)
    for name, unit in (("x", "m"), ("y", "m"), ("area", "m2")):
        if name in dataset.variables:
            converted = coordinate_in(dataset[name], unit, name, work)
            dataset = dataset.assign_coords({name: converted}) if name != "area" else dataset.assign(area=converted)
    dataset = in_degrees(dataset, work)
    plane = _plane(dataset, work)
    known = {"lat", "lon"} & set(dataset.variables)
    if not known or (len(known) == 1 and work.group != "ocean"):
        dataset = _positions(dataset, plane, work)
    dataset = fill_positions(_two_dimensional(dataset), work)
    dataset, plane = fit_plane(dataset, plane, work)
    for name in ("y", "x"):
        if name in dataset.dims and name not in dataset.variables:
            dataset = dataset.assign_coords({name: (name, np.arange(dataset.sizes[name], dtype=np.float64))})
    if {"lat", "lon"} <= set(dataset.variables):
        dataset = dataset.assign_coords(lon=dataset["lon"].copy(data=_east(dataset["lon"].values)))
    return _area(dataset, plane, work)


def _projection(dataset: xr.Dataset, work: Work) -> xr.Dataset:
    """Find the grid mapping by the attribute that names it, or by its own, and call it ``projection``."""
    named = {
        str(v.attrs["grid_mapping"]).split(":")[0] for v in dataset.variables.values() if "grid_mapping" in v.attrs
    }
    named |= {
        str(v.encoding["grid_mapping"]).split(":")[0]
        for v in dataset.variables.values()
        if "grid_mapping" in v.encoding
    }
    own = {str(n) for n, v in dataset.variables.items() if set(_MAPPINGS) & set(v.attrs)}
    present = [n for n in sorted(named | own) if n in dataset.variables]
    if len(present) > 1:
        work.wrong(
            "grid mapping",
            found=f"several: {', '.join(present)}",
            expected="one",
            remedy="Drop those not of the states.",
        )
    if not present or present[0] == "projection":
        return dataset
    dataset = dataset.drop_vars("projection", errors="ignore").rename({present[0]: "projection"})
    work.notes.add("found", "projection", f"grid mapping '{present[0]}'")
    return dataset


def _plane(dataset: xr.Dataset, work: Work) -> Projection | None:
    if "projection" not in dataset.variables:
        return None
    attrs = {
        k: v if isinstance(v, str) else float(v) for k, v in dataset["projection"].attrs.items() if np.ndim(v) == 0
    }
    words = next((str(attrs[k]) for k in ("proj4", "proj4_string") if k in attrs), None)
    if words is not None and not {"grid_mapping_name", "crs_wkt"} & set(attrs):
        with work.problems.collect():
            plane = Plane.of(words)
            dataset["projection"].attrs = plane.cf_attributes()
            return plane
    with work.problems.collect():
        return projection_of(attrs)
    return None


def _positions(dataset: xr.Dataset, plane: Projection | None, work: Work) -> xr.Dataset:
    """Add latitudes and longitudes: those of a rectilinear grid, of the plane, or of the grid wanted."""
    geographic = all(
        dataset.get(n, xr.DataArray()).attrs.get("standard_name") == s
        for n, s in (("y", "latitude"), ("x", "longitude"))
    )
    if geographic:
        return dataset.assign_coords(lat=("y", dataset["y"].values), lon=("x", dataset["x"].values))
    if plane is not None and "x" in dataset.variables and "y" in dataset.variables:
        if "units" not in dataset["x"].attrs and "x" not in work.choices.units:
            work.ask(
                "'x' and 'y'",
                found="no units attribute, and no latitudes and longitudes that tell it",
                options={"--unit x=m --unit y=m": "they are metres", "--unit x=km --unit y=km": "they are kilometres"},
                why="metres on the plane of the projection",
            )
        lat, lon = plane.inverse(dataset["x"].values[None, :], dataset["y"].values[:, None])
        work.notes.add("assumed", "lat", "latitudes and longitudes made of x, y and the grid mapping")
        return dataset.assign_coords(lat=(("y", "x"), lat), lon=(("y", "x"), lon))
    on_plane = _on_the_grids_plane(dataset, work)
    if on_plane is not None:
        return on_plane
    if work.target is not None and (dataset.sizes.get("y"), dataset.sizes.get("x")) == work.target.shape:
        work.notes.add("warning", "lat", "no positions in the file: taken for those of the grid, cell by cell")
        return dataset.assign_coords(lat=(("y", "x"), work.target.lat), lon=(("y", "x"), work.target.lon))
    if work.group != "ocean" and work.needs_grid:
        work.wrong(
            "latitudes and longitudes",
            found="none, and no projection with x and y to make them of",
            expected="lat and lon (y, x), whatever their names",
            remedy="Give the file of the grid with --mesh FILE, or add lat and lon.",
        )
    return dataset


def _on_the_grids_plane(dataset: xr.Dataset, work: Work) -> xr.Dataset | None:
    """Return the positions of x and y, where the file has only these, on the plane of the grid wanted."""
    if work.target is None or not work.target.projection or not {"x", "y"} <= set(dataset.variables):
        return None
    plane = projection_of(work.target.projection)
    x, y = (np.asarray(dataset[n].values, np.float64) for n in ("x", "y"))
    if plane is None or any(np.array_equal(np.diff(values), np.ones(values.size - 1)) for values in (x, y)):
        return None  # numbers of rows and columns
    lat, lon = plane.inverse(x[None, :], y[:, None])
    work.notes.add("assumed", "lat", f"x and y taken for those of the plane of {work.target.name}")
    return dataset.assign_coords(lat=(("y", "x"), lat), lon=(("y", "x"), lon))


def _two_dimensional(dataset: xr.Dataset) -> xr.Dataset:
    for name in ("lat", "lon"):
        if name in dataset.variables and dataset[name].ndim < 2 and {"y", "x"} <= set(dataset.dims):
            shape = dataset.sizes["y"], dataset.sizes["x"]
            values = np.asarray(dataset[name].values, np.float64)
            values = values[:, None] if dataset[name].dims == ("y",) else values[None, :]
            dataset = dataset.assign_coords({name: (("y", "x"), np.broadcast_to(values, shape))})
        elif name in dataset.variables and dataset[name].dims != ("y", "x"):
            extra = {d: 0 for d in dataset[name].dims if d not in ("y", "x")}  # one mesh for every record
            dataset = dataset.assign_coords({name: dataset[name].isel(extra, drop=True)})
    return dataset


def _area(dataset: xr.Dataset, plane: Projection | None, work: Work) -> xr.Dataset:
    if "area" not in dataset.variables and {"e1t", "e2t"} <= set(dataset.variables):
        extra = {d: 0 for d in dataset["e1t"].dims if d not in ("y", "x")}
        dataset = dataset.assign(area=(dataset["e1t"] * dataset["e2t"]).isel(extra, drop=True))
    if "area" in dataset.variables:
        area = np.asarray(dataset["area"].values, np.float64)
        total = float(np.nansum(area))
        area = _area_everywhere(area, dataset, plane)
        if not 0.0 < total < 1.01 * _SPHERE or np.nanmin(area) < 0:
            work.wrong(
                "cell area",
                found=f"{total:.3g} m2 in all",
                expected=f"areas in m2 of cells on the Earth, at most {_SPHERE:.3g} in all",
                remedy="Say the unit: --unit area=km2.",
            )
        return dataset.assign(area=(("y", "x"), area, {"standard_name": "cell_area", "units": "m2"}))
    if not {"lat", "lon"} <= set(dataset.variables) or (work.mesh is not None and work.mesh.grid.levels):
        return dataset  # the mesh knows them
    if work.group == "forcing" and work.target is not None:
        return dataset  # no need of it
    try:
        x, y = (np.asarray(dataset[n].values, np.float64) for n in ("x", "y"))
        area = areas_of(dataset["lat"].values, dataset["lon"].values, plane, x, y)
    except InputError:
        return dataset
    work.notes.add("assumed", "area", "areas of the cells made of their positions on the sphere")
    return dataset.assign(area=(("y", "x"), area, {"standard_name": "cell_area", "units": "m2"}))


def _area_everywhere(area: np.ndarray, dataset: xr.Dataset, plane: Projection | None) -> np.ndarray:
    """Return areas with those of the positions where a file leaves them out, as CICE does on land."""
    gone = np.isnan(area)
    if not gone.any() or gone.all():
        return area
    x, y = (np.asarray(dataset[n].values, np.float64) for n in ("x", "y"))
    return np.where(gone, areas_of(dataset["lat"].values, dataset["lon"].values, plane, x, y), area)


def _east(lon: np.ndarray) -> np.ndarray:
    """Return longitudes in -180..180; those that are already stay to the bit."""
    lon = np.asarray(lon, np.float64)
    return np.where((lon >= -180.0) & (lon <= 180.0), lon, (lon + 180.0) % 360.0 - 180.0)
