"""A file of the grid beside the states: NEMO's mesh_mask or domain_cfg, a product's static file, or any of our form."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from halocline.data.grids.grid import Grid
from halocline.data.grids.levels import Vertical
from halocline.data.grids.topology import Topology
from halocline.data.reading.axes import name_axes
from halocline.data.reading.choices import AS_THE_FILE_SAYS
from halocline.data.reading.names import named, table
from halocline.data.reading.ocean_mask import settle_mask
from halocline.data.reading.place import place_cells
from halocline.data.reading.work import Work
from halocline.runtime.errors import InputError

_BESIDE_TRUE = {"gphit": ("nav_lat", "lat", "latitude"), "glamt": ("nav_lon", "lon", "longitude")}


@dataclass(frozen=True, eq=False)
class Mesh:
    """What a mesh tells.

    Attributes:
        grid: Tracer cells; with levels if the file has them.
        nominal: Depth of the levels (level,), m, positive down, as output files name them (NEMO's gdept_1d); empty
            without levels. The true depths of partial steps and sigma levels are the grid's.
    """

    grid: Grid
    nominal: np.ndarray


def mesh_of(dataset: xr.Dataset, source: str) -> Mesh:
    """Read a mesh of any origin.

    Longitude and latitude of NEMO are glamt and gphit: its variables ``x`` and ``y`` are named like the dimensions and
    may hold anything. Wet cells are those of tmask (mbathy is 1, not 0, on land), or of top_level and bottom_level.

    Args:
        dataset: The file, opened.
        source: Its name, for errors.

    Raises:
        InputError: If it tells no positions, or its parts contradict each other.
    """
    for true, others in _BESIDE_TRUE.items():
        if true in dataset.variables:
            dataset = dataset.drop_vars(others, errors="ignore")
    work = Work(source, "ocean", AS_THE_FILE_SAYS, None)
    attrs = dict(dataset.attrs)
    dataset = name_axes(dataset.load(), work)
    dataset = dataset.isel({d: 0 for d in ("time", "member") if d in dataset.dims}, drop=True)
    if not {"y", "x"} <= set(dataset.dims):
        _no_mesh(dataset, source)
    dataset = place_cells(dataset, work)
    work.problems.raise_all()
    levels = _level_mask(dataset)
    if levels is None:
        if "mask" not in dataset.variables:
            _no_mesh(dataset, source)
        surface = settle_mask(dataset, (), work)
        work.problems.raise_all()
        return Mesh(Grid.from_dataset(surface), np.zeros(0))
    nominal, depth = _depths(dataset, levels, source)
    vertical = Vertical.build(depth, _thickness(dataset, levels, source), levels, positive="down", source=source)
    place = {n: np.asarray(dataset[n].values, np.float64) for n in ("lat", "lon", "area") if n in dataset.variables}
    grid = Grid.of_columns(vertical, **place, topology=_sides(attrs, levels[0]), name=source)
    return Mesh(grid, nominal)


def _level_mask(dataset: xr.Dataset) -> np.ndarray | None:
    for name in table()["ocean"]["level_mask"]:
        if name in dataset.variables and dataset[name].dims == ("depth", "y", "x"):
            return np.asarray(dataset[name].values) > 0.5
    if "bottom_level" in dataset.variables and "depth" in dataset.dims:  # domain_cfg: levels counted from 1, 0 on land
        first, last = (np.asarray(dataset[n].values) for n in ("top_level", "bottom_level"))
        level = 1 + np.arange(dataset.sizes["depth"])[:, None, None]
        return (level >= np.maximum(first, 1)) & (level <= last)
    return None


def _depths(dataset: xr.Dataset, mask: np.ndarray, source: str) -> tuple[np.ndarray, np.ndarray]:
    """Return nominal depths (level,) and true ones, (level,) or (level, y, x)."""
    flat = _first(dataset, ("gdept_1d",), mask.shape[:1])
    if flat is None and "depth" in dataset.variables:
        values = np.asarray(dataset["depth"].values, np.float64)
        flat = values if values.shape == mask.shape[:1] else None
    true = _first(dataset, table()["ocean"]["depth"], mask.shape)
    if true is None and (w := _first(dataset, ("e3w_0",), mask.shape)) is not None:
        true = np.cumsum(w, axis=0) - 0.5 * w[:1]  # from centre to centre; the first spacing is from half a cell above
    if flat is None and true is not None:
        cells = np.maximum(mask.sum(axis=(1, 2)), 1)
        flat = np.where(mask.any(axis=(1, 2)), np.where(mask, true, 0).sum(axis=(1, 2)) / cells, true.max(axis=(1, 2)))
    if flat is None:
        raise InputError(
            f"levels of {source}",
            found=f"none among {', '.join(map(str, list(dataset.variables)[:12]))}, …",
            expected="gdept_1d, gdept_0, e3w_0, nav_lev or another depth of the levels, m",
            remedy="Give a mesh_mask or domain_cfg as NEMO writes it.",
        )
    return flat, flat if true is None else true


def _thickness(dataset: xr.Dataset, mask: np.ndarray, source: str) -> np.ndarray:
    names = table()["ocean"]["thickness"]
    for shape in (mask.shape, mask.shape[:1]):
        found = _first(dataset, names, shape)
        if found is not None:
            return found
    raise InputError(
        f"cell thickness in {source}",
        found=f"none of {', '.join(names)} of a fitting shape",
        expected="(depth, y, x), or (depth) where all cells of a level are equally thick",
        remedy="Give a mesh_mask or domain_cfg as NEMO writes it.",
    )


def _first(dataset: xr.Dataset, names: list[str] | tuple[str, ...], shape: tuple[int, ...]) -> np.ndarray | None:
    found = (np.asarray(dataset[n].values, np.float64) for n in names if n in dataset.variables)
    return next((values for values in found if values.shape == shape), None)


def _sides(attrs: dict[str, object], wet: np.ndarray) -> Topology:
    """Return how the sides meet: as NEMO says it in ``Iperio``, else as wet cells on both sides of the same rows do."""
    said = attrs.get("Iperio")
    meets = bool((wet[:, 0] & wet[:, -1]).any()) if said is None else int(str(said)) == 1
    return Topology(x="periodic" if meets else "closed")


def _no_mesh(dataset: xr.Dataset, source: str) -> None:
    lat = named(dataset, "lat")
    raise InputError(
        f"'tmask' of {source}",
        found=f"only {', '.join(map(str, list(dataset.variables)[:12]))}, …",
        expected="tmask or another mask, (level, y, x) or (y, x)" + ("" if lat else ", and latitudes and longitudes"),
        remedy="Give NEMO's mesh_mask or domain_cfg, or the file of the product's grid.",
    )
