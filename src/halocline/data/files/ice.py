"""Sea-ice states of any origin: a dataset to an array and back, values unchecked so that they can be corrected."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from halocline.data.fields.variables import Variable, variable, variables_among
from halocline.data.files.validate import check_names, check_unit
from halocline.runtime.errors import InputError


@dataclass(frozen=True, eq=False)
class IceStates:
    """Sea-ice states as an array.

    Attributes:
        states: (member, channel, y, x); every leading dimension of the dataset is counted as a member; land NaN.
        variables: The channels.
    """

    states: np.ndarray
    variables: tuple[Variable, ...]

    @property
    def channel_names(self) -> list[str]:
        """The variable of each channel."""
        return [var.name for var in self.variables]

    def into(self, dataset: xr.Dataset, states: np.ndarray) -> xr.Dataset:
        """Return ``dataset`` with the variables of ``states`` in place of its own."""
        out = dataset.copy()
        for k, var in enumerate(self.variables):
            old = dataset[var.name]
            out[var.name] = old.copy(data=states[:, k].reshape(old.shape).astype(old.dtype))
            out[var.name].encoding = {}  # packing to 16 bits would undo the bounds
        return out


def ice_states(dataset: xr.Dataset, source: str) -> IceStates:
    """Read the sea-ice variables that a dataset holds, dimensions (..., y, x).

    Raises:
        InputError: If there is none, their dimensions differ or a unit is another one.
    """
    names = variables_among(dataset.data_vars, "seaice")
    check_names(dataset, names or ("sit", "sic"), source)
    for name in names:
        check_unit(dataset[name], variable(name), source)
        if dataset[name].dims != dataset[names[0]].dims or dataset[name].ndim < 2:
            raise InputError(
                f"dimensions of '{name}' in {source}",
                found=f"{dataset[name].dims}",
                expected=f"(…, y, x), the same as '{names[0]}': {dataset[names[0]].dims}",
                remedy="Transpose or broadcast the variables to the same dimensions.",
            )
    shape = (-1, *dataset[names[0]].shape[-2:])
    fields = [np.asarray(dataset[name].values).reshape(shape) for name in names]
    return IceStates(np.stack(fields, axis=1), tuple(variable(name) for name in names))
