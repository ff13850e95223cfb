"""A file of states constrained and written record by record: memory holds one, however many there are."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.chain.dataset import write_dataset
from halocline.chain.stream import writing
from halocline.constraints.constrain import Constrained, Task
from halocline.constraints.project_all import ProjectionReport, merged
from halocline.data.files.open import open_dataset, read_dataset
from halocline.data.files.slabs import levelled_state, slab_dimension, slabs
from halocline.data.grids.compare import differences
from halocline.data.grids.grid import Grid
from halocline.data.grids.levels import Vertical
from halocline.runtime.errors import InputError

_VALUES = ("_FillValue", "dtype", "scale_factor", "add_offset")
"""What of a variable's encoding is its values."""


def constrain_file(states: Path | str, task: Task, out: Path) -> tuple[list[str], list[ProjectionReport]]:
    """Constrain the states of a file and write them; they appear whole or not at all.

    States of less than ``limits.AT_ONCE`` bytes are read at once. Larger ocean states are read, constrained and written
    record by record, in the file's own axes and with its own times; all have to have the same wet cells.

    Args:
        states: File or folder of states of any origin.
        task: What is to be done.
        out: NetCDF (.nc) or Zarr (.zarr) to make.

    Returns:
        What the reader did, and one report a constraint.

    Raises:
        InputError: If the states cannot be used, or records of large ones differ in their cells.
        OutputError: If ``out`` exists or cannot be written.
    """
    along = slab_dimension(open_dataset(states))
    if along is None:
        done = task.applied(read_dataset(states))
        write_dataset(done.dataset, out)
        return _told(done), done.reports
    reports, told, members = [], dict[str, None](), []
    with writing(out, along) as file:
        for done in _each(open_dataset(states, times="raw"), along, task):
            file.append(_own_chunks(done.dataset))
            reports.append(done.reports)
            members.append(done.dataset.sizes[along])
            told |= dict.fromkeys(_told(done))
            del done  # a record of ORCA025 with partial cells is 4 GB: none may wait beside the next
        if told:
            file.describe({"halocline_reading": "; ".join(told)})
    return list(told), merged(reports, members)


def _each(dataset: xr.Dataset, along: str, task: Task) -> Iterator[Constrained]:
    """Yield the records one after the other; members keep the numbers that they have in the whole."""
    numbers, first = _numbers(dataset, along), None
    for k, slab in enumerate(slabs(dataset)):
        done = task.applied(slab, numbers[k])
        assert done.grid is not None
        first = _flat(done.grid) if first is None else first
        _require_same_cells(done.grid, first, k, along, task.source)
        yield done
        del slab, done


def _numbers(dataset: xr.Dataset, along: str) -> list[list[int]]:
    """Return the numbers of the states in each slab: the coordinate ``member``, or where they stand in the file."""
    largest = levelled_state(dataset)
    leading = [d for d in largest.dims[: largest.dims.index(along) + 1] if dataset.sizes[d] > 1 or d == along]
    leading += [d for d in largest.dims[largest.dims.index(along) + 1 : -3] if dataset.sizes[d] > 1]
    if leading == ["member"] and "member" in dataset.coords:
        return [[int(m)] for m in dataset["member"].values]
    places = np.arange(int(np.prod([dataset.sizes[d] for d in leading]))).reshape([dataset.sizes[d] for d in leading])
    return [np.take(places, k, leading.index(along)).ravel().tolist() for k in range(dataset.sizes[along])]


def _flat(grid: Grid) -> Grid:
    """Return a grid with one depth and thickness a level: those of cells are not compared, and larger than a state."""
    columns = grid.columns
    thickness = columns.thickness if columns.thickness.ndim == 1 else np.ones(columns.levels)
    return replace(grid, vertical=Vertical(columns.nominal_depth, thickness, columns.mask, grid.name))


def _require_same_cells(grid: Grid, first: Grid, number: int, along: str, source: str) -> None:
    differ = [name for name in differences(grid, first) if name not in ("thickness", "depth")]
    if differ:
        raise InputError(
            f"record {number} along '{along}' of {source}",
            found=f"another {', '.join(differ)} than the first record's",
            expected="the same wet cells in all records of a file that is read one by one",
            remedy="Give --mesh FILE, or a variable level_mask (depth, y, x) beside the states.",
        )


def _own_chunks(dataset: xr.Dataset) -> xr.Dataset:
    """Return a dataset without the chunks of the file it came from, which need not fit one record."""
    for variable in dataset.variables.values():
        variable.encoding = {k: v for k, v in variable.encoding.items() if k in _VALUES}
    return dataset


def _told(done: Constrained) -> list[str]:
    return list(filter(None, str(done.dataset.attrs.get("halocline_reading", "")).split("; ")))
