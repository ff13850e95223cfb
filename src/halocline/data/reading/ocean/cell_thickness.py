"""The thickness of cells: by record, by cell, by level, of bounds or, if asked, of depths; never guessed."""

import numpy as np
import xarray as xr

from halocline.data.reading.names import table
from halocline.data.reading.ocean.levels import COLUMN
from halocline.data.reading.units import coordinate_in
from halocline.data.reading.work import Work

BY_RECORD = "thickness_of_record"
_ATTRS = {"standard_name": "cell_thickness", "units": "m"}


def settle_cell_thickness(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset with ``e3t``, (depth) or (depth, y, x), and ``thickness_of_record`` if each has its own.

    Levels that follow the surface (z*, NEMO's key_qco and vvl) have a thickness at each record. It counts where heat
    and salt are kept; the grid of a store or a model has the nominal one, of the mesh or, without one, their mean.
    """
    if "level_mask" not in dataset.variables:
        return dataset
    wet = dataset["level_mask"].values > 0.5
    by_record, nominal = None, None
    if work.mesh is not None and work.mesh.grid.levels:
        values = work.mesh.grid.columns.thickness[: len(wet)]
        nominal = xr.DataArray(values, dims=COLUMN[: values.ndim])
    for name in (n for n in table()["ocean"]["thickness"] if n in dataset.variables):
        array = _metres(dataset[name], name, nominal is None, work)
        if array is None:
            continue
        moves = bool(array.dims[: -len(_cells(array))])
        if by_record is None and moves:
            by_record = (name, array)
        elif nominal is None and not moves:
            nominal = array
    dataset = dataset.drop_vars([n for n in table()["ocean"]["thickness"] if n in dataset.variables])
    if by_record is not None:
        name, array = by_record
        levelled = next(n for n in names if "depth" in dataset[n].dims)
        array = array.broadcast_like(dataset[levelled]).transpose(*dataset[levelled].dims)
        mean = array.mean([d for d in array.dims if d not in COLUMN])
        usual = mean if nominal is None else nominal
        off = np.abs(np.broadcast_to(_column(usual), wet.shape)[wet] - array.values[..., wet]).max()
        work.notes.add(
            "found",
            "e3t",
            f"'{name}': each record has its own; up to {off:.3g} m from the "
            + ("mean of the records, which the grid has" if nominal is None else "nominal one, which the grid has"),
        )
        dataset = dataset.assign({BY_RECORD: array.assign_attrs(_ATTRS)})
        nominal = usual
    nominal = _of_depths(dataset, work) if nominal is None else nominal
    return dataset if nominal is None else dataset.assign(e3t=nominal.assign_attrs(_ATTRS))


def _metres(array: xr.DataArray, name: str, still: bool, work: Work) -> xr.DataArray | None:
    """Return thickness (…, depth[, y, x]) in m; ``still``: not along records if it is the same in all."""
    cells = _cells(array)
    if not cells:
        return None
    leading = [d for d in array.dims if d not in cells]
    array = coordinate_in(array, "m", name, work).transpose(*leading, *cells).astype(np.float64)
    values = array.values.reshape(-1, *(array.sizes[d] for d in cells))
    if still and all(np.array_equal(values[0], other, equal_nan=True) for other in values[1:]):
        array = array.isel(dict.fromkeys(leading, 0))
    return array.drop_vars([str(n) for n in array.coords if n not in array.dims])


def _cells(array: xr.DataArray) -> tuple[str, ...]:
    if "depth" not in array.dims:
        return ()
    return COLUMN if {"y", "x"} <= set(array.dims) else COLUMN[:1]


def _column(array: xr.DataArray) -> np.ndarray:
    values = np.asarray(array.values, np.float64)
    return values[:, None, None] if values.ndim == 1 else values


def _of_depths(dataset: xr.Dataset, work: Work) -> xr.DataArray | None:
    """Return the thickness of levels by the bounds of their depths or, if asked, by midpoints between the centres."""
    depth = dataset["depth"]
    theirs = str(depth.attrs.get("halocline_name", "depth"))
    said = str(depth.attrs.get("bounds", depth.encoding.get("bounds", "")))
    for name in (said, f"{theirs}_bnds", f"{theirs}_bounds", "depth_bnds", "depth_bounds"):
        if name in dataset.variables and dataset[name].shape == (dataset.sizes["depth"], 2):
            edges = np.asarray(dataset[name].values, np.float64)
            return xr.DataArray(np.abs(np.diff(edges, axis=1))[:, 0], dims="depth")
    if work.choices.layer_thickness == "depth" and dataset.sizes["depth"] > 1:
        work.notes.add("assumed", "e3t", "thickness of midpoints between the depths of the cells, as asked")
        return xr.DataArray(between_midpoints(depth.values), dims="depth")
    work.ask(
        "cell thickness",
        found=f"neither 'e3t' nor bounds of '{theirs}'",
        options={
            "--mesh FILE": "it is in that mesh_mask, domain_cfg or static file",
            "--layer-thickness depth": "interfaces lie halfway between the depths of the cells",
        },
        why="e3t in m, (depth) or (depth, y, x), or bounds of the depth coordinate: else neither heat nor salt is kept",
    )
    return None


def between_midpoints(depth: np.ndarray) -> np.ndarray:
    """Return the thickness of levels (level,), m, whose interfaces lie halfway between centres, the first at 0."""
    z = np.asarray(depth, np.float64)
    middle = 0.5 * (z[1:] + z[:-1])
    return np.diff(np.concatenate([[0.0], middle, [2.0 * z[-1] - middle[-1]]]))
