"""Which cells are ocean: what the file's mask means by 1, or where it has values at all."""

import numpy as np
import xarray as xr

from halocline.data.reading.choices import Ones
from halocline.data.reading.work import Work

_OCEAN_WORDS = ("ocean", "sea", "water", "wet")
_LAND_WORDS = ("land", "dry", "ground")
_ATTRS = {"long_name": "ocean mask, 1 = ocean", "units": "1"}


def settle_mask(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset with ``mask`` (y, x), 1 = ocean.

    A mask that contradicts the values (all of its ocean missing, its land full), or of ones everywhere with values
    everywhere, is asked for; the grid wanted settles it where there is one.
    """
    empty = _empty(dataset, names)
    if "mask" in dataset.variables:
        ocean = _ocean_of(dataset["mask"], work)
    elif "level_mask" in dataset.variables:
        ocean = np.asarray(dataset["level_mask"].values[0] > 0.5)
    else:
        ocean = ~empty
        if empty.any():
            work.notes.add("assumed", "mask", "land is where all values are missing")
    if ocean is None:
        return dataset
    ocean = _against_values(dataset, names, ocean, empty, work)
    ocean = _against_target(ocean, work)
    return dataset.assign(mask=(("y", "x"), ocean.astype(np.int8), _ATTRS))


def _ocean_of(array: xr.DataArray, work: Work) -> np.ndarray | None:
    extra = {d: 0 for d in array.dims if d not in ("y", "x")}
    flat = array.isel(extra, drop=True)
    values = np.nan_to_num(np.asarray(flat.values, np.float64))
    attrs = {k: str(v).lower() for k, v in array.attrs.items()}
    if "flag_meanings" in attrs and "flag_values" in array.attrs and work.choices.mask_ones is None:
        meanings, flags = attrs["flag_meanings"].split(), np.atleast_1d(array.attrs["flag_values"])
        wet = [
            f
            for f, m in zip(flags, meanings, strict=False)
            if any(w in m for w in _OCEAN_WORDS) and not any(w in m for w in _LAND_WORDS)
        ]
        if not wet:
            work.wrong(
                "mask",
                found=f"flags {attrs['flag_meanings']}",
                expected="one that means ocean, sea or water",
                remedy="Make a mask of 0 and 1 and say --mask-ones ocean.",
            )
            return None
        return np.isin(values, wet)
    ones = work.choices.mask_ones or _ones(str(array.attrs.get("halocline_name", array.name)).lower(), attrs)
    if ones is None:
        work.ask(
            "mask",
            found=f"'{array.attrs.get('halocline_name', array.name)}', of which the file does not say what 1 is",
            options={"--mask-ones ocean": "1 is ocean", "--mask-ones land": "1 is land"},
            why="1 = ocean",
        )
        return None
    half = 50.0 if str(array.attrs.get("units", "")) in ("%", "percent") else 0.5
    return values > half if ones == "ocean" else values <= half


def _ones(name: str, attrs: dict[str, str]) -> Ones | None:
    words = " ".join(attrs.get(k, "") for k in ("standard_name", "long_name", "description", "comment"))
    by_standard = {
        "land_binary_mask": "land",
        "land_area_fraction": "land",
        "sea_binary_mask": "ocean",
        "sea_area_fraction": "ocean",
    }.get(attrs.get("standard_name", ""))
    if by_standard is not None:
        return "ocean" if by_standard == "ocean" else "land"
    for digit, one in (("1", True), ("0", False)):
        for sign in (" = ", "=", ": ", ":"):
            for word in (*_OCEAN_WORDS, *_LAND_WORDS):
                if f"{digit}{sign}{word}" in words or f"{word}{sign}{digit}" in words:
                    return "ocean" if (word in _OCEAN_WORDS) == one else "land"
    if name in ("mask", "tmask", "tmaskutil", "ocean_mask", "sea_mask", "sftof", "kmt", "level_mask"):
        return None if any(w in words for w in _LAND_WORDS) and name == "mask" else "ocean"
    return "land" if name == "lsm" else None


def _empty(dataset: xr.Dataset, names: tuple[str, ...]) -> np.ndarray:
    """Return where no variable has a value in any record (y, x)."""
    shape = dataset.sizes["y"], dataset.sizes["x"]
    empty = np.ones(shape, bool)
    for name in names:
        empty &= np.isnan(dataset[name].values.reshape(-1, *shape)).all(axis=0)
    return empty


def _against_values(
    dataset: xr.Dataset, names: tuple[str, ...], ocean: np.ndarray, empty: np.ndarray, work: Work
) -> np.ndarray:
    undecided = work.choices.mask_ones is None
    both = bool(ocean.any() and not ocean.all())
    if undecided and both and empty[ocean].mean() > 0.9 and not empty[~ocean].any():
        work.ask(
            "mask",
            found=f"no values in {empty[ocean].mean():.0%} of its ocean, and values everywhere on its land",
            options={"--mask-ones land": "1 is land", "--mask-ones ocean": "1 is ocean all the same"},
            why="values on the ocean",
        )
    if (
        ocean.all()
        and not empty.any()
        and work.target is None
        and undecided
        and work.group == "seaice"
        and work.needs_grid
    ):
        work.ask(
            "mask",
            found=f"{'every cell is ocean' if 'mask' in dataset.variables else 'no mask'}, and values in every cell",
            options={"--mask-ones ocean": "there is no land in it", "--mesh FILE": "the coast is in that file"},
            why="which cells are land",
        )
    elif ocean.all() and empty.any():
        work.notes.add("converted", "mask", "ones everywhere: land is where all values are missing", int(empty.sum()))
        return ~empty
    return ocean


def _against_target(ocean: np.ndarray, work: Work) -> np.ndarray:
    """Return the mask of the grid wanted where the file has none of its own; another coast is a problem."""
    if work.target is None or ocean.shape != work.target.shape or (ocean == work.target.mask).all():
        return ocean
    differ = int((ocean != work.target.mask).sum())
    if ocean.all():
        work.notes.add("assumed", "mask", f"the file knows no land: that of {work.target.name} is taken", differ)
        return work.target.mask
    inverted = float((ocean != work.target.mask).mean())
    work.wrong(
        "mask",
        found=f"another coast: {differ} cells differ" if inverted < 0.9 else "land and ocean exchanged",
        expected=f"the ocean mask of {work.target.name}",
        remedy="Use states made on this grid." if inverted < 0.9 else "Say what 1 means: --mask-ones land.",
    )
    return ocean
