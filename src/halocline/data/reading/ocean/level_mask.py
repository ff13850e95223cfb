"""Which cells of a level are wet: what a mask says, or where there are values; zeros on land are asked for."""

import numpy as np
import xarray as xr

from halocline.data.grids.levels import Vertical
from halocline.data.reading.names import table
from halocline.data.reading.ocean.levels import COLUMN
from halocline.data.reading.ocean_mask import settle_mask
from halocline.data.reading.work import Work

_ATTRS = {"long_name": "ocean mask by level, 1 = ocean", "units": "1"}
_SURFACE = {"long_name": "ocean mask, 1 = ocean", "units": "1"}


def settle_level_mask(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset with ``level_mask`` (depth, y, x), 1 = ocean, and ``mask``, its uppermost level.

    Of the file's mask, of the mesh's, or of where there are values; a mask of the surface alone is cut by the latter.
    """
    if "depth" not in dataset.dims:
        return dataset
    filled, zero = _filled(dataset, names)
    own = _own(dataset)
    if own is not None:
        wet = own
    elif work.mesh is not None and work.mesh.grid.levels:
        wet = work.mesh.grid.wet[: dataset.sizes["depth"]]
    else:
        wet = filled & _surface(dataset, names, work)
        if (zero & wet).any():
            wet = _without_zeros(wet, zero, work)
    if work.mesh is not None and work.mesh.grid.levels:
        _compare(wet, filled & ~zero, work)
    if not wet[0].any():
        work.wrong("mask", found="no wet cell on the first level", expected="an ocean", remedy="Correct the mask.")
        return dataset
    dataset = dataset.drop_vars([n for n in table()["ocean"]["level_mask"] if n in dataset.variables])
    return dataset.assign(
        level_mask=(COLUMN, wet.astype(np.int8), _ATTRS), mask=(COLUMN[1:], wet[0].astype(np.int8), _SURFACE)
    )


def _own(dataset: xr.Dataset) -> np.ndarray | None:
    for name in table()["ocean"]["level_mask"]:
        if name in dataset.variables and set(COLUMN) <= set(dataset[name].dims):
            array = dataset[name].isel({d: 0 for d in dataset[name].dims if d not in COLUMN}, drop=True)
            return np.asarray(array.transpose(*COLUMN).values) > 0.5
    return None


def _surface(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> np.ndarray:
    """Return the mask of the surface (y, x), all True where there is none."""
    if "mask" not in dataset.variables:
        return np.ones((dataset.sizes["y"], dataset.sizes["x"]), bool)
    flat = dataset["mask"]
    flat = flat.isel({d: 0 for d in flat.dims if d not in COLUMN[1:]}, drop=True)
    return np.asarray(settle_mask(dataset.assign(mask=flat), names, work)["mask"].values) > 0.5


def _filled(dataset: xr.Dataset, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return where the first levelled variable ever has values, and where all are 0 in every record (depth, y, x)."""
    shape = tuple(dataset.sizes[d] for d in COLUMN)
    fields = [dataset[n].values.reshape(-1, *shape) for n in names if "depth" in dataset[n].dims]
    zero = np.logical_and.reduce([(values == 0).all(axis=0) for values in fields])
    return np.isfinite(fields[0]).any(axis=0), zero


def _without_zeros(wet: np.ndarray, zero: np.ndarray, work: Work) -> np.ndarray:
    count = int((zero & wet).sum())
    if work.choices.land == "zero":
        work.notes.add("assumed", "level_mask", "cells where all variables are 0 are land, as asked", count)
        return wet & ~zero
    work.ask(
        "mask",
        found=f"no mask of the levels, and {count} cells where all variables are exactly 0",
        options={"--mesh FILE": "the mask is in that mesh_mask or domain_cfg", "--land zero": "zeros are land"},
        why="a mask of the levels, or missing values on land",
    )
    return wet


def _compare(wet: np.ndarray, filled: np.ndarray, work: Work) -> None:
    """Refuse states that have no values where the mesh is wet, or, if they tell land at all, others than it."""
    assert work.mesh is not None
    mesh = work.mesh.grid.wet
    mine = np.zeros_like(mesh)
    mine[: len(wet)] = wet
    differ = int((mine != mesh).sum())
    if not differ and not filled.all():
        differ = int((filled != wet).sum())
    if differ:
        work.wrong(
            "mesh of the states",
            found=f"wet cells that differ in {differ} of {mesh.size} places",
            expected=f"the wet cells of {work.mesh.grid.name}",
            remedy="Use a mesh that the states belong to, or regrid the states first.",
        )


def vertical_of(dataset: xr.Dataset, source: str) -> Vertical:
    """Return the levels of a dataset that went through the reader."""
    depth = dataset["gdept" if "gdept" in dataset.variables else "depth"]
    wet = np.asarray(dataset["level_mask"].values) > 0.5
    return Vertical.build(depth.values, dataset["e3t"].values, wet, positive="down", source=source)


def check_columns(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset with the spacing of its cells; hanging columns and cells without thickness are problems."""
    if {"level_mask", "e3t"} <= set(dataset.variables):
        with work.problems.collect():
            vertical_of(dataset, work.source)
    if "area" in dataset.variables and "mask" in dataset.variables:
        wet = dataset["area"].values[dataset["mask"].values > 0.5]
        dataset.attrs.setdefault("grid_spacing_m", float(np.sqrt(np.nanmedian(wet))) if wet.size else float("nan"))
    return dataset
