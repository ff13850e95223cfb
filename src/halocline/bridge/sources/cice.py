"""CICE 5 and 6: history files and restarts on the B grid.

Sources: CICE documentation, "History", "Restarts" and "Grid, boundary conditions and masks"
(https://cice-consortium-cice.readthedocs.io); ``ice_history_shared.F90``. ``hi`` and ``hs`` are "grid cell mean", as
are ``vicen`` and ``vsnon`` of each category; ``uvel`` and ``vvel`` lie along the grid's axes at the north-east corner
of the T cell, and are averaged to its centre. Names end in the frequency (``aice_d``, ``hi_h``). Times of means are
stamped at the end and dated by ``time_bounds``. Restarts have no grid: give the grid file (``ulat``, ``ulon``,
``kmt``) or a history file's TLAT, TLON and tmask among the files; the date stands in their global attributes.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import cftime
import numpy as np
import xarray as xr

from halocline.bridge.sources._categories import sum_categories
from halocline.bridge.sources._completed import (
    ALONG_X,
    ALONG_Y,
    CELL,
    FRACTION,
    ICE,
    complete,
    first_of,
    renamed,
    require_one_of,
)
from halocline.bridge.sources._grid_files import add_grid, horizontal, with_grid
from halocline.bridge.sources._staggered import land_of, meeting, round_the_globe, to_centres
from halocline.bridge.sources.base import SOURCES, FileByFile, Part
from halocline.data.reading.names import named

_OURS = {
    "sic": ("aice", "siconc", "aicen"),
    "sit": ("hi", "sivol", "vicen", "sithick"),
    "snt": ("hs", "sisnvol", "vsnon", "sisnthick"),
    "siu": ("uvel", "siu"),
    "siv": ("vvel", "siv"),
}
_PER_ICE = ("sithick", "sisnthick")
_MANUAL = {
    **dict.fromkeys(_OURS["sic"], FRACTION),
    **{name: ICE if name in _PER_ICE else CELL for name in (*_OURS["sit"], *_OURS["snt"])},
    **dict.fromkeys(_OURS["siu"], ALONG_X),
    **dict.fromkeys(_OURS["siv"], ALONG_Y),
}
_FREQUENCY = re.compile(r"_(h|d|m|y|1|h1|d1|m1)$")
_CATEGORIES = ("ncat", "nc")
_CALENDARS = {"noleap": "noleap", "gregorian": "standard", "360_day": "360_day"}


class Cice(FileByFile):
    """One file a part; a file of the grid goes with each."""

    summary = "CICE 5 and 6: history (aice, hi, hs, uvel, vvel) and restarts (aicen, vicen, vsnon) with a grid file"

    def parts(self, files: Sequence[Path]) -> list[Part]:
        """Return one part for each file of states, the grid's file with it."""
        names = [name for each in _OURS.values() for name in each]
        return with_grid(files, [n + end for n in names for end in ("", "_h", "_d", "_m", "_y", "_1")])

    def open(self, part: Part) -> xr.Dataset:
        """Return one file under our names, velocities still at the corners."""
        dataset = super().open(part)
        known = {name for names in _OURS.values() for name in names}
        short = {n: _FREQUENCY.sub("", n) for n in map(str, dataset.data_vars) if _FREQUENCY.search(n)}
        short = {n: s for n, s in short.items() if s in known and s not in dataset.variables}
        dataset = dataset.rename({n: s for n, s in short.items() if list(short.values()).count(s) == 1})
        require_one_of(dataset, (*_OURS["sic"], *_OURS["sit"]), "CICE", Path(part.files[0]).name)
        dataset = first_of(dataset, *_OURS.values())
        dataset = add_grid(_dated(complete(dataset, _MANUAL)), part.files[1:])
        if "TLAT" in dataset.variables:
            dataset = dataset.drop_vars(["ULAT", "ULON"], errors="ignore")
        return renamed(dataset, {theirs: ours for ours, names in _OURS.items() for theirs in names})

    def tidy(self, slab: xr.Dataset) -> xr.Dataset:
        """Return the slab with categories summed, velocities and positions at the centres."""
        y, x = horizontal(slab)
        slab = sum_categories(slab.transpose(..., y, x), {n: n for n in ("sic", "sit", "snt")}, _CATEGORIES)
        slab = positions_of_centres(slab)
        land, around = land_of(slab), x if round_the_globe(slab) else None
        for name in ("siu", "siv"):
            slab = to_centres(slab, name, (y, x), land, around=around)
        return slab


def _dated(dataset: xr.Dataset) -> xr.Dataset:
    """Return a restart with the time that stands in its global attributes (CICE 6: myear, 5: nyr); others unchanged."""
    attrs = dataset.attrs
    year = attrs.get("myear", attrs.get("nyr"))
    month, day = (attrs.get(key, attrs.get(old)) for key, old in (("mmonth", "month"), ("mday", "mday")))
    if "time" in dataset.dims or year is None or month is None or day is None:
        return dataset
    seconds = int(attrs.get("msec", attrs.get("sec", 0)))
    calendar = _CALENDARS.get(str(attrs.get("calendar", "noleap")).lower(), "noleap")
    start = cftime.datetime(int(year), int(month), int(day), calendar=calendar)
    date = cftime.num2date(seconds, f"seconds since {start.isoformat()}", calendar=calendar)
    return dataset.expand_dims(time=[date])


def positions_of_centres(slab: xr.Dataset) -> xr.Dataset:
    """Return the slab with positions of T cells where only those of their north-east corners are there (radians)."""
    if "ulat" not in slab.variables or named(slab, "lat") != "ulat":
        return slab
    lat, lon = (np.asarray(slab[n].values, np.float64) for n in ("ulat", "ulon"))
    turn = 1.0 if "rad" in str(slab["ulat"].attrs.get("units", "radians")).lower() else np.pi / 180.0
    points = np.stack([np.cos(lat * turn) * np.cos(lon * turn), np.cos(lat * turn) * np.sin(lon * turn)], axis=-1)
    points = np.concatenate([points, np.sin(lat * turn)[..., None]], axis=-1)
    wrapped = meeting(np.rad2deg(lat * turn), np.rad2deg(lon * turn))
    for axis in (0, 1):
        before = np.roll(points, 1, axis)
        if not (axis == 1 and wrapped):  # the first row or column lies as far before the next as that from the third
            first, second = np.take(points, 0, axis), np.take(points, 1, axis)
            np.moveaxis(before, axis, 0)[0] = 2.0 * first - second
        points = 0.5 * (points + before)
    places = {
        "lat": np.rad2deg(np.arctan2(points[..., 2], np.hypot(points[..., 0], points[..., 1]))),
        "lon": np.rad2deg(np.arctan2(points[..., 1], points[..., 0])),
    }
    units = {"lat": "degrees_north", "lon": "degrees_east"}
    dims = slab["ulat"].dims
    return slab.drop_vars(["ulat", "ulon"]).assign({n: (dims, v, {"units": units[n]}) for n, v in places.items()})


SOURCES.register("cice")(Cice())
