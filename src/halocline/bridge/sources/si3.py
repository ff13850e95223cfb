"""NEMO-SI3: output of XIOS (``*_icemod.nc``, ``*_ice.nc``) and restarts of ice, NEMO 4.0 to 5.0, and BBM runs.

Sources: SI3 reference manual (Vancoppenolle et al. 2023, doi:10.5281/zenodo.7534900), chapters 2 and 6;
``field_def_nemo-ice.xml`` and ``icerst.F90`` of NEMO. On the C grid: ``u_ice`` on the east and ``v_ice`` on the north
face of the cell, in output (``sivelu``, ``sivelv``, ``uice``, ``vice``) as in restarts; they are averaged to centres.
``sivolu`` and ``snvolu`` are volumes per area of the cell, ``sithic`` and ``snthic`` thickness of the ice. Restarts
hold ``a_i``, ``v_i``, ``v_s`` for each category, and neither mask nor units nor a date: give mesh_mask.nc or
domain_cfg.nc among the files. Damage of the BBM branch is 1 in fully damaged ice.
"""

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from halocline.bridge.sources._categories import sum_categories
from halocline.bridge.sources._completed import (
    ALONG_X,
    ALONG_Y,
    BROKEN,
    CELL,
    FRACTION,
    ICE,
    complete,
    first_of,
    renamed,
    require_one_of,
)
from halocline.bridge.sources._grid_files import add_grid, horizontal, with_grid
from halocline.bridge.sources._staggered import land_of, round_the_globe, to_centres
from halocline.bridge.sources.base import SOURCES, FileByFile, Part

_SIC = ("siconc", "siconc-t", "iceconc", "ileadfra", "a_i")
_SIT = ("sivolu", "sivolu-t", "icevolu", "v_i", "sithic", "sithick", "iicethic")
_SNT = ("snvolu", "snvolu-t", "snwvolu", "v_s", "snthic", "snthick", "isnowthi")
_SIU = ("u_ice", "u_ice-u", "sivelu", "uice", "siu", "iicevelu")
_SIV = ("v_ice", "v_ice-v", "sivelv", "vice", "siv", "iicevelv")
_SID = ("damage-t", "damage", "sidamage", "dmgt")
_OURS = {"sic": _SIC, "sit": _SIT, "snt": _SNT, "siu": _SIU, "siv": _SIV, "sid": _SID}
_PER_CELL = ("sivolu", "sivolu-t", "icevolu", "v_i", "snvolu", "snvolu-t", "snwvolu", "v_s")
_MANUAL = {
    **dict.fromkeys(_SIC, FRACTION),
    **{name: CELL if name in _PER_CELL else ICE for name in (*_SIT, *_SNT)},
    **dict.fromkeys(_SIU, ALONG_X),
    **dict.fromkeys(_SIV, ALONG_Y),
    **dict.fromkeys(_SID, BROKEN),
}
_CATEGORIES = ("numcat", "ncatice", "ncat", "jpl")


class Si3(FileByFile):
    """One file a part; a file of the grid goes with each."""

    summary = "NEMO-SI3 4.0 to 5.0 and BBM: output (icemod, ice) and ice restarts, with mesh_mask or domain_cfg"

    def parts(self, files: Sequence[Path]) -> list[Part]:
        """Return one part for each file of states, mesh_mask or domain_cfg with it."""
        return with_grid(files, [name for names in _OURS.values() for name in names])

    def open(self, part: Part) -> xr.Dataset:
        """Return one file under our names, velocities still on the faces."""
        dataset = super().open(part)
        require_one_of(dataset, (*_SIC, *_SIT), "SI3", Path(part.files[0]).name)
        dataset = first_of(dataset, *_OURS.values())
        dataset = add_grid(complete(dataset, _MANUAL), part.files[1:])
        return renamed(dataset, {theirs: ours for ours, names in _OURS.items() for theirs in names})

    def tidy(self, slab: xr.Dataset) -> xr.Dataset:
        """Return the slab with categories summed and velocities at the centres."""
        y, x = horizontal(slab)
        slab = sum_categories(slab.transpose(..., y, x), {n: n for n in ("sic", "sit", "snt")}, _CATEGORIES)
        land, around = land_of(slab), x if round_the_globe(slab) else None
        slab = to_centres(slab, "siu", (x,), land, around=around)
        return to_centres(slab, "siv", (y,), land, around=around)


SOURCES.register("si3")(Si3())
