"""CF flags: values of a status variable that have a meaning, alone or bit by bit, and those that stand among data."""

from collections.abc import Iterable

import numpy as np
import xarray as xr

from halocline.data.reading.work import Work

LAND = ("land", "lake", "lakes", "coast", "coastal", "coastline", "land_mask", "over_land", "inland_water")


def where_flag(array: xr.DataArray, words: Iterable[str]) -> np.ndarray:
    """Return where a flag variable has one of the meanings ``words``, by ``flag_values``, ``flag_masks`` or both.

    Args:
        array: Of any shape, with the attribute ``flag_meanings``.
        words: Meanings; matched whole and without case: ``land_spill_over`` is no ``land``.
    """
    wanted = set(words)
    meanings = str(array.attrs.get("flag_meanings", "")).lower().replace(",", " ").split()
    values = [np.atleast_1d(array.attrs[k]) for k in ("flag_values", "flag_masks") if k in array.attrs]
    told = np.isfinite(np.asarray(array.values, np.float64))
    raw = np.nan_to_num(np.asarray(array.values, np.float64)).astype(np.int64)
    found = np.zeros(array.shape, bool)
    if not values:
        return found
    masks = np.atleast_1d(array.attrs["flag_masks"]).astype(np.int64) if "flag_masks" in array.attrs else None
    for k, word in enumerate(meanings):
        if word not in wanted or k >= len(values[0]):
            continue
        value = int(values[0][k])
        if masks is None:
            found |= raw == value
        elif "flag_values" in array.attrs:
            found |= (raw & masks[k]) == value
        else:
            found |= (raw & (value & 0xFF if value < 0 else value)) != 0
    return found & told


def clear_flags(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset without the flags that stand among the values of a variable, such as 2.51 for a pole hole.

    Flags that mean land make a mask where the file has none.
    """
    for name in names:
        array = dataset[name]
        if not {"flag_values", "flag_meanings"} <= set(array.attrs):
            continue
        factor = float(array.encoding.get("scale_factor", 1.0) or 1.0)
        offset = float(array.encoding.get("add_offset", 0.0) or 0.0)
        values = np.asarray(array.values, np.float64)
        raw = np.atleast_1d(array.attrs["flag_values"]).astype(np.float64)
        meanings = str(array.attrs["flag_meanings"]).lower().split()
        close = [np.isclose(values, factor * flag + offset, rtol=0, atol=1e-3 * abs(factor)) for flag in raw]
        for flag, word, here in zip(raw, meanings, close, strict=False):
            if here.any():
                work.notes.add("dropped", name, f"the flag {flag:g}, {word}", int(here.sum()))
        flagged = np.any(close, axis=0)
        land = np.any([here for here, word in zip(close, meanings, strict=False) if word in LAND], axis=0)
        if np.any(land) and "mask" not in dataset.variables:
            dry = land.reshape(-1, *land.shape[-2:]).all(axis=0)
            attrs = {"long_name": "ocean mask, 1 = ocean", "units": "1"}
            dataset = dataset.assign(mask=(("y", "x"), (~dry).astype(np.int8), attrs))
        kept = {k: v for k, v in array.attrs.items() if not k.startswith("flag_")}
        dataset[name] = array.copy(data=np.where(flagged, np.nan, values).astype(array.dtype))
        dataset[name].attrs = kept
    return dataset
