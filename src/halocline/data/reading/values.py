"""Values: within what is plausible, bounds hit exactly where a file's packing rounded them."""

import numpy as np
import xarray as xr

from halocline.data.fields.variables import Variable, variable
from halocline.data.files.validate import unit_hint
from halocline.data.reading.work import Work

_ROUNDING = 1e-6  # of float32 sums in models


def check_and_round(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset with values within a packing step of a bound set to it; others beyond are problems."""
    for name in names:
        levelled = "depth" in dataset[name].dims and "level_mask" in dataset.variables
        mask = dataset["level_mask"] if levelled else dataset.get("mask")
        ocean = None if mask is None else np.asarray(mask.values) > 0.5
        if ocean is not None and dataset[name].values.shape[-ocean.ndim :] != ocean.shape:
            continue
        dataset[name] = _rounded(dataset[name], variable(name), ocean, work)
        _check(dataset[name].values, variable(name), ocean, work)
    return dataset


def _rounded(array: xr.DataArray, var: Variable, ocean: np.ndarray | None, work: Work) -> xr.DataArray:
    step = max(float(array.encoding.get("scale_factor", 0.0) or 0.0), _ROUNDING)
    values, packed = array.values, "scale_factor" in array.encoding
    for bound, below in ((var.lower, True), (var.upper, False)):
        if bound is None:
            continue
        near = 0.5 * step if packed else 0.0  # on the bound's inner side
        if not packed and not (values < bound if below else values > bound).any():
            continue
        moved = (values >= bound - (step if below else near)) & (values <= bound + (near if below else step))
        moved &= values != bound
        if ocean is not None:
            moved &= ocean
        if moved.any():
            values = np.where(moved, bound, values).astype(array.dtype)
            work.notes.add(
                "converted", var.name, f"within the rounding of the bound {bound:g}: set to it", int(moved.sum())
            )
    return array if values is array.values else array.copy(data=values)


def _check(values: np.ndarray, var: Variable, ocean: np.ndarray | None, work: Work) -> None:
    wet = values if ocean is None else values[..., ocean]
    bad = int(np.count_nonzero(~np.isfinite(wet)))
    if bad and work.group != "forcing":
        work.wrong(
            f"'{var.name}'",
            found=f"{bad} values on ocean cells that are NaN or infinite",
            expected="finite values on every ocean cell",
            remedy="Fill them, or correct the mask.",
        )
        return
    if not wet.size or bad == wet.size:
        return
    low, high = float(np.nanmin(wet)), float(np.nanmax(wet))
    if low >= var.plausible[0] and high <= var.plausible[1]:
        return
    if var.name in work.choices.accept:
        work.notes.add("warning", var.name, f"{low:g} to {high:g}, outside the plausible range: accepted as asked")
        return
    work.wrong(
        f"values of '{var.name}'",
        found=f"values from {low:g} to {high:g}",
        expected=f"values in {var.unit} within {var.plausible[0]:g} to {var.plausible[1]:g}",
        remedy=f"{unit_hint(var, low, high)} If they are real, say --accept {var.name}.",
    )
