"""Ocean states too large to be read at once: some of their records, one slab after the other."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from halocline.data.files.open import Source, loaded, open_dataset
from halocline.data.reading.axes import axis_of
from halocline.data.reading.names import ours_of
from halocline.runtime import limits
from halocline.runtime.errors import require_within


def slab_dimension(dataset: xr.Dataset) -> str | None:
    """Return the dimension along which ocean states are read record by record; None if they are read at once.

    That is ``limits.AT_ONCE`` bytes as they lie in the file. Of member, time and other leading dimensions it is the
    longest; records that differ in the others are read together.

    Args:
        dataset: States of any origin, lazy.
    """
    found = {names[0] for names in ours_of(dataset, "ocean").values()}
    if not found or sum(dataset[name].nbytes for name in found) <= limits.AT_ONCE:
        return None
    first = levelled_state(dataset)
    axes = {str(dim): axis_of(dataset, str(dim)) for dim in first.dims}
    leading = [d for k, (d, axis) in enumerate(axes.items()) if axis in ("member", "time") or (axis is None and k == 0)]
    leading = [d for d in leading if dataset.sizes[d] > 1 and all(d in dataset[name].dims for name in found)]
    return max(leading, key=lambda d: dataset.sizes[d], default=None)


def levelled_state(dataset: xr.Dataset) -> xr.DataArray:
    """Return the ocean state with the most dimensions; partial cells' thickness may be larger, and has no records.

    Args:
        dataset: States of any origin, lazy; with one at least.
    """
    found = {names[0] for names in ours_of(dataset, "ocean").values()}
    return max((dataset[name] for name in sorted(found)), key=lambda array: array.ndim)


def slabs(dataset: xr.Dataset, path: Source = "states") -> Iterator[xr.Dataset]:
    """Yield the states in parts that are in memory: all of them, or record by record along ``slab_dimension``.

    Args:
        dataset: States of any origin, lazy.
        path: Where they lie, for errors.
    """
    along = slab_dimension(dataset)
    if along is None:
        yield loaded(dataset, path)
        return
    for k in range(dataset.sizes[along]):
        yield loaded(dataset.isel({along: slice(k, k + 1)}), path)


def one_of(path: Source, number: int) -> tuple[xr.Dataset, int]:
    """Return states in memory among which one is, and its number there: all, or it alone if they are large.

    Args:
        path: Where the states lie, or a dataset.
        number: Of the state, counted over all leading dimensions, from 0.
    """
    dataset = open_dataset(path)
    if slab_dimension(dataset) is None:
        return loaded(dataset, path), number
    leading = [str(d) for d in levelled_state(dataset).dims[:-3]]
    sizes = [dataset.sizes[d] for d in leading]
    require_within("member", number, 0, int(np.prod(sizes)) - 1, ", counted from 0")
    place = zip(leading, np.unravel_index(number, sizes), strict=True)
    return loaded(dataset.isel({d: slice(int(k), int(k) + 1) for d, k in place}), path), 0
