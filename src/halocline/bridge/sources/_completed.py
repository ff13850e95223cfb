"""What a manual says and a file does not, put into the attributes of its variables; shared by the kinds."""

from collections.abc import Mapping, Sequence

import xarray as xr

from halocline.runtime.errors import InputError

Attributes = Mapping[str, str]

FRACTION = {"units": "1"}
PERCENT = {"units": "%"}
CELL = {"units": "m", "cell_methods": "area: mean"}
"""A thickness that is volume per area of the cell."""
ICE = {"units": "m", "cell_methods": "area: mean where sea_ice"}
"""A thickness of the ice-covered part of the cell."""
ALONG_X = {"units": "m s-1", "standard_name": "sea_ice_x_velocity"}
ALONG_Y = {"units": "m s-1", "standard_name": "sea_ice_y_velocity"}
BROKEN = {"units": "1", "halocline_damage_of_1": "broken"}
"""Damage that is 1 in fully damaged ice."""


def complete(dataset: xr.Dataset, manual: Mapping[str, Attributes]) -> xr.Dataset:
    """Return the dataset with the attributes that the file leaves out; what the file says itself stays.

    Args:
        dataset: Of one file.
        manual: Attributes by name of the variable; names that the file does not have are passed over.
    """
    new = {
        name: dataset[name].assign_attrs({k: v for k, v in attrs.items() if _silent(dataset[name], k)})
        for name, attrs in manual.items()
        if name in dataset.data_vars
    }
    return dataset.assign(new)


def first_of(dataset: xr.Dataset, *choices: Sequence[str]) -> xr.Dataset:
    """Return the dataset with only the first variable that it has of each row of names for one quantity."""
    surplus = [name for names in choices for name in [n for n in names if n in dataset.data_vars][1:]]
    return dataset.drop_vars(surplus)


def renamed(dataset: xr.Dataset, names: Mapping[str, str]) -> xr.Dataset:
    """Return the dataset under our names, by theirs; each keeps its own name in the attribute ``halocline_name``."""
    present = {theirs: ours for theirs, ours in names.items() if theirs in dataset.data_vars}
    for theirs in present:
        dataset[theirs].attrs.setdefault("halocline_name", theirs)
    clash = [ours for theirs, ours in present.items() if ours != theirs and ours in dataset.variables]
    return dataset.drop_vars(clash).rename(present)


def done(array: xr.DataArray, words: str) -> xr.DataArray:
    """Return an array that tells the reader what its kind computed; the reader lists it as converted."""
    before = str(array.attrs.get("halocline_done", ""))
    return array.assign_attrs(halocline_done=f"{before}; {words}" if before else words)


def require_one_of(dataset: xr.Dataset, names: Sequence[str], product: str, source: str) -> None:
    """Raise InputError if a file has none of the variables by which its product is known."""
    if not any(name in dataset.data_vars for name in names):
        raise InputError(
            f"{source} as {product}",
            found=f"variables {', '.join(map(str, dataset.data_vars)) or 'none'}",
            expected=f"one of {', '.join(names)}",
            remedy="Give files of this product, or import them as another kind: halocline import --list.",
        )


def _silent(array: xr.DataArray, key: str) -> bool:
    """Tell whether a file says nothing of an attribute; NEMO and CICE write empty ones and a plain ``time: mean``."""
    said = str(array.attrs.get(key, "")).strip()
    return not said or (key == "cell_methods" and "area" not in said and "where" not in said)
