"""Missing values on the ocean: open water where the file can mean nothing else, otherwise a problem."""

import numpy as np
import xarray as xr

from halocline.data.fields.variables import variable
from halocline.data.reading.work import Work


def fill_open_water(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return ice variables without missing values on the ocean, 0 where there is no ice, and missing on land.

    A missing concentration is open water if the file never writes 0 for it: there is then no other way to say that
    there is no ice. Where it writes both, the user is asked (``--open-water zero``).
    """
    if "mask" not in dataset.variables or "sic" not in names:
        return dataset
    ocean = np.asarray(dataset["mask"].values) > 0.5
    sic = dataset["sic"].values
    gone = np.isnan(sic) & ocean
    if gone.any():
        zeros = bool((sic[..., ocean] == 0).any())
        if zeros and work.choices.open_water is None:
            work.ask(
                "'sic'",
                found=f"{int(gone.sum())} missing values on ocean cells, beside values of 0",
                options={"--open-water zero": "missing is open water"},
                why="a value on every ocean cell",
            )
            return dataset
        sic = np.where(gone, 0.0, sic).astype(sic.dtype)
        dataset["sic"] = dataset["sic"].copy(data=sic)
        work.notes.add("filled", "sic", "missing values on ocean cells: open water, 0", int(gone.sum()))
    no_ice = (sic == 0) & ocean
    for name in names:
        if not variable(name).zero_without_ice or name == "sic" or dataset[name].shape != sic.shape:
            continue
        values = dataset[name].values
        filled = np.isnan(values) & no_ice
        left_over = no_ice & (values != 0) & ~filled
        if filled.any():
            work.notes.add("filled", name, "missing without ice: 0", int(filled.sum()))
        if left_over.any():
            work.notes.add("dropped", name, "values where concentration is 0", int(left_over.sum()))
        if filled.any() or left_over.any():
            dataset[name] = dataset[name].copy(data=np.where(no_ice, 0, values).astype(values.dtype))
    return dataset


def clear_land(dataset: xr.Dataset, names: tuple[str, ...]) -> xr.Dataset:
    """Return the variables with missing values on land; surface mask, or that of the level."""
    if "mask" not in dataset.variables:
        return dataset
    for name in names:
        levelled = "depth" in dataset[name].dims and "level_mask" in dataset.variables
        mask = dataset["level_mask" if levelled else "mask"]
        ocean = np.asarray(mask.values) > 0.5
        values = dataset[name].values
        if not np.isnan(values[..., ~ocean]).all():
            dataset[name] = dataset[name].copy(data=np.where(ocean, values, np.nan).astype(values.dtype))
    return dataset
