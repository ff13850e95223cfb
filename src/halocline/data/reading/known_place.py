"""The place of cells found once: a later slab that says the same of its grid needs no second look."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

_RECORDS = ("member", "time")
_INDEX = {"y": "halocline_row", "x": "halocline_column"}


@dataclass(frozen=True, eq=False)
class KnownPlace:
    """What a slab said of its cells, and what was made of it.

    Attributes:
        said: The variables without records, as they came.
        made: Coordinates, area and projection, as the reader left them.
        order: Which row and column of the slab each of ours is; None where the order is the slab's.
    """

    said: dict[str, xr.Variable]
    made: xr.Dataset
    order: dict[str, np.ndarray]

    @staticmethod
    def marked(dataset: xr.Dataset) -> xr.Dataset:
        """Return a dataset whose rows and columns are numbered, so that it can be seen how they were turned."""
        numbers = {_INDEX[a]: (a, np.arange(dataset.sizes[a])) for a in _INDEX if a in dataset.sizes}
        return dataset.assign(numbers)

    @staticmethod
    def unmarked(dataset: xr.Dataset) -> xr.Dataset:
        """Return it without the numbers."""
        return dataset.drop_vars([n for n in _INDEX.values() if n in dataset.variables])

    @classmethod
    def learnt(cls, before: xr.Dataset, after: xr.Dataset, names: tuple[str, ...]) -> "KnownPlace":
        """Return what was found.

        Args:
            before: The slab before its cells were placed.
            after: After that, from a ``marked`` slab.
            names: Its variables on records.
        """
        static = [n for n in after.variables if n not in names and not _recorded(after[n]) and n not in _INDEX.values()]
        order = {}
        for axis, index in _INDEX.items():
            numbers = np.asarray(after[index].values) if index in after.variables else np.arange(0)
            if not np.array_equal(numbers, np.arange(len(numbers))):
                order[axis] = numbers
        made = after[[n for n in static if n not in after.coords]]
        return cls(_static(before, names), made.drop_vars([n for n in made.coords if _recorded(made[n])]), order)

    def fits(self, dataset: xr.Dataset, names: tuple[str, ...]) -> bool:
        """Tell whether a slab says the same of its cells."""
        now = _static(dataset, names)
        return now.keys() == self.said.keys() and all(_same(now[name], self.said[name]) for name in now)

    def applied(self, dataset: xr.Dataset, names: tuple[str, ...]) -> xr.Dataset:
        """Return a slab that ``fits`` with its cells placed."""
        dataset = dataset.drop_vars(list(self.said))
        if self.order:
            dataset = dataset.isel(self.order)
        return dataset.assign_coords(self.made.coords).assign(self.made.data_vars)


def _static(dataset: xr.Dataset, names: tuple[str, ...]) -> dict[str, xr.Variable]:
    return {str(n): v for n, v in dataset.variables.items() if n not in names and not _recorded(v)}


def _recorded(field: xr.DataArray | xr.Variable) -> bool:
    return any(dim in field.dims for dim in _RECORDS)


def _same(a: xr.Variable, b: xr.Variable) -> bool:
    """Compare to the bit; missing values are equal."""
    if a.dims != b.dims or a.shape != b.shape or a.attrs.keys() != b.attrs.keys():
        return False
    ours, theirs = a.values, b.values
    return ours is theirs or (ours.dtype == theirs.dtype and ours.tobytes() == theirs.tobytes())
