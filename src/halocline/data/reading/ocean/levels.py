"""The levels of an ocean: the surface first, depths in metres and downwards, those of each cell where they differ."""

import numpy as np
import xarray as xr

from halocline.data.fields.variables import variable
from halocline.data.grids import grid_io
from halocline.data.grids.grid import Grid
from halocline.data.reading.names import table
from halocline.data.reading.units import coordinate_in
from halocline.data.reading.work import Work

COLUMN = ("depth", "y", "x")
_ATTRS = {"standard_name": "depth", "units": "m", "positive": "down", "axis": "Z"}
_RELATIVE, _METRES = 0.02, 1.0  # how far nominal depths of one set of levels lie apart in different files
_MOVES, _MOVES_METRES = 0.1, 5.0  # how far cells lie from those at rest where levels follow the surface


def settle_levels(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset with levels from the surface down, ``depth`` (level,) and, if they differ, ``gdept`` by cell.

    What runs from the bottom to the surface is turned. The direction comes from the file, from the name of the axis,
    from the mesh, or is asked for.
    """
    if not _dimensions_fit(dataset, names, work):
        return dataset
    if "depth" not in dataset.variables:
        theirs = str(dataset[names[0]].attrs.get("halocline_depth", "depth"))
        if work.mesh is None or dataset.sizes["depth"] > len(work.mesh.nominal):
            work.wrong(
                f"coordinate '{theirs}'",
                found="a dimension without a coordinate",
                expected="the depth of each level in m",
                remedy=f"Add dataset['{theirs}'] with attributes units = 'm' and positive = 'down', or give --mesh.",
            )
            return dataset
        work.notes.add("assumed", "depth", "no depths in the file: the levels of the mesh, from the surface down")
        dataset = dataset.assign_coords(depth=("depth", work.mesh.nominal[: dataset.sizes["depth"]], _ATTRS))
    coordinate = coordinate_in(dataset["depth"], "m", "depth", work)
    values = np.asarray(coordinate.values, np.float64)
    positive = _direction(coordinate, values, work)
    if positive is None:
        return dataset
    depth = values if positive == "down" else -values
    if not np.isfinite(depth).all() or (depth < 0).any():
        work.wrong(
            "vertical coordinate",
            found=f"values from {values.min():g} to {values.max():g} m with positive = '{positive}'",
            expected="depths >= 0 (positive = 'down') or heights <= 0 (positive = 'up')",
            remedy="Correct the sign of the values or the attribute 'positive'.",
        )
        return dataset
    if positive == "up":
        work.notes.add("converted", "depth", "heights to depths")
    dataset = dataset.assign_coords(depth=("depth", depth, {**coordinate.attrs, **_ATTRS}))
    steps = np.diff(depth)
    if len(depth) > 1 and (steps < 0).all():
        work.notes.add("converted", "depth", "levels from the bottom to the surface: turned")
        dataset = dataset.isel(depth=slice(None, None, -1))
    elif not (steps > 0).all():
        work.wrong(
            "vertical coordinate",
            found="depths that neither rise nor fall throughout",
            expected="depths that grow with the index",
            remedy="Sort the levels by depth and keep each once.",
        )
    return _against_mesh(_local_depth(dataset, work), work)


def _dimensions_fit(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> bool:
    first = next((n for n in names if variable(n).levelled), None)
    leading = None if first is None else tuple(d for d in dataset[first].dims if d not in COLUMN)
    for name in names:
        dims, levelled = dataset[name].dims, variable(name).levelled
        rest = tuple(d for d in dims if d not in COLUMN)
        if ("depth" in dims) != levelled or (leading is not None and rest != leading):
            wanted = ("…" if leading is None else ", ".join(map(str, leading))) or ""
            work.wrong(
                f"dimensions of '{name}'",
                found=", ".join(map(str, dims)),
                expected=", ".join(filter(None, [wanted, "depth, y, x" if levelled else "y, x"]))
                + ("" if first in (None, name) else f", as '{first}' has them"),
                remedy="Give the variables the same dimensions; one level needs a depth dimension of length 1.",
            )
            return False
    return "depth" in dataset.dims


def _direction(coordinate: xr.DataArray, values: np.ndarray, work: Work) -> str | None:
    said = coordinate.attrs.get("positive")
    if said is None and coordinate.attrs.get("standard_name") == "depth":
        said = "down"  # by the definition of the CF standard name
    theirs = str(coordinate.attrs.get("halocline_name", "")).lower()
    if said is None and theirs in table()["direction"]["down"]:
        said = "down"
    said = said or work.choices.positive
    if said is None and work.mesh is not None and len(work.mesh.nominal):
        nominal = work.mesh.nominal[: len(values)]
        said = next((d for d, z in (("down", values), ("up", -values)) if _near(np.sort(z), nominal)), None)
    if said not in ("down", "up"):
        work.ask(
            "vertical coordinate",
            found="no attribute 'positive'" if said is None else f"positive = '{said}'",
            options={"--positive down": "its values are depths", "--positive up": "they are heights, 0 or negative"},
            why="positive = 'down' (depths) or 'up' (heights), so that the order of the levels is certain",
        )
        return None
    return str(said)


def _local_depth(dataset: xr.Dataset, work: Work) -> xr.Dataset:
    """Keep the depths of cells (depth, y, x) as ``gdept``; of several records their mean."""
    for name in table()["ocean"]["depth"]:
        if name not in dataset.variables or not set(COLUMN) <= set(dataset[name].dims):
            continue
        array = dataset[name]
        over = [d for d in array.dims if d not in COLUMN]
        if any(array.sizes[d] > 1 for d in over):
            work.notes.add("assumed", "gdept", f"depths of the cells: the mean of '{name}' over the records")
        mean = array.astype(np.float64).mean(over) if over else array
        mean = mean.transpose(*COLUMN)
        return dataset.drop_vars(name).assign(gdept=mean.assign_attrs({"units": "m", "positive": "down"}))
    return dataset


def _against_mesh(dataset: xr.Dataset, work: Work) -> xr.Dataset:
    """Compare the depths with those of the mesh, and take its true ones where the file has none."""
    if work.mesh is None or not work.mesh.grid.levels:
        return dataset
    grid, depth, levels = work.mesh.grid, dataset["depth"].values, dataset.sizes["depth"]
    fit = levels <= grid.levels and (
        _near(depth, work.mesh.nominal[:levels]) or _near(depth, grid.columns.nominal_depth[:levels])
    )
    if not fit and "gdept" in dataset.variables and levels <= grid.levels:
        wet = grid.wet[:levels]
        fit = dataset["gdept"].shape == wet.shape and _near(dataset["gdept"].values[wet], grid.depth[:levels][wet])
    if not fit:
        nominal = work.mesh.nominal[: len(depth)]
        apart = f"that differ by up to {np.abs(depth - nominal).max():.3g} m" if len(nominal) == len(depth) else ""
        work.wrong(
            "mesh of the states",
            found=f"{levels} levels {apart}".rstrip() if apart else f"{levels} levels, more than {grid.levels}",
            expected=f"the levels of {grid.name}",
            remedy="Use a mesh that the states belong to, or regrid the states first.",
        )
        return dataset
    _compare_cells(dataset, work)
    dataset = dataset.drop_vars("gdept", errors="ignore")
    if grid.columns.depth.ndim == 3:
        dataset = dataset.assign(gdept=(COLUMN, grid.columns.depth[:levels], {"units": "m", "positive": "down"}))
    return _place_of(grid, dataset.assign_attrs(grid_io.sides(grid.topology)))


def _compare_cells(dataset: xr.Dataset, work: Work) -> None:
    """Refuse depths of cells that are another mesh's, whose levels may be called the same: z and z-sigma, for example.

    The mean of records that follow the surface lies near the mesh's, which is at rest.
    """
    assert work.mesh is not None
    grid = work.mesh.grid
    wet = grid.wet[: dataset.sizes["depth"]]
    if "gdept" not in dataset.variables or dataset["gdept"].shape != wet.shape or grid.columns.depth.ndim != 3:
        return
    own, mesh = dataset["gdept"].values[wet], grid.depth[: len(wet)][wet]
    if not np.allclose(own, mesh, rtol=_MOVES, atol=_MOVES_METRES):
        work.wrong(
            "depths of the cells",
            found=f"up to {np.abs(own - mesh).max():.3g} m from those of {grid.name}",
            expected="the same cells in both",
            remedy="Use a mesh that the states belong to, or regrid the states first.",
        )


def _place_of(grid: Grid, dataset: xr.Dataset) -> xr.Dataset:
    """Take positions and areas of the mesh, which the file's were found to agree with, in their full precision."""
    known = {n: getattr(grid, n) for n in ("lat", "lon", "area") if not np.isnan(getattr(grid, n)).all()}
    dataset = dataset.assign_coords({n: (COLUMN[1:], known[n]) for n in ("lat", "lon") if n in known})
    if "area" not in known:
        return dataset
    return dataset.assign(area=(COLUMN[1:], known["area"], {"standard_name": "cell_area", "units": "m2"}))


def _near(depth: np.ndarray, other: np.ndarray) -> bool:
    return depth.shape == other.shape and bool(np.allclose(depth, other, rtol=_RELATIVE, atol=_METRES))
