"""What goes into a store of one's own data passes the one reader: units converted, values checked, slab by slab."""

import numpy as np
import xarray as xr

from halocline.data.fields.layout import Layout
from halocline.data.fields.variables import is_variable, variable
from halocline.data.files.problems import Problems
from halocline.data.files.validate import check_unit
from halocline.data.grids.grid import Grid
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.place import place_cells
from halocline.data.reading.read import read_states
from halocline.data.reading.work import Group, Work

SLAB_BYTES = 32_000_000
_LEVELLED: Group = "ocean"  # levels, thickness and ranges of columns are checked over the whole store, see check_ranges


class Guard:
    """Reads records of a dataset that is in our form but for units.

    Args:
        dataset: With dims (member, time, [depth,] y, x), the grid's variables beside the states.
        fields: Its variables.
        choices: What it does not say.

    Attributes:
        grid: Its grid, areas in m2, x and y in m.
        notes: What was converted and filled.

    Raises:
        InputError: If the grid is incomplete or in other units; later, if a value cannot be.
    """

    def __init__(self, dataset: xr.Dataset, fields: list[str], choices: Choices = AS_THE_FILE_SAYS) -> None:
        work = Work("the dataset", "seaice", choices, None)
        beside = [name for name in dataset.variables if name not in fields and not is_variable(str(name))]
        placed = place_cells(dataset[beside], work)
        work.problems.raise_all()
        self.grid, self.notes = Grid.from_dataset(placed), work.notes
        self._dataset, self._choices, self._fields = dataset, choices, fields
        self._beside = placed.drop_vars(["time", "member"], errors="ignore")
        self._groups = _groups(fields)
        problems = Problems("the dataset")
        for name in self._groups.get(_LEVELLED, ()):
            with problems.collect():
                check_unit(dataset[name], variable(name), "the dataset")
        problems.raise_all()

    def slab(self, layout: Layout) -> int:
        """Return how many records are read at once."""
        return max(1, SLAB_BYTES // (4 * len(layout) * self.grid.mask.size))

    def read(self, member: int, first: int, last: int) -> np.ndarray:
        """Return records first ... last - 1 of a member as (time, channel, y, x) float32.

        Raises:
            InputError: It lists all that is wrong with them.
        """
        where = self._dataset[self._fields].isel(member=member, time=slice(first, last)).load()
        found: dict[str, xr.DataArray] = {}
        problems = Problems("the dataset")
        for group, names in self._groups.items():
            if group == _LEVELLED:
                found |= {name: where[name] for name in names}
                continue
            part = xr.merge([where[list(names)], self._beside], compat="override")
            source = f"the dataset, member {member}, records {first} to {last - 1}"
            with problems.collect():
                reading = read_states(
                    part, group=group, wanted=names, choices=self._choices, source=source, target=self.grid
                )
                self.notes.extend(reading.notes)
                found |= {name: reading.dataset[name] for name in names}
        problems.raise_all()
        return np.concatenate([_stacked(found[name]) for name in self._fields], axis=1)


def _groups(fields: list[str]) -> dict[Group, tuple[str, ...]]:
    """Return the variables by the group under which the reader knows them."""
    kinds: dict[str, Group] = {"ocean": "ocean", "forcing": "forcing"}
    found: dict[Group, tuple[str, ...]] = {}
    for name in fields:
        group = kinds.get(variable(name).group, "seaice")
        found[group] = (*found.get(group, ()), name)
    return found


def _stacked(field: xr.DataArray) -> np.ndarray:
    """Return a field as (time, channel, y, x) float32."""
    dims = [dim for dim in ("time", "depth", "y", "x") if dim in field.dims]
    values = np.asarray(field.transpose(*dims).values, np.float32)
    return values if "depth" in dims else values[:, None]
