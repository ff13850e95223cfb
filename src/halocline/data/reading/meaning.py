"""What a number of an ice variable means: thickness per cell or per ice, damage of broken or of intact ice."""

import re

import numpy as np
import xarray as xr

from halocline.data.reading.choices import Damage, Thickness
from halocline.data.reading.names import table
from halocline.data.reading.work import Work

_THICKNESS = ("sit", "snt")


def settle_thickness(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return ice and snow thickness as volume per area of the cell (CF: ``area: mean``, not ``where sea_ice``)."""
    thick = [n for n in names if n in _THICKNESS or _where_ice(dataset[n])]
    said = {n: _said(dataset[n]) for n in thick}
    for name in thick:
        meaning = _meaning(dataset[name], name, said, work)
        if meaning != "ice":
            continue
        if "sic" not in names:
            work.wrong(
                f"'{name}'",
                found="thickness of the ice-covered part, and no concentration",
                expected="both, to make the volume per cell",
                remedy="Add the concentration.",
            )
            continue
        old, sic = xr.broadcast(dataset[name], dataset["sic"])  # one of them may be without members or times
        values = old.values * np.nan_to_num(sic.values)
        values = np.where((sic.values == 0) & np.isnan(old.values), 0.0, values)
        dataset[name] = old.copy(data=values.astype(old.dtype)).assign_attrs(cell_methods="area: mean")
        work.notes.add("converted", name, "thickness of the ice-covered part times concentration")
    return dataset


def settle_damage(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return damage as 0 = intact, 1 = fully broken, and 0 where there is no ice."""
    if "sid" not in names:
        return dataset
    array = dataset["sid"]
    said = work.choices.damage or array.attrs.get("halocline_damage_of_1") or _damage_in_words(array)
    if said is None and "halocline_name" in array.attrs:
        work.ask(
            "'sid'",
            found=f"'{array.attrs['halocline_name']}', of which the file does not say what 1 means",
            options={"--damage broken": "1 is fully broken ice (neXtSIM)", "--damage intact": "1 is intact ice"},
            why="0 = intact, 1 = fully broken",
        )
        return dataset
    if said == "intact":
        array = array.copy(data=(1.0 - array.values).astype(array.dtype))
        work.notes.add("converted", "sid", "1 - damage: 1 was intact ice")
        dataset["sid"] = array
    elif said is None and _open_water_is_one(dataset):
        work.ask(
            "'sid'",
            found="1 in open water",
            options={"--damage broken": "1 is fully broken ice", "--damage intact": "1 is intact ice"},
            why="0 = intact, 1 = fully broken, 0 without ice",
        )
    return dataset


def _damage_in_words(array: xr.DataArray) -> Damage | None:
    """Return what the words of a file say of 1: ``damage (1 = undamaged)``, ``0 = intact``; None if they do not."""
    words = " ".join(str(array.attrs.get(key, "")) for key in ("long_name", "description", "comment")).lower()
    for digit, of_one in (("1", True), ("0", False)):
        for meaning, names in (("intact", "undamaged|intact|no damage"), ("broken", "broken|damaged|fully")):
            if re.search(rf"\b{digit}(?:\.0*)?\s*(?:=|:|is|for)\s*(?:fully |completely )?(?:{names})", words):
                return "intact" if (meaning == "intact") == of_one else "broken"
    return "intact" if "undamaged" in words and "damaged" not in words.replace("undamaged", "") else None


def _meaning(array: xr.DataArray, name: str, said: dict[str, Thickness | None], work: Work) -> Thickness | None:
    """Return what the file says; where it is silent, what the user says, or the definition of the name."""
    theirs = str(array.attrs.get("halocline_name", name)).lower()
    told, chosen = said[name], work.choices.thickness
    if chosen is not None and (told is None or None not in said.values()):
        if told not in (None, chosen):
            work.notes.add("warning", name, f"--thickness {chosen} although the file says {told}")
        return chosen
    if told is not None:
        return told
    for meaning, names in table()["thickness"].items():
        if theirs == name:
            return "cell"
        if theirs in names:
            work.notes.add(
                "assumed",
                name,
                f"per {'area of the cell' if meaning == 'cell' else 'ice-covered area'}, as '{theirs}' is defined",
            )
            return "ice" if meaning == "ice" else "cell"
    work.ask(
        f"'{name}'",
        found=f"'{theirs}' without cell_methods",
        options={"--thickness cell": "it is volume per area of the cell", "--thickness ice": "it is that of the ice"},
        why="volume per area of the cell",
    )
    return None


def _said(array: xr.DataArray) -> Thickness | None:
    if _where_ice(array):
        return "ice"
    return "cell" if "area: mean" in str(array.attrs.get("cell_methods", "")).lower() else None


def _where_ice(array: xr.DataArray) -> bool:
    methods = str(array.attrs.get("cell_methods", "")).lower().replace("_", " ")
    thick = array.attrs.get("units") == "m"
    return thick and any(words in methods for words in ("where sea ice", "over sea ice", "where ice"))


def _open_water_is_one(dataset: xr.Dataset) -> bool:
    if "sic" not in dataset.variables:
        return False
    sic, sid = xr.broadcast(dataset["sic"], dataset["sid"])
    damage = sid.values[sic.values == 0]
    damage = damage[np.isfinite(damage)]
    return bool(damage.size > 10 and (damage > 0.999).mean() > 0.9)
