"""Ocean states of any origin: a dataset with temperature and salinity to arrays and cells, and back."""

from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr

from halocline.data.fields.variables import variable, variables_among
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_io import topology_of
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.grids.levels import Vertical
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.names import ours_of
from halocline.data.reading.notes import Notes
from halocline.data.reading.ocean.cell_thickness import BY_RECORD
from halocline.data.reading.ocean.level_mask import vertical_of
from halocline.data.reading.ocean.mesh import Mesh
from halocline.data.reading.read import Reading, read_states


@dataclass(frozen=True, eq=False)
class OceanStates:
    """Ocean states as an array, with their cells and the dataset they came from.

    Attributes:
        states: (member, channel, y, x): thetao on all levels, so on all levels, zos; dry cells NaN. Every leading
            dimension of the dataset (member, time) is counted as a member.
        layout: The channels and cells.
        dataset: Where they came from; as it was read where names, units or order were others than ours.
        numbers: The members' numbers: the coordinate ``member`` if it is the one leading dimension, else 0, 1, ...
        thickness: (member, level, y, x), m, where each record has its own; None where all have the layout's.
        notes: What the reader did.
    """

    states: np.ndarray
    layout: GridLayout
    dataset: xr.Dataset
    numbers: tuple[int, ...]
    thickness: np.ndarray | None = None
    notes: Notes = field(default_factory=Notes)

    def members(self) -> list[int]:
        """Return the members' numbers."""
        return list(self.numbers)

    @property
    def channel_names(self) -> list[str]:
        """The variable of each channel."""
        return list(self.layout.fields.channel_fields)

    def records(self) -> "list[OceanStates]":
        """Return the states in parts of one thickness each: all of them, or one by one."""
        if self.thickness is None:
            return [self]
        return [self._record(k, self.thickness[k]) for k in range(len(self.states))]

    def _record(self, k: int, thickness: np.ndarray) -> "OceanStates":
        grid = self.layout.grid
        vertical = Vertical(grid.columns.depth, thickness, grid.wet, grid.name)
        layout = GridLayout(self.layout.fields, replace(grid, vertical=vertical))
        return replace(self, states=self.states[k : k + 1], layout=layout, numbers=(self.numbers[k],), thickness=None)

    def cleared(self) -> xr.Dataset:
        """Return the dataset with missing values on dry cells, other variables on levels among them."""
        out, levels = self.dataset.copy(), self.dataset["thetao"].dims[-3:]
        for name in variables_among(out.data_vars, "ocean"):
            dims = levels if variable(name).levelled else levels[1:]
            wet = self.layout.grid.wet if variable(name).levelled else self.layout.grid.mask
            out[name] = out[name].where(xr.DataArray(wet, dims=dims))
        return out

    def into(self, dataset: xr.Dataset, states: np.ndarray) -> xr.Dataset:
        """Return ``dataset`` with the variables of ``states`` in place of its own; types and dry cells are kept."""
        out = dataset.copy()
        for name, values in self.layout.fields.split(states).items():
            old, wet = dataset[name], self.layout.fields.select(self.layout.wet, name)[0]
            out[name] = old.copy(data=np.where(wet, values.reshape(old.shape), old.values).astype(old.dtype))
            out[name].encoding = {}  # packing to 16 bits would undo the constraints
        return out


def ocean_states(
    dataset: xr.Dataset,
    *,
    positive: str | None = None,
    source: str = "the dataset",
    choices: Choices = AS_THE_FILE_SAYS,
    mesh: Mesh | None = None,
) -> OceanStates:
    """Read ocean states out of a dataset with anybody's names, units and axes, and check them.

    Args:
        dataset: Temperature and salinity (..., depth, y, x), and perhaps the sea-surface height (..., y, x); beside
            them the thickness of the cells, a mask, area and positions as far as the file has them; see
            data/reading/.
        positive: Direction of the depth coordinate if its attribute ``positive`` is missing.
        source: Name for errors.
        choices: What the file does not say.
        mesh: A file of the grid, which tells what the states do not.

    Raises:
        InputError: If something is missing, has another unit or range, or has to be asked for.
    """
    if positive is not None:
        choices = replace(choices, positive=positive)  # type: ignore[arg-type]
    wanted = ["thetao", "so", *(["zos"] if "zos" in ours_of(dataset, "ocean") else [])]
    reading = read_states(dataset, group="ocean", wanted=wanted, choices=choices, source=source, mesh=mesh)
    read = reading.dataset
    layout = GridLayout.ocean(_grid(read, source), zos="zos" in reading.names)
    cells = layout.fields.split(layout.wet)
    count = read["thetao"].size // layout.grid.wet.size
    kind = np.result_type(*(np.where(True, read[n].dtype.type(0), np.nan) for n in cells))
    states = np.empty((count, *layout.wet.shape), kind)
    for n, part in layout.fields.split(states).items():  # in place: the states are the largest array there is
        part[...] = read[n].values.reshape(-1, *cells[n].shape)
        np.copyto(part, np.nan, where=~cells[n])
    return OceanStates(
        states,
        layout,
        dataset if _as_it_was(dataset, reading) else read,
        _numbers(read, len(states)),
        read[BY_RECORD].values.reshape(-1, *layout.grid.wet.shape) if BY_RECORD in read.variables else None,
        reading.notes,
    )


def _grid(read: xr.Dataset, source: str) -> Grid:
    place = {n: np.asarray(read[n].values, np.float64) for n in ("lat", "lon", "area") if n in read.variables}
    return Grid.of_columns(vertical_of(read, source), **place, topology=topology_of(read), name=source)


def _numbers(read: xr.Dataset, count: int) -> tuple[int, ...]:
    if read["thetao"].dims[:-3] == ("member",) and "member" in read.coords:
        return tuple(int(m) for m in read["member"].values)
    return tuple(range(count))


def _as_it_was(dataset: xr.Dataset, reading: Reading) -> bool:
    """Tell whether the variables stand in the dataset as they were read: corrected ones can go into their place."""
    for name in reading.names:
        read = reading.dataset[name]
        if name not in dataset.variables or dataset[name].shape != read.shape:
            return False
        old, new = dataset[name].values, read.values
        if not np.array_equal(old[np.isfinite(new)], new[np.isfinite(new)]):
            return False
    return True
