"""Which cells are ocean: what the file's mask means by 1, or where it has values at all."""

import numpy as np
import xarray as xr

from halocline.data.reading.choices import Ones
from halocline.data.reading.work import Work

_OCEAN_WORDS = ("ocean", "sea", "water", "wet")
_LAND_WORDS = ("land", "dry", "ground")
_NORTHERNMOST = 83.9  # degrees north; the last islands off Greenland end at 83.7
MASK_ATTRS = {"long_name": "ocean mask, 1 = ocean", "units": "1"}


def settle_mask(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset with ``mask`` (y, x), 1 = ocean.

    A mask that contradicts the values (all of its ocean missing, its land full), or of ones everywhere with values
    everywhere, is asked for; the grid wanted settles it where there is one.
    """
    empty = _empty(dataset, names)
    if "mask" in dataset.variables and _changes(dataset["mask"], work):
        return dataset
    if "mask" in dataset.variables:
        ocean = ocean_of(dataset["mask"], work)
    elif "level_mask" in dataset.variables:
        ocean = np.asarray(dataset["level_mask"].values[0] > 0.5)
    else:
        ocean = ~empty
        _no_land_at_the_pole(dataset, empty, work)
        if empty.any() and work.target is None:
            _open_water_or_land(dataset, names, work)
            work.notes.add("assumed", "mask", "land is where all values are missing")
    if ocean is None:
        return dataset
    told = "mask" in dataset.variables or "level_mask" in dataset.variables
    ocean = _against_values(dataset, names, ocean, empty, work)
    ocean = _against_target(ocean, work) if told else _of_target(ocean, work)
    return dataset.assign(mask=(("y", "x"), ocean.astype(np.int8), MASK_ATTRS))


def _open_water_or_land(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> None:
    """Ask what missing values are where nothing else tells: a file that never writes 0 may leave out open water."""
    if "sic" not in names or work.choices.open_water is not None:
        return
    if not (dataset["sic"].values == 0).any():
        work.ask(
            "mask",
            found="no mask, missing values, and no concentration of 0 anywhere",
            options={"--mesh FILE": "the coast is in that file", "--open-water none": "missing values are land only"},
            why="which cells are land, and which open water",
        )


def _no_land_at_the_pole(dataset: xr.Dataset, empty: np.ndarray, work: Work) -> None:
    """Keep the problem of missing values where there is no land: a hole around the pole in data of satellites."""
    if "lat" not in dataset.variables or work.group != "seaice":
        return
    hole = int((empty & (np.asarray(dataset["lat"].values) > _NORTHERNMOST)).sum())
    if hole:
        work.wrong(
            "mask",
            found=f"no mask, and {hole} cells north of {_NORTHERNMOST:g} N without a value, within the ice",
            expected="values there, or a mask",
            remedy="Interpolate the hole; it is no open water and no land.",
        )


def _changes(array: xr.DataArray, work: Work) -> bool:
    """Tell whether a mask differs between records or members: that is none of the coast, or the files disagree."""
    along = [str(d) for d in array.dims if d in ("time", "member")]
    first = array.isel(dict.fromkeys(along, 0))
    differ = (array != first) & array.notnull() & first.notnull()
    cells = int(differ.any(along).sum()) if along else 0
    if cells:
        work.wrong(
            "mask",
            found=f"'{_name(array)}' changes along {', '.join(along)} in {cells} cells",
            expected="one mask of the ocean for all records",
            remedy="A mask that changes is no coast: give the coast by --mesh FILE, and read the records without it.",
        )
    return bool(cells)


def ocean_of(array: xr.DataArray, work: Work) -> np.ndarray | None:
    """Return the ocean (y, x) of a mask, by its flags, attributes or name; None if it has to be asked for."""
    extra = {d: 0 for d in array.dims if d not in ("y", "x")}
    flat = array.isel(extra, drop=True)
    missing = np.isnan(np.asarray(flat.values, np.float64))
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
    name = _name(array)
    ones = work.choices.mask_ones or array.attrs.get("halocline_ones")
    if ones is None and "flag_meanings" not in attrs:
        ones = _ones(name.lower(), attrs)
    if ones is None:
        work.ask(
            "mask",
            found=f"'{name}', of which the file does not say what 1 is",
            options={"--mask-ones ocean": "1 is ocean", "--mask-ones land": "1 is land"},
            why="1 = ocean",
        )
        return None
    half = 50.0 if str(array.attrs.get("units", "")) in ("%", "percent") else 0.5
    return values > half if ones == "ocean" else (values <= half) & ~missing


def _name(array: xr.DataArray) -> str:
    return str(array.attrs.get("halocline_name", array.name))


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
        of_land = any(word in words for word in _LAND_WORDS)
        of_ocean = name != "mask" and any(word in words for word in _OCEAN_WORDS)
        return None if of_land and not of_ocean else "ocean"
    return "land" if name == "lsm" else None


def _empty(dataset: xr.Dataset, names: tuple[str, ...]) -> np.ndarray:
    """Return where no variable has a value in any record (y, x)."""
    shape = dataset.sizes["y"], dataset.sizes["x"]
    empty = np.ones(shape, bool)
    for name in names:
        empty &= np.isnan(dataset[name].values.reshape(-1, *shape)).all(axis=0)
    return empty


def _blank(dataset: xr.Dataset, names: tuple[str, ...]) -> np.ndarray:
    """Return where there is neither ice nor a value in any record (y, x); nowhere where there is no concentration."""
    shape = dataset.sizes["y"], dataset.sizes["x"]
    if "sic" not in names:
        return np.zeros(shape, bool)
    return np.asarray((np.nan_to_num(dataset["sic"].values.reshape(-1, *shape)) == 0).all(axis=0))


def _against_values(
    dataset: xr.Dataset, names: tuple[str, ...], ocean: np.ndarray, empty: np.ndarray, work: Work
) -> np.ndarray:
    undecided = work.choices.mask_ones is None
    both = bool(ocean.any() and not ocean.all())
    blank = _blank(dataset, names)
    if undecided and both and blank[ocean].all() and not blank[~ocean].all() and not empty[ocean].all():
        work.ask(
            "mask",
            found=f"no ice on its ocean, and ice in {(~blank[~ocean]).mean():.0%} of its land",
            options={"--mask-ones land": "1 is land", "--mask-ones ocean": "1 is ocean all the same"},
            why="ice on the ocean",
        )
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


def _of_target(ocean: np.ndarray, work: Work) -> np.ndarray:
    """Return the mask of the grid wanted for a file without one; values that hardly overlap with it are a problem."""
    if work.target is None or ocean.shape != work.target.shape or (ocean == work.target.mask).all():
        return ocean
    wet = work.target.mask
    if ocean[wet].mean() > 0.5:
        differ = int((ocean != wet).sum())
        work.notes.add("assumed", "mask", f"the file knows no land: that of {work.target.name} is taken", differ)
        return wet
    work.wrong(
        "mask",
        found=f"values in {ocean[wet].mean():.0%} of the ocean",
        expected=f"values on the ocean of {work.target.name}",
        remedy="Use states made on this grid.",
    )
    return ocean


def _against_target(ocean: np.ndarray, work: Work) -> np.ndarray:
    """Return the mask of a file on the grid wanted; another coast, or land and ocean exchanged, is a problem."""
    if work.target is None or ocean.shape != work.target.shape or (ocean == work.target.mask).all():
        return ocean
    differ = ocean != work.target.mask
    if ocean.all():
        work.notes.add(
            "assumed", "mask", f"the file knows no land: that of {work.target.name} is taken", int(differ.sum())
        )
        return work.target.mask
    exchanged = differ.mean() > 0.9
    work.wrong(
        "mask",
        found="land and ocean exchanged" if exchanged else f"another coast: {int(differ.sum())} cells differ",
        expected=f"the ocean mask of {work.target.name}",
        remedy="Say what 1 means: --mask-ones land." if exchanged else "Use states made on this grid.",
    )
    return ocean
