"""Sea-ice states of any origin: a dataset to an array and back, values unchecked so that they can be corrected."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from halocline.data.fields.variables import Variable, variable
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.notes import Notes
from halocline.data.reading.read import read_states
from halocline.runtime.errors import InputError


@dataclass(frozen=True, eq=False)
class IceStates:
    """Sea-ice states as an array.

    Attributes:
        states: (member, channel, y, x); every leading dimension of the dataset is counted as a member; land NaN.
        variables: The channels.
        dataset: Where they came from; as it was read, if names, units or order were others than ours.
        notes: What the reader did.
    """

    states: np.ndarray
    variables: tuple[Variable, ...]
    dataset: xr.Dataset
    notes: Notes

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


def ice_states(dataset: xr.Dataset, source: str, choices: Choices = AS_THE_FILE_SAYS) -> IceStates:
    """Read the sea-ice variables that a dataset holds, dimensions (..., y, x), whatever their names and units.

    Args:
        dataset: The states; a grid is not needed.
        source: Its name, for errors.
        choices: What it does not say.

    Raises:
        InputError: If there is none, their dimensions differ, or something must be asked.
    """
    reading = read_states(dataset, group="seaice", choices=choices, source=source, needs_grid=False)
    found, names = reading.dataset, reading.names
    for name in names:
        if found[name].dims != found[names[0]].dims:
            raise InputError(
                f"dimensions of '{name}' in {source}",
                found=f"{found[name].dims}",
                expected=f"(…, y, x), the same as '{names[0]}': {found[names[0]].dims}",
                remedy="Broadcast the variables to the same dimensions.",
            )
    changed = bool(reading.notes.told()) or any(
        name not in dataset or found[name].dims != dataset[name].dims for name in names
    )
    shape = (-1, *found[names[0]].shape[-2:])
    fields = [np.asarray(found[name].values).reshape(shape) for name in names]
    variables = tuple(variable(name) for name in names)
    return IceStates(np.stack(fields, axis=1), variables, found if changed else dataset, reading.notes)
