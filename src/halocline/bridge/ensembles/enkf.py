"""A static ensemble of EnKF-C (EnOI and hybrid): one file for each member and variable, a background, the grid.

Sources: sakov/enkf-c, enkf/common/{enkfprm,modelprm,gridprm,grid,dasystem}.c and enkf/examples; user guide (Sakov,
arXiv:1410.1233). Checked against the source code, not run. Members are numbered from 001 without gaps, as EnKF-C counts
them; each file tells which of the states it holds.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from halocline.bridge.exports.base import Request
from halocline.bridge.restarts.members import Member, Members, open_members
from halocline.bridge.restarts.output import netcdf, require_name, write_manifest
from halocline.data.fields.variables import variable
from halocline.runtime import files
from halocline.runtime.errors import ConfigError

if TYPE_CHECKING:
    from halocline.bridge.exports.enkf import Enkf

_CELL = ("y", "x")


def write_ensemble(kind: "Enkf", request: Request) -> list[str]:
    """Write an ensemble, member by member; return notes and settings.

    Raises:
        InputError: It lists all that is wrong with the first state, or with a later one.
        ConfigError: If the background is none of the members.
    """
    require_name(request.out, folder=True)
    members = open_members(request.states, request.choices, request.members, with_sit=False)
    of = _background(kind.background, members)
    means = {name: np.zeros(members.grid.shape) for name in members.present}
    names: list[str] = []
    with files.new_folder(request.out) as folder:
        first = members.first
        for k, member in enumerate(members, 1):
            for name in members.present:
                names.append(f"mem{k:03d}_{name}.nc")
                _write(folder / names[-1], members, member, name, member.fields[name])
                if of is None or of == members.numbers[k - 1]:
                    means[name] += member.fields[name] / (len(members) if of is None else 1)
        for name, values in means.items():
            names.append(f"bg_{name}.nc")
            _write(folder / names[-1], members, first, name, values)
        _write_grid(folder / "grid.nc", members, first)
        write_manifest(folder, "enkf", members, [*names, "grid.nc"], background=kind.background)
    told = (
        f"{request.out}: {len(members)} members of {', '.join(members.present)}, and the background {kind.background}."
    )
    return [*members.notes.told(), told, *settings(members, request.out.name)]


def _background(word: str, members: Members) -> int | None:
    if word == "mean":
        return None
    if word.isdigit() and int(word) in members.numbers:
        return int(word)
    raise ConfigError(
        "background",
        found=word,
        expected=f"mean, or one of {', '.join(map(str, members.numbers[:12]))}{' …' if len(members) > 12 else ''}",
        remedy="Give --background mean, or the number of a member that is written.",
    )


def _write(path: Path, members: Members, member: Member, name: str, values: np.ndarray) -> None:
    """Write one variable in single precision, as EnKF-C computes; 0 on land, which its grid's mask leaves out."""
    with netcdf(path, members, member, "member of an ensemble of sea-ice states") as file:
        for dim, size in zip(_CELL, members.grid.shape, strict=True):
            file.createDimension(dim, size)
        held = file.createVariable(name, np.float32, _CELL, zlib=True, complevel=3)
        held.setncatts({**variable(name).attributes(), "cell_methods": "area: mean"})
        held[:] = values
        if path.name.startswith("bg_"):
            for attribute in {"halocline_member", "halocline_weight"} & set(file.ncattrs()):
                file.delncattr(attribute)


def _write_grid(path: Path, members: Members, member: Member) -> None:
    grid = members.grid
    maps = {"lon": (grid.lon, "degrees_east"), "lat": (grid.lat, "degrees_north")}
    with netcdf(path, members, member, "grid of an ensemble of sea-ice states") as file:
        for dim, size in zip(_CELL, grid.shape, strict=True):
            file.createDimension(dim, size)
        for name, (values, unit) in maps.items():
            file.createVariable(name, np.float64, _CELL)[:] = values
            file[name].units = unit
        file.createVariable("mask", np.int32, _CELL)[:] = grid.mask
        file["mask"].long_name = "ocean mask, 1 = ocean"


def settings(members: Members, folder: str) -> list[str]:
    """Return what EnKF-C's parameter files say of an ensemble."""
    return [
        "In EnKF-C's parameter files:",
        "enkf.prm, beside DATE, OBS, OBSTYPES and LOCRAD:",
        "   MODE = ENOI",
        "   MODEL = model.prm",
        "   GRID = grid.prm",
        f"   ENSDIR = {folder}",
        f"   BGDIR = {folder}",
        f"   ENSSIZE = {len(members)}",
        "in a hybrid, in place of the four:",
        "   MODE = HYBRID",
        "   ENSDIR = DYNAMIC   # folder of the members of the day",
        f"   ENSDIR_STATIC = {folder}",
        "   GAMMA = 0.25       # for example",
        "model.prm:",
        "   NAME = ice-model",
        *(line for name in members.present for line in (f"   VAR = {name}", "   GRID = ice")),
        "grid.prm:",
        "   NAME = ice",
        "   VTYPE = NONE",
        f"   DATA = {folder}/grid.nc",
        "   XVARNAME = lon",
        "   YVARNAME = lat",
        "   MASKVARNAME = mask",
        "   GEOGRAPHIC = yes   # versions that know it",
    ]
