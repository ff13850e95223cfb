"""Missing values on the ocean: open water where the file can mean nothing else, otherwise a problem."""

import numpy as np
import xarray as xr
from scipy import ndimage

from halocline.data.fields.variables import variable
from halocline.data.reading.work import Work

_DENSE = 0.7  # concentration; ice edges are looser on average, holes around the pole denser


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
        holes = _inside_the_ice(sic, gone)
        if holes.any() and work.choices.open_water != "zero":
            work.wrong(
                "'sic'",
                found=f"{int(holes.sum())} missing values within the ice: a hole around the pole, or a gap in the data",
                expected="a value on every ocean cell",
                remedy="Interpolate them, or leave these records out; they are no open water. "
                "If they are all the same, say --open-water zero.",
            )
            return dataset
        if (zeros and work.choices.open_water is None) or work.choices.open_water == "none":
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
        if left_over.any() and work.needs_grid:
            work.notes.add("dropped", name, "values where concentration is 0", int(left_over.sum()))
        if filled.any() or (left_over.any() and work.needs_grid):
            dataset[name] = dataset[name].copy(data=np.where(no_ice, 0, values).astype(values.dtype))
    return dataset


def _inside_the_ice(sic: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """Return which missing values (..., y, x) lie in gaps with ice of more than 70 % all around."""
    inside = np.zeros(gone.shape, bool)
    for k in np.ndindex(gone.shape[:-2]):
        patches, count = ndimage.label(gone[k])
        if not count:
            continue
        around = np.where(gone[k] | np.isnan(sic[k]), 0, ndimage.grey_dilation(patches, size=(3, 3)))
        rim = ndimage.mean(sic[k], around, np.arange(1, count + 1))
        inside[k] = np.isin(patches, 1 + np.flatnonzero(np.nan_to_num(rim) > _DENSE))
    return inside


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
