"""Fields of a dataset in our form as states of a store."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from halocline.data.fields.layout import Layout
from halocline.runtime.errors import InputError


def states_of(dataset: xr.Dataset, layout: Layout, words: str) -> Iterator[np.ndarray]:
    """Yield the states (channel, y, x) float32 of a dataset in our form that has no member or one, in order of time.

    Raises:
        InputError: If a variable has other dimensions.
    """
    fields = []
    for field in layout:
        values = dataset[field.name]
        values = values.squeeze("member", drop=True) if "member" in values.dims else values
        wanted = ("time", "depth", "y", "x") if field.levels is not None else ("time", "y", "x")
        if set(values.dims) != set(wanted):
            raise InputError(
                f"dimensions of '{field.name}' in {words}",
                found=", ".join(map(str, values.dims)),
                expected=", ".join(wanted),
                remedy="Give the variable these dimensions, or leave it out.",
            )
        array = np.asarray(values.transpose(*wanted).values)
        fields.append(array if field.levels is not None else array[:, None])
    for k in range(fields[0].shape[0]):
        yield np.concatenate([field[k] for field in fields], dtype=np.float32)
